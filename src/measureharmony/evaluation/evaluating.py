"""Evaluating a plan over one partition: everything in order, for many people, or on demand, for few."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from measureharmony.evaluation.columns import Partition
from measureharmony.evaluation.kernels import begun
from measureharmony.evaluation.nodes import NodeId
from measureharmony.evaluation.plan import EvaluationPlan

#: Up to so many people are evaluated on demand: what nobody of them needs is not computed, and nothing is freed.
FEW = 100


def evaluate(plan: EvaluationPlan, partition: Partition, few: int = FEW) -> Mapping[NodeId, Any]:
    """The result of every root of ``plan``: a boolean array per person, or row numbers for evidence."""
    return OnDemand(plan, partition) if partition.people.count <= few else in_order(plan, partition)


def in_order(plan: EvaluationPlan, partition: Partition) -> dict[NodeId, Any]:
    """The results of the roots, each node evaluated once and freed when its last reader is done."""
    evaluation, left = begun(plan, partition), plan.readers()
    for number in range(len(plan.nodes)):
        if left[number] == 0:
            continue
        evaluation.get(number)
        for child in plan.children[number]:
            left[child] -= 1
            if left[child] == 0:
                evaluation.free(child)
    return evaluation.results


class OnDemand(Mapping[NodeId, Any]):
    """The results of all nodes, each computed when it, or something that reads it, is first asked for."""

    def __init__(self, plan: EvaluationPlan, partition: Partition):
        self._evaluation = begun(plan, partition)

    def __getitem__(self, number: NodeId) -> Any:
        return self._evaluation.get(number)

    def __iter__(self) -> Iterator[NodeId]:
        return iter(range(len(self)))

    def __len__(self) -> int:
        return len(self._evaluation.plan.nodes)


__all__ = ["FEW", "OnDemand", "evaluate", "in_order"]
