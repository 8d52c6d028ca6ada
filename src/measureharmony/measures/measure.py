"""A measure: what it is called, its parameters, its named parts, its populations and rates."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, model_validator

from measureharmony.measures.criterion import CriterionRef
from measureharmony.measures.event_set import EventSet, EventsRef, FilterRef, Integer
from measureharmony.measures.names import EventsName, Model, NumberName, one_of
from measureharmony.measures.number import NumberRef
from measureharmony.measures.window import Point, PointOfEvent, Window
from measureharmony.periods import Unit

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
#: Names inside a measure file, or `shared.name` once shared files have been linked in.
PartName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$")]
Direction = Literal["higher", "lower"]
Scoring = Literal["proportion", "continuous", "observed_to_expected"]
Aggregate = Literal["mean", "median", "sum"]

POPULATIONS = (
    "initial_population",
    "denominator",
    "denominator_exclusion",
    "numerator",
    "numerator_exclusion",
    "denominator_exception",
)
Population = Literal[
    "initial_population", "denominator", "denominator_exclusion", "numerator", "numerator_exclusion",
    "denominator_exception",
]  # fmt: skip


class Identifier(Model):
    """What a steward calls the measure in one year; identifiers of different stewards are not equivalent."""

    system: str
    id: str
    year: int | None = None


class Parameter(Model):
    """A knob that contracts turn. ``narrows`` says which way makes fewer people count (up, down, or neither)."""

    value: int | float
    unit: Unit | str
    min: int | float | None = None
    max: int | float | None = None
    narrows: Literal["up", "down", "neither"] = "neither"
    text: str

    @model_validator(mode="after")
    def _inside(self) -> Parameter:
        if self.min is not None and self.value < self.min:
            raise ValueError(f"the value {self.value} is below the minimum {self.min}")
        if self.max is not None and self.value > self.max:
            raise ValueError(f"the value {self.value} is above the maximum {self.max}")
        return self


class EndOfCoverage(Model):
    """The last day of the continuous coverage with one payer to which the day of ``from`` belongs.

    Spans of the payer are taken together where they overlap or touch, or leave at most ``gap_days`` days uncovered
    between them. Where several payers cover the day, it is the latest of their last days. ``payer`` and ``benefits``
    mean what they mean in ``enrolled``. It is unknown where nobody covers the day, or the day is not known.
    """

    from_: Point = Field(alias="from")
    gap_days: Integer = 0
    payer: Literal["own", "any"] = "own"
    benefits: tuple[str, ...] = ()


class Anchor(Model):
    """A moment of its own for each subject.

    ``of`` and ``point``: a moment of the first event (in the source's order) of a set. ``enrolled``: the end of a
    stretch of continuous coverage.
    """

    of: EventsRef | None = None
    point: PointOfEvent | None = None
    enrolled: EndOfCoverage | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Anchor:
        one_of(self, "of", "enrolled")
        if (self.of is None) != (self.point is None):
            raise ValueError("'of' and 'point' go together: of: first_dispense, point: start")
        return self


class Episodes(Model):
    """The subjects of a measure that counts events: each event of the set, by itself, is in or out of the populations.

    In the measure's parts ``index`` is that event: a point (``index.start``), a window, and a set of events of one.
    """

    episodes: EventsName


class Populations(Model):
    """Who counts. A missing denominator is the initial population; the others, missing, are empty."""

    initial_population: CriterionRef | None = None
    denominator: CriterionRef | None = None
    denominator_exclusion: CriterionRef | None = None
    numerator: CriterionRef | None = None
    numerator_exclusion: CriterionRef | None = None
    denominator_exception: CriterionRef | None = None


class Rate(Model):
    """One rate of a measure: its own populations override the measure's.

    ``evidence`` names the event sets whose latest row is shown as the evidence; without it, those the numerator asks
    for. ``values`` names further sets whose numbers are shown together (systolic, diastolic). ``observation`` names the
    number that is kept of each subject that counts: what is aggregated, or expected, or shown beside the outcome.
    ``action`` is the measure's, for this rate.
    """

    id: Key
    title: str
    action: str = ""
    direction: Direction | None = None
    populations: Populations = Populations()
    evidence: tuple[EventsName, ...] = ()
    values: tuple[EventsName, ...] = ()
    observation: NumberName | None = None


class Stratum(Model):
    """A part of every population, reported beside the whole."""

    id: Key
    title: str
    criterion: CriterionRef


class Definitions(Model):
    """Named parts that criteria refer to; the same sections in measures and in shared files."""

    parameters: dict[PartName, Parameter] = Field(default_factory=dict)
    windows: dict[PartName, Window] = Field(default_factory=dict)
    anchors: dict[PartName, Anchor] = Field(default_factory=dict)
    filters: dict[PartName, FilterRef] = Field(default_factory=dict)
    events: dict[PartName, EventSet] = Field(default_factory=dict)
    numbers: dict[PartName, NumberRef] = Field(default_factory=dict)
    criteria: dict[PartName, CriterionRef] = Field(default_factory=dict)


SECTIONS = ("parameters", "windows", "anchors", "filters", "events", "numbers", "criteria")


class Shared(Definitions):
    """A file of parts that many measures use; they refer to them as ``<shared>.<name>``."""

    shared: Key
    title: str
    edition: int
    description: str = ""


class Measure(Definitions):
    """A measure, as its file says it.

    ``aliases`` are further names people look for it by. ``aggregation`` is how programs that want one number make it of
    several rates: their plain mean, all numerators over all denominators, or not at all.

    ``scoring`` says what a rate's value is: a proportion; the ``aggregate`` of the observations; or how many are in the
    numerator, divided by how many were expected to be, which is the sum of the observations.

    ``action`` is what somebody does to close a gap, as a work list says it: equal words are one action, whatever
    measures it is for. A measure of what is past, which nobody can close, has none.

    Linked (``measureharmony.measures.link``), it also holds every shared part it uses, under ``shared.name``; bound,
    its parameters' values stand where ``$name`` stood.
    """

    measure: Key
    title: str
    edition: int
    description: str
    identifiers: tuple[Identifier, ...] = ()
    steward: str = ""
    domain: str = ""
    scoring: Scoring = "proportion"
    aggregate: Aggregate | None = None
    direction: Direction = "higher"
    action: str = ""
    subject: Literal["person"] | Episodes = "person"
    methods: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    aggregation: Literal["none", "simple_average", "weighted_average"] = "none"
    populations: Populations
    rates: Annotated[tuple[Rate, ...], Field(min_length=1)]
    strata: tuple[Stratum, ...] = ()
    sources: tuple[str, ...] = ()
    updated: dt.date | None = None

    @model_validator(mode="after")
    def _whole(self) -> Measure:
        needed = ("initial_population",) if self.scoring == "continuous" else ("initial_population", "numerator")
        for rate in self.rates:
            for name in needed:
                if self.population(rate, name) is None:
                    raise ValueError(f"rate {rate.id!r} has no {name}; give it under populations")
            if self.scoring != "proportion" and rate.observation is None:
                scored = self.scoring.replace("_", " ")
                raise ValueError(f"rate {rate.id!r} is {scored} and has no observation; name one of the numbers")
        if (self.aggregate is not None) != (self.scoring == "continuous"):
            raise ValueError("'aggregate' goes with scoring: continuous, and is needed there; say mean, median or sum")
        ids = [rate.id for rate in self.rates]
        if len(set(ids)) < len(ids):
            raise ValueError("two rates have the same id")
        return self

    def population(self, rate: Rate, name: str) -> CriterionRef | None:
        """What ``name`` means for ``rate``: the rate's own criterion, else the measure's, else ``None``."""
        own: CriterionRef | None = getattr(rate.populations, name)
        common: CriterionRef | None = getattr(self.populations, name)
        return own if own is not None else common

    def action_of(self, rate: Rate) -> str:
        """What closes a gap of the rate; empty where nothing does."""
        return rate.action or self.action

    def direction_of(self, rate: Rate) -> Direction:
        """Whether a higher or a lower rate is better."""
        return rate.direction or self.direction


__all__ = [
    "POPULATIONS",
    "SECTIONS",
    "Aggregate",
    "Anchor",
    "Definitions",
    "Direction",
    "EndOfCoverage",
    "Episodes",
    "Identifier",
    "Key",
    "Measure",
    "Parameter",
    "Population",
    "Populations",
    "Rate",
    "Scoring",
    "Shared",
    "Stratum",
]  # fmt: skip
