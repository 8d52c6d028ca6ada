"""The kernels: what each kind of node comes to, over one partition of people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any, cast

import numpy as np

from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.columns import (
    NEVER_ENDS,
    NO_MS,
    SINCE_EVER,
    Bools,
    Floats,
    Ints,
    Partition,
    Spans,
    Times,
    Words,
)
from measureharmony.evaluation.coverage_days import DaysFound, Spells, days_found, enough_days
from measureharmony.evaluation.dose_kernels import daily_doses
from measureharmony.evaluation.enrolment import covered_until, enrolled
from measureharmony.evaluation.number_kernels import NUMBER_KERNELS
from measureharmony.evaluation.number_nodes import DaysCoveredIn
from measureharmony.evaluation.plan import LINK_COLUMNS, EvaluationPlan
from measureharmony.evaluation.row_kernels import (
    any_between,
    bound_number,
    choose_by_number,
    choose_by_time,
    choose_of_chains,
    choose_spaced,
    group_starts,
    in_sorted,
    linked_pairs,
    one_per_day,
    one_per_group,
    pairs_of_person,
    spread,
    union,
)
from measureharmony.evaluation.time_kernels import (
    Ages,
    WholeDay,
    age_between,
    age_within,
    ages,
    compare,
    days_known,
    earliest,
    latest,
    order_key,
    shift,
)
from measureharmony.evaluation.units import DECIMALS, conversion

#: ``a op b`` says the same as ``b _MIRRORED[op] a``.
_MIRRORED: Mapping[n.Op, n.Op] = {"ge": "le", "gt": "lt", "le": "ge", "lt": "gt"}


class Evaluation:
    """The results of a plan's nodes over one partition, as far as they are known (``results``)."""

    def __init__(self, plan: EvaluationPlan, partition: Partition):
        self.plan = plan
        self.partition = partition
        self.events = partition.events
        self.people = partition.people
        self.results: dict[n.NodeId, Any] = {}
        # Payers move age bands more often than the day on which ages are taken.
        self.ages: dict[tuple[n.Operand, bool], Ages] = {}

    def get(self, number: n.NodeId) -> Any:
        """The result of a node, computed now if it is not known yet."""
        found = self.results.get(number)
        if found is None:
            node = self.plan.nodes[number]
            found = self.results[number] = KERNELS[type(node)](self, node)
        return found

    # --- times ---

    def moment(self, rows: Ints, moment: str) -> Times:
        times = self.events.times
        if moment in ("latest", "earliest"):
            both = times["start"].take(rows), times["end"].take(rows)
            return latest(*both) if moment == "latest" else earliest(*both)
        return times[moment].take(rows)

    def operand(self, operand: n.Operand, person: Ints, this: Ints | None = None, other: Ints | None = None) -> Times:
        """The operand's times, one per entry of ``person`` (or a scalar for a constant)."""
        if operand.source == "constant":
            day = np.asarray(operand.day, dtype=np.int32)  # a wider number would widen the columns it is compared with
            return Times(day, day, None if operand.ms is None else np.asarray(operand.ms, dtype=np.int64))
        if operand.source == "birth":
            times = self.people.birth.take(person)
        elif operand.source == "death":
            times = self.people.death.take(person)
        elif operand.source == "anchor":
            times = cast(Times, self.get(operand.anchor)).take(person)
        else:
            times = self.moment(cast(Ints, this if operand.source == "this" else other), operand.moment)
        for amount, unit in operand.shifts:
            times = shift(times, amount, unit)
        return times

    def compare(
        self, c: n.Comparison, person: Ints, this: Ints | None = None, other: Ints | None = None, sure: bool = True
    ) -> Bools:
        left, right = self.operand(c.left, person, this, other), self.operand(c.right, person, this, other)
        return compare(left, c.op, right, exact=c.exact, sure=sure)

    def number(self, rows: Ints, column: str, unit: str | None) -> Floats:
        numbers = self.events.numbers[column][rows]
        if unit is None or column != "value":
            return numbers
        units = self.events.unit
        found = [conversion(word, unit) for word in (*units.words, "")]
        factors = np.array([np.nan if c is None else c.factor for c in found])
        offsets = np.array([np.nan if c is None else c.offset for c in found])
        code = units.codes[rows]
        return np.asarray(np.round(numbers * factors[code] + offsets[code], DECIMALS))

    # --- rows ---

    def match(self, node: n.Match) -> Ints:
        return self.partition.rows_matching(node)

    def index(self, node: n.Index) -> Ints:
        return cast(Ints, self.partition.index)

    def union(self, node: n.Union) -> Ints:
        return union([self.get(part) for part in node.sets])

    def keep(self, node: n.Keep) -> Ints:
        rows: Ints = self.get(node.rows)
        return rows[self.get(node.mask)] if len(rows) else rows

    def choose_by_time(self, node: n.ChooseByTime) -> Ints:
        rows = self.get(node.rows)
        return choose_by_time(rows, self.events.person[rows], self.moment(rows, node.moment), node.choice)

    def choose_spaced(self, node: n.ChooseSpaced) -> Ints:
        rows = self.get(node.rows)
        return choose_spaced(rows, self.events.person[rows], self.moment(rows, node.moment), node.days)

    def choose_of_chains(self, node: n.ChooseOfChains) -> Ints:
        rows, times = self.get(node.rows), self.events.times
        start, end = times["start"].take(rows), times["end"].take(rows)
        return choose_of_chains(rows, self.events.person[rows], start, end, node.choice, node.days)

    def choose_by_number(self, node: n.ChooseByNumber) -> Ints:
        rows = self.get(node.rows)
        numbers = self.number(rows, node.column, node.unit)
        return choose_by_number(rows, self.events.person[rows], numbers, node.choice, missing_first=node.missing_first)

    # --- masks ---

    def word_in(self, node: n.WordIn) -> Bools:
        column = self.events.value_type if node.column == "value_type" else self.events.words[node.column]
        return np.asarray(column.lookup(dict.fromkeys(node.words, True))[column.codes[self.get(node.rows)]])

    def arrived(self, node: n.Arrived) -> Bools:
        rows, source = self.get(node.rows), self.events.words["source"]
        limits = {word: (np.inf if day is None else day, lag) for word, day, lag in node.arrivals}
        never = (-np.inf, 0)  # also of an empty cell, whose code -1 reaches the last entry
        day, lag = np.array([*(limits.get(word, never) for word in source.words), never]).T
        received, code = self.events.numbers["received_day"][rows], source.codes[rows]
        here = np.where(np.isnan(received), self.events.times["start"].lo[rows] + lag[code], received)
        return np.asarray(here <= day[code])

    def of_subjects(self, node: n.OfSubjects) -> Bools:
        return np.asarray(self.get(node.part)[self.events.person[self.get(node.rows)]])

    def any_word_in(self, node: n.AnyWordIn) -> Bools:
        column = self.events.words[node.column]
        wanted = set(node.words)
        accepts: dict[str | None, bool] = {word: not wanted.isdisjoint(word.split()) for word in column.words}
        return np.asarray(column.lookup({**accepts, None: True})[column.codes[self.get(node.rows)]])

    def in_rows(self, node: n.InRows) -> Bools:
        return in_sorted(self.get(node.rows), self.get(node.other))

    def compare_rows(self, node: n.Compare) -> Bools:
        rows, comparison = self.get(node.rows), node.comparison
        sources = comparison.left.source, comparison.right.source
        alone = all(source in ("this", "constant") for source in sources)  # as most are: nobody's subject is asked for
        person = rows[:0] if alone else self.events.person[rows]
        return self.compare(comparison, person, this=rows, sure=node.sure)

    def has_value(self, node: n.HasValue) -> Bools:
        return np.asarray((self.events.value_type.codes[self.get(node.rows)] >= 0) == node.present)

    def number_is(self, node: n.NumberIs) -> Bools:
        numbers = self.number(self.get(node.rows), node.column, node.unit)
        return bound_number(numbers, node.op, node.bound, sure=node.sure)

    def daily_dose_is(self, node: n.DailyDoseIs) -> Bools:
        drugs = [self.get(drug) for drug in node.sets]
        doses = daily_doses(self.get(node.rows), self.events, zip(drugs, node.amounts, node.units, strict=True))
        return bound_number(doses, node.op, node.bound, sure=node.sure)

    def age_at_row(self, node: n.AgeAtRow) -> Bools:
        rows = self.get(node.rows)
        birth = self.people.birth.take(self.events.person[rows])
        return age_between(birth, self.moment(rows, node.moment), node.from_, node.to, months=False, sure=node.sure)

    def related(self, node: n.Related) -> Bools:
        rows, others = self.get(node.rows), self.get(node.others)
        result = np.zeros(len(rows), dtype=bool)
        person = self.events.person[rows]
        if moment := _bounded_moment(node):
            times = self.moment(others, moment)
            certain = times.lo == times.hi
            result = self._any_between(node, rows, others[certain], times.lo[certain])
            others = others[~certain]
        if node.link is not None:
            blocks = [self.linked(node.link, rows, others)]
        else:
            blocks = pairs_of_person(person, self.events.person[others])  # type: ignore[assignment]
        sets = [self.get(part) for part in node.alike]
        kinds = [(in_sorted(rows, one), in_sorted(others, one)) for one in sets]
        for this, other in blocks:
            if kinds:
                this, other = _pairs_where(_any_of_both(kinds, this, other), this, other)
            if node.distinct:
                this, other = _pairs_where(rows[this] != others[other], this, other)
            for comparison in node.comparisons:
                holds = self.compare(comparison, person[this], rows[this], others[other])
                this, other = _pairs_where(holds, this, other)
            result[this] = True
        return result

    def linked(self, link: str, rows: Ints, others: Ints) -> tuple[Ints, Ints]:
        links = self.events.links[LINK_COLUMNS[link]]
        if link in ("component", "fulfilment"):  # the other one points
            other, this = linked_pairs(others, rows, links)
            return this, other
        return linked_pairs(rows, others, links)

    def _any_between(self, node: n.Related, rows: Ints, others: Ints, days: Ints) -> Bools:
        """:class:`Related` where all comparisons are bounds on one day of the other row, which is certain."""
        person = self.events.person[rows]
        low, high = np.full(len(rows), SINCE_EVER), np.full(len(rows), NEVER_ENDS)
        for comparison in node.comparisons:
            bound, op = comparison.right, comparison.op
            if bound.source == "other":
                bound, op = comparison.left, _MIRRORED[op]
            times = self.operand(bound, person, this=rows)
            if op in ("ge", "gt"):
                low = np.maximum(low, times.hi + (op == "gt"))
            else:
                high = np.minimum(high, times.lo - (op == "lt"))
        return any_between(person, low, high, self.events.person[others], days)

    def mask_all(self, node: n.MaskAll | n.All) -> Bools:
        first, *others = node.masks if isinstance(node, n.MaskAll) else node.parts
        found: Bools = self.get(first)
        for part in others:
            if not found.any():
                break
            found = found & self.get(part)
        return found

    def mask_any(self, node: n.MaskAny | n.Any) -> Bools:
        first, *others = node.masks if isinstance(node, n.MaskAny) else node.parts
        found: Bools = self.get(first)
        for part in others:
            if found.all():
                break
            found = found | self.get(part)
        return found

    def mask_not(self, node: n.MaskNot | n.Not) -> Bools:
        return cast(Bools, ~self.get(node.mask if isinstance(node, n.MaskNot) else node.part))

    # --- subjects ---

    def constant(self, node: n.Constant) -> Bools:
        return np.full(self.people.count, node.value)

    def exists(self, node: n.Exists) -> Bools:
        found = np.zeros(self.people.count, dtype=bool)
        found[self.events.person[self.get(node.rows)]] = True
        return found

    def count_is(self, node: n.CountIs) -> Bools:
        count = self.counts(self.get(node.rows), by_day=node.by_day)
        holds = np.ones(self.people.count, dtype=bool)
        if node.at_least is not None:
            holds &= count >= node.at_least
        if node.at_most is not None:
            holds &= count <= node.at_most
        return holds

    def counts(self, rows: Ints, *, by_day: bool) -> Ints:
        """How many of the rows, or of the different days on which they start, each subject has."""
        person = self.events.person[rows]
        if by_day:
            start = self.events.times["start"].take(rows)
            person = one_per_day(person, start.lo, start.is_a_date())
        return np.bincount(person, minlength=self.people.count)

    def days_covered_are(self, node: n.DaysCoveredAre) -> Bools:
        days = self.days_found(node)
        return days.known & enough_days(days, node.at_least, node.share)

    def days_found(self, node: n.DaysCoveredAre | DaysCoveredIn) -> DaysFound:
        """How many days of a window count, and on how many of them something is at hand, for each subject."""
        first, last = self.whole_day(node.start), self.whole_day(node.end, np.minimum)
        sets, excepted = ([self.spells(self.get(rows)) for rows in some] for some in (node.sets, node.excepted))
        return days_found(sets, excepted, first, last, saved_up=node.saved_up)

    def spells(self, rows: Ints) -> Spells:
        """The days of the rows whose days are known."""
        start, end = self.events.times["start"].take(rows), self.events.times["end"].take(rows)
        known = days_known(start, end)
        person = self.events.person[rows[known]].astype(np.int64)
        return person, start.lo[known].astype(np.int64), end.lo[known].astype(np.int64)

    def ages_at(self, at: n.Operand, *, months: bool) -> Ages:
        """The possible ages of everybody at a moment."""
        if (at, months) not in self.ages:
            moment = self.operand(at, np.arange(self.people.count))
            self.ages[at, months] = ages(self.people.birth, moment, months=months)
        return self.ages[at, months]

    def age_at(self, node: n.AgeAt) -> Bools:
        return age_within(self.ages_at(node.at, months=node.months), node.from_, node.to, sure=node.sure)

    def person_word(self, node: n.PersonWord) -> Bools:
        column: Words = getattr(self.people, node.column)
        return column.lookup({node.word: True, None: not node.sure})[column.codes]

    def moment_is(self, node: n.MomentIs) -> Bools:
        everybody = np.arange(self.people.count)
        return np.broadcast_to(self.compare(node.comparison, everybody, sure=node.sure), everybody.shape)

    def enrolled_over(self, node: n.EnrolledOver) -> Bools:
        start, end = self.whole_day(node.start), self.whole_day(node.end, np.minimum)
        known = start.known & end.known
        latest_end = NEVER_ENDS if node.latest_end is None else node.latest_end
        anchor = None
        if node.anchor is not None:
            anchor_day = self.whole_day((node.anchor,))
            known &= anchor_day.known
            anchor = np.minimum(anchor_day.day, latest_end)
        spans = self.partition.coverage
        wanted = _own(spans, node.payer, node.product_lines) & _offers(spans, node.benefits)
        window = start.day, np.minimum(end.day, latest_end)
        return known & enrolled(spans, window, anchor, (node.gaps, node.gap_days), wanted)

    def whole_day(self, operands: tuple[n.Operand, ...], choose: np.ufunc = np.maximum) -> WholeDay:
        """The latest (or by ``np.minimum`` the earliest) of some days for everybody, and for whom it is known."""
        everybody = np.arange(self.people.count)
        times = [self.operand(operand, everybody) for operand in operands]
        day = Times(reduce(choose, [time.lo for time in times]), reduce(choose, [time.hi for time in times]))
        known = (day.lo == day.hi) & day.is_a_date()
        return WholeDay(np.broadcast_to(day.lo, everybody.shape), np.broadcast_to(known, everybody.shape))

    def listed_on(self, node: n.ListedOn) -> Bools:
        if node.program is not None and node.program in self.partition.listed:
            spans, wanted = self.partition.roster, _own(self.partition.roster, node.program, ())
        else:
            spans = self.partition.coverage
            wanted = _own(spans, node.payer, node.product_lines)
        touching = wanted & (spans.start <= node.end) & (spans.end >= node.start)
        listed = np.zeros(self.people.count, dtype=bool)
        listed[spans.person[touching]] = True
        return listed

    def at_least_of(self, node: n.AtLeastOf) -> Bools:
        true = np.add.reduce([self.get(part).astype(np.int64) for part in node.parts])
        return np.asarray(true >= node.n)

    def anchor_time(self, node: n.AnchorTime) -> Times:
        rows = self.get(node.rows)
        person = self.events.person[rows]
        first = group_starts(person)
        found = self.moment(rows[first], node.moment)
        lo = np.full(self.people.count, SINCE_EVER, dtype=np.int64)
        hi = np.full(self.people.count, NEVER_ENDS, dtype=np.int64)
        ms = np.full(self.people.count, NO_MS, dtype=np.int64)
        lo[person[first]], hi[person[first]] = found.lo, found.hi
        if found.ms is not None:
            ms[person[first]] = found.ms
        return Times(lo, hi, ms)

    def covered_until(self, node: n.CoveredUntil) -> Times:
        at = self.whole_day((node.at,))
        latest_end = NEVER_ENDS if node.latest_end is None else node.latest_end
        spans = self.partition.coverage
        wanted = _own(spans, node.payer, node.product_lines) & _offers(spans, node.benefits) & at.known[spans.person]
        last = covered_until(spans, np.minimum(at.day, latest_end), node.gap_days, latest_end, wanted)
        return Times(last, np.where(last == SINCE_EVER, NEVER_ENDS, last))

    def latest_row(self, node: n.LatestRow) -> Ints:
        result = np.full(self.people.count, -1, dtype=np.int64)
        rows = union([self.get(part) for part in node.sets]) if node.sets else np.empty(0, dtype=np.int64)
        if len(rows) == 0:
            return result
        moments = self.moment(rows, "latest")
        key = np.where(moments.unknown(), np.iinfo(np.int64).min, order_key(moments))
        person = self.events.person[rows]
        starts = group_starts(person)
        best = np.maximum.reduceat(key, starts)
        chosen = one_per_group(key == spread(best, starts, len(key)), starts, last=True)
        result[person[starts]] = rows[chosen]
        return result

    # --- days (numbers) ---

    def last_day(self, node: n.LastDay) -> Ints:
        everybody = np.arange(self.people.count)
        ends = [self.operand(end, everybody).hi for end in node.end]
        return np.broadcast_to(reduce(np.minimum, ends), everybody.shape).astype(np.int64)

    def earliest_of(self, node: n.EarliestOf) -> Ints:
        days = [self.get(part) for part in node.parts]
        if node.had:
            days = [np.where(self.get(had), NEVER_ENDS, day) for day, had in zip(days, node.had, strict=True)]
        return np.asarray(reduce(np.minimum, days))

    def latest_of(self, node: n.LatestOf) -> Ints:
        return np.asarray(reduce(np.maximum, [self.get(part) for part in node.parts]))


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


def _own(spans: Spans, name: str | None, product_lines: tuple[str, ...]) -> Bools:
    """Spans of this payer (or program) and one of these product lines; ``None`` and empty: any."""
    wanted = np.ones(len(spans.person), dtype=bool)
    if name is not None:
        wanted &= spans.name.lookup({name: True})[spans.name.codes]
    if product_lines:
        wanted &= spans.product_line.lookup(dict.fromkeys(product_lines, True))[spans.product_line.codes]
    return wanted


def _offers(spans: Spans, benefits: tuple[str, ...]) -> Bools:
    """Spans that offer all ``benefits``; an empty cell offers everything."""
    needed = set(benefits)
    accepts: Mapping[str | None, bool] = {word: needed <= set(word.split()) for word in spans.benefits.words}
    return spans.benefits.lookup({**accepts, None: True})[spans.benefits.codes]


#: What computes each kind of node.
KERNELS: dict[type, Callable[[Evaluation, Any], Any]] = {
    n.Match: Evaluation.match,
    n.Index: Evaluation.index,
    n.Union: Evaluation.union,
    n.Keep: Evaluation.keep,
    n.ChooseByTime: Evaluation.choose_by_time,
    n.ChooseSpaced: Evaluation.choose_spaced,
    n.ChooseOfChains: Evaluation.choose_of_chains,
    n.ChooseByNumber: Evaluation.choose_by_number,
    n.WordIn: Evaluation.word_in,
    n.Arrived: Evaluation.arrived,
    n.OfSubjects: Evaluation.of_subjects,
    n.AnyWordIn: Evaluation.any_word_in,
    n.InRows: Evaluation.in_rows,
    n.Compare: Evaluation.compare_rows,
    n.HasValue: Evaluation.has_value,
    n.NumberIs: Evaluation.number_is,
    n.DailyDoseIs: Evaluation.daily_dose_is,
    n.AgeAtRow: Evaluation.age_at_row,
    n.Related: Evaluation.related,
    n.MaskAll: Evaluation.mask_all,
    n.MaskAny: Evaluation.mask_any,
    n.MaskNot: Evaluation.mask_not,
    n.Constant: Evaluation.constant,
    n.Exists: Evaluation.exists,
    n.CountIs: Evaluation.count_is,
    n.DaysCoveredAre: Evaluation.days_covered_are,
    n.AgeAt: Evaluation.age_at,
    n.PersonWord: Evaluation.person_word,
    n.MomentIs: Evaluation.moment_is,
    n.EnrolledOver: Evaluation.enrolled_over,
    n.ListedOn: Evaluation.listed_on,
    n.All: Evaluation.mask_all,
    n.Any: Evaluation.mask_any,
    n.Not: Evaluation.mask_not,
    n.AtLeastOf: Evaluation.at_least_of,
    n.AnchorTime: Evaluation.anchor_time,
    n.CoveredUntil: Evaluation.covered_until,
    n.LatestRow: Evaluation.latest_row,
    n.LastDay: Evaluation.last_day,
    n.EarliestOf: Evaluation.earliest_of,
    n.LatestOf: Evaluation.latest_of,
    **NUMBER_KERNELS,
}
