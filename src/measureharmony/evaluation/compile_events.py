"""Sets of events, filters of rows and windows → nodes: the part of the compiler that knows no criterion and no rate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Literal, TypeVar, cast

import numpy as np

from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.columns import NO_MS, Ints, Times
from measureharmony.evaluation.nodes import Comparison, NodeId, Op, Operand
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.time_kernels import MS_PER_DAY, later_instant, shift
from measureharmony.measures.event_set import (
    Coded,
    DailyDose,
    EventSet,
    EventsRef,
    FilterRef,
    Number,
    NumberTest,
    Relation,
    RowFilter,
    ValueTest,
)
from measureharmony.measures.event_set import Step as Choice
from measureharmony.measures.measure import Anchor, Measure
from measureharmony.measures.names import Name
from measureharmony.measures.window import Point, Shift, Timing, Window, WindowRef
from measureharmony.payers.variant import ELSEWHERE, Variant
from measureharmony.periods import Period, day_number

_NUMBER_OPS: dict[str, Op] = {"above": "gt", "at_least": "ge", "below": "lt", "at_most": "le"}
_WORD_COLUMNS = ("status", "intent", "verification", "clinical_status", "source")
_BUILT_IN_WINDOWS = ("period", "index", "this", "other")

Compiled = TypeVar("Compiled")


class EventCompiler:
    """Compiles what one variant says about events into a plan, with the evidence in force.

    ``whom`` is the node that tells whose events are looked at where the variant does not see all of them: others' would
    cost time, and nobody asks about them.
    """

    def __init__(self, plan: EvaluationPlan, variant: Variant, as_of: dt.date | None):
        self.plan = plan
        self.variant = variant
        self.measure: Measure = variant.measure
        self.as_of = as_of
        self.whom: NodeId | None = None
        self.sources: tuple[str, ...] = ()
        self.arrivals = variant.seen.get(ELSEWHERE)
        self._meanings = plan.compiled.meanings.of_measure(self.measure)
        weights = sorted((table, tuple(sorted(by.items()))) for table, by in variant.risk_tables.items())
        self._surroundings = variant.period, as_of, tuple(weights)

    @contextmanager
    def evidence_for(self, population: str) -> Iterator[None]:
        """Meanwhile, only the evidence counts that the variant accepts for ``population``, as far as it is seen."""
        before = self.sources, self.arrivals
        self.sources = tuple(self.variant.sources.get(population, ()))
        self.arrivals = self.variant.seen.get(population)
        yield
        self.sources, self.arrivals = before

    def once(self, asked: Hashable, part: object, compiled: Callable[[], Compiled]) -> Compiled:
        """What a part is compiled to, once for all variants in whose surroundings it means the same.

        ``asked`` says what of it, as a part can be compiled to several things. Surroundings are the period, the day of
        view, the evidence that counts, weights of risk and, where the part asks for it, whose the own coverage is.
        """
        if not self.plan.shared:
            return compiled()
        meaning = self._meanings.of(part)
        own = self.variant.own if meaning.own_coverage else None
        evidence = self.sources, self.arrivals, self.whom
        return self.plan.compiled.of((asked, meaning, own, evidence, self._surroundings), compiled)

    # --- sets of events ---

    def events(self, events: EventsRef) -> NodeId:
        """The node that yields the rows of a set."""
        if events == "index":
            return self.plan.add(n.Index())
        if isinstance(events, Name):
            return self.events(self.measure.events[events])
        return self.once("rows", events, lambda: self._rows(events))

    def _rows(self, events: EventSet) -> NodeId:
        rows = self._source(events)
        masks = [self.row_filter(rows, RowFilter(type=events.type))] if events.type else []
        masks += [mask for timing in events.when for mask in self._timing(rows, timing, sure=True)]
        masks += [self.row_filter(rows, item) for item in events.where]
        rows = self._keep(rows, masks)
        for step in events.take:
            rows = self._choose(rows, step)
        return rows

    def union(self, refs: Iterable[EventsRef]) -> NodeId:
        """The rows in any of these sets."""
        sets = tuple(sorted({self.events(ref) for ref in refs}))
        return sets[0] if len(sets) == 1 else self.plan.add(n.Union(sets))

    def _source(self, events: EventSet) -> NodeId:
        if events.from_ is not None:
            return self.union(events.from_)
        codes = tuple(sorted(set(events.codes))) if events.codes is not None else None
        if events.components_of is not None:
            panels = self.events(events.components_of)
            rows = self.plan.add(n.Match((), events.role, codes, events.not_done))
            rows = self._keep(rows, [self.plan.add(n.Related(rows, panels, (), "panel", distinct=False))])
        else:
            rows = self._of_kinds(events, codes)
        if self.sources:
            rows = self._keep(rows, [self.plan.add(n.WordIn(rows, "source", tuple(sorted(self.sources))))])
        if self.arrivals is not None:
            if self.whom is not None:
                rows = self._keep(rows, [self.plan.add(n.OfSubjects(rows, self.whom))])
            rows = self._keep(rows, [self.plan.add(n.Arrived(rows, self.arrivals))])
        return rows

    def _of_kinds(self, events: EventSet, codes: tuple[str, ...] | None) -> NodeId:
        """Events of some kinds; without codes of their own, those with a code that a filter asks for anyway.

        There are many observations, and a set that looks at all of them would have them loaded and looked through.
        """
        kinds = tuple(sorted(set(events.kind or ())))
        asked = next(filter(None, map(self._asked_codings, events.where)), ()) if codes is None else ()
        if not asked:
            return self.plan.add(n.Match(kinds, events.role, codes, events.not_done))
        found = {n.Match(kinds, coded.role, tuple(sorted(set(coded.codes))), events.not_done) for coded in asked}
        sets = tuple(sorted(map(self.plan.add, sorted(found, key=str))))
        return sets[0] if len(sets) == 1 else self.plan.add(n.Union(sets))

    def _asked_codings(self, item: FilterRef) -> tuple[Coded, ...]:
        """What codings a row must have, one of them, for a filter to be true of it; none where it needs none."""
        if isinstance(item, Name):
            return self._asked_codings(self.measure.filters[item])
        if item.coded is not None:
            return (item.coded,)
        if item.any is not None:
            alternatives = [self._asked_codings(part) for part in item.any]
            if all(alternatives):
                return tuple(coded for asked in alternatives for coded in asked)
        return next(filter(None, map(self._asked_codings, item.all or ())), ())

    def _keep(self, rows: NodeId, masks: list[NodeId]) -> NodeId:
        if not masks:
            return rows
        return self.plan.add(n.Keep(rows, self._mask_all(masks)))

    def _mask_all(self, masks: list[NodeId]) -> NodeId:
        unique = tuple(sorted(set(masks)))
        return unique[0] if len(unique) == 1 else self.plan.add(n.MaskAll(unique))

    def _choose(self, rows: NodeId, step: Choice) -> NodeId:
        by = getattr(step, step.choice)
        if step.choice in ("lowest", "highest"):
            return self.plan.add(n.ChooseByNumber(rows, step.choice, by, step.unit or "", step.missing == "first"))
        if step.choice == "spaced":
            return self.plan.add(n.ChooseSpaced(rows, by, cast(int, step.days)))
        if step.choice == "chain":
            return self.plan.add(n.ChooseOfChains(rows, by, cast(int, step.days)))
        return self.plan.add(n.ChooseByTime(rows, step.choice, by))

    # --- conditions on rows ---

    def row_filter(self, rows: NodeId, item: FilterRef, sure: bool = True) -> NodeId:
        """The node that yields for each of ``rows`` whether a filter is certainly (or possibly) true."""
        if isinstance(item, Name):
            return self.row_filter(rows, self.measure.filters[item], sure)
        return self._mask_all(list(self._filter_masks(rows, item, sure)))

    def _filter_masks(self, rows: NodeId, item: RowFilter, sure: bool) -> Iterator[NodeId]:
        if item.all is not None:
            yield self._mask_all([self.row_filter(rows, part, sure) for part in item.all])
        if item.any is not None:
            parts = tuple(sorted({self.row_filter(rows, part, sure) for part in item.any}))
            yield parts[0] if len(parts) == 1 else self.plan.add(n.MaskAny(parts))
        if item.not_ is not None:
            yield self.plan.add(n.MaskNot(self.row_filter(rows, item.not_, not sure)))
        if item.with_ is not None:
            yield self._related(rows, item.with_)
        if item.without is not None:
            yield self.plan.add(n.MaskNot(self._related(rows, item.without)))
        yield from self._own_masks(rows, item, sure)

    def _own_masks(self, rows: NodeId, item: RowFilter, sure: bool) -> Iterator[NodeId]:
        """What a row says of itself, other rows and other filters aside."""
        for timing in item.when:
            yield from self._timing(rows, timing, sure)
        yield from self._word_masks(rows, item)
        if item.coded is not None:
            yield self._coded(rows, item.coded)
        if item.value is not None:
            yield from self._value(rows, item.value, sure)
        for column in ("days_supply", "refills"):
            test: NumberTest | None = getattr(item, column)
            for op, bound in self.bounds_of(test.bounds) if test else ():
                yield self.plan.add(n.NumberIs(rows, column, op, bound, None, sure))
        if item.daily_dose is not None:
            yield from self._daily_dose(rows, item.daily_dose, sure)
        if item.age is not None:
            from_, to = cast("int | None", item.age.from_), cast("int | None", item.age.to)
            yield self.plan.add(n.AgeAtRow(rows, item.age.at, from_, to, sure))

    def _daily_dose(self, rows: NodeId, dose: DailyDose, sure: bool) -> Iterator[NodeId]:
        sets = tuple(
            self.plan.add(n.Match((), "code", tuple(sorted(set(s.codes))), not_done=None)) for s in dose.strengths
        )
        amounts, units = tuple(s.amount for s in dose.strengths), tuple(s.per for s in dose.strengths)
        for op, bound in self.bounds_of(dose.bounds):
            yield self.plan.add(n.DailyDoseIs(rows, sets, amounts, units, op, bound, sure))

    def _word_masks(self, rows: NodeId, item: RowFilter) -> Iterator[NodeId]:
        for column in ("type", "category"):
            words: tuple[str | None, ...] | None = getattr(item, column)
            if words is not None:  # an empty cell answers yes whether `null` is asked for or not
                yield self.plan.add(n.AnyWordIn(rows, column, tuple(sorted({word for word in words if word}))))
        for column in _WORD_COLUMNS:
            accepted: tuple[str | None, ...] | None = getattr(item, column)
            if accepted is not None:
                yield self.plan.add(n.WordIn(rows, column, _ordered(accepted)))

    def _coded(self, rows: NodeId, coded: Coded) -> NodeId:
        # Any kind of event, done or not: the row itself is already chosen.
        codes = tuple(sorted(set(coded.codes)))
        return self.plan.add(n.InRows(rows, self.plan.add(n.Match((), coded.role, codes, not_done=None))))

    def _value(self, rows: NodeId, value: ValueTest, sure: bool) -> Iterator[NodeId]:
        if value.present is not None:
            yield self.plan.add(n.HasValue(rows, value.present))
        if value.type is not None:
            yield self.plan.add(n.WordIn(rows, "value_type", _ordered(value.type)))
        for op, bound in self.bounds_of(value.bounds):
            yield self.plan.add(n.NumberIs(rows, "value", op, bound, value.unit, sure))

    def bounds_of(self, bounds: Mapping[str, Number]) -> Iterator[tuple[Op, float]]:
        """Bounds as the comparisons that they ask for."""
        for name, bound in bounds.items():
            yield _NUMBER_OPS[name], float(cast(float, bound))

    def _timing(self, rows: NodeId, timing: Timing, sure: bool) -> Iterator[NodeId]:
        for comparison in self._comparisons("this", timing):
            yield self.plan.add(n.Compare(rows, comparison, sure))

    def _related(self, rows: NodeId, relation: Relation) -> NodeId:
        comparisons = [c for timing in relation.when for c in self._comparisons("this", timing)]
        comparisons += [c for timing in relation.other_when for c in self._comparisons("other", timing)]
        others = self.events(relation.events)
        kinds = [n.Match((), "code", (code,), not_done=None) for code in relation.alike or ()]
        alike = tuple(sorted({self.plan.add(kind) for kind in kinds}))
        return self.plan.add(n.Related(rows, others, tuple(comparisons), relation.link, relation.distinct, alike))

    # --- time ---

    def first_and_last_day(self, ref: WindowRef) -> tuple[tuple[Operand, ...], tuple[Operand, ...]]:
        """Of which the latest and the earliest are a window's first and last day; nothing where it is open."""
        window = self.window(ref)
        first = [*(window.from_ or ()), *(_days_later(point, 1) for point in window.after or ())]
        last = [*(window.to or ()), *(_days_later(point, -1) for point in window.before or ())]
        return tuple(dict.fromkeys(map(self.operand, first))), tuple(dict.fromkeys(map(self.operand, last)))

    def _comparisons(self, side: str, timing: Timing) -> Iterator[Comparison]:
        relation = timing.relation
        start, end = Operand(side, moment="start"), Operand(side, moment="end")  # type: ignore[arg-type]
        if relation == "whole":
            low, high = start, end
        elif relation == "overlaps":
            low, high = end, start
        else:
            low = high = Operand(side, moment=relation)  # type: ignore[arg-type]
        yield from self.within_window(low, high, timing.window, timing.precision == "exact")

    def within_window(self, low: Operand, high: Operand, ref: WindowRef, exact: bool) -> Iterator[Comparison]:
        """``low`` against the window's lower bound and ``high`` against its upper bound."""
        window = self.window(ref)
        # To be no later than the earliest of several moments is to be no later than any of them.
        for point in window.from_ or ():
            yield Comparison(low, "ge", self.operand(point), exact)
        for point in window.after or ():
            yield Comparison(low, "gt", self.operand(point), exact)
        for point in window.to or ():
            yield Comparison(high, "le", self.operand(point), exact)
        for point in window.before or ():
            yield Comparison(high, "lt", self.operand(point), exact)

    def window(self, ref: WindowRef) -> Window:
        """The window a reference names."""
        if isinstance(ref, Window):
            return ref
        return _built_in(ref) if ref in _BUILT_IN_WINDOWS else self.measure.windows[ref]

    def operand(self, point: Point) -> Operand:
        """The operand a point names; fixed points come out as constants."""
        shifts = tuple((shift.sign * cast(int, shift.amount), str(shift.unit)) for shift in point.shifts)
        if point.anchor == "period":
            return _fixed(self.variant.period, str(point.edge), shifts)
        if point.anchor in ("birth", "death"):
            return Operand(point.anchor, shifts=shifts)  # type: ignore[arg-type]
        if point.anchor in ("this", "other"):
            return Operand(point.anchor, moment=str(point.edge), shifts=shifts)  # type: ignore[arg-type]
        if point.anchor == "index":
            node = self.plan.add(n.AnchorTime(self.plan.add(n.Index()), str(point.edge)))
        else:
            node = self._anchor(self.measure.anchors[point.anchor])
        return Operand("anchor", anchor=node, shifts=shifts)

    def _anchor(self, anchor: Anchor) -> NodeId:
        if anchor.enrolled is None:
            return self.plan.add(n.AnchorTime(self.events(cast(EventsRef, anchor.of)), str(anchor.point)))
        asked = anchor.enrolled
        own = self.variant.own if asked.payer == "own" else None
        return self.plan.add(
            n.CoveredUntil(
                at=self.operand(asked.from_),
                latest_end=day_number(self.as_of) if self.as_of else None,
                gap_days=cast(int, asked.gap_days),
                payer=own.payer if own else None,
                product_lines=own.product_lines if own else (),
                benefits=asked.benefits,
            )
        )


@cache
def _built_in(window: str) -> Window:
    """The window that needs no declaration."""
    return Window.model_validate({"from": f"{window}.start", "to": f"{window}.end"})


@lru_cache(maxsize=10_000)  # a few hundred for each period
def _fixed(period: Period, edge: str, shifts: tuple[tuple[int, str], ...]) -> Operand:
    """The start or end of a period, shifted."""
    at_start = edge == "start"
    day = np.asarray(day_number(period.start if at_start else period.end))
    times = Times(day, day, day * MS_PER_DAY + (0 if at_start else MS_PER_DAY - 1))
    for amount, unit in shifts:
        times = later_instant(times, amount) if unit == "milliseconds" else shift(times, amount, unit)
    ms = int(cast(Ints, times.ms))
    return Operand("constant", day=int(times.lo), ms=None if ms == NO_MS else ms)


def _ordered(words: Iterable[str | None]) -> tuple[str | None, ...]:
    """Words in one order, each once, so that equal tests are one node."""
    return tuple(sorted(set(words), key=lambda word: (word is None, word or "")))


def _days_later(point: Point, days: Literal[1, -1]) -> Point:
    """The day after (1) or before (-1) a point: the first or last day of a window that leaves its bound out."""
    shift = Shift(sign=days, amount=1, unit="days")
    return point.model_copy(update={"shifts": (*point.shifts, shift)})


__all__ = ["EventCompiler"]
