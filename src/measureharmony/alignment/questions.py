"""The populations of several versions of one measure, as formulas about one person in one world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import z3

from measureharmony.alignment.codes import CodeFacts
from measureharmony.alignment.logic import Formula, all_of, negated
from measureharmony.alignment.subjects import Subjects
from measureharmony.alignment.versions import COUNTED, Place, Versions
from measureharmony.alignment.world import World
from measureharmony.evaluation.nodes import NodeId
from measureharmony.evaluation.population_order import counts_above, counts_below, populations
from measureharmony.measures.criterion import CriterionRef
from measureharmony.measures.measure import POPULATIONS


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
    """Several versions of one measure before one person.

    ``opaque`` are nodes of which nothing is asked but whether they hold (see :class:`World`).
    """

    def __init__(
        self, versions: Versions, facts: CodeFacts, opaque: frozenset[NodeId] = frozenset(),
        context: z3.Context | None = None,
    ):  # fmt: skip
        self.versions = versions
        self.world = World(versions.plan, facts, opaque, context)
        self.subjects = Subjects(self.world)
        self._places: dict[tuple[int, str], dict[Place, Formula]] = {}
        if versions.any_counted is not None:  # the event that is counted is any of those that some version counts
            self.world.signatures.counted = versions.any_counted
            self.world.index = self.world.new_row("index", True, versions.any_counted)

    def counted(self, variant: int) -> Formula:
        """The subject is one that the variant counts at all."""
        rows = self.versions.counted[variant]
        if rows is None or self.world.index is None:
            return True
        return self.world.inside(self.world.index, rows)

    def holds(self, variant: int, population: str | None, ref: CriterionRef) -> Formula:
        """A criterion of a variant holds for the person, as the population sees it."""
        return self.subjects.holds(self.versions.node_of(variant, population, ref))

    def places(self, variant: int, rate: str) -> Mapping[Place, Formula]:
        """Whether the person meets each population's own criterion, and is counted below and above the line.

        A population that the variant does not have holds everybody (the denominator) or nobody.
        """
        if (variant, rate) not in self._places:
            self._places[variant, rate] = self._found_places(variant, rate)
        return self._places[variant, rate]

    def _found_places(self, variant: int, rate: str) -> dict[Place, Formula]:
        nodes = self.versions.criteria(variant, rate)
        raw = {name: self.subjects.holds(node) for name, node in nodes.items()}
        counted = self.counted(variant)
        inside = {name: _Term(all_of([counted, formula])) for name, formula in raw.items()}
        in_order = cast("Mapping[str, Any]", populations(cast(Any, inside)))
        return {
            **{name: all_of([counted, raw.get(name, name == "denominator")]) for name in POPULATIONS},
            "denominator_counted": counts_below(in_order).formula,
            "numerator_counted": counts_above(in_order).formula,
        }

    def in_order(self, variant: int, rate: str) -> dict[Place, Formula]:
        """Whether the person is in each population, in the order of populations, and is counted below and above."""
        places = self.places(variant, rate)
        inside = {name: _Term(places[name]) for name in POPULATIONS}
        found = cast("Mapping[str, Any]", populations(cast(Any, inside)))
        return {**{name: found[name].formula for name in POPULATIONS}, **{name: places[name] for name in COUNTED}}


__all__ = ["Questions"]
