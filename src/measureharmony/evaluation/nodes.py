"""The nodes of an EvaluationPlan: what the kernels can compute.

Children are node numbers, so a node is a small flat value and equal sub-expressions are equal nodes, whoever asked for
them. Three families, by what a node yields for one partition of people:

* **rows**: the numbers of some event rows, ascending (which is by person, then the source's order);
* **mask**: one boolean per row of a *rows* node;
* **subject**: one entry per person: a boolean, a time, a row number, or a number (``evaluation.number_nodes``).

``sure`` on a comparison asks for "certainly true"; without it the node says "possibly true", which negation needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import get_args

from measureharmony.evaluation.number_nodes import NumberNode
from measureharmony.evaluation.operands import Comparison, NodeId, Op, Operand, Source
from measureharmony.evaluation.row_nodes import (
    AgeAtRow,
    AnyWordIn,
    Arrived,
    ChooseByNumber,
    ChooseByTime,
    ChooseOfChains,
    ChooseSpaced,
    Compare,
    DailyDoseIs,
    HasValue,
    Index,
    InRows,
    Keep,
    MaskAll,
    MaskAny,
    MaskNode,
    MaskNot,
    Match,
    NumberIs,
    OfSubjects,
    Related,
    RowsNode,
    Union,
    WordIn,
)
from measureharmony.evaluation.subject_nodes import (
    AgeAt,
    All,
    AnchorTime,
    Any,
    AtLeastOf,
    Constant,
    CountIs,
    CoveredUntil,
    DaysCoveredAre,
    EarliestOf,
    EnrolledOver,
    Exists,
    LastDay,
    LatestOf,
    LatestRow,
    ListedOn,
    MomentIs,
    Not,
    PersonWord,
    SubjectNode,
)

Node = RowsNode | MaskNode | SubjectNode | NumberNode


def _fields(*names: str) -> Mapping[type[object], tuple[str, ...]]:
    """Which fields of these names each sort of node has."""
    there = {sort: {field.name for field in fields(sort)} for sort in get_args(Node)}
    return {sort: tuple(name for name in names if name in held) for sort, held in there.items()}


#: The fields of each sort of node that hold the number of a node, several of them, or times.
_ONE = _fields("rows", "mask", "other", "others", "part", "number")
_SEVERAL = _fields("sets", "excepted", "masks", "parts", "had", "alike")
_TIMES = _fields("comparison", "comparisons", "at", "start", "end", "anchor")


def children(node: Node) -> tuple[NodeId, ...]:
    """The nodes a node reads, in no particular order."""
    found: list[NodeId] = [getattr(node, name) for name in _ONE[type(node)]]
    for name in _SEVERAL[type(node)]:
        found += getattr(node, name)
    found += [operand.anchor for operand in operands(node) if operand.source == "anchor"]
    return tuple(found)


def operands(node: Node) -> tuple[Operand, ...]:
    """Every operand a node mentions."""
    found: list[Operand] = []
    for name in _TIMES[type(node)]:
        value = getattr(node, name)
        for time in value if isinstance(value, tuple) else (value,):
            if isinstance(time, Comparison):
                found += (time.left, time.right)
            elif isinstance(time, Operand):
                found.append(time)
    return tuple(found)


__all__ = [
    "AgeAt", "AgeAtRow", "All", "AnchorTime", "Any", "AnyWordIn", "Arrived", "AtLeastOf", "ChooseByNumber",
    "ChooseByTime", "ChooseOfChains", "ChooseSpaced", "Compare", "Comparison", "Constant", "CountIs",
    "CoveredUntil", "DailyDoseIs", "DaysCoveredAre", "EarliestOf", "EnrolledOver", "Exists", "HasValue", "InRows",
    "Index", "Keep", "LastDay", "LatestOf", "LatestRow", "ListedOn", "MaskAll", "MaskAny", "MaskNode", "MaskNot",
    "Match", "MomentIs", "Node", "NodeId", "Not", "NumberIs", "NumberNode", "OfSubjects", "Op", "Operand",
    "PersonWord", "Related", "RowsNode", "Source", "SubjectNode", "Union", "WordIn", "children", "operands",
]  # fmt: skip
