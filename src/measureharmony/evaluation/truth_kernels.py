"""Truth values combined, of rows or of subjects: the kernels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np

from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.columns import Bools
from measureharmony.evaluation.node_results import Evaluation


def all_of(evaluation: Evaluation, node: n.MaskAll | n.All) -> Bools:
    first, *others = node.masks if isinstance(node, n.MaskAll) else node.parts
    found: Bools = evaluation.get(first)
    for part in others:
        if not np.count_nonzero(found):  # which costs a fraction of any()
            break
        found = found & evaluation.get(part)
    return found


def any_of(evaluation: Evaluation, node: n.MaskAny | n.Any) -> Bools:
    first, *others = node.masks if isinstance(node, n.MaskAny) else node.parts
    found: Bools = evaluation.get(first)
    for part in others:
        if np.count_nonzero(found) == len(found):
            break
        found = found | evaluation.get(part)
    return found


def not_(evaluation: Evaluation, node: n.MaskNot | n.Not) -> Bools:
    return cast(Bools, ~evaluation.get(node.mask if isinstance(node, n.MaskNot) else node.part))


def at_least_of(evaluation: Evaluation, node: n.AtLeastOf) -> Bools:
    true = np.add.reduce([evaluation.get(part).astype(np.int64) for part in node.parts])
    return np.asarray(true >= node.n)


#: What computes each kind of node that combines truth values.
TRUTH_KERNELS: Mapping[type, Callable[[Evaluation, Any], Bools]] = {
    n.MaskAll: all_of,
    n.MaskAny: any_of,
    n.MaskNot: not_,
    n.All: all_of,
    n.Any: any_of,
    n.Not: not_,
    n.AtLeastOf: at_least_of,
}

__all__ = ["TRUTH_KERNELS"]
