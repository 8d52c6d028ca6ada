"""A variant: one measure as one program (or the canonical set) means it, ready to be evaluated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from measureharmony.measures.measure import Measure
from measureharmony.periods import Period

#: Weights by table and feature (``intercept`` among them).
RiskTables: TypeAlias = Mapping[str, Mapping[str, float]]
#: What stands in a variant's ``seen`` for events that no population asks for, such as the episodes that are counted.
ELSEWHERE = "elsewhere"
#: The program name under which the canonical measure is evaluated over everybody.
CANONICAL = "canonical"


@dataclass(frozen=True)
class OwnCoverage:
    """Which coverage spans are a program's own: its payer, and its product lines (empty: any)."""

    payer: str
    product_lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Membership:
    """Whose rate it is: whom the program lists on its roster, or else whom its payer covers.

    ``program`` is what rosters call it. ``by_roster`` asks the roster; a dataset without any row for the program falls
    back to ``coverage``. The person must be listed or covered on the reference day (the last day of the period, or the
    as-of date if earlier), or, with ``any_day``, on some day from the period's start to then.
    """

    program: str
    by_roster: bool
    coverage: OwnCoverage
    any_day: bool = False


class Arrival(NamedTuple):
    """Until when the events of a source count: received by ``day`` (a day number; ``None``: whenever).

    What has no received date counts from ``lag`` days after it began.
    """

    source: str
    day: int | None
    lag: int = 0


@dataclass(frozen=True)
class Variant:
    """A measure after a program's overlay: linked, bound, with the program's own period.

    ``measure`` holds every part it refers to and no parameters any more. ``own`` says which coverage is the program's
    (``None`` for the canonical measure). ``sources`` restricts the evidence sources of a population's events
    (``{"numerator": ("claim",)}``); a population without an entry accepts every source. ``membership`` is ``None`` for
    the canonical measure, which counts everybody. ``risk_tables`` are those of the tables it asks for that the user has
    given: the weight of each feature, and of the intercept. ``seen`` is what somebody else than the practice sees: the
    events, by population and outside of populations (:data:`ELSEWHERE`), that have reached them; whoever has no entry
    sees everything. ``disputed``: on how many disputed changes each rate rests, where it rests on any. ``cut_off``: the
    last day on which any evidence reaches the payer, where that is before the period's end. No outcome depends on
    these two.
    """

    program: str
    measure: Measure
    period: Period
    own: OwnCoverage | None = None
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    membership: Membership | None = None
    risk_tables: RiskTables = field(default_factory=dict)
    seen: Mapping[str, tuple[Arrival, ...]] = field(default_factory=dict)
    disputed: Mapping[str, int] = field(default_factory=dict)
    cut_off: dt.date | None = None

    @property
    def id(self) -> str:
        """``program/measure``, unique within a run of one edition."""
        return f"{self.program}/{self.measure.measure}"

    @property
    def last_day(self) -> dt.date:
        """The last day on which care closes a gap: that of the period, or of the payer's books."""
        return self.cut_off or self.period.end
