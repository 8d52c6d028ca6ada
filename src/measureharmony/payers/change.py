"""The closed set of changes by which a payer's version of a measure differs from the canonical one.

Every change says what it touches (``path``) and what it does in plain words (``sentence``). Changes are data: they do
nothing by themselves; ``payers.apply`` carries them out on a copy of the measure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, StrictFloat, StrictInt, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from measureharmony.measures.criterion import CriterionRef, Enrolled, EventSet, FilterRef
from measureharmony.measures.measure import Anchor, Key, Measure, PartName, Population
from measureharmony.measures.names import CodeRef, Model, one_of
from measureharmony.measures.number import NumberRef
from measureharmony.measures.window import Point, Window, WindowRef, listed
from measureharmony.payers.program import CutOffs, PeriodRule, Source
from measureharmony.payers.words import (
    ADDED,
    DROPPED,
    anchor_in_words,
    enrolled_in_words,
    events_in_words,
    filter_in_words,
    in_words,
    number_in_words,
    title,
    window_in_words,
    written,
)

#: As the dataset contract names them (``practice.contract.EVENT_SOURCES``; a test keeps the two equal).
EvidenceSource = Literal[
    "claim", "ehr", "supplemental_standard", "supplemental_nonstandard", "patient_reported", "payer_feed", "registry",
    "pharmacy_claim",
]  # fmt: skip
#: What a change touches, from the outside in: ``("parameters", "age_from")``. ``*`` stands for every rate.
Path: TypeAlias = tuple[str, ...]
EVERY_RATE = "*"


class SetParameter(Model):
    """Give a parameter another value. ``unit`` need not be said; if it is, it must be the parameter's."""

    name: PartName
    to: StrictInt | StrictFloat
    unit: str | None = None

    @property
    def path(self) -> Path:
        """The parameter."""
        return ("parameters", self.name)

    def sentence(self, measure: Measure) -> str:
        """Such as: "Youngest age: 52 years instead of 42"."""
        parameter = measure.parameters.get(self.name)
        if parameter is None:
            return f"{self.name}: {self.to}"
        return f"{parameter.text}: {_quantity(self.to, parameter.unit)} instead of {parameter.value}"


class CriterionPart(Model):
    """A named criterion."""

    section: Literal["criteria"]
    name: PartName
    with_: CriterionRef = Field(alias="with")


class EventsPart(Model):
    """A named set of events."""

    section: Literal["events"]
    name: PartName
    with_: EventSet = Field(alias="with")


class NumberPart(Model):
    """A named number of the subject."""

    section: Literal["numbers"]
    name: PartName
    with_: NumberRef = Field(alias="with")


class FilterPart(Model):
    """A named condition on one event."""

    section: Literal["filters"]
    name: PartName
    with_: FilterRef = Field(alias="with")


class WindowPart(Model):
    """A named stretch of time."""

    section: Literal["windows"]
    name: PartName
    with_: Window = Field(alias="with")


class AnchorPart(Model):
    """A named moment of a subject's own."""

    section: Literal["anchors"]
    name: PartName
    with_: Anchor = Field(alias="with")


#: The sections whose parts can be replaced or defined, in the order of the union below, and what a part of each is.
_SECTION_WORDS = {
    "criteria": "criterion", "events": "set of events", "numbers": "number", "filters": "condition on events",
    "windows": "window", "anchors": "anchor",
}  # fmt: skip


class _BySection:
    """Shows the union to JSON Schema as "if the section is this, then that", so that each mistake has one message."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        branches = handler(schema)["oneOf"]
        sections = list(_SECTION_WORDS)
        return {
            "type": "object",
            "title": "NamedPart",
            "properties": {"section": {"enum": sections}, "name": {"type": "string"}, "with": {}},
            "required": ["section", "name", "with"],
            "allOf": [
                {"if": {"properties": {"section": {"const": section}}, "required": ["section"]}, "then": branch}
                for section, branch in zip(sections, branches, strict=True)
            ],
        }


#: A part of a measure, in any of the sections.
AnyPart: TypeAlias = CriterionPart | EventsPart | NumberPart | FilterPart | WindowPart | AnchorPart
NamedPart: TypeAlias = Annotated[AnyPart, Field(discriminator="section"), _BySection()]


class _OfPopulation(Model):
    """What changes to populations share: without ``rate``, every rate of the measure is meant."""

    population: Population
    rate: Key | None = None

    @property
    def path(self) -> Path:
        """The population, for one rate or for every rate."""
        return ("populations", self.population, self.rate or EVERY_RATE)

    @property
    def _for_rate(self) -> str:
        return f" (rate {self.rate} only)" if self.rate else ""


class AddTo(_OfPopulation):
    """Join one more criterion to a population.

    Exclusions, exceptions and the numerator are met by any of their criteria; the initial population and the
    denominator need all of theirs.
    """

    criterion: CriterionRef

    @property
    def path(self) -> Path:
        """The criterion's place in the population."""
        return (*super().path, written(self.criterion))

    def sentence(self, measure: Measure) -> str:
        """Such as: "Also excluded from the denominator: hospice.received"."""
        return f"{ADDED[self.population]}: {in_words(self.criterion)}{self._for_rate}"


class DropFrom(_OfPopulation):
    """Leave out one of the criteria of a population, named or written as the measure writes it."""

    criterion: CriterionRef

    @property
    def path(self) -> Path:
        """The criterion's place in the population."""
        return (*super().path, written(self.criterion))

    def sentence(self, measure: Measure) -> str:
        """Such as: "No longer excluded from the denominator: palliative.received"."""
        return f"{DROPPED[self.population]}: {in_words(self.criterion)}{self._for_rate}"


class ReplacePopulation(_OfPopulation):
    """Say a population anew."""

    with_: CriterionRef = Field(alias="with")

    def sentence(self, measure: Measure) -> str:
        """Such as: "Numerator is now: controlled"."""
        return f"{title(self.population)} is now: {in_words(self.with_)}{self._for_rate}"


class _OfValueSet(Model):
    value_set: CodeRef

    @property
    def path(self) -> Path:
        """The value set (or code), wherever the measure uses it."""
        return ("value_sets", self.value_set)


class SwapValueSet(_OfValueSet):
    """Use another value set (or code) wherever the measure uses this one."""

    with_: CodeRef = Field(alias="with")

    def sentence(self, measure: Measure) -> str:
        """Such as: "Value set pap_test replaced by pap_test_2026"."""
        return f"Value set {self.value_set} replaced by {self.with_}"


class ExtendValueSet(_OfValueSet):
    """Accept further value sets or codes wherever the measure uses this one."""

    with_: Annotated[tuple[CodeRef, ...], Field(min_length=1), BeforeValidator(listed), Field(alias="with")]

    def sentence(self, measure: Measure) -> str:
        """Such as: "Beside value set diabetes, also: ICD10CM|E13"."""
        return f"Beside value set {self.value_set}, also: {', '.join(self.with_)}"


class RestrictSources(Model):
    """Only evidence from these sources counts for a population."""

    population: Population
    sources: Annotated[tuple[EvidenceSource, ...], Field(min_length=1)]

    @property
    def path(self) -> Path:
        """The population's sources."""
        return ("sources", self.population)

    def sentence(self, measure: Measure) -> str:
        """Such as: "Evidence for the numerator only from: claim"."""
        sources = ", ".join(source.replace("_", " ") for source in self.sources)
        return f"Evidence for the {title(self.population).lower()} only from: {sources}"


class RequireEnrolment(Model):
    """Count only people continuously enrolled with the program's own payer (see "enrolled" in the spec language)."""

    window: WindowRef
    gaps: Annotated[int, Field(ge=0)] = 0
    gap_days: Annotated[int, Field(ge=0)] = 0
    anchor: Point | None = None
    benefits: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _gaps_have_length(self) -> RequireEnrolment:
        if bool(self.gaps) != bool(self.gap_days):
            raise ValueError("give both gaps (how many) and gap_days (how long each), or neither")
        return self

    @property
    def enrolled(self) -> Enrolled:
        """The criterion that is joined to the initial population."""
        return Enrolled(
            window=self.window, gaps=self.gaps, gap_days=self.gap_days, anchor=self.anchor, benefits=self.benefits
        )

    @property
    def path(self) -> Path:
        """The enrolment rule; a measure has one."""
        return ("enrolment",)

    def sentence(self, measure: Measure) -> str:
        """Such as: "Enrolled during the period, but for at most 1 gap of at most 45 days, and on …"."""
        words = enrolled_in_words(self.enrolled)
        return words[0].upper() + words[1:]


class ShiftPeriod(PeriodRule):
    """Another measurement period for this measure."""

    @property
    def path(self) -> Path:
        """The period."""
        return ("period",)

    def sentence(self, measure: Measure) -> str:
        """Such as: "Measured over 12 months from 07-01"."""
        return f"Measured over {self.months} months from {self.start}"


class SetCutOff(CutOffs):
    """Other last days for evidence to arrive, for this measure."""

    @property
    def path(self) -> Path:
        """The cut-off days."""
        return ("cut_offs",)

    def sentence(self, measure: Measure) -> str:
        """Such as: "Last day for claims 2027-03-31"."""
        days = [("claims", self.claims), ("supplemental data", self.supplemental)]
        return "Last day for " + ", ".join(f"{name} {day}" for name, day in days if day)


class ChooseRates(Model):
    """Report only these rates of the measure."""

    rates: Annotated[tuple[Key, ...], Field(min_length=1), BeforeValidator(listed)]

    @property
    def path(self) -> Path:
        """The rates."""
        return ("rates",)

    def sentence(self, measure: Measure) -> str:
        """Such as: "Only the rates: poor_control"."""
        return f"Only the rates: {', '.join(self.rates)}"


class Tier(Model):
    """A level of a target, and what the program calls it."""

    id: Key
    at_least: Annotated[float, Field(ge=0, le=1)] | None = None
    at_most: Annotated[float, Field(ge=0, le=1)] | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Tier:
        one_of(self, "at_least", "at_most")
        return self


class SetTarget(Model):
    """What the rate must reach, as a proportion; below ``minimum_denominator`` people it does not count."""

    rate: Key
    at_least: Annotated[float, Field(ge=0, le=1)] | None = None
    at_most: Annotated[float, Field(ge=0, le=1)] | None = None
    tiers: tuple[Tier, ...] = ()
    minimum_denominator: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> SetTarget:
        one_of(self, "at_least", "at_most")
        return self

    @property
    def path(self) -> Path:
        """The rate's target."""
        return ("targets", self.rate)

    def sentence(self, measure: Measure) -> str:
        """Such as: "Target for poor_control: at most 20 %"."""
        word, bound = ("at least", self.at_least) if self.at_least is not None else ("at most", self.at_most or 0.0)
        return f"Target for {self.rate}: {word} {bound * 100:g} %"


class SetPayment(Model):
    """What the program pays. Kept as data: nothing in an evaluation depends on it."""

    rate: Key
    per_gap: Annotated[Decimal, Field(ge=0, decimal_places=2)]
    currency: str = "USD"
    frequency: Literal["monthly", "quarterly", "annual"] = "annual"

    @property
    def path(self) -> Path:
        """The rate's payment."""
        return ("payments", self.rate)

    def sentence(self, measure: Measure) -> str:
        """Such as: "Pays 25.00 USD for each closed gap of screened, annual"."""
        return f"Pays {self.per_gap} {self.currency} for each closed gap of {self.rate}, {self.frequency}"


Payload: TypeAlias = (
    SetParameter | AnyPart | AddTo | DropFrom | ReplacePopulation | SwapValueSet | ExtendValueSet | RestrictSources
    | RequireEnrolment | ShiftPeriod | SetCutOff | ChooseRates | SetTarget | SetPayment
)  # fmt: skip

CHANGE_KINDS = (
    "set_parameter", "replace", "define", "add_to", "drop_from", "replace_population", "swap_value_set",
    "extend_value_set", "restrict_sources", "require_enrolment", "shift_period", "set_cut_off", "choose_rates",
    "set_target", "set_payment",
)  # fmt: skip


class Change(Model):
    """One change: exactly one of the kinds, and from when, on whose word, and why."""

    set_parameter: SetParameter | None = None
    replace: NamedPart | None = None
    define: NamedPart | None = None
    add_to: AddTo | None = None
    drop_from: DropFrom | None = None
    replace_population: ReplacePopulation | None = None
    swap_value_set: SwapValueSet | None = None
    extend_value_set: ExtendValueSet | None = None
    restrict_sources: RestrictSources | None = None
    require_enrolment: RequireEnrolment | None = None
    shift_period: ShiftPeriod | None = None
    set_cut_off: SetCutOff | None = None
    choose_rates: ChooseRates | None = None
    set_target: SetTarget | None = None
    set_payment: SetPayment | None = None

    effective: dt.date
    source: Source
    reason: Annotated[str, Field(min_length=1)]
    status: str | None = None
    agreed_by: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Change:
        one_of(self, *CHANGE_KINDS)
        return self

    @property
    def kind(self) -> str:
        """The key that is given: ``set_parameter``, …, ``set_payment``."""
        return next(kind for kind in CHANGE_KINDS if getattr(self, kind) is not None)

    @property
    def what(self) -> Payload:
        """What stands under that key."""
        payload: Payload = getattr(self, self.kind)
        return payload

    @property
    def path(self) -> Path:
        """What the change touches; no two changes of an overlay may touch the same."""
        what = self.what
        if isinstance(what, AnyPart):
            return (what.section, what.name)
        return what.path

    def sentence(self, measure: Measure) -> str:
        """What the change does to ``measure``, in plain words."""
        what = self.what
        if isinstance(what, AnyPart):
            verb = "is now" if self.kind == "replace" else "is new:"
            return f"{_SECTION_WORDS[what.section].capitalize()} {what.name} {verb} {_content_in_words(what)}"
        return what.sentence(measure)


def _content_in_words(part: AnyPart) -> str:
    match part:
        case CriterionPart():
            return in_words(part.with_)
        case EventsPart():
            return events_in_words(part.with_)
        case NumberPart():
            return number_in_words(part.with_)
        case WindowPart():
            return window_in_words(part.with_)
        case AnchorPart():
            return anchor_in_words(part.with_)
        case FilterPart():
            return filter_in_words(part.with_)


def overlaps(first: Path, second: Path) -> bool:
    """Whether two changes touch the same thing: equal paths, or one inside the other."""
    return all(a == b or EVERY_RATE in (a, b) for a, b in zip(first, second, strict=False))


def path_text(path: Iterable[str]) -> str:
    """A path as messages show it: ``populations / numerator / every rate``."""
    return " / ".join("every rate" if step == EVERY_RATE else step for step in path)


def _quantity(value: float, unit: str) -> str:
    return f"{value}" if unit in ("1", "") else f"{value} {unit}"


__all__ = [
    "CHANGE_KINDS", "EVERY_RATE", "AddTo", "AnchorPart", "AnyPart", "Change", "ChooseRates", "CriterionPart",
    "DropFrom", "EventsPart", "EvidenceSource", "ExtendValueSet", "FilterPart", "NamedPart", "NumberPart", "Path",
    "Payload", "ReplacePopulation", "RequireEnrolment", "RestrictSources", "SetCutOff", "SetParameter", "SetPayment",
    "SetTarget", "ShiftPeriod", "SwapValueSet", "Tier", "WindowPart", "overlaps", "path_text",
]  # fmt: skip
