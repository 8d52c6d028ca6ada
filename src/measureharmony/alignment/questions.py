"""The populations of several versions of one measure, as formulas about one person in one world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from measureharmony.alignment.codes import CodeFacts
from measureharmony.alignment.logic import Formula, all_of, negated
from measureharmony.alignment.subjects import Subjects
from measureharmony.alignment.world import World
from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.compile import Compiler
from measureharmony.evaluation.nodes import NodeId
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.population_order import counts_above, counts_below, populations
from measureharmony.measures.criterion import CriterionRef
from measureharmony.measures.measure import POPULATIONS, Episodes, Rate
from measureharmony.payers.variant import Variant

#: What somebody may be in: a population's own criterion, or one of the two numbers of the rate.
Place: TypeAlias = str
#: Below the line of the rate: the denominator without exclusions and exceptions. Above it: the numerator that counts.
COUNTED = ("denominator_counted", "numerator_counted")
#: Everything that is compared.
PLACES: tuple[Place, ...] = (*POPULATIONS, *COUNTED)


@dataclass(frozen=True)
class _Term:
    """A formula that knows *and* and *not* as the truth table of populations writes them."""

    formula: Formula

    def __and__(self, other: _Term) -> _Term:
        return _Term(all_of([self.formula, other.formula]))

    def __xor__(self, other: object) -> _Term:
        assert other is True
        return _Term(negated(self.formula))


class Questions:
    """Several variants of one measure before one person.

    All are compiled into one plan, so that what is the same is one node, whoever says it.
    """

    def __init__(self, variants: Sequence[Variant], facts: CodeFacts):
        self.variants = tuple(variants)
        self.plan = EvaluationPlan()
        self._compilers = [Compiler(self.plan, variant, None) for variant in variants]
        self.world = World(self.plan, facts)
        self.subjects = Subjects(self.world)
        self._counted = [self._episodes(compiler) for compiler in self._compilers]
        if any(rows is not None for rows in self._counted):
            self._show_index()

    def _episodes(self, compiler: Compiler) -> NodeId | None:
        counted = compiler.measure.subject
        return compiler.events(counted.episodes) if isinstance(counted, Episodes) else None

    def _show_index(self) -> None:
        """The event that is counted: any of those that some variant counts."""
        rows = tuple(sorted({rows for rows in self._counted if rows is not None}))
        some = rows[0] if len(rows) == 1 else self.plan.add(n.Union(rows))
        self.plan.add(n.Index())
        self.world.signatures.counted = some
        self.world.index = self.world.new_row("index", True, some)

    @property
    def counts_events(self) -> bool:
        """Subjects are events, not people."""
        return self.world.index is not None

    # --- nodes -------------------------------------------------------------------------------------------------------

    def rate(self, variant: int, rate: str) -> Rate | None:
        """A rate of a variant; ``None`` where it has none of that name."""
        return next((one for one in self.variants[variant].measure.rates if one.id == rate), None)

    def node_of(self, variant: int, population: str | None, ref: CriterionRef) -> NodeId:
        """The node of a criterion as a population of a variant sees it, through the sources that it accepts."""
        compiler = self._compilers[variant]
        compiler.sources = tuple(self.variants[variant].sources.get(population or "", ()))
        node = compiler.criterion(ref)
        compiler.sources = ()
        return node

    def criteria(self, variant: int, rate: str) -> dict[str, NodeId]:
        """The node of each population that a rate of a variant has."""
        measure, own = self.variants[variant].measure, self.rate(variant, rate)
        assert own is not None
        refs = {name: measure.population(own, name) for name in POPULATIONS}
        return {name: self.node_of(variant, name, ref) for name, ref in refs.items() if ref is not None}

    def same(self, one: int, other: int, rate: str) -> bool:
        """The two variants' rates are the same nodes throughout."""
        return self._counted[one] == self._counted[other] and self.criteria(one, rate) == self.criteria(other, rate)

    # --- formulas ----------------------------------------------------------------------------------------------------

    def counted(self, variant: int) -> Formula:
        """The subject is one that the variant counts at all."""
        rows = self._counted[variant]
        if rows is None or self.world.index is None:
            return True
        return self.world.inside(self.world.index, rows)

    def holds(self, variant: int, population: str | None, ref: CriterionRef) -> Formula:
        """A criterion of a variant holds for the person, as the population sees it."""
        return self.subjects.holds(self.node_of(variant, population, ref))

    def defines(self, variant: int, rate: str, place: Place) -> bool:
        """The variant says who is in the place; what is counted follows from all populations."""
        own = self.rate(variant, rate)
        assert own is not None
        return place in COUNTED or self.variants[variant].measure.population(own, place) is not None

    def places(self, variant: int, rate: str) -> dict[Place, Formula]:
        """Whether the person meets each population's own criterion, and is counted below and above the line.

        A population that the variant does not have holds everybody (the denominator) or nobody.
        """
        nodes = self.criteria(variant, rate)
        raw = {name: self.subjects.holds(node) for name, node in nodes.items()}
        counted = self.counted(variant)
        inside = {name: _Term(all_of([counted, formula])) for name, formula in raw.items()}
        in_order = cast("Mapping[str, Any]", populations(cast(Any, inside)))
        return {
            **{name: all_of([counted, raw.get(name, name == "denominator")]) for name in POPULATIONS},
            "denominator_counted": counts_below(in_order).formula,
            "numerator_counted": counts_above(in_order).formula,
        }

    def in_order(self, variant: int, rate: str) -> dict[str, Formula]:
        """Whether the person is in each population, in the order of populations, and is counted below and above."""
        places = self.places(variant, rate)
        inside = {name: _Term(places[name]) for name in POPULATIONS}
        found = cast("Mapping[str, Any]", populations(cast(Any, inside)))
        return {**{name: found[name].formula for name in POPULATIONS}, **{name: places[name] for name in COUNTED}}


__all__ = ["COUNTED", "PLACES", "Place", "Questions"]
