"""Sets of event rows: the kernels. Each yields row numbers, ascending."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from measureharmony.evaluation import nodes as n
from measureharmony.evaluation import row_kernels
from measureharmony.evaluation.columns import Ints
from measureharmony.evaluation.node_results import Evaluation


def match(evaluation: Evaluation, node: n.Match) -> Ints:
    return evaluation.partition.rows_matching(node)


def index(evaluation: Evaluation, node: n.Index) -> Ints:
    return cast(Ints, evaluation.partition.index)


def union(evaluation: Evaluation, node: n.Union) -> Ints:
    parts = [evaluation.get(part) for part in node.sets]
    filled = [part for part in parts if len(part)]
    return row_kernels.union(filled) if len(filled) > 1 else (filled or parts)[0]


def keep(evaluation: Evaluation, node: n.Keep) -> Ints:
    rows: Ints = evaluation.get(node.rows)
    return rows.compress(evaluation.get(node.mask)) if len(rows) else rows


def of_some(kernel: Callable[[Evaluation, Any], Ints]) -> Callable[[Evaluation, Any], Ints]:
    """A kernel that chooses some of ``rows``: of none, none."""

    def chosen(evaluation: Evaluation, node: Any) -> Ints:
        rows: Ints = evaluation.get(node.rows)
        return kernel(evaluation, node) if len(rows) else rows

    return chosen


@of_some
def choose_by_time(evaluation: Evaluation, node: n.ChooseByTime) -> Ints:
    rows = evaluation.rows(node.rows)
    return row_kernels.choose_by_time(rows.numbers, rows.person, rows.times(node.moment), node.choice)


@of_some
def choose_spaced(evaluation: Evaluation, node: n.ChooseSpaced) -> Ints:
    rows = evaluation.rows(node.rows)
    return row_kernels.choose_spaced(rows.numbers, rows.person, rows.times(node.moment), node.days)


@of_some
def choose_of_chains(evaluation: Evaluation, node: n.ChooseOfChains) -> Ints:
    rows = evaluation.rows(node.rows)
    start, end = rows.times("start"), rows.times("end")
    return row_kernels.choose_of_chains(rows.numbers, rows.person, start, end, node.choice, node.days)


@of_some
def choose_by_number(evaluation: Evaluation, node: n.ChooseByNumber) -> Ints:
    rows = evaluation.rows(node.rows)
    numbers = evaluation.number(rows, node.column, node.unit)
    return row_kernels.choose_by_number(
        rows.numbers, rows.person, numbers, node.choice, missing_first=node.missing_first
    )


#: What computes each kind of node that yields rows.
SET_KERNELS: Mapping[type, Callable[[Evaluation, Any], Ints]] = {
    n.Match: match,
    n.Index: index,
    n.Union: union,
    n.Keep: keep,
    n.ChooseByTime: choose_by_time,
    n.ChooseSpaced: choose_spaced,
    n.ChooseOfChains: choose_of_chains,
    n.ChooseByNumber: choose_by_number,
}

__all__ = ["SET_KERNELS"]
