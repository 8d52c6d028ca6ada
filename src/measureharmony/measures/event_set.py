"""Which events are meant: conditions on one row of events, and sets of a subject's events."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from measureharmony.measures.names import CodeRef, EventsName, FilterName, Model, ParameterName, one_of
from measureharmony.measures.window import PointOfEvent, Timing, listed

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
#: The keys that bound a number.
_BOUNDS = ("above", "at_least", "below", "at_most")


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
            raise ValueError(f"give at least one of: {', '.join(_BOUNDS)}")
        return self

    @property
    def bounds(self) -> dict[str, Number]:
        """The bounds that are given, by name."""
        return _given_bounds(self)


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
        return _given_bounds(self)


def _given_bounds(test: NumberTest | ValueTest) -> dict[str, Number]:
    return {name: bound for name in _BOUNDS if (bound := getattr(test, name)) is not None}


class Strength(Model):
    """How much of its substance one piece of a drug with one of these codes holds, or one ``per`` (``mL``) of it."""

    codes: Codes
    amount: Annotated[float, Field(gt=0)]
    per: str | None = None


def _no_list(value: object) -> object:
    """A list as the tuple that strict reading wants inside of what :func:`listed` has seen, which is JSON no more."""
    return tuple(value) if isinstance(value, list) else value


class DailyDose(NumberTest):
    """Bounds on how much of a substance a supply gives for each of its days.

    That is quantity × strength ÷ ``days_supply``, in the unit in which the strengths are given. The strength is the
    first one among whose codes the event's drug is; with ``per``, the quantity must be in that unit, without, it must
    count pieces. Where one of the three is missing, the dose is unknown.
    """

    strengths: Annotated[tuple[Strength, ...], Field(min_length=1), BeforeValidator(_no_list)]


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

for _model in (Relation, RowFilter, EventSet):
    _model.model_rebuild()

__all__ = [
    "CHOICES", "AgeAtEvent", "Coded", "Codes", "DailyDose", "EventSet", "EventsRef", "FilterRef", "Integer", "Kind",
    "Number", "NumberTest", "Relation", "Role", "RowFilter", "Step", "Strength", "ValueTest", "Words",
]  # fmt: skip
