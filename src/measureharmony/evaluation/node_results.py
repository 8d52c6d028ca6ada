"""The results of a plan's nodes over one partition of people, and the times and numbers that kernels ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, cast

import numpy as np

from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.columns import Bools, Bound, Floats, Ints, Partition, Times
from measureharmony.evaluation.coverage_days import InUse
from measureharmony.evaluation.enrolment import Counted
from measureharmony.evaluation.event_rows import EventRows
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.row_kernels import one_per_day
from measureharmony.evaluation.time_kernels import (
    Ages,
    WholeDay,
    ages,
    bounds_compared,
    compare,
    ordered,
    shift,
    shift_days,
)
from measureharmony.evaluation.units import DECIMALS, conversion

#: What computes the result of a node of one kind.
Kernel = Callable[["Evaluation", Any], Any]
_BOUNDS: tuple[Bound, Bound] = ("lo", "hi")


class Evaluation:
    """The results of a plan's nodes over one partition, as far as they are known (``results``).

    ``kernels`` says what computes each kind of node.
    """

    def __init__(self, plan: EvaluationPlan, partition: Partition, kernels: Mapping[type, Kernel]):
        self.plan = plan
        self.partition = partition
        self._kernels = kernels
        self.events = partition.events
        self.people = partition.people
        self.results: dict[n.NodeId, Any] = {}
        #: The same of the people whose episodes are evaluated.
        self.owners = Evaluation(plan, partition.owners.partition, kernels) if partition.owners else None
        # Payers move age bands more often than the day on which ages are taken.
        self.ages: dict[tuple[n.Operand, bool], Ages] = {}
        #: Coverage by payer, product lines and benefits.
        self.counted: dict[tuple[str | None, tuple[str, ...], tuple[str, ...]], Counted] = {}
        #: Spells of medication by sets, sets whose days are left out, and whether supplies are saved up.
        self.in_use: dict[tuple[tuple[n.NodeId, ...], tuple[n.NodeId, ...], bool], InUse] = {}
        # Enrolment is asked about from and to the same days for every payer.
        self._whole_days: dict[tuple[tuple[n.Operand, ...], np.ufunc], WholeDay] = {}
        self._rows: dict[n.NodeId, EventRows] = {}
        self._shifted: dict[n.NodeId, dict[tuple[n.Operand, Bound], Ints]] = {}

    def get(self, number: n.NodeId) -> Any:
        """The result of a node, computed now if it is not known yet."""
        found = self.results.get(number)
        if found is None:
            node = self.plan.nodes[number]
            found = self.results[number] = self._kernels[type(node)](self, node)
        return found

    def rows(self, number: n.NodeId) -> EventRows:
        """The rows that a node yields, with what is fetched of them as long as the node's result is known."""
        found = self._rows.get(number)
        if found is None:
            found = self._rows[number] = self.event_rows(self.get(number))
        return found

    def event_rows(self, numbers: Ints) -> EventRows:
        """Some rows of the partition's events."""
        return EventRows(numbers, self.events)

    def free(self, number: n.NodeId) -> None:
        """Forget the result of a node, and what was kept because of it."""
        del self.results[number]
        self._rows.pop(number, None)
        self._shifted.pop(number, None)

    # --- times ---

    def operand(self, operand: n.Operand, this: EventRows | None = None, other: EventRows | None = None) -> Times:
        """The operand's times (a scalar for a constant): one for each of the rows, or, without rows, each subject."""
        if operand.source == "constant":
            day = _constant_day(operand)
            return Times(day, day, None if operand.ms is None else np.asarray(operand.ms, dtype=np.int64))
        if operand.source in ("this", "other"):
            times = _side(operand, this, other).times(operand.moment)
        else:
            times = self._of_subjects(operand)
            times = times if this is None else times.take(this.person)
        for amount, unit in operand.shifts:
            times = shift(times, amount, unit)
        return times

    def days(
        self, operand: n.Operand, bound: Bound, this: EventRows | None = None, other: EventRows | None = None
    ) -> Ints:
        """The earliest (``lo``) or latest (``hi``) days of :meth:`operand`, without what else it is."""
        if operand.source == "constant":
            return _constant_day(operand)
        if operand.source in ("this", "other"):
            return shift_days(_side(operand, this, other).days(operand.moment, bound), operand.shifts)
        if this is None:
            return self._shifted_days(operand, bound)
        if operand.shifts and len(this) < self.people.count:
            return shift_days(self._of_subjects(operand).bound(bound).take(this.person), operand.shifts)
        return self._shifted_days(operand, bound).take(this.person)

    def _of_subjects(self, operand: n.Operand) -> Times:
        """The operand's times for everybody, before they are shifted."""
        if operand.source == "birth":
            return self.people.birth
        return self.people.death if operand.source == "death" else cast(Times, self.get(operand.anchor))

    def _shifted_days(self, operand: n.Operand, bound: Bound) -> Ints:
        """Days of everybody, shifted once for all rows and windows that ask, as long as the anchor is known."""
        kept = self._shifted.setdefault(operand.anchor, {})
        if (operand, bound) not in kept:
            kept[operand, bound] = shift_days(self._of_subjects(operand).bound(bound), operand.shifts)
        return kept[operand, bound]

    def compare(
        self, c: n.Comparison, this: EventRows | None = None, other: EventRows | None = None, sure: bool = True
    ) -> Bools:
        """Where a comparison holds, for each of the rows ``this`` and ``other``, or (without rows) each subject."""
        if c.exact:
            left, right = self.operand(c.left, this, other), self.operand(c.right, this, other)
            return compare(left, c.op, right, exact=True, sure=sure)
        ours, theirs = bounds_compared(c.op, sure)
        return ordered(self.days(c.left, ours, this, other), c.op, self.days(c.right, theirs, this, other))

    def number(self, rows: EventRows, column: str, unit: str | None) -> Floats:
        """A number column of rows, converted to ``unit`` if given: once for all bounds that it is compared with."""
        if (column, unit) not in rows.converted:
            rows.converted[column, unit] = self._number(rows.numbers, column, unit)
        return rows.converted[column, unit]

    def _number(self, rows: Ints, column: str, unit: str | None) -> Floats:
        numbers = self.events.numbers[column].take(rows)
        if unit is None or column != "value":
            return numbers
        units = self.events.unit
        found = [conversion(word, unit) for word in (*units.words, "")]
        factors = np.array([np.nan if c is None else c.factor for c in found])
        offsets = np.array([np.nan if c is None else c.offset for c in found])
        code = units.codes.take(rows)
        return np.asarray(np.round(numbers * factors[code] + offsets[code], DECIMALS))

    def counts(self, rows: EventRows, *, by_day: bool) -> Ints:
        """How many of the rows, or of the different days on which they start, each subject has."""
        person = rows.person
        if by_day:
            start = rows.times("start")
            person = one_per_day(person, start.lo, start.is_a_date())
        return np.bincount(person, minlength=self.people.count)

    def ages_at(self, at: n.Operand, *, months: bool) -> Ages:
        """The possible ages of everybody at a moment."""
        if (at, months) not in self.ages:
            moment = self.operand(at)
            self.ages[at, months] = ages(self.people.birth, moment, months=months)
        return self.ages[at, months]

    def whole_day(self, operands: tuple[n.Operand, ...], choose: np.ufunc = np.maximum) -> WholeDay:
        """The latest (or by ``np.minimum`` the earliest) of some days for everybody, and for whom it is known."""
        if (operands, choose) not in self._whole_days:
            lo, hi = ([self.days(operand, bound) for operand in operands] for bound in _BOUNDS)
            day = Times(reduce(choose, lo), reduce(choose, hi))
            known = (day.lo == day.hi) & day.is_a_date()
            everybody = self.people.count
            self._whole_days[operands, choose] = WholeDay(np.full(everybody, day.lo), np.full(everybody, known))
        return self._whole_days[operands, choose]


def _side(operand: n.Operand, this: EventRows | None, other: EventRows | None) -> EventRows:
    """The rows whose moment an operand is."""
    return cast(EventRows, this if operand.source == "this" else other)


def _constant_day(operand: n.Operand) -> Ints:
    return np.asarray(operand.day, dtype=np.int32)  # a wider number would widen the columns it is compared with


__all__ = ["Evaluation", "Kernel"]
