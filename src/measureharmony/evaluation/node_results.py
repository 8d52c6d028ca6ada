"""The results of a plan's nodes over one partition of people, and the times and numbers that kernels ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, cast

import numpy as np

from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.columns import Bools, Floats, Ints, Partition, Times
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.row_kernels import one_per_day
from measureharmony.evaluation.time_kernels import Ages, WholeDay, ages, compare, earliest, latest, shift
from measureharmony.evaluation.units import DECIMALS, conversion

#: What computes the result of a node of one kind.
Kernel = Callable[["Evaluation", Any], Any]


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
        # Payers move age bands more often than the day on which ages are taken.
        self.ages: dict[tuple[n.Operand, bool], Ages] = {}

    def get(self, number: n.NodeId) -> Any:
        """The result of a node, computed now if it is not known yet."""
        found = self.results.get(number)
        if found is None:
            node = self.plan.nodes[number]
            found = self.results[number] = self._kernels[type(node)](self, node)
        return found

    def moment(self, rows: Ints, moment: str) -> Times:
        """A moment of rows; ``latest`` and ``earliest`` are of start and end."""
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
        """Where a comparison holds, for each entry of ``person`` and of the rows ``this`` and ``other``."""
        left, right = self.operand(c.left, person, this, other), self.operand(c.right, person, this, other)
        return compare(left, c.op, right, exact=c.exact, sure=sure)

    def number(self, rows: Ints, column: str, unit: str | None) -> Floats:
        """A number column of rows, converted to ``unit`` if given."""
        numbers = self.events.numbers[column][rows]
        if unit is None or column != "value":
            return numbers
        units = self.events.unit
        found = [conversion(word, unit) for word in (*units.words, "")]
        factors = np.array([np.nan if c is None else c.factor for c in found])
        offsets = np.array([np.nan if c is None else c.offset for c in found])
        code = units.codes[rows]
        return np.asarray(np.round(numbers * factors[code] + offsets[code], DECIMALS))

    def counts(self, rows: Ints, *, by_day: bool) -> Ints:
        """How many of the rows, or of the different days on which they start, each subject has."""
        person = self.events.person[rows]
        if by_day:
            start = self.events.times["start"].take(rows)
            person = one_per_day(person, start.lo, start.is_a_date())
        return np.bincount(person, minlength=self.people.count)

    def ages_at(self, at: n.Operand, *, months: bool) -> Ages:
        """The possible ages of everybody at a moment."""
        if (at, months) not in self.ages:
            moment = self.operand(at, np.arange(self.people.count))
            self.ages[at, months] = ages(self.people.birth, moment, months=months)
        return self.ages[at, months]

    def whole_day(self, operands: tuple[n.Operand, ...], choose: np.ufunc = np.maximum) -> WholeDay:
        """The latest (or by ``np.minimum`` the earliest) of some days for everybody, and for whom it is known."""
        everybody = np.arange(self.people.count)
        times = [self.operand(operand, everybody) for operand in operands]
        day = Times(reduce(choose, [time.lo for time in times]), reduce(choose, [time.hi for time in times]))
        known = (day.lo == day.hi) & day.is_a_date()
        return WholeDay(np.broadcast_to(day.lo, everybody.shape), np.broadcast_to(known, everybody.shape))


__all__ = ["Evaluation", "Kernel"]
