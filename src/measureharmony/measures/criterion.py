"""The closed set of conditions a spec can make: over the rows of events, and over a subject."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from measureharmony.measures.names import (
    CodeRef,
    CriterionName,
    EventsName,
    FilterName,
    Model,
    ParameterName,
    WindowName,
    one_of,
)
from measureharmony.measures.number import AmountSum, EventCount, NumberRef, Risk, SubjectNumber
from measureharmony.measures.window import Point, PointOfEvent, Precision, Timing, WindowRef, listed

Kind = Literal[
    "encounter", "condition", "procedure", "observation", "immunization", "medication_order", "medication_dispense",
    "medication_administration", "medication_dosing", "service_request", "device_request", "communication", "allergy",
    "adverse_event", "task",
]  # fmt: skip
Role = Literal[
    "code", "value", "body_site", "reason", "reason_condition", "diagnosis", "claim_diagnosis", "principal_diagnosis",
    "class", "discharge", "category", "severity", "not_done_reason", "status_reason", "method", "facility", "profile",
]  # fmt: skip
Integer = int | ParameterName
Number = int | float | ParameterName
#: One word or a list of words; ``null`` in it stands for "not stated".
Words = Annotated[tuple[str | None, ...], Field(min_length=1), BeforeValidator(listed)]
Codes = Annotated[tuple[CodeRef, ...], Field(min_length=1), BeforeValidator(listed)]


# --- conditions on one row of events -------------------------------------------------------------------------------


class NumberTest(Model):
    """Bounds on a number; all that are given must hold. A missing number makes the test unknown."""

    above: Number | None = None
    at_least: Number | None = None
    below: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _some_bound(self) -> NumberTest:
        if not self.bounds:
            raise ValueError("give at least one of: above, at_least, below, at_most")
        return self

    @property
    def bounds(self) -> dict[str, Number]:
        """The bounds that are given, by name."""
        names = ("above", "at_least", "below", "at_most")
        return {name: bound for name in names if (bound := getattr(self, name)) is not None}


class ValueTest(Model):
    """What an event's result must be; all keys that are given must hold.

    ``present``: there is (not) a result of any kind. ``type``: its kind is one of these. Bounds compare a numeric
    result after UCUM conversion to ``unit``; a result that is no number, or whose unit cannot be converted, makes
    them unknown.
    """

    present: bool | None = None
    type: Words | None = None
    above: Number | None = None
    at_least: Number | None = None
    below: Number | None = None
    at_most: Number | None = None
    unit: str | None = None

    @model_validator(mode="after")
    def _consistent(self) -> ValueTest:
        if self.bounds and self.unit is None:
            raise ValueError("a bound needs a unit, e.g. unit: '%' (or '1' when the result has none)")
        if not self.bounds and self.present is None and self.type is None:
            raise ValueError("say what the value must be: present, type, above, at_least, below or at_most")
        return self

    @property
    def bounds(self) -> dict[str, Number]:
        """The bounds that are given, by name."""
        names = ("above", "at_least", "below", "at_most")
        return {name: bound for name in names if (bound := getattr(self, name)) is not None}


class Strength(Model):
    """How much of its substance one piece of a drug with one of these codes holds, or one ``per`` (``mL``) of it."""

    codes: Codes
    amount: Annotated[float, Field(gt=0)]
    per: str | None = None


class DailyDose(NumberTest):
    """Bounds on how much of a substance a supply gives for each of its days.

    That is quantity × strength ÷ ``days_supply``, in the unit in which the strengths are given. The strength is the
    first one among whose codes the event's drug is; with ``per``, the quantity must be in that unit, without, it must
    count pieces. Where one of the three is missing, the dose is unknown.
    """

    strengths: Annotated[tuple[Strength, ...], Field(min_length=1)]


class Coded(Model):
    """Some coding of the event in this role is one of these codes."""

    role: Role
    codes: Codes


class AgeAtEvent(Model):
    """Completed years of the person at a moment of the event, both bounds included."""

    at: PointOfEvent
    from_: Integer | None = Field(None, alias="from")
    to: Integer | None = None


class Relation(Model):
    """Another event of the same person, and how the two stand to each other; all that is given must hold.

    ``when``: this event's time against windows that may mention ``other``. ``other_when``: the other event's time
    against windows that may mention ``this``. ``link``: ``encounter`` (the other is this event's visit), ``panel``
    (the other is the panel this is a component of), ``component`` (the reverse), ``based_on`` (the other is an
    order this fulfils), ``fulfilment`` (the reverse). ``distinct``: the two are different events. ``alike``: both have
    a coding in one and the same of these value sets or codes, so that drugs of one class, say, are paired, but not
    those of two.
    """

    events: EventsName | EventSet
    when: Annotated[tuple[Timing, ...], BeforeValidator(listed)] = ()
    other_when: Annotated[tuple[Timing, ...], BeforeValidator(listed)] = ()
    link: Literal["encounter", "panel", "component", "based_on", "fulfilment"] | None = None
    distinct: bool = False
    alike: Codes | None = None


class RowFilter(Model):
    """Conditions on one row of events; all keys that are given must hold.

    Word tests (``status``, ``intent``, ``verification``, ``clinical_status``, ``source``) hold when the column has one
    of the words; ``null`` accepts "not stated". ``type`` and ``category`` hold when the column has any of the words
    or when the source does not say (an empty cell).
    """

    all: Annotated[tuple[FilterRef, ...], Field(min_length=1), BeforeValidator(listed)] | None = None
    any: Annotated[tuple[FilterRef, ...], Field(min_length=1), BeforeValidator(listed)] | None = None
    not_: FilterRef | None = Field(None, alias="not")
    when: Annotated[tuple[Timing, ...], BeforeValidator(listed)] = ()
    type: Words | None = None
    category: Words | None = None
    status: Words | None = None
    intent: Words | None = None
    verification: Words | None = None
    clinical_status: Words | None = None
    source: Words | None = None
    coded: Coded | None = None
    value: ValueTest | None = None
    days_supply: NumberTest | None = None
    refills: NumberTest | None = None
    daily_dose: DailyDose | None = None
    age: AgeAtEvent | None = None
    with_: Relation | None = Field(None, alias="with")
    without: Relation | None = None

    @model_validator(mode="after")
    def _something(self) -> RowFilter:
        if not any(getattr(self, name) not in (None, ()) for name in type(self).model_fields):
            raise ValueError("an empty condition says nothing; remove it, or give one of its keys a value")
        return self


#: The name of an entry under ``filters``, or a filter written out.
FilterRef = FilterName | RowFilter


# --- sets of events -------------------------------------------------------------------------------------------------


class Step(Model):
    """One step in choosing among a subject's events; exactly one of the choices.

    ``first``/``last``: the one event with the earliest/latest moment; ties go to the later in the source's order for
    ``last``, the earlier for ``first``. ``first_day``/``last_day``: all events on the earliest/latest calendar day of
    that moment. ``lowest``/``highest``: the one event with the smallest/greatest number; events without a number (or
    with a unit that cannot be converted to ``unit``) sort as ``missing`` says. ``spaced``: the first event by that
    moment, then each next one that lies at least ``days`` calendar days after the one kept before it. ``chain``: the
    ``first`` or the ``last`` event of each chain, in which every event starts at most ``days`` days after all before it
    have ended.
    """

    first: PointOfEvent | None = None
    last: PointOfEvent | None = None
    first_day: PointOfEvent | None = None
    last_day: PointOfEvent | None = None
    lowest: Literal["value", "days_supply"] | None = None
    highest: Literal["value", "days_supply"] | None = None
    spaced: PointOfEvent | None = None
    chain: Literal["first", "last"] | None = None
    days: Integer | None = None
    unit: str | None = None
    missing: Literal["first", "last"] = "last"

    @model_validator(mode="after")
    def _one_choice(self) -> Step:
        one_of(self, *CHOICES)
        if (self.lowest == "value" or self.highest == "value") and self.unit is None:
            raise ValueError("choosing by value needs a unit, e.g. unit: '%' (or '1' when the result has none)")
        if (self.choice in ("spaced", "chain")) != (self.days is not None):
            raise ValueError("'days' goes with 'spaced' or 'chain', which need it; write spaced: start, days: 30")
        return self

    @property
    def choice(self) -> str:
        """The key that was given: ``first``, …, ``chain``."""
        return next(name for name in CHOICES if getattr(self, name) is not None)


CHOICES = ("first", "last", "first_day", "last_day", "lowest", "highest", "spaced", "chain")


class EventSet(Model):
    """A set of events of a subject.

    It starts from one of: ``kind`` (with ``codes`` in ``role``; no codes: every event of the kind), ``from`` (the
    union of other sets), or ``components_of`` (the component rows of another set's panels, with ``codes``). Records of
    things *not* done are looked at only with ``not_done: true``. ``type`` and ``when`` are the commonest filters;
    ``where`` holds any others. ``take`` then chooses among the rows left, step by step.
    """

    kind: Annotated[tuple[Kind, ...], Field(min_length=1), BeforeValidator(listed)] | None = None
    codes: Codes | None = None
    role: Role = "code"
    not_done: bool = False
    from_: Annotated[tuple[EventsName, ...], Field(min_length=1), BeforeValidator(listed)] | None = Field(
        None, alias="from"
    )
    components_of: EventsName | None = None
    type: Words | None = None
    when: Annotated[tuple[Timing, ...], BeforeValidator(listed)] = ()
    where: Annotated[tuple[FilterRef, ...], BeforeValidator(listed)] = ()
    take: Annotated[tuple[Step, ...], BeforeValidator(listed)] = ()

    @model_validator(mode="after")
    def _one_source(self) -> EventSet:
        one_of(self, "kind", "from_", "components_of")
        if self.from_ is not None and self.codes is not None:
            raise ValueError("'codes' goes with 'kind' or 'components_of'; narrow a union with where: [{coded: …}]")
        return self


EventsRef = EventsName | EventSet


# --- conditions on a subject ------------------------------------------------------------------------------------------


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
    Relation, RowFilter, EventSet, AtLeast, CoveredDays, DaysCovered, EventCount, AmountSum, Risk, SubjectNumber,
    NumberIn, Criterion,
):  # fmt: skip
    _model.model_rebuild()

__all__ = [
    "CHOICES",
    "CRITERION_TYPES",
    "Age",
    "AgeAtEvent",
    "AtLeast",
    "Coded",
    "Codes",
    "Count",
    "CoveredDays",
    "Criterion",
    "CriterionRef",
    "DailyDose",
    "DaysCovered",
    "Enrolled",
    "EventSet",
    "EventsRef",
    "FilterRef",
    "Integer",
    "Kind",
    "Moment",
    "Number",
    "NumberIn",
    "NumberTest",
    "Relation",
    "Role",
    "RowFilter",
    "Step",
    "Strength",
    "ValueTest",
    "WindowName",
    "Words",
]  # fmt: skip
