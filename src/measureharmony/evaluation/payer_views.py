"""Payers' views in the plan of a run: each variant once more for each share of the evidence, its parts shared.

What a share does not change is the node that is there already, so that a payer who sees everything costs nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.compile import Compiler
from measureharmony.evaluation.conjuncts import asked_for, disjuncts
from measureharmony.evaluation.last_days import last_day
from measureharmony.evaluation.nodes import NodeId
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.universe import Place
from measureharmony.measures.event_set import EventsRef
from measureharmony.measures.measure import POPULATIONS, Episodes, Measure, Rate
from measureharmony.payers.payer_view import SHARES, PayerView
from measureharmony.payers.variant import Variant

#: Populations that a person leaves the rate by.
EXCLUSIONS = ("denominator_exclusion", "denominator_exception")


@dataclass(frozen=True)
class ViewedRate:
    """Where the answers about a rate of one version of a variant are found.

    ``subjects`` are the episodes that it counts (``None``: people), ``member`` says of people whose rate it is,
    ``last_day`` until when a gap can be closed (``None``: until the period ends).
    """

    subjects: NodeId | None
    populations: Mapping[str, Place]
    member: NodeId | None
    observation: Place | None
    last_day: Place | None = None


@dataclass(frozen=True)
class Clue:
    """The events that one version looks at for a population, and a version with less evidence does not have.

    ``row`` is the latest of them. ``more`` and ``less`` tell whether what they are to prove is true in the version with
    more evidence, and in the one with less (``None``: they are the population's only ones).
    """

    population: str
    row: Place
    more: Place | None = None
    less: Place | None = None


@dataclass(frozen=True)
class RateViews:
    """One rate of a variant in all versions (``known`` and each of ``payer_view.SHARES``).

    ``clues`` tell, for each share but the first, which evidence it has that the share before lacks.
    """

    view: PayerView
    rate: Rate
    inverse: bool
    versions: Mapping[str, ViewedRate]
    clues: Mapping[str, tuple[Clue, ...]]


def compile_payer_views(
    plan: EvaluationPlan, views: Sequence[PayerView], as_of: dt.date | None = None
) -> tuple[RateViews, ...]:
    """Add ``views`` to a plan that was compiled for their variants with ``as_of``, and say where it answers what.

    Rosters and coverage are seen as on the day of the view, or on ``as_of`` if that is earlier.
    """
    rates = tuple(rate for view in views for rate in _Views(plan, view, as_of).rates())
    for rate in rates:
        for version in rate.versions.values():
            _ask(plan, (*version.populations.values(), version.observation, version.last_day))
            plan.asked.extend(node for node in (version.member,) if node is not None)
        for clue in (clue for clues in rate.clues.values() for clue in clues):
            _ask(plan, (clue.more, clue.less))
            _plan(plan, clue.row).asked_rows.append(clue.row.node)
    return rates


def _ask(plan: EvaluationPlan, places: Sequence[Place | None]) -> None:
    for place in places:
        if place is not None:
            _plan(plan, place).asked.append(place.node)


def _plan(plan: EvaluationPlan, place: Place) -> EvaluationPlan:
    return plan if place.rows is None else plan.episodes[place.rows]


class _Version:
    """Compiles one version of a variant into a plan.

    ``as_of`` holds for rosters and coverage. ``also`` is another such day: people of either day are looked at.
    """

    def __init__(self, plan: EvaluationPlan, variant: Variant, as_of: dt.date | None, also: dt.date | None):
        people = _compiler(plan, variant, as_of, also)
        counted, self.rows, home = variant.measure.subject, None, plan
        if isinstance(counted, Episodes):
            self.rows = people.events(counted.episodes)
            home = plan.of_episodes(self.rows)
        self.variant, self.as_of = variant, as_of
        self.compiler = _compiler(home, variant, as_of, also)
        self.member = people.member(variant.membership) if variant.membership else None

    def place(self, node: NodeId) -> Place:
        """A node of this version's plan."""
        return Place(self.rows, node)

    def rate(self, rate: Rate) -> ViewedRate:
        """The populations of a rate, and the number that is kept."""
        nodes = {name: self.compiler.population(rate, name) for name in POPULATIONS}
        populations = {name: self.place(node) for name, node in nodes.items() if node is not None}
        observation = self.compiler.observation(rate)
        return ViewedRate(self.rows, populations, self.member, None if observation is None else self.place(observation))

    def last_day(self, rate: Rate) -> Place | None:
        """Until when a gap of a rate can be closed."""
        with self.compiler.evidence_for("numerator"):
            node = last_day(self.compiler, rate)
        return None if node is None else self.place(node)

    def truths(self, rate: Rate, population: str) -> tuple[Place, ...]:
        """Of each thing that puts a subject into a population, whether it is true."""
        criterion = self.variant.measure.population(rate, population)
        if criterion is None:
            return ()
        with self.compiler.evidence_for(population):
            parts = disjuncts(self.variant.measure, criterion)
            return tuple(self.place(self.compiler.criterion(part)) for _, part in parts)

    def unseen_by(self, less: Variant, population: str, sets: Sequence[EventsRef]) -> Place | None:
        """The latest event of ``sets`` that ``less`` does not see; ``None`` where it sees all that this one sees."""
        seen = less.seen.get(population)
        if seen is None or seen == self.variant.seen.get(population):
            return None
        plan = self.compiler.plan
        with self.compiler.evidence_for(population):
            rows = dict.fromkeys(self.compiler.events(some) for some in sets)
        lacking = [plan.add(n.Keep(row, plan.add(n.MaskNot(plan.add(n.Arrived(row, seen)))))) for row in rows]
        return self.place(plan.add(n.LatestRow(tuple(lacking))))


def _compiler(plan: EvaluationPlan, variant: Variant, as_of: dt.date | None, also: dt.date | None) -> Compiler:
    """A compiler that looks at the events of the variant's own people only."""
    compiler = Compiler(plan, variant, as_of)
    if variant.membership and variant.seen:
        members = {Compiler(plan, variant, day).member(variant.membership) for day in (as_of, also)}
        compiler.whom = members.pop() if len(members) == 1 else plan.add(n.Any(tuple(sorted(members))))
    return compiler


class _Views:
    """Compiles the versions of one payer's view into a plan."""

    def __init__(self, plan: EvaluationPlan, view: PayerView, as_of: dt.date | None):
        self.view = view
        on = view.terms.on if as_of is None else min(view.terms.on, as_of)
        self.versions = {"known": _Version(plan, view.known, as_of, on)}
        for share in SHARES:
            variant: Variant = getattr(view, share)
            alike = (one for one in self.versions.values() if one.variant == variant and one.as_of == on)
            self.versions[share] = next(alike, None) or _Version(plan, variant, on, as_of)

    def rates(self) -> Iterator[RateViews]:
        """Every rate; only proportions have gaps, and so evidence that would close them."""
        measure = self.view.known.measure
        steps = tuple(pairwise(SHARES)) if measure.scoring == "proportion" else ()
        for rate in measure.rates:
            versions = {name: version.rate(rate) for name, version in self.versions.items()}
            versions["known"] = replace(versions["known"], last_day=self.versions["known"].last_day(rate))
            clues = {more: tuple(self._clues(rate, less, more)) for less, more in steps}
            yield RateViews(self.view, rate, measure.direction_of(rate) == "lower", versions, clues)

    def _clues(self, rate: Rate, less: str, more: str) -> Iterator[Clue]:
        few, many = self.versions[less], self.versions[more]
        measure = many.variant.measure
        row = many.unseen_by(few.variant, "numerator", _closing(measure, rate))
        if row is not None:
            yield Clue("numerator", row)
        for name in EXCLUSIONS:
            criterion = measure.population(rate, name)
            parts = [] if criterion is None else [part for _, part in disjuncts(measure, criterion)]
            truths = zip(parts, many.truths(rate, name), few.truths(rate, name), strict=True)
            for part, true_with_more, true_with_less in truths:
                row = many.unseen_by(few.variant, name, asked_for(measure, part))
                if row is not None:
                    yield Clue(name, row, true_with_more, true_with_less)


def _closing(measure: Measure, rate: Rate) -> Sequence[EventsRef]:
    """The events that may close a gap: the rate's evidence, or what its numerator asks for (if less is better: not)."""
    numerator = measure.population(rate, "numerator")
    if rate.evidence or numerator is None:
        return rate.evidence
    return asked_for(measure, numerator, positive=measure.direction_of(rate) == "higher")


__all__ = ["Clue", "RateViews", "ViewedRate", "compile_payer_views"]
