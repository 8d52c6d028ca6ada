"""Conditions on a subject, as formulas about the person of a world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from measureharmony.alignment.enrolment import Asking, Covers, implied
from measureharmony.alignment.logic import (
    Formula,
    Whole,
    all_of,
    any_of,
    at_least_of,
    implies,
    negated,
    same_truth,
)  # fmt: skip
from measureharmony.alignment.masks import bounded, within_ages
from measureharmony.alignment.moments import compare, last_birthday
from measureharmony.alignment.world import World
from measureharmony.evaluation import nodes as n
from measureharmony.evaluation import number_nodes as nn
from measureharmony.evaluation.columns import NEVER_ENDS, SINCE_EVER
from measureharmony.evaluation.nodes import NodeId, Operand

#: Conditions of which, where they are opaque, nothing is written down at all; others are short.
_OF_EVENTS = (n.CountIs, n.DaysCoveredAre, nn.NumberWithin)
#: The numbers of words of sex and gender.
_STATED = {"sex": ("female", "male"), "gender": ("female", "male", "other", "unknown")}


@dataclass(frozen=True)
class Days:
    """Days of a window that are covered by events: how many of how many, and whether the window is known at all."""

    node: n.DaysCoveredAre | nn.DaysCoveredIn
    known: Formula
    covered: Whole
    counted: Whole
    shares: dict[float, Formula]


class Subjects:
    """Makes formulas of subject nodes, each once, and puts what they say about each other into the world."""

    def __init__(self, world: World):
        self.world = world
        self._formulas: dict[NodeId, Formula] = {}
        self._days: dict[object, Days] = {}
        self._ages: dict[tuple[Operand, bool], tuple[Formula, Whole, Whole]] = {}
        self._numbers: dict[NodeId, tuple[Formula, Any]] = {}
        self.enrolled: dict[NodeId, Formula] = {}

    def holds(self, number: NodeId) -> Formula:
        """The condition holds for the person."""
        if number not in self._formulas:
            node = self.world.node(number)
            is_opaque = number in self.world.opaque and isinstance(node, _OF_EVENTS)
            self._formulas[number] = (
                self.world.logic.truth("opaque") if is_opaque else _SUBJECTS[type(node)](self, number, node)
            )
        return self._formulas[number]

    # --- words, ages, moments ----------------------------------------------------------------------------------------

    def _person_word(self, _: NodeId, node: n.PersonWord) -> Formula:
        words, stated = _STATED[node.column], self.stated(node.column)
        is_word = stated == words.index(node.word)
        return is_word if node.sure else any_of([is_word, stated == -1])

    def stated(self, column: str) -> Whole:
        """The number of the sex or gender that the source states; -1 for none."""
        if column not in self.world.stated:
            stated = self.world.stated[column] = self.world.logic.whole(column)
            self.world.require(all_of([stated >= -1, stated < len(_STATED[column])]))
        return self.world.stated[column]

    def _age_at(self, _: NodeId, node: n.AgeAt) -> Formula:
        size = 1 if node.months else 12
        bounds = None if node.from_ is None else node.from_ * size, None if node.to is None else (node.to + 1) * size
        if node.at.source == "constant" and SINCE_EVER < node.at.day < NEVER_ENDS:
            return self._age_by_birthday(node.at.day, bounds, sure=node.sure)
        known, youngest, oldest = self._ages_at(node.at, months=node.months)
        return within_ages(known, youngest, oldest, (node.from_, node.to), sure=node.sure)

    def _age_by_birthday(self, at: int, bounds: tuple[int | None, int | None], *, sure: bool) -> Formula:
        """To be old enough on a known day is to be born early enough."""
        birth, (from_, below) = self.world.birth, bounds
        late, early = (birth.hi, birth.lo) if sure else (birth.lo, birth.hi)
        old = True if from_ is None else late <= last_birthday(at, from_)
        young = True if below is None else early > last_birthday(at, below)
        inside = all_of([old, young])
        return all_of([birth.is_a_date, inside]) if sure else any_of([negated(birth.is_a_date), inside])

    def _ages_at(self, at: Operand, *, months: bool) -> tuple[Formula, Whole, Whole]:
        if (at, months) not in self._ages:
            world, moment = self.world, self.world.operand(at)
            youngest, oldest = world.logic.whole("youngest"), world.logic.whole("oldest")
            world.require(youngest <= oldest)
            known = all_of([world.birth.is_a_date, moment.is_a_date])
            self._ages[at, months] = known, youngest, oldest
        return self._ages[at, months]

    def _moment_is(self, _: NodeId, node: n.MomentIs) -> Formula:
        c, world = node.comparison, self.world
        return compare(world.operand(c.left), c.op, world.operand(c.right), exact=c.exact, sure=node.sure)

    # --- events ------------------------------------------------------------------------------------------------------

    def _count_is(self, _: NodeId, node: n.CountIs) -> Formula:
        if node.at_most is None and node.at_least is not None and node.at_least <= 1 and not node.by_day:
            return self.world.exists(node.rows) if node.at_least == 1 else True
        number = self.world.count(node.rows, by_day=node.by_day)
        enough = True if node.at_least is None else number >= node.at_least
        return all_of([enough, True if node.at_most is None else number <= node.at_most])

    def _days_covered_are(self, _: NodeId, node: n.DaysCoveredAre) -> Formula:
        days = self.days(node)
        enough = True if node.at_least is None else days.covered >= node.at_least
        share = True if node.share is None else self._share(node, node.share)
        return all_of([days.known, days.counted >= 1, enough, share])

    def days(self, node: n.DaysCoveredAre | nn.DaysCoveredIn) -> Days:
        """How many days of the node's window there are, and are covered."""
        key = _days_key(node)
        if key not in self._days:
            logic, require = self.world.logic, self.world.require
            days = Days(node, logic.truth("known"), logic.whole("covered"), logic.whole("counted"), {})
            require(all_of([days.covered >= 0, days.covered <= days.counted]))
            require(implies(days.covered >= 1, any_of(self.world.exists(rows) for rows in node.sets)))
            length = fixed_length(node.start, node.end)
            if length is not None:
                require(all_of([days.known, days.counted <= length]))
                require(days.counted == length if not node.excepted else True)
            self._days[key] = days
        return self._days[key]

    def _share(self, node: n.DaysCoveredAre, share: float) -> Formula:
        """So great a part of the days: whoever reaches it reaches every smaller one."""
        days, length = self.days(node), fixed_length(node.start, node.end)
        if length is not None and not node.excepted:
            enough = np.flatnonzero(np.arange(length + 1) >= share * length)
            return days.covered >= int(enough[0]) if len(enough) else False
        shares = days.shares
        if share not in shares:
            mine = self.world.logic.truth("share")
            for other, holds in shares.items():
                self.world.require(implies(holds, mine) if other > share else implies(mine, holds))
            shares[share] = mine
        return shares[share]

    def _enrolled_over(self, number: NodeId, node: n.EnrolledOver) -> Formula:
        mine = self.enrolled[number] = self.world.logic.truth("enrolled")
        for other, holds in self.enrolled.items():
            their = cast(n.EnrolledOver, self.world.node(other))
            self.world.require(implies(mine, holds) if implied(node, their) else True)
            self.world.require(implies(holds, mine) if implied(their, node) else True)
        return mine

    @property
    def days_asked(self) -> tuple[Days, ...]:
        """The days of windows that questions have asked about so far."""
        return tuple(self._days.values())

    @property
    def covers(self) -> Covers:
        """The questions about coverage so far, for whoever looks for coverage that answers them."""
        asked = (*self.enrolled, *self.world.covered_until)
        return {number: cast(Asking, self.world.node(number)) for number in asked}

    # --- numbers -----------------------------------------------------------------------------------------------------

    def _number_within(self, _: NodeId, node: nn.NumberWithin) -> Formula:
        known, number = self.number(node.number)
        return bounded(known, number, node.op, self.world.logic.number(node.bound), sure=node.sure)

    def number(self, number: NodeId) -> tuple[Formula, Any]:
        """Whether a number of the person is known, and the number: nothing else is known of most of them."""
        if number not in self._numbers:
            self._numbers[number] = self._number(number)
        return self._numbers[number]

    def _number(self, number: NodeId) -> tuple[Formula, Any]:
        logic, require, node = self.world.logic, self.world.require, self.world.node(number)
        known, value = logic.truth("number_known"), logic.real("number")
        match node:
            case nn.UnknownNumber():
                return False, value
            case nn.CountOf():
                require(value == self.world.count(node.rows, by_day=node.by_day))
                return True, value
            case nn.DaysCoveredIn():
                days = self.days(node)
                require(value == days.covered if not node.as_share else all_of([value >= 0, value <= 1]))
                require(same_truth(known, all_of([days.known, not node.as_share or days.counted >= 1])))
            case nn.DaysIn() if (length := fixed_length(node.start, node.end)) is not None:
                require(value == length)
                return True, value
            case nn.Plus() | nn.Ratio():
                require(implies(known, all_of(self.number(part)[0] for part in node.parts)))
        return known, value

    # --- combinations ------------------------------------------------------------------------------------------------

    def _all(self, _: NodeId, node: n.All) -> Formula:
        return all_of([self.holds(part) for part in node.parts])

    def _any(self, _: NodeId, node: n.Any) -> Formula:
        return any_of([self.holds(part) for part in node.parts])

    def _no(self, _: NodeId, node: n.Not) -> Formula:
        return negated(self.holds(node.part))

    def _some(self, _: NodeId, node: n.AtLeastOf) -> Formula:
        return at_least_of(node.n, [self.holds(part) for part in node.parts])


def _days_key(node: n.DaysCoveredAre | nn.DaysCoveredIn) -> object:
    return node.sets, node.excepted, node.start, node.end, node.saved_up


def fixed_length(start: tuple[Operand, ...], end: tuple[Operand, ...]) -> int | None:
    """How many days a window has that is the same for everybody; ``None`` for others."""
    if any(operand.source != "constant" or not SINCE_EVER < operand.day < NEVER_ENDS for operand in (*start, *end)):
        return None
    return max(min(operand.day for operand in end) - max(operand.day for operand in start) + 1, 0)


#: What makes a formula of each sort of condition.
_SUBJECTS: dict[type, Callable[[Subjects, NodeId, Any], Formula]] = {
    n.Constant: lambda subjects, number, node: node.value,
    n.PersonWord: Subjects._person_word, n.AgeAt: Subjects._age_at, n.MomentIs: Subjects._moment_is,
    n.Exists: lambda subjects, number, node: subjects.world.exists(node.rows),
    n.CountIs: Subjects._count_is, n.DaysCoveredAre: Subjects._days_covered_are,
    n.EnrolledOver: Subjects._enrolled_over, nn.NumberWithin: Subjects._number_within,
    n.All: Subjects._all, n.Any: Subjects._any, n.Not: Subjects._no, n.AtLeastOf: Subjects._some,
}  # fmt: skip

__all__ = ["Days", "Subjects", "fixed_length"]
