"""Until when a gap can be closed, where that is not the period's last day: a week after a visit, the second birthday.

Read off the numerator: what it asks for must happen in a window, and the window ends. What has happened cannot be
undone, so that a cold treated with an antibiotic can never again be one that was not. Where a criterion does not tell
(``None``), the period's last day stands: a day here is never earlier than the last one on which something could help.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.columns import SINCE_EVER
from measureharmony.evaluation.conjuncts import resolved
from measureharmony.evaluation.nodes import NodeId, Operand
from measureharmony.measures.criterion import Criterion, CriterionRef
from measureharmony.measures.event_set import EventSet, EventsRef, FilterRef, RowFilter
from measureharmony.measures.measure import Rate
from measureharmony.measures.window import Point, Timing
from measureharmony.periods import day_number

if TYPE_CHECKING:
    from measureharmony.evaluation.compile import Compiler

#: The answer of :class:`nodes.LastDay` where nothing that may still happen helps.
NEVER = Operand("constant", day=SINCE_EVER)


def last_day(compiler: Compiler, rate: Rate) -> NodeId | None:
    """The node of the last day on which a gap of ``rate`` can be closed; ``None``: that of the period for everybody.

    The evidence in force is the numerator's.
    """
    numerator = compiler.measure.population(rate, "numerator")
    if numerator is None or compiler.measure.scoring != "proportion":
        return None
    positive = compiler.measure.direction_of(rate) == "higher"
    return compiler.once(("last day", positive), numerator, lambda: _Days(compiler).until(numerator, positive=positive))


class _Days:
    """Compiles, for a criterion, until when something can still make it true (without ``positive``: false)."""

    def __init__(self, compiler: Compiler):
        self.compiler, self.plan, self.measure = compiler, compiler.plan, compiler.measure
        self.period_end = day_number(compiler.variant.period.end)

    def until(self, ref: CriterionRef, *, positive: bool) -> NodeId | None:
        criterion = resolved(self.measure, ref)
        if criterion.not_ is not None:
            return self.until(criterion.not_, positive=not positive)
        if criterion.all is not None or criterion.any is not None:
            every = (criterion.all is not None) == positive
            return (self._all if every else self._any)(criterion.all or criterion.any or (), positive)
        if criterion.at_least is not None and positive:
            return self._any(criterion.at_least.of, positive)
        return self._to_happen(criterion) if positive else self._not_to_have_happened(criterion)

    def _all(self, parts: Sequence[CriterionRef], positive: bool) -> NodeId | None:
        """The earliest day of the parts that are still to be had."""
        limited = [(day, part) for part in parts if (day := self.until(part, positive=positive)) is not None]
        if not limited:
            return None
        days, had = zip(*((day, self._is_had(part, positive)) for day, part in limited), strict=True)
        return self.plan.add(n.EarliestOf(days, had))

    def _is_had(self, part: CriterionRef, positive: bool) -> NodeId:
        node = self.compiler.criterion(part, sure=positive)
        return node if positive else self.plan.add(n.Not(node))

    def _any(self, parts: Sequence[CriterionRef], positive: bool) -> NodeId | None:
        """The latest day of the parts."""
        days = [self.until(part, positive=positive) for part in parts]
        known = tuple(sorted({day for day in days if day is not None}))
        if len(known) <= 1 or None in days:
            return known[0] if known and None not in days else None
        return self.plan.add(n.LatestOf(known))

    def _to_happen(self, criterion: Criterion) -> NodeId | None:
        if criterion.exists is not None:
            return self._of_set(criterion.exists)
        if criterion.count is not None and criterion.count.at_least is not None:
            return self._of_set(criterion.count.of)
        if criterion.days_covered is not None:
            return self._limit(self._ends(Timing(whole=criterion.days_covered.within)))
        return None

    def _not_to_have_happened(self, criterion: Criterion) -> NodeId | None:
        """What has happened stays so, unless what comes later takes its place."""
        events = criterion.exists
        if criterion.count is not None and criterion.count.at_most is None:
            events = criterion.count.of
        return self.plan.add(n.LastDay((NEVER,))) if events is not None and self._stays(events) else None

    # --- sets of events ---

    def _of_set(self, ref: EventsRef) -> NodeId | None:
        """Until when an event can come into a set."""
        if ref == "index":
            return self.plan.add(n.LastDay((NEVER,)))
        events = self._resolved(ref)
        own = self._limit([end for timing in _timings(events, self.measure.filters) for end in self._ends(timing)])
        base: NodeId | None = None
        if events.from_ is not None:
            days = [self._of_set(part) for part in events.from_]
            known = tuple(sorted({day for day in days if day is not None}))
            if None not in days:
                base = known[0] if len(known) == 1 else self.plan.add(n.LatestOf(known))
        elif events.components_of is not None:
            base = self._of_set(events.components_of)
        both = tuple(sorted({day for day in (own, base) if day is not None}))
        if len(both) <= 1:
            return both[0] if both else None
        return self.plan.add(n.EarliestOf(both, ()))

    def _resolved(self, ref: EventsRef) -> EventSet:
        while not isinstance(ref, EventSet):
            ref = self.measure.events[ref]
        return ref

    def _ends(self, timing: Timing) -> tuple[Operand, ...]:
        """The days that bound a window's end, of which the earliest is its last day."""
        window = self.compiler.window(timing.window)
        to, before = (tuple(filter(self._is_fixed, points or ())) for points in (window.to, window.before))
        if timing.precision == "exact":  # an instant of the same day is early enough
            to, before = (*to, *before), ()
        if not (to or before):
            return ()
        return self.compiler.first_and_last_day(window.model_copy(update={"to": to, "before": before}))[1]

    def _is_fixed(self, point: Point) -> bool:
        """Whether nothing that is still to come moves the point."""
        if point.anchor not in self.measure.anchors:
            return point.anchor not in ("this", "other")
        events = self.measure.anchors[point.anchor].of
        return events is not None and self._is_first(events)

    def _is_first(self, ref: EventsRef) -> bool:
        """Whether a set holds but the first of some events, each of which stays one of them."""
        if ref == "index":
            return True
        events = self._resolved(ref)
        if not events.take and events.from_ is not None and len(events.from_) == 1 and not events.where:
            return self._is_first(events.from_[0])
        firsts = [step.choice == "first" for step in events.take]
        return bool(firsts) and all(firsts) and self._stays(events.model_copy(update={"take": ()}))

    def _limit(self, ends: Sequence[Operand]) -> NodeId | None:
        """The earliest of ``ends``; ``None`` where they are not before the period's end for anybody."""
        early = {end for end in ends if end.source != "constant" or end.day < self.period_end}
        early = {Operand("constant", day=end.day) if end.source == "constant" else end for end in early}
        return self.plan.add(n.LastDay(tuple(sorted(early, key=str)))) if early else None

    def _stays(self, ref: EventsRef) -> bool:
        """Whether an event of the set stays in it, whatever else may come."""
        if ref == "index":
            return True
        events = self._resolved(ref)
        parts = (*(events.from_ or ()), *((events.components_of,) if events.components_of else ()))
        kept = not events.take and not any(_may_leave(item, self.measure.filters) for item in events.where)
        return kept and all(self._stays(part) for part in parts)


def _timings(events: EventSet, filters: Mapping[str, FilterRef]) -> Iterator[Timing]:
    """What a set says of its events' times, other events aside."""
    yield from events.when
    for item in events.where:
        yield from _filter_timings(item, filters)


def _filter_timings(item: FilterRef, filters: Mapping[str, FilterRef]) -> Iterator[Timing]:
    own = _resolved(item, filters)
    yield from own.when
    for part in own.all or ():
        yield from _filter_timings(part, filters)


def _resolved(item: FilterRef, filters: Mapping[str, FilterRef]) -> RowFilter:
    while not isinstance(item, RowFilter):
        item = filters[item]
    return item


def _may_leave(item: FilterRef, filters: Mapping[str, FilterRef]) -> bool:
    """Whether what comes later may make the filter false of a row of which it was true."""
    own = _resolved(item, filters)
    parts = (*(own.all or ()), *(own.any or ()))
    return own.without is not None or own.not_ is not None or any(_may_leave(part, filters) for part in parts)


__all__ = ["last_day"]
