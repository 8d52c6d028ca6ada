"""What rows are to each other: the kernel of :class:`nodes.Related`. It yields a mask over rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.columns import NEVER_ENDS, SINCE_EVER, Bools, Ints
from measureharmony.evaluation.event_rows import EventRows
from measureharmony.evaluation.node_results import Evaluation
from measureharmony.evaluation.plan import LINK_COLUMNS
from measureharmony.evaluation.row_kernels import any_between, in_sorted, linked_pairs, links_of, pairs_of_person

#: ``a op b`` says the same as ``b _MIRRORED[op] a``.
_MIRRORED: Mapping[n.Op, n.Op] = {"ge": "le", "gt": "lt", "le": "ge", "lt": "gt"}

#: The links by which a row points to the other one; by the rest, the other one points to it.
_POINTING = ("encounter", "panel", "based_on")


def related(evaluation: Evaluation, node: n.Related) -> Bools:
    """For each of ``rows``, whether some row of ``others`` stands to it as the node says."""
    rows, others = evaluation.rows(node.rows), evaluation.rows(node.others)
    result = np.zeros(len(rows), dtype=bool)
    if node.link in _POINTING and not (node.comparisons or node.distinct or node.alike):
        which, target = links_of(rows.numbers, evaluation.events.links[LINK_COLUMNS[node.link]])
        result[which.compress(in_sorted(target, others.numbers))] = True
        return result
    if node.link is not None:
        return _related(evaluation, node, rows, others)
    if len(others):
        here, there = _of_same_people(rows, others, evaluation.people.count)  # most sets are about few people
        result[np.flatnonzero(here)] = _related(evaluation, node, rows.where(here), others.where(there))
    return result


def _of_same_people(rows: EventRows, others: EventRows, people: int) -> tuple[Bools, Bools]:
    """Which of both are of a subject who has some of both."""
    has, has_others = np.zeros(people, dtype=bool), np.zeros(people, dtype=bool)
    has[rows.person] = True
    has_others[others.person] = True
    return has_others.take(rows.person), has.take(others.person)


def _related(evaluation: Evaluation, node: n.Related, rows: EventRows, others: EventRows) -> Bools:
    """:class:`Related`, of rows whose people have both."""
    result = np.zeros(len(rows), dtype=bool)
    if moment := _bounded_moment(node):
        certain = others.days(moment, "lo") == others.days(moment, "hi")
        dated, others = others.where(certain), others.where(~certain)
        result = _any_between(evaluation, node, rows, dated, dated.days(moment, "lo"))
    for this, other in _pairs(evaluation, node, rows, others):
        for comparison in node.comparisons:
            holds = evaluation.compare(comparison, rows.at(this), others.at(other))
            this, other = _pairs_where(holds, this, other)
        result[this] = True
    return result


def _pairs(evaluation: Evaluation, node: n.Related, rows: EventRows, others: EventRows) -> Iterator[tuple[Ints, Ints]]:
    """The (this, other) positions of rows that may stand to each other, in blocks, their times aside."""
    alike = [evaluation.get(one) for one in node.alike]
    kinds = [(in_sorted(rows.numbers, one), in_sorted(others.numbers, one)) for one in alike]
    if node.link is not None:
        blocks = iter([_linked(evaluation, node.link, rows.numbers, others.numbers)])
    else:
        blocks = pairs_of_person(rows.person, others.person)
    for this, other in blocks:
        if kinds:
            this, other = _pairs_where(_any_of_both(kinds, this, other), this, other)
        if node.distinct:
            this, other = _pairs_where(rows.numbers[this] != others.numbers[other], this, other)
        yield this, other


def _linked(evaluation: Evaluation, link: str, rows: Ints, others: Ints) -> tuple[Ints, Ints]:
    links = evaluation.events.links[LINK_COLUMNS[link]]
    if link in _POINTING:
        return linked_pairs(rows, others, links)
    other, this = linked_pairs(others, rows, links)
    return this, other


def _any_between(evaluation: Evaluation, node: n.Related, rows: EventRows, others: EventRows, days: Ints) -> Bools:
    """:class:`Related` where all comparisons are bounds on one day of the other row, which is certain."""
    low, high = np.full(len(rows), SINCE_EVER), np.full(len(rows), NEVER_ENDS)
    for comparison in node.comparisons:
        bound, op = comparison.right, comparison.op
        if bound.source == "other":
            bound, op = comparison.left, _MIRRORED[op]
        if op in ("ge", "gt"):
            low = np.maximum(low, evaluation.days(bound, "hi", rows) + (op == "gt"))
        else:
            high = np.minimum(high, evaluation.days(bound, "lo", rows) - (op == "lt"))
    return any_between(rows.person, low, high, others.person, days)


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
    return this.compress(holds), other.compress(holds)


__all__ = ["related"]
