"""The kinds of change that touch what a measure means: its parameters, parts, populations, value sets, rates, strata.

Every change says what it touches (``path``) and what it does in plain words (``sentence``). Changes are data: they do
nothing by themselves; ``payers.apply`` carries them out on a copy of the measure.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, StrictFloat, StrictInt
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from measureharmony.measures.criterion import CriterionRef
from measureharmony.measures.event_set import EventSet, FilterRef
from measureharmony.measures.measure import Anchor, Direction, Key, Measure, PartName, Population, Stratum
from measureharmony.measures.names import CodeRef, EventsName, Model
from measureharmony.measures.number import NumberRef
from measureharmony.measures.plain_words import plain
from measureharmony.measures.window import Window, listed
from measureharmony.measures.words import Wording
from measureharmony.payers.words import ADDED, DROPPED, SECTION_WORDS, title, written

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


class _BySection:
    """Shows the union to JSON Schema as "if the section is this, then that", so that each mistake has one message."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        branches = handler(schema)["oneOf"]
        sections = list(SECTION_WORDS)
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
        """Such as: "Also excluded from the denominator: hospice: received"."""
        return f"{ADDED[self.population]}: {Wording(measure).criterion(self.criterion)}{self._for_rate}"


class DropFrom(_OfPopulation):
    """Leave out one of the criteria of a population, named or written as the measure writes it."""

    criterion: CriterionRef

    @property
    def path(self) -> Path:
        """The criterion's place in the population."""
        return (*super().path, written(self.criterion))

    def sentence(self, measure: Measure) -> str:
        """Such as: "No longer excluded from the denominator: palliative: received"."""
        return f"{DROPPED[self.population]}: {Wording(measure).criterion(self.criterion)}{self._for_rate}"


class ReplacePopulation(_OfPopulation):
    """Say a population anew."""

    with_: CriterionRef = Field(alias="with")

    def sentence(self, measure: Measure) -> str:
        """Such as: "Numerator is now: controlled"."""
        return f"{title(self.population)} is now: {Wording(measure).criterion(self.with_)}{self._for_rate}"


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


class SetDirection(Model):
    """Say whether a higher or a lower rate is better, of one rate or of every rate."""

    to: Direction
    rate: Key | None = None

    @property
    def path(self) -> Path:
        """The direction, of one rate or of every rate."""
        return ("direction", self.rate or EVERY_RATE)

    def sentence(self, measure: Measure) -> str:
        """Such as: "Lower is better (rate poor_control only)"."""
        return f"{self.to.capitalize()} is better" + (f" (rate {self.rate} only)" if self.rate else "")


class SetEvidence(Model):
    """Say which sets' events are shown as a rate's evidence, and whose numbers; without sets, those it asks for."""

    rate: Key
    evidence: Annotated[tuple[EventsName, ...], BeforeValidator(listed)] = ()
    values: Annotated[tuple[EventsName, ...], BeforeValidator(listed)] = ()

    @property
    def path(self) -> Path:
        """The rate's evidence."""
        return ("evidence", self.rate)

    def sentence(self, measure: Measure) -> str:
        """Such as: "Evidence of examined: exam, recent_exam"."""
        return f"Evidence of {self.rate}: {', '.join(self.evidence) or 'what the numerator asks for'}"


class AddStratum(Stratum):
    """Report one more part of every population beside the whole."""

    @property
    def path(self) -> Path:
        """The stratum."""
        return ("strata", self.id)

    def sentence(self, measure: Measure) -> str:
        """Such as: "Also reported by itself: 52 to 74 years"."""
        return f"Also reported by itself: {self.title}"


class DropStratum(Model):
    """Report one of the measure's strata no longer by itself."""

    stratum: Key

    @property
    def path(self) -> Path:
        """The stratum."""
        return ("strata", self.stratum)

    def sentence(self, measure: Measure) -> str:
        """Such as: "No longer reported by itself: 52 to 74 years"."""
        titles = {stratum.id: stratum.title for stratum in measure.strata}
        return f"No longer reported by itself: {titles.get(self.stratum, self.stratum)}"


#: What stands under the key of a change of a measure.
MeasurePayload: TypeAlias = (
    SetParameter | AnyPart | AddTo | DropFrom | ReplacePopulation | SwapValueSet | ExtendValueSet | ChooseRates
    | SetDirection | SetEvidence | AddStratum | DropStratum
)  # fmt: skip


def part_sentence(part: AnyPart, kind: str, measure: Measure) -> str:
    """Such as: "Criterion older is new: aged 70 and over on the last day of the period"."""
    verb = "is now" if kind == "replace" else "is new:"
    return f"{SECTION_WORDS[part.section].capitalize()} {plain(part.name)} {verb} {Wording(measure).part(part.with_)}"


def _quantity(value: float, unit: str) -> str:
    return f"{value}" if unit in ("1", "") else f"{value} {unit}"


__all__ = [
    "EVERY_RATE", "AddStratum", "AddTo", "AnchorPart", "AnyPart", "ChooseRates", "CriterionPart", "DropFrom",
    "DropStratum", "EventsPart", "ExtendValueSet", "FilterPart", "MeasurePayload", "NamedPart", "NumberPart",
    "Path", "ReplacePopulation", "SetDirection", "SetEvidence", "SetParameter", "SwapValueSet", "WindowPart",
    "part_sentence",
]  # fmt: skip
