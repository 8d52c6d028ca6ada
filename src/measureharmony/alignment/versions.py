"""Several versions of one measure as one plan: what is the same is one node, whoever says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TypeAlias

from measureharmony.alignment.enrolment import Covers
from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.compile import Compiler
from measureharmony.evaluation.nodes import NodeId
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.measures.criterion import CriterionRef
from measureharmony.measures.measure import POPULATIONS, Episodes, Rate
from measureharmony.payers.variant import Variant

#: What somebody may be in: a population's own criterion, or one of the two numbers of the rate.
Place: TypeAlias = str
#: Below the line of the rate: the denominator without exclusions and exceptions. Above it: the numerator that counts.
COUNTED = ("denominator_counted", "numerator_counted")
#: Everything that is compared.
PLACES: tuple[Place, ...] = (*POPULATIONS, *COUNTED)


class Versions:
    """The versions' criteria as nodes; ``counted`` is for each version the node of the events that it counts, if any.

    ``any_counted``: the events that any of them counts; ``None`` where subjects are people.
    """

    def __init__(self, variants: Sequence[Variant]):
        self.variants = tuple(variants)
        self.plan = EvaluationPlan()
        self._compilers = [Compiler(self.plan, variant, None) for variant in variants]
        self.counted = tuple(self._episodes(compiler) for compiler in self._compilers)
        self.any_counted = self._any_counted()
        self._criteria: dict[tuple[int, str], dict[str, NodeId]] = {}

    @property
    def measure(self) -> str:
        """Key of the measure."""
        return self.variants[0].measure.measure

    def _episodes(self, compiler: Compiler) -> NodeId | None:
        counted = compiler.measure.subject
        return compiler.events(counted.episodes) if isinstance(counted, Episodes) else None

    def _any_counted(self) -> NodeId | None:
        rows = tuple(sorted({rows for rows in self.counted if rows is not None}))
        if not rows:
            return None
        self.plan.add(n.Index())
        return rows[0] if len(rows) == 1 else self.plan.add(n.Union(rows))

    # --- rates -------------------------------------------------------------------------------------------------------

    def rate(self, variant: int, rate: str) -> Rate | None:
        """A rate of a variant; ``None`` where it has none of that name."""
        return next((one for one in self.variants[variant].measure.rates if one.id == rate), None)

    def rates(self, one: int, other: int) -> list[str]:
        """The rates that both versions have."""
        there = {rate.id for rate in self.variants[other].measure.rates}
        return [rate.id for rate in self.variants[one].measure.rates if rate.id in there]

    def defines(self, variant: int, rate: str, place: Place) -> bool:
        """The variant says who is in the place; what is counted follows from all populations."""
        own = self.rate(variant, rate)
        assert own is not None
        return place in COUNTED or self.variants[variant].measure.population(own, place) is not None

    def compared(self, one: int, other: int) -> Iterator[tuple[str, Place]]:
        """The places of each rate that both versions have, of which one of them says something."""
        for rate in self.rates(one, other):
            for place in PLACES:
                if self.defines(one, rate, place) or self.defines(other, rate, place):
                    yield rate, place

    # --- nodes -------------------------------------------------------------------------------------------------------

    def node_of(self, variant: int, population: str | None, ref: CriterionRef) -> NodeId:
        """The node of a criterion as a population of a variant sees it, through the sources that it accepts."""
        compiler = self._compilers[variant]
        compiler.sources = tuple(self.variants[variant].sources.get(population or "", ()))
        node = compiler.criterion(ref)
        compiler.sources = ()
        return node

    def criteria(self, variant: int, rate: str) -> dict[str, NodeId]:
        """The node of each population that a rate of a variant has."""
        if (variant, rate) not in self._criteria:
            measure, own = self.variants[variant].measure, self.rate(variant, rate)
            assert own is not None
            refs = {name: measure.population(own, name) for name in POPULATIONS}
            nodes = {name: self.node_of(variant, name, ref) for name, ref in refs.items() if ref is not None}
            self._criteria[variant, rate] = nodes
        return self._criteria[variant, rate]

    def is_same(self, one: int, other: int, rate: str, place: Place) -> bool:
        """Both versions say the same of who is in the place, node by node."""
        mine, theirs = self.criteria(one, rate), self.criteria(other, rate)
        same = mine == theirs if place in COUNTED else mine.get(place) == theirs.get(place)
        return same and self.counted[one] == self.counted[other]

    def shared(self, one: int, other: int) -> frozenset[NodeId]:
        """The nodes that the criteria of both versions lead to."""
        return frozenset(self._reached[one] & self._reached[other])

    @cached_property
    def _reached(self) -> list[set[NodeId]]:
        return [self._lead_to(number) for number in range(len(self.variants))]

    def _lead_to(self, variant: int) -> set[NodeId]:
        rates = [rate.id for rate in self.variants[variant].measure.rates]
        counted = self.counted[variant]
        roots = [node for rate in rates for node in self.criteria(variant, rate).values()]
        return self._below([*roots, *(() if counted is None else (counted,))])

    def _below(self, roots: Iterable[NodeId]) -> set[NodeId]:
        found: set[NodeId] = set()
        ahead = list(roots)
        while ahead:
            number = ahead.pop()
            if number not in found:
                found.add(number)
                ahead += n.children(self.plan.nodes[number])
        return found

    def reached(self) -> dict[NodeId, n.Node]:
        """The nodes that the criteria of any version lead to."""
        return {number: self.plan.nodes[number] for number in sorted(set[NodeId]().union(*self._reached))}

    def covers(self) -> Covers:
        """The questions about coverage among them."""
        nodes = self.reached().items()
        return {number: node for number, node in nodes if isinstance(node, (n.EnrolledOver, n.CoveredUntil))}


__all__ = ["COUNTED", "PLACES", "Place", "Versions"]
