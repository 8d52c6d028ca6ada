"""Which dates in the data decide whether a plan answers otherwise on another as-of day, all else being the same.

Enrolment and membership are looked at until the as-of day. Between two days, the later one sees more of a coverage that
begins or ends there, of a gap that grows too long, and of a window that only then begins. Whoever has none of these
dates is enrolled and listed on both days or on neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.columns import NEVER_ENDS, SINCE_EVER
from measureharmony.evaluation.nodes import NodeId, Operand
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.payers.variant import Variant
from measureharmony.periods import day_number


class Days(NamedTuple):
    """Days from ``first`` to ``last``, both included, as day numbers; none where the last is before the first."""

    first: int
    last: int


class Column(NamedTuple):
    """A column of days of one of the relations ``accepted_…``."""

    table: str
    name: str


class AsOfDays(NamedTuple):
    """The ``sooner`` and the ``later`` of two as-of days, as day numbers; no day at all is the latest."""

    sooner: int
    later: int

    def up_to(self, day: int) -> AsOfDays:
        """The days for what looks no further than ``day``."""
        return AsOfDays(min(self.sooner, day), min(self.later, day))


#: How many days a shift of one unit is, at least and at most.
_UNITS = {"years": (365, 366), "months": (28, 31), "weeks": (7, 7), "days": (1, 1)}
#: The columns behind each moment of an event; the days of others have its name.
_MOMENTS = {"latest": ("start", "end"), "earliest": ("start", "end")}

Found = Iterator[tuple[Column, Days]]


def deciding_dates(
    plan: EvaluationPlan, variants: Iterable[Variant], days: AsOfDays
) -> Mapping[Column, frozenset[Days]]:
    """Whoever has no date of these columns in these days gets the same answers on both as-of days.

    This holds for people of whom both days see the same events, and but for the variants that
    :func:`asking_until_when_covered` names.
    """
    found: dict[Column, set[Days]] = defaultdict(set)
    for column, (first, last) in (*_of_members(variants, days), *_of_enrolment(plan, days)):
        last = min(last, NEVER_ENDS - 1)  # what never ends has no date
        if first <= last:
            found[column].add(Days(first, last))
    return {column: frozenset(some) for column, some in found.items()}


def asking_until_when_covered(plan: EvaluationPlan) -> frozenset[int]:
    """The numbers of the variants in which something depends on the last day of somebody's coverage.

    That is the as-of day of whoever is still covered on it: another day is another answer for nearly everybody.
    """
    asking = _asking(plan)
    found = {rate.variant for rate in plan.rates if any(asking[node] for node in rate.nodes())}
    for rows, episodes in plan.episodes.items():
        inside = _asking(episodes)
        found |= {rate.variant for rate in episodes.rates if asking[rows] or any(inside[one] for one in rate.nodes())}
    return frozenset(found)


def _asking(plan: EvaluationPlan) -> Sequence[bool]:
    """Of each node, whether it or what it reads is the last day of a coverage."""
    found: list[bool] = []
    for node, children in zip(plan.nodes, plan.children, strict=True):  # a node comes after what it reads
        found.append(isinstance(node, n.CoveredUntil) or any(found[child] for child in children))
    return found


def _of_members(variants: Iterable[Variant], days: AsOfDays) -> Found:
    for end in {variant.period.end for variant in variants if variant.membership}:
        for table in ("coverage", "roster"):
            yield from _of_spans(table, days.up_to(day_number(end)))


def _of_enrolment(plan: EvaluationPlan, days: AsOfDays) -> Found:
    for part in plan.plans():
        for node in part.nodes:
            if isinstance(node, n.EnrolledOver):
                seen = days.up_to(_last_day(node))
                yield from _of_spans("coverage", seen)
                # A gap that reaches the day is too long from so many days after the coverage's end on.
                yield Column("coverage", "end_day"), Days(seen.sooner - node.gap_days, seen.later - node.gap_days - 1)
                for operand in node.start:
                    yield from _of_beginning(part, operand, Days(seen.sooner + 1, seen.later))


def _last_day(node: n.EnrolledOver) -> int:
    """The last day on which the node looks at coverage, as far as that is the same for everybody."""
    window = min((end.day for end in node.end if end.source == "constant"), default=NEVER_ENDS)
    if node.anchor is None:
        return window
    return max(window, node.anchor.day) if node.anchor.source == "constant" else NEVER_ENDS


def _of_spans(table: str, seen: AsOfDays) -> Found:
    """Spans that the later day sees to begin, or no longer to go on."""
    yield Column(table, "start_day"), Days(seen.sooner + 1, seen.later)
    yield Column(table, "end_day"), Days(seen.sooner, seen.later - 1)


def _of_beginning(plan: EvaluationPlan, start: Operand, between: Days) -> Found:
    """Windows that begin ``between`` the days, so that the sooner one sees nothing of them."""
    if start.source == "constant":
        if between.first <= start.day <= between.last:
            yield Column("coverage", "start_day"), Days(SINCE_EVER, between.last)
    elif start.source in ("birth", "death"):
        yield Column("person", f"{start.source}_lo"), _before_shifts(between, start.shifts)
    else:
        for moment in _moments(plan, start.anchor):
            yield Column("event", f"{moment}_lo"), _before_shifts(between, start.shifts)


def _moments(plan: EvaluationPlan, anchor: NodeId) -> Sequence[str]:
    """The moments of an event that an anchor can be; none of the last day of a coverage."""
    node = plan.nodes[anchor]
    return _MOMENTS.get(node.moment, (node.moment,)) if isinstance(node, n.AnchorTime) else ()


def _before_shifts(days: Days, shifts: Iterable[tuple[int, str]]) -> Days:
    """All days that ``shifts`` can take to one of ``days``; some others are among them where months differ."""
    first, last = days
    for amount, unit in shifts:
        least, most = sorted(amount * size for size in _UNITS[unit])
        first, last = first - most, last - least
    return Days(first, last)


__all__ = ["AsOfDays", "Column", "Days", "asking_until_when_covered", "deciding_dates"]
