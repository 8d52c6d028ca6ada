"""The kernels: what each kind of node comes to, over one partition of people, family by family."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.columns import Bools, Partition
from measureharmony.evaluation.day_kernels import DAY_KERNELS
from measureharmony.evaluation.mask_kernels import MASK_KERNELS
from measureharmony.evaluation.node_results import Evaluation, Kernel
from measureharmony.evaluation.nodes import children
from measureharmony.evaluation.number_kernels import NUMBER_KERNELS
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.relation_kernels import related
from measureharmony.evaluation.set_kernels import SET_KERNELS
from measureharmony.evaluation.subject_kernels import SUBJECT_KERNELS
from measureharmony.evaluation.truth_kernels import TRUTH_KERNELS

#: The mask over no rows.
NO_ROWS: Bools = np.empty(0, dtype=bool)


def of_some(kernel: Callable[[Evaluation, Any], Bools]) -> Kernel:
    """A kernel that yields a mask over rows, which has nothing to say where there are none."""

    def mask(evaluation: Evaluation, node: Any) -> Bools:
        return kernel(evaluation, node) if len(evaluation.get(node.rows)) else NO_ROWS

    return mask


def of_owners(kernel: Kernel) -> Kernel:
    """A kernel of what no event need decide: then people are asked, not each of their episodes."""

    def asked(evaluation: Evaluation, node: Any) -> Any:
        if evaluation.owners is None or evaluation.partition.owners is None or children(node):
            return kernel(evaluation, node)
        return kernel(evaluation.owners, node).take(evaluation.partition.owners.whose)

    return asked


#: What is asked of subjects without their events, unless it is about a time that is one of these.
_OF_PEOPLE = (n.AgeAt, n.PersonWord, n.MomentIs, n.EnrolledOver, n.CoveredUntil, n.ListedOn)
_SUBJECT_KERNELS: Mapping[type, Kernel] = {**SUBJECT_KERNELS, **DAY_KERNELS}
#: What computes each kind of node.
KERNELS: Mapping[type, Kernel] = {
    **SET_KERNELS,
    **{kind: of_some(kernel) for kind, kernel in {**MASK_KERNELS, n.Related: related}.items()},
    **TRUTH_KERNELS,
    **_SUBJECT_KERNELS,
    **{kind: of_owners(_SUBJECT_KERNELS[kind]) for kind in _OF_PEOPLE},
    **NUMBER_KERNELS,
}


def begun(plan: EvaluationPlan, partition: Partition) -> Evaluation:
    """The evaluation of ``plan`` over ``partition``, of which nothing is known yet."""
    return Evaluation(plan, partition, KERNELS)


__all__ = ["KERNELS", "begun"]
