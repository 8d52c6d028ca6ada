"""Wishes for somebody made up to be ordinary: days are known, little is there, and cells hold what they usually do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from measureharmony.alignment import enrolment
from measureharmony.alignment.logic import Formula, Whole, all_of, any_of, choice, implies, negated, same_truth, total
from measureharmony.alignment.moments import Moment, not_after, term
from measureharmony.alignment.questions import Questions
from measureharmony.alignment.rows import Row
from measureharmony.alignment.subjects import Days
from measureharmony.evaluation.columns import NEVER_ENDS
from measureharmony.evaluation.nodes import CoveredUntil, EnrolledOver
from measureharmony.periods import day_number
from measureharmony.practice.contract import DEFAULT_STATUS, ORDER_KINDS

#: Moments that are read off a row; the others are made of them.
WRITTEN = ("start", "end", "authored", "recorded")
_CENTURY = 100 * 366


class Wish(NamedTuple):
    """What somebody would best be like, and a literal that stands for it."""

    literal: Formula
    formula: Formula


class Wishes:
    """Keeps what somebody plain must be like in step with a growing world, and what they would best be like.

    ``rows`` are wishes that there be no more rows than needed; ``cells`` that these hold what such rows usually hold.
    """

    def __init__(self, questions: Questions):
        self._questions, self._world = questions, questions.world
        self.rows: list[Wish] = []
        self._cells: dict[str, list[Wish]] = {}
        self._seen: set[object] = set()
        self._size: object = None
        self._closed: Formula = True
        self.coverage: list[enrolment.Coverage] = []
        self.pattern = self._world.logic.whole("coverage")
        end = max(variant.period.end for variant in questions.versions.variants)
        self._last = day_number(end) + 366
        self._first = day_number(min(variant.period.start for variant in questions.versions.variants))
        self._person()

    def cells(self, rows: Iterable[Row]) -> list[Wish]:
        """The wishes about what these rows hold."""
        return [wish for row in rows for wish in self._cells.get(row.name, ())]

    def renew(self) -> list[Formula]:
        """Take in what has come into the world since; what to assume for somebody plain."""
        size = -1
        while size != len(self._world.rows):  # asking how rows stand to each other may ask for further rows
            size = len(self._world.rows)
            self._close()
        if len(self._questions.subjects.covers) != len(self._seen & set(self._questions.subjects.covers)):
            self._cover()
        for row in self._world.rows:
            self._row(row)
        return [self._world.plain, self._closed]

    def _close(self) -> None:
        """The rows made so far are all there is: counts and relations are about them."""
        world = self._world
        size = len(world.rows), len(world.relations), len(world.counts), len(self._questions.subjects.days_asked)
        if size == self._size:
            return
        self._size, self._closed = size, world.logic.truth("closed")
        for key, number in tuple(world.counts.items()):
            world.require(implies(self._closed, self._exact_count(*key, number)))
        for asked in tuple(world.relations):
            shown = any_of(all_of([o.present, asked.stands_so(o)]) for o in world.told(asked.others))
            world.require(implies(all_of([self._closed, asked.row.present, asked.holds]), shown))
        for days in self._questions.subjects.days_asked:
            for formula in self._exact_days(days):
                world.require(implies(self._closed, formula))

    def _require(self, formula: Formula) -> None:
        self._world.require(implies(self._world.plain, formula))

    def _wish(self, wishes: list[Wish], formula: Formula) -> None:
        literal = self._world.logic.truth("wish")
        self._world.require(implies(literal, formula))
        wishes.append(Wish(literal, formula))

    # --- the person --------------------------------------------------------------------------------------------------

    def _person(self) -> None:
        birth, death = self._world.birth, self._world.death
        self._require(all_of([birth.certain, birth.lo >= self._last - _CENTURY - 366 * 20, birth.lo <= self._last]))
        self._require(all_of([death.certain, death.dated]))
        self._require(any_of([death.lo == NEVER_ENDS, all_of([death.lo >= birth.lo, death.lo <= self._last])]))
        self._wish(self.rows, death.lo == NEVER_ENDS)
        self._wish(self.rows, birth.lo >= self._last - _CENTURY)

    def _cover(self) -> None:
        """Somebody's coverage is one of the patterns that tell the rules of enrolment apart."""
        covers = self._questions.subjects.covers
        self._seen.update(covers)
        self.pattern = self._world.logic.whole("coverage")
        self.coverage = enrolment.patterns(covers)
        kept = enrolment.answers(covers, self.coverage)
        self._require(all_of([self.pattern >= 0, self.pattern < len(self.coverage)]))
        for number, patterns in kept.items():
            keeping = any_of(self.pattern == place for place in patterns.keeping)
            breaking = any_of(self.pattern == place for place in patterns.breaking)
            node = covers[number]
            if isinstance(node, CoveredUntil):
                self._until(node, self._world.covered_until[number], keeping, breaking)
                continue
            mine, valid = self._questions.subjects.enrolled[number], self._has_window(node)
            self._require(implies(keeping, same_truth(mine, valid)))
            self._require(implies(any_of([breaking, negated(valid)]), negated(mine)))
        self._wish(self.rows, self.pattern == 0)

    def _until(self, node: CoveredUntil, until: Moment, keeping: Formula, breaking: Formula) -> None:
        """Coverage without gaps and end goes on for ever, from whichever day is asked for."""
        at = self._world.operand(node.at)
        known = all_of([at.certain, at.is_a_date])
        self._require(any_of([keeping, breaking]))
        self._require(implies(all_of([keeping, known]), all_of([until.lo == NEVER_ENDS, until.hi == NEVER_ENDS])))
        self._require(implies(any_of([breaking, negated(known)]), until.unknown))

    def _has_window(self, node: EnrolledOver) -> Formula:
        """The days over which enrolment is asked for are known, and there are some."""
        if enrolment.fixed_window(node) is not None and node.anchor is None:
            return True
        starts, ends, anchors = (
            [self._world.operand(operand) for operand in some]
            for some in (node.start, node.end, () if node.anchor is None else (node.anchor,))
        )
        known = [all_of([moment.certain, moment.is_a_date]) for moment in (*starts, *ends, *anchors)]
        return all_of([*known, *(not_after(start.lo, end.lo) for start in starts for end in ends)])

    # --- rows --------------------------------------------------------------------------------------------------------

    def _row(self, row: Row) -> None:
        if row.name not in self._seen:
            self._seen.add(row.name)
            if not isinstance(row.present, bool):
                self._wish(self.rows, negated(row.present))
            self._wish_cell(row, negated(row.not_done))
            if not row.kinds:
                self._wish_cell(row, row.is_of_kind(["observation"]))
        self._codes(row)
        for number in row.numbers:
            if (row.name, number) not in self._seen:
                self._seen.add((row.name, number))
                self._wish_cell(row, row.numbers[number][1] >= 0)
        for name, moment in tuple(row.times.items()):
            if name in WRITTEN and (row.name, name) not in self._seen:
                self._seen.add((row.name, name))
                self._moment(row, name, moment)
        for column, cell in tuple(row.columns.items()):
            if (row.name, column) not in self._seen:
                self._seen.add((row.name, column))
                self._wish_cell(row, cell == self._usual(row, column))

    def _codes(self, row: Row) -> None:
        """Codes are those that are loaded: whoever has one is in all sets that hold it."""
        if (row.name, "codes", len(row.codes)) in self._seen:
            return
        self._seen.add((row.name, "codes", len(row.codes)))
        for role in dict.fromkeys(role for role, _ in row.codes):
            mine = {ref: coded for (r, ref), coded in row.codes.items() if r == role}
            for ref, sorts in self._world.facts.classes(mine.keys()).items():
                if any(sort != {ref} for sort in sorts):
                    some = any_of(all_of(mine[other] for other in sorted(sort)) for sort in sorts)
                    self._require(implies(mine[ref], some))

    def _moment(self, row: Row, name: str, moment: Moment) -> None:
        self._require(all_of([moment.certain, moment.dated, moment.lo >= self._world.birth.lo]))
        self._require(any_of([moment.lo <= self._last, moment.lo == NEVER_ENDS if name == "end" else False]))
        if name == "start":
            self._wish_cell(row, all_of([moment.lo >= self._first, moment.lo <= self._last - 366]))
        if name == "end":
            start = row.moment("start")
            self._require(moment.lo >= start.lo)
            at_once = moment.lo == start.lo
            ongoing = moment.lo == NEVER_ENDS
            usual = ongoing if row.kinds == ("condition",) else at_once
            self._wish_cell(row, usual)
            self._moment_seen(row, "start")

    def _moment_seen(self, row: Row, name: str) -> None:
        if (row.name, name) not in self._seen:
            self._seen.add((row.name, name))
            self._moment(row, name, row.moment(name))

    def _usual(self, row: Row, column: str) -> int:
        """The word that a cell holds where nothing is said."""
        kind = row.kinds[0] if row.kinds else "observation"
        intent = "order" if kind in ORDER_KINDS else None
        usual = {"status": DEFAULT_STATUS.get(kind) or None, "source": "ehr", "intent": intent}.get(column)
        return self._world.words.number(column, usual)

    def _wish_cell(self, row: Row, formula: Formula) -> None:
        """Something about a row, if it is there."""
        self._wish(self._cells.setdefault(row.name, []), formula)

    def _exact_days(self, days: Days) -> Iterator[Formula]:
        """None are excepted, and at least as many days are covered as the longest row lasts, at most as all do."""
        world, node = self._world, days.node
        starts, ends = ([world.operand(operand) for operand in some] for some in (node.start, node.end))
        known = all_of(all_of([moment.certain, moment.is_a_date]) for moment in (*starts, *ends))
        first, last = _extreme(starts, latest=True), _extreme(ends, latest=False)
        rows = {id(row): row for rows in node.sets for row in world.told(rows)}.values()
        there = {id(row): all_of([row.present, any_of(world.inside(row, rows) for rows in node.sets)]) for row in rows}
        yield same_truth(days.known, known)
        yield implies(known, days.counted == choice(first <= last, last - first + 1, 0))
        overlaps = []
        for row in rows:
            start, end = term(row.moment("start").lo), term(row.moment("end").lo)
            begin, stop = choice(start >= first, start, first), choice(end <= last, end, last)
            overlaps.append(choice(all_of([there[id(row)], begin <= stop]), stop - begin + 1, 0))
        yield implies(known, all_of([days.covered <= sum(overlaps), *(days.covered >= one for one in overlaps)]))
        for rows_left_out in node.excepted:
            yield negated(world.exists(rows_left_out))
        for share, holds in days.shares.items():
            yield same_truth(holds, days.covered >= world.logic.number(share) * days.counted)

    def _exact_count(self, rows: int, by_day: bool, number: Formula) -> Formula:
        """There are no more than those made."""
        world = self._world
        there = [all_of([row.present, world.inside(row, rows)]) for row in world.told(rows)]
        return number <= total(there) if by_day else number == total(there)


def _extreme(moments: list[Moment], *, latest: bool) -> Whole:
    """The latest or the earliest of some days."""
    found = term(moments[0].lo)
    for moment in moments[1:]:
        day = term(moment.lo)
        found = choice(day >= found if latest else day <= found, day, found)
    return found


__all__ = ["WRITTEN", "Wishes"]
