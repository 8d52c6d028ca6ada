"""Every version between two variants in one plan: which population is in which state under which set of causes.

A population's truth depends on a few causes only (``Contrast.concern``), so that each population is compiled once for
every set of *its* causes, not once for every set of all causes; and equal parts are one node, whoever asks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.columns import Ints
from measureharmony.evaluation.compile import Compiler
from measureharmony.evaluation.nodes import NodeId
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.universe import Place
from measureharmony.measures.measure import POPULATIONS, Episodes, Rate
from measureharmony.payers.apply import JOINS
from measureharmony.payers.contrast import Contrast

#: With more causes than this for one population, or for one rate, only small sets of causes are tried, and the sets of
#: all causes but a few.
MOST_FOR_A_POPULATION, MOST_FOR_A_RATE = 6, 12
#: How many causes those small sets have at most.
FEW = 2


@dataclass(frozen=True)
class ToggledRate:
    """One rate in every version between two variants.

    ``causes`` are those that concern it, as places in the contrast's causes. ``sets`` are the sets of them that are
    evaluated: bit ``i`` stands for ``causes[i]``; the first is empty, the last has all. ``exact`` tells whether these
    are all sets that there are. ``states`` gives, for each population that the rate has, an index into ``places`` for
    each of the sets. ``subjects`` are the episodes that are counted before and after (``None``: people). ``members``
    are the nodes that say whose rates they are, for those of the two variants that have people of their own.
    """

    contrast: Contrast
    rate: str
    causes: tuple[int, ...]
    sets: Ints
    exact: bool
    states: dict[str, Ints]
    places: tuple[Place, ...]
    subjects: tuple[NodeId | None, NodeId | None]
    members: tuple[NodeId, ...]


def compile_toggled(
    contrasts: Sequence[Contrast], as_of: dt.date | None = None
) -> tuple[EvaluationPlan, tuple[ToggledRate, ...]]:
    """One plan for all versions between the variants of each of ``contrasts``, and where it answers what.

    ``as_of`` ends enrolment windows and membership at that date, as in ``compile.compile_plan``.
    """
    plan = EvaluationPlan()
    rates = tuple(rate for contrast in contrasts for rate in _Toggler(plan, contrast, as_of).rates())
    for rate in rates:
        for place in rate.places:
            (plan if place.rows is None else plan.episodes[place.rows]).asked.append(place.node)
        plan.asked.extend(rate.members)
    return plan, rates


def sets_of(count: int, *, exact: bool) -> Ints:
    """Sets of ``count`` causes, as bits: all of them, or only those with few causes, and those that lack few."""
    if exact:
        return np.arange(1 << count, dtype=np.int64)
    small = {sum(1 << place for place in some) for size in range(FEW + 1) for some in combinations(range(count), size)}
    every = (1 << count) - 1
    return np.array(sorted(small | {every ^ some for some in small}), dtype=np.int64)


class _Toggler:
    """Compiles the versions of one contrast into a plan."""

    def __init__(self, plan: EvaluationPlan, contrast: Contrast, as_of: dt.date | None):
        self.plan, self.contrast, self.as_of = plan, contrast, as_of
        self.versions: dict[int, tuple[NodeId | None, Compiler]] = {}

    def rates(self) -> Iterator[ToggledRate]:
        for rate in self.contrast.rates:
            yield self._rate(rate)

    def _rate(self, rate: str) -> ToggledRate:
        concern = {name: self.contrast.concern(rate, name) for name in POPULATIONS}
        every = int(np.bitwise_or.reduce(list(concern.values())))
        causes = tuple(place for place in range(len(self.contrast.causes)) if every >> place & 1)
        most = max(mask.bit_count() for mask in concern.values())
        exact = most <= MOST_FOR_A_POPULATION and len(causes) <= MOST_FOR_A_RATE
        sets = sets_of(len(causes), exact=exact)
        chosen = np.zeros(len(sets), dtype=np.int64)
        for bit, place in enumerate(causes):
            chosen |= (sets >> bit & 1) << place
        places: dict[Place, int] = {}
        states = {}
        for name, mask in concern.items():
            own, which = np.unique(chosen & mask, return_inverse=True)
            found = [self._population(rate, name, int(some)) for some in own]
            if name == "initial_population" or any(place is not None for place in found):
                numbers = [self._number(places, name, place, int(some)) for place, some in zip(found, own, strict=True)]
                states[name] = np.asarray(numbers)[which]
        ends = self._subjects(0), self._subjects(self.contrast.every_cause)
        return ToggledRate(
            self.contrast, rate, causes, sets, exact, states, tuple(places), ends, tuple(self._members())
        )

    def _number(self, places: dict[Place, int], name: str, place: Place | None, chosen: int) -> int:
        """Which of ``places`` it is. Where one version lacks what another has, nothing is asked of anybody."""
        if place is None:
            rows, compiler = self._version(chosen)
            place = Place(rows, compiler.plan.add(n.Constant(JOINS[name] == "all")))
        return places.setdefault(place, len(places))

    def _population(self, rate_id: str, name: str, chosen: int) -> Place | None:
        rows, compiler = self._version(chosen)
        rate: Rate = next(rate for rate in compiler.measure.rates if rate.id == rate_id)
        node = compiler.population(rate, name)
        return None if node is None else Place(rows, node)

    def _version(self, chosen: int) -> tuple[NodeId | None, Compiler]:
        if chosen not in self.versions:
            variant = self.contrast.variant(chosen)
            counted, rows, home = variant.measure.subject, None, self.plan
            if isinstance(counted, Episodes):
                rows = Compiler(self.plan, variant, self.as_of).events(counted.episodes)
                home = self.plan.of_episodes(rows)
            self.versions[chosen] = rows, Compiler(home, variant, self.as_of)
        return self.versions[chosen]

    def _subjects(self, chosen: int) -> NodeId | None:
        return self._version(chosen)[0]

    def _members(self) -> Iterator[NodeId]:
        for side in (self.contrast.before, self.contrast.after):
            if side.variant.membership is not None:
                yield Compiler(self.plan, side.variant, self.as_of).member(side.variant.membership)


__all__ = ["ToggledRate", "compile_toggled", "sets_of"]
