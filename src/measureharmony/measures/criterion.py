"""The closed set of conditions that a spec can make on a subject."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from measureharmony.measures.event_set import EventsRef, Integer, Number, NumberTest
from measureharmony.measures.names import CriterionName, Model, one_of
from measureharmony.measures.number import AmountSum, EventCount, NumberRef, Risk, SubjectNumber
from measureharmony.measures.window import Point, Precision, WindowRef, listed


class Age(Model):
    """Completed years at a point in time, both bounds included. An unknown birth date makes it unknown."""

    at: Point
    from_: Integer | None = Field(None, alias="from")
    to: Integer | None = None
    unit: Literal["years", "months"] = "years"

    @model_validator(mode="after")
    def _some_bound(self) -> Age:
        if self.from_ is None and self.to is None:
            raise ValueError("give at least one of: from, to")
        if isinstance(self.from_, int) and isinstance(self.to, int) and self.from_ > self.to:
            raise ValueError(f"an age cannot be at least {self.from_} and at most {self.to}")
        return self


class AtLeast(Model):
    """At least ``n`` of these hold."""

    n: Integer
    of: Annotated[tuple[CriterionRef, ...], Field(min_length=1)]


class Count(Model):
    """How many events a subject has; ``distinct: day`` counts calendar days of their start instead."""

    of: EventsRef
    at_least: Integer | None = None
    at_most: Integer | None = None
    distinct: Literal["event", "day"] = "event"

    @model_validator(mode="after")
    def _some_bound(self) -> Count:
        if self.at_least is None and self.at_most is None:
            raise ValueError("give at least one of: at_least, at_most")
        return self


class CoveredDays(Model):
    """The calendar days of a window that are covered by events: days with medication at hand, say.

    An event covers the days from its start to its end, where both are known to the day. A day counts once, however many
    events cover it. With ``shift``, an event of a set that starts before the one before it is used up is moved to the
    day after that, keeping its length (early refills are saved up); the sets of ``of`` are moved separately and then
    taken together. Days covered by events of the sets of ``except`` (stays in hospital) count neither as covered nor as
    days of the window, and use nothing up.
    """

    of: Annotated[tuple[EventsRef, ...], Field(min_length=1), BeforeValidator(listed)]
    within: WindowRef
    except_: Annotated[tuple[EventsRef, ...], BeforeValidator(listed)] = Field((), alias="except")
    shift: bool = False


class DaysCovered(CoveredDays):
    """How many calendar days of a window are covered by events.

    ``at_least`` asks for so many days, ``share`` for such a part (0 to 1) of the window's days that count.
    """

    at_least: Integer | None = None
    share: Number | None = None

    @model_validator(mode="after")
    def _some_bound(self) -> DaysCovered:
        if self.at_least is None and self.share is None:
            raise ValueError("give at least one of: at_least (days), share (0 to 1)")
        return self


class NumberIn(NumberTest):
    """Bounds on a number of the subject; an unknown number makes them unknown."""

    of: NumberRef


class Enrolled(Model):
    """Continuous enrolment with one payer over a window.

    Spans of the payer that overlap or touch are merged; spans of different payers never are. Up to ``gaps`` gaps
    (also at the edges of the window) of at most ``gap_days`` days *each* are allowed; a single longer gap, or one gap
    more, fails. On the day of ``anchor``, if given, the person must be covered.

    ``payer: own`` asks for the program's own payer and product lines (the canonical measure, which has no payer of
    its own, reads it as ``any``); ``payer: any`` asks that some single payer covers the window.
    """

    window: WindowRef
    gaps: Integer = 0
    gap_days: Integer = 0
    anchor: Point | None = None
    payer: Literal["own", "any"] = "own"
    benefits: tuple[str, ...] = ()


class Moment(Model):
    """A point in time lies in a window: death during the follow-up, a birthday in the period."""

    point: Point
    in_: WindowRef = Field(alias="in")
    precision: Precision = "day"


class Criterion(Model):
    """One condition over a subject; exactly one key."""

    all: Annotated[tuple[CriterionRef, ...], Field(min_length=1)] | None = None
    any: Annotated[tuple[CriterionRef, ...], Field(min_length=1)] | None = None
    not_: CriterionRef | None = Field(None, alias="not")
    at_least: AtLeast | None = None
    age: Age | None = None
    sex: Literal["female", "male"] | None = None
    gender: Literal["female", "male", "other", "unknown"] | None = None
    exists: EventsRef | None = None
    count: Count | None = None
    days_covered: DaysCovered | None = None
    number: NumberIn | None = None
    enrolled: Enrolled | None = None
    moment: Moment | None = None
    always: bool | None = None

    @model_validator(mode="after")
    def _one_key(self) -> Criterion:
        one_of(self, *CRITERION_TYPES)
        return self

    @property
    def type(self) -> str:
        """The field that is given: ``all``, …, ``always``."""
        return next(name for name in CRITERION_TYPES if getattr(self, name) is not None)


CRITERION_TYPES = (
    "all", "any", "not_", "at_least", "age", "sex", "gender", "exists", "count", "days_covered", "number",
    "enrolled", "moment", "always",
)  # fmt: skip

#: The name of an entry under ``criteria``, or a criterion written out.
CriterionRef = CriterionName | Criterion

for _model in (
    AtLeast, CoveredDays, DaysCovered, EventCount, AmountSum, Risk, SubjectNumber, NumberIn, Criterion,
):  # fmt: skip
    _model.model_rebuild()

__all__ = [
    "CRITERION_TYPES", "Age", "AtLeast", "Count", "CoveredDays", "Criterion", "CriterionRef", "DaysCovered", "Enrolled",
    "Moment", "NumberIn",
]  # fmt: skip
