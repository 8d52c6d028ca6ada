"""Which rows can be in which sets at all: their kinds, and whether one's codes say anything about the other's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from measureharmony.alignment.codes import CodeFacts
from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.nodes import NodeId
from measureharmony.evaluation.plan import EvaluationPlan

#: A role, and a reference to codes.
Ref = tuple[str, str]


@dataclass(frozen=True)
class Base:
    """One of the sources of a set: events of some kinds (empty: any), with some codes (``None``: any)."""

    kinds: frozenset[str]
    refs: frozenset[Ref] | None


class Signatures:
    """What is known of each set of a plan without looking at an event."""

    def __init__(self, plan: EvaluationPlan, facts: CodeFacts):
        self._plan, self._facts = plan, facts
        self._bases: dict[NodeId, tuple[Base, ...]] = {}
        self._mentioned: dict[NodeId, frozenset[Ref]] = {}
        self._relations: dict[NodeId, frozenset[object]] = {}
        self._can_hold: dict[tuple[NodeId, NodeId], bool] = {}
        #: The set that the counted event is of, for what asks about it as ``index``.
        self.counted: NodeId | None = None

    def kinds(self, rows: NodeId) -> tuple[str, ...]:
        """The kinds that rows of the set can be of; empty: any."""
        bases = self._bases_of(rows)
        if not bases or any(not base.kinds for base in bases):
            return ()
        return tuple(sorted(frozenset[str]().union(*(base.kinds for base in bases))))

    def can_hold(self, rows: NodeId, origin: NodeId) -> bool:
        """Whether a row made for the set ``origin`` can be in ``rows`` for all that is asked of it there.

        Where no code of the one says anything about the codes of the other, the row need not be in it: nothing follows.
        """
        key = (rows, origin)
        if key not in self._can_hold:
            mentioned = self._mentions(origin)
            self._can_hold[key] = rows == origin or any(
                _share_kinds(base, other) and self._speaks_of(base, mentioned)
                for base in self._bases_of(rows)
                for other in self._bases_of(origin)
            )
        return self._can_hold[key]

    def relations(self, number: NodeId) -> frozenset[object]:
        """What being in a set (or meeting a condition on rows) says about other rows."""
        if number not in self._relations:
            node = self._plan.nodes[number]
            found: set[object] = {relation(node)} if isinstance(node, n.Related) else set()
            inner = n.children(node) if not isinstance(node, n.Related) else (node.rows, *node.alike)
            self._relations[number] = frozenset(found.union(*map(self.relations, inner)))
        return self._relations[number]

    def _speaks_of(self, base: Base, mentioned: frozenset[Ref]) -> bool:
        if base.refs is None:
            return True
        return any(
            role == other_role and self._facts.related(ref, other)
            for role, ref in base.refs
            for other_role, other in mentioned
        )

    def _bases_of(self, rows: NodeId) -> tuple[Base, ...]:
        if rows not in self._bases:
            self._bases[rows] = tuple(dict.fromkeys(self._find_bases(rows)))
        return self._bases[rows]

    def _find_bases(self, rows: NodeId) -> list[Base]:
        match node := self._plan.nodes[rows]:
            case n.Match():
                refs = None if node.codes is None else frozenset((node.role, ref) for ref in node.codes)
                return [Base(frozenset(node.kinds), refs)]
            case n.Union():
                return [base for part in node.sets for base in self._bases_of(part)]
            case n.Index():
                return list(self._bases_of(self.counted)) if self.counted is not None else [self._anything]
        return list(self._bases_of(node.rows))  # type: ignore[union-attr]  # all other sets are made of one

    @cached_property
    def _anything(self) -> Base:
        return Base(frozenset(), None)

    def _mentions(self, number: NodeId) -> frozenset[Ref]:
        """The codes that being in a set says something about, or a condition on its rows."""
        if number not in self._mentioned:
            node = self._plan.nodes[number]
            found: set[Ref] = set()
            if isinstance(node, n.Match) and node.codes is not None:
                found.update((node.role, ref) for ref in node.codes)
            if isinstance(node, n.Index) and self.counted is not None:
                found |= self._mentions(self.counted)
            for child in n.children(node):
                if not (isinstance(node, n.Related) and child == node.others and child not in (node.rows, *node.alike)):
                    found |= self._mentions(child)
            self._mentioned[number] = frozenset(found)
        return self._mentioned[number]


def relation(node: n.Related) -> object:
    """What a relation asks, whatever rows it is asked of."""
    return node.others, node.comparisons, node.link, node.distinct, node.alike


def _share_kinds(one: Base, other: Base) -> bool:
    return not one.kinds or not other.kinds or not one.kinds.isdisjoint(other.kinds)


__all__ = ["Signatures", "relation"]
