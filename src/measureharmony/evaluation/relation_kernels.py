"""What rows are to each other: the kernel of :class:`nodes.Related`. It yields a mask over rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.columns import NEVER_ENDS, SINCE_EVER, Bools, Ints
from measureharmony.evaluation.node_results import Evaluation
from measureharmony.evaluation.plan import LINK_COLUMNS
from measureharmony.evaluation.row_kernels import any_between, in_sorted, linked_pairs, pairs_of_person

#: ``a op b`` says the same as ``b _MIRRORED[op] a``.
_MIRRORED: Mapping[n.Op, n.Op] = {"ge": "le", "gt": "lt", "le": "ge", "lt": "gt"}


def related(evaluation: Evaluation, node: n.Related) -> Bools:
    """For each of ``rows``, whether some row of ``others`` stands to it as the node says."""
    rows, others = evaluation.get(node.rows), evaluation.get(node.others)
    result = np.zeros(len(rows), dtype=bool)
    here = evaluation.of_same_people(rows, others)  # most sets are about few people
    if len(here):
        rows = rows[here]
        result[here] = _related(evaluation, node, rows, others[evaluation.of_same_people(others, rows)])
    return result


def _related(evaluation: Evaluation, node: n.Related, rows: Ints, others: Ints) -> Bools:
    """:class:`Related`, of rows whose people have both."""
    person = evaluation.events.person[rows]
    result = np.zeros(len(rows), dtype=bool)
    if moment := _bounded_moment(node):
        times = evaluation.moment(others, moment)
        certain = times.lo == times.hi
        result = _any_between(evaluation, node, rows, others[certain], times.lo[certain])
        others = others[~certain]
    for this, other in _pairs(evaluation, node, rows, others):
        for comparison in node.comparisons:
            holds = evaluation.compare(comparison, person[this], rows[this], others[other])
            this, other = _pairs_where(holds, this, other)
        result[this] = True
    return result


def _pairs(evaluation: Evaluation, node: n.Related, rows: Ints, others: Ints) -> Iterator[tuple[Ints, Ints]]:
    """The (this, other) positions of rows that may stand to each other, in blocks, their times aside."""
    kinds = [(in_sorted(rows, one), in_sorted(others, one)) for one in map(evaluation.get, node.alike)]
    if node.link is not None:
        blocks = iter([_linked(evaluation, node.link, rows, others)])
    else:
        blocks = pairs_of_person(evaluation.events.person[rows], evaluation.events.person[others])
    for this, other in blocks:
        if kinds:
            this, other = _pairs_where(_any_of_both(kinds, this, other), this, other)
        if node.distinct:
            this, other = _pairs_where(rows[this] != others[other], this, other)
        yield this, other


def _linked(evaluation: Evaluation, link: str, rows: Ints, others: Ints) -> tuple[Ints, Ints]:
    links = evaluation.events.links[LINK_COLUMNS[link]]
    if link in ("component", "fulfilment"):  # the other one points
        other, this = linked_pairs(others, rows, links)
        return this, other
    return linked_pairs(rows, others, links)


def _any_between(evaluation: Evaluation, node: n.Related, rows: Ints, others: Ints, days: Ints) -> Bools:
    """:class:`Related` where all comparisons are bounds on one day of the other row, which is certain."""
    person = evaluation.events.person[rows]
    low, high = np.full(len(rows), SINCE_EVER), np.full(len(rows), NEVER_ENDS)
    for comparison in node.comparisons:
        bound, op = comparison.right, comparison.op
        if bound.source == "other":
            bound, op = comparison.left, _MIRRORED[op]
        if op in ("ge", "gt"):
            low = np.maximum(low, evaluation.days(bound, "hi", person, this=rows) + (op == "gt"))
        else:
            high = np.minimum(high, evaluation.days(bound, "lo", person, this=rows) - (op == "lt"))
    return any_between(person, low, high, evaluation.events.person[others], days)


def _bounded_moment(node: n.Related) -> str | None:
    """The moment of the other row, if all that is asked of it are bounds on that one moment's day."""
    moments: set[str] = set()
    for comparison in node.comparisons:
        others = [side for side in (comparison.left, comparison.right) if side.source == "other"]
        if comparison.exact or len(others) != 1 or others[0].shifts:
            return None
        moments.add(others[0].moment)
    alone = node.link is None and not node.distinct and not node.alike and len(moments) == 1
    return moments.pop() if alone else None


def _any_of_both(kinds: Sequence[tuple[Bools, Bools]], this: Ints, other: Ints) -> Bools:
    """Whether the two of each pair are of one and the same kind; a row may be of several."""
    return np.asarray(np.logical_or.reduce([ours[this] & theirs[other] for ours, theirs in kinds]))


def _pairs_where(holds: Bools, this: Ints, other: Ints) -> tuple[Ints, Ints]:
    """The (this, other) pairs that hold; later conditions need not be asked of the rest."""
    return this[holds], other[holds]


__all__ = ["related"]
