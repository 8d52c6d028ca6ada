"""One person's data, as the reference interpreter reads it: plain values, one object an event.

Days count from 1970-01-01, as written in the source; instants are milliseconds since 1970-01-01T00:00:00.000Z.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: "Since ever" as a day number; also the earliest possibility of an unknown time.
NEG = -10_000_000
#: "Never ends" as a day number; also the latest possibility of an unknown time.
POS = 10_000_000

#: A coding: system (URI; ``None`` where the source states none) and code.
Coding = tuple[str | None, str]


@dataclass(frozen=True)
class Time:
    """A moment with its uncertainty: the earliest and the latest day it can be on, as written in the source.

    ``ms`` is the exact instant in UTC, where the source gives a time of day; then both days are the same, and are the
    day *as written*, which can differ from the instant's day in UTC.
    """

    day_lo: int
    day_hi: int
    ms: int | None = None

    @property
    def is_unknown(self) -> bool:
        """Nothing at all is known about it."""
        return self.day_lo == NEG and self.day_hi == POS

    @property
    def is_never(self) -> bool:
        """As an end: known never to come."""
        return self.day_lo == POS

    @property
    def is_ever(self) -> bool:
        """As a start: known to lie before all dates."""
        return self.day_hi == NEG

    @property
    def is_a_date(self) -> bool:
        """Some stretch of the calendar is known for it: it is neither unknown, nor "never", nor "since ever"."""
        return self.day_lo != NEG and self.day_hi != POS


UNKNOWN = Time(NEG, POS)
NEVER = Time(POS, POS)
EVER = Time(NEG, NEG)


@dataclass(frozen=True)
class Event:
    """One accepted row of the contract's ``event`` table with all its codings.

    ``None`` means that the source does not say. ``codes`` holds the codings by role; the event's own coding is among
    those of role ``code``. The contract's defaults (status, end, authored …) have been filled in by the readers.
    """

    event_id: str
    kind: str
    types: frozenset[str] | None = None
    categories: frozenset[str] | None = None
    codes: Mapping[str, frozenset[Coding]] = field(default_factory=dict, hash=False)
    status: str | None = None
    intent: str | None = None
    verification: str | None = None
    clinical_status: str | None = None
    not_done: bool = False
    start: Time = UNKNOWN
    end: Time = UNKNOWN
    authored: Time = UNKNOWN
    recorded: Time = UNKNOWN
    received_day: int | None = None
    source: str | None = None
    value: float | None = None
    unit: str | None = None
    value_type: str | None = None
    quantity: float | None = None
    quantity_unit: str | None = None
    days_supply: float | None = None
    refills: float | None = None
    encounter_id: str | None = None
    parent_id: str | None = None
    based_on_id: str | None = None
    sequence: int | None = None

    @property
    def days_are_known(self) -> bool:
        """It is known on which days it lasts: from when to when; an end may be known never to come."""
        start_is_known = self.start.is_a_date and self.start.day_lo == self.start.day_hi
        return start_is_known and self.end.day_lo == self.end.day_hi and self.end.day_lo >= self.start.day_lo


@dataclass(frozen=True)
class Span:
    """One stretch of insurance, both days included (``POS``: ongoing). ``benefits`` ``None``: all of them."""

    payer: str
    product_line: str | None
    start_day: int
    end_day: int
    benefits: frozenset[str] | None = None


@dataclass(frozen=True)
class PersonRecord:
    """Everything that a measure can ask about one person.

    ``death`` is :data:`NEVER` for whoever is not dead, and :data:`UNKNOWN` for the dead without a date.
    """

    person_id: str
    birth: Time = UNKNOWN
    sex: str | None = None
    gender: str | None = None
    death: Time = NEVER
    events: tuple[Event, ...] = ()
    coverage: tuple[Span, ...] = ()


def source_order(event: Event) -> tuple[bool, int, int, str]:
    """The source's own order: ``sequence`` (events without one come last), then shorter ids first, then by alphabet."""
    return event.sequence is None, event.sequence or 0, len(event.event_id), event.event_id
