"""Why a person is where they are: every criterion with its answer, what counted, and what nearly did.

The explanation holds the person's own dates and results. It is an answer for those who care for the person; it belongs
into no log.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from measureharmony.evaluation.conjuncts import evidence_sets, resolved
from measureharmony.evaluation.population_order import counts_above, counts_below
from measureharmony.evaluation.reference import words
from measureharmony.evaluation.reference.bound import given
from measureharmony.evaluation.reference.codes import CodeLookup
from measureharmony.evaluation.reference.criteria import holds
from measureharmony.evaluation.reference.interpreter import Interpreter, Members, Person
from measureharmony.evaluation.reference.near_misses import lapses, near_misses
from measureharmony.evaluation.reference.record import Event, PersonRecord
from measureharmony.evaluation.reference.subject import Subject
from measureharmony.evaluation.reference.truth import Truth
from measureharmony.measures.criterion import Criterion, CriterionRef
from measureharmony.measures.event_set import EventsRef
from measureharmony.measures.measure import POPULATIONS, Measure, Rate
from measureharmony.measures.plain_words import plain
from measureharmony.payers.variant import Variant

#: So many events that counted, and so many near misses, are shown of one set; the latest ones.
SHOWN = 5


@dataclass(frozen=True)
class Counted:
    """An event that counted."""

    event_id: str
    date: str
    kind: str
    code: str
    value: str

    def __str__(self) -> str:
        return " ".join(filter(None, (self.date, self.kind, self.code, self.value)))


@dataclass(frozen=True)
class Node:
    """One criterion: its answer, what it asks, what it is made of, which events counted and which nearly did."""

    truth: Truth
    text: str
    name: str | None = None
    parts: tuple[Node, ...] = ()
    counted: tuple[Counted, ...] = ()
    near_misses: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing in it is true, counted, or nearly did: there is no more to tell than that it is not so."""
        told = self.truth is not False or self.counted or self.near_misses
        return not told and all(part.is_empty for part in self.parts)

    def lines(self, depth: int, *, whole: bool = False) -> Iterator[str]:
        """The node and what is below it, indented; below an empty node only if it is to be told whole."""
        indent = "  " * depth
        yield f"{indent}{words.truth(self.truth):<8}{self._heading}"
        yield from (f"{indent}          + {text}" for text in _once(self.counted))
        yield from (f"{indent}          - {text}" for text in _once(self.near_misses))
        if whole or not self.is_empty:
            for part in self.parts:
                yield from part.lines(depth + 1, whole=whole)

    @property
    def _heading(self) -> str:
        """The name and what it means, unless one of the two says it all."""
        if self.name is None:
            return self.text
        name = plain(self.name)
        if self.is_empty and self.parts:
            return name
        return self.text if name in self.text else f"{name}: {self.text}"


@dataclass(frozen=True)
class RateExplanation:
    """One rate: the result, which populations the person is in, what decided it, and each population's criterion.

    ``result`` is ``met``, ``care gap``, or ``not counted`` with the reason; where there is no proportion, ``counted``.
    ``observation`` is the number that is kept of the person, in words.
    """

    rate: str
    title: str
    result: str
    populations: dict[str, bool]
    first_failing: str | None
    evidence: Counted | None
    criteria: dict[str, Node]
    observation: str | None = None

    def lines(self) -> Iterator[str]:
        """The rate in lines of text."""
        inside = [plain(name) for name, member in self.populations.items() if member]
        yield f"{self.title} [{self.rate}]"
        yield f"  result: {self.result}"
        yield f"  is in: {', '.join(inside) or 'no population'}"
        if self.first_failing is not None:
            yield f"  decided by: {plain(self.first_failing)}"
        if self.observation is not None:
            yield f"  observation: {self.observation}"
        if self.evidence is not None:
            yield f"  evidence: {self.evidence}"
        for population, node in self.criteria.items():
            yield f"  {plain(population)}:"
            yield from node.lines(2, whole=population == "numerator")


@dataclass(frozen=True)
class Explanation:
    """One person before one variant. ``str`` gives text, :meth:`as_dict` plain data.

    ``member``: whether the program counts the person at all; what follows is then what it would find.
    """

    person_id: str
    variant: str
    title: str
    period: str
    as_of: str | None
    rates: tuple[RateExplanation, ...]
    member: bool = True

    def __str__(self) -> str:
        known = f", with what was known on {self.as_of}" if self.as_of else ""
        heading = f"Person {self.person_id}: {self.title} ({self.variant}), {self.period}{known}"
        if not self.member:
            heading += "\nThe program does not count this person (not listed or covered); if it did:"
        return "\n".join([heading, *(line for rate in self.rates for line in ("", *rate.lines()))])

    def as_dict(self) -> dict[str, object]:
        """Dictionaries, lists, texts and truth values, fit for JSON."""
        return asdict(self)


def explain(
    record: PersonRecord, variant: Variant, codes: CodeLookup, as_of: dt.date | None = None, rate_id: str | None = None
) -> Explanation:
    """Explain one person under one variant, for all its rates or only for ``rate_id``."""
    person = Interpreter(variant, codes, as_of).person(record)
    rates = [rate for rate in variant.measure.rates if rate_id in (None, rate.id)]
    return Explanation(
        person_id=record.person_id,
        variant=variant.id,
        title=variant.measure.title,
        period=str(variant.period),
        as_of=as_of.isoformat() if as_of else None,
        rates=tuple(_rate(person, variant, rate) for rate in rates),
    )


def _rate(person: Person, variant: Variant, rate: Rate) -> RateExplanation:
    evidence, members = person.evidence(rate), person.members(rate)
    criteria = {name: variant.measure.population(rate, name) for name in POPULATIONS}
    return RateExplanation(
        rate=rate.id,
        title=rate.title,
        result=_result(members, variant.measure, rate),
        populations=members,
        first_failing=person.first_failing(rate),
        evidence=_counted(person.subject("numerator"), evidence_sets(variant.measure, rate), evidence)
        if evidence
        else None,
        criteria={
            name: _Teller(person.subject(name), variant.sources.get(name)).node(ref)
            for name, ref in criteria.items()
            if ref is not None
        },
        observation=_observed(person, rate),
    )


def _observed(person: Person, rate: Rate) -> str | None:
    """Such as: "share of days covered 0.76"; nothing where the rate keeps no number of the person."""
    if rate.observation is None or not counts_below(person.members(rate)):
        return None
    return f"{plain(rate.observation)} {words.shown(person.observation(rate))}"


def _result(members: Members, measure: Measure, rate: Rate) -> str:
    """What the populations mean for the person."""
    if not members["denominator"]:
        return "not counted (outside the denominator)"
    if not counts_below(members):
        return f"not counted ({'excluded' if members['denominator_exclusion'] else 'excepted'})"
    if measure.scoring != "proportion":
        return "counted, in the numerator" if counts_above(members) else "counted"
    return "care gap" if counts_above(members) is (measure.direction_of(rate) == "lower") else "met"


class _Teller:
    """Tells the criterion of one population, which sees the person through the sources it accepts."""

    def __init__(self, subject: Subject, accepted_sources: tuple[str, ...] | None):
        self._subject, self._accepted_sources = subject, accepted_sources

    def node(self, ref: CriterionRef) -> Node:
        criterion = resolved(self._subject.case.measure, ref)
        truth = holds(self._subject, ref)
        events = criterion.count.of if criterion.count else criterion.exists
        return Node(
            truth=truth,
            text=words.criterion(self._subject, criterion),
            name=None if isinstance(ref, Criterion) else str(ref),
            parts=tuple(self.node(part) for part in _parts(criterion)),
            counted=self._counted(events) if events is not None else (),
            near_misses=() if truth is True else self._missed(criterion, events),
        )

    def _counted(self, ref: EventsRef) -> tuple[Counted, ...]:
        return tuple(_counted(self._subject, (ref,), event) for event in _latest(list(self._subject.events(ref))))

    def _missed(self, criterion: Criterion, ref: EventsRef | None) -> tuple[str, ...]:
        if criterion.enrolled is not None:
            return tuple(lapses(self._subject, criterion.enrolled))
        if ref is None:
            return ()
        reasons = dict(near_misses(self._subject, ref, self._accepted_sources))
        told = ((_counted(self._subject, (ref,), event), reasons[event]) for event in _latest(list(reasons)))
        return tuple(f"{event} found, but {reason}" for event, reason in told)


def _parts(criterion: Criterion) -> tuple[CriterionRef, ...]:
    if criterion.not_ is not None:
        return (criterion.not_,)
    return criterion.all or criterion.any or (given(criterion.at_least).of if criterion.at_least else ())


def _once(told: Iterable[object]) -> Iterator[str]:
    """Each text once, with how many records say it: a visit and its claim read alike."""
    for text, records in Counter(map(str, told)).items():
        yield f"{text} ({records} records)" if records > 1 else text


def _latest(events: list[Event]) -> list[Event]:
    """The latest few, latest first."""
    return sorted(events, key=lambda event: event.start.day_lo, reverse=True)[:SHOWN]


def _counted(subject: Subject, refs: Iterable[EventsRef], event: Event) -> Counted:
    code = words.code(subject, refs, event)
    return Counted(event.event_id, words.stretch(event), words.kind(event), code, words.value(event))
