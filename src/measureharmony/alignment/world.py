"""A person that nobody has seen yet, and the sets of their events, as the solver sees them.

The world holds one row for each way in which questions say "there is an event …", and tells every set about every row:
what holds in each such world holds for each person, because a person's events can only add facts to those of the rows.
So a question without an answer here has none in any data. The reverse is not sure: choices among events, sums and
links are only roughly known to the solver, which is why what it finds is evaluated before it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

import z3

from measureharmony.alignment import masks
from measureharmony.alignment.codes import CodeFacts
from measureharmony.alignment.enrolment import ends_no_later
from measureharmony.alignment.logic import Formula, Logic, Whole, all_of, any_of, implies, negated, same_truth
from measureharmony.alignment.moments import UNKNOWN, Moment, Shifts, constant, where
from measureharmony.alignment.rows import Row, Words, any_moment, order_key
from measureharmony.alignment.signatures import Signatures
from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.nodes import NodeId, Operand
from measureharmony.evaluation.plan import EvaluationPlan

#: Rows that relations lead to, and rows that lead from those on, are looked at so deep.
DEEPEST = 1
#: So many rows are made at the most; beyond, "there is an event" is asked without a row to show.
MOST_ROWS = 400
#: Up to so many rows are shown for a count.
MOST_OF_COUNT = 3


@dataclass(frozen=True)
class Everyone:
    """What holds of every row that is there: ``says`` of those that can be in ``rows`` at all."""

    rows: NodeId
    says: Callable[[Row], Formula]


class World:
    """One person before all the questions of one measure.

    ``plain`` may be assumed to get somebody ordinary to look at: days are known, and the rows are all there is.
    ``opaque`` are nodes, with all that they lead to, of which nothing is known but whether they hold, of a row or of
    the person. That allows more than data do: what cannot be even so, cannot be. And there is much less to write down.
    """

    deepest = DEEPEST

    def __init__(
        self, plan: EvaluationPlan, facts: CodeFacts, opaque: frozenset[NodeId] = frozenset(),
        context: z3.Context | None = None,
    ):  # fmt: skip
        self.plan, self.facts = plan, facts
        self.opaque = {number for number in opaque if not isinstance(plan.nodes[number], n.Index)}
        self.logic, self.words = Logic(context), Words()
        self.solver = z3.Solver(ctx=self.logic.context)
        self.signatures = Signatures(plan, facts)
        self.shifts = Shifts(self.logic, self.require)
        self.plain = self.logic.truth("plain")
        birth = any_moment(self.logic, "birth", self.require)
        self.birth = Moment(birth.lo, birth.hi)
        self.death = any_moment(self.logic, "death", self.require)
        self.stated: dict[str, Whole] = {}
        self.rows: list[Row] = []
        self.index: Row | None = None
        self._everyone: list[Everyone] = []
        self._exists: dict[NodeId, Formula] = {}
        self._inside: dict[tuple[int, NodeId], Formula] = {}
        self._masks: dict[tuple[int, NodeId], Formula] = {}
        self._shown: dict[NodeId, Row] = {}
        self._single: dict[NodeId, Row | None] = {}
        self._best: dict[NodeId, Whole] = {}
        self._anchors: dict[tuple[NodeId, str], Moment] = {}
        self._first: dict[NodeId, Row] = {}
        self._counts: dict[tuple[NodeId, bool], Whole] = {}
        self._families: dict[tuple[NodeId, bool], tuple[Row, ...]] = {}
        self.covered_until: dict[NodeId, Moment] = {}
        self.relations: list[masks.Asked] = []

    def require(self, formula: Formula) -> None:
        """The formula holds in this world."""
        if formula is not True:
            self.solver.add(formula if formula is not False else z3.BoolVal(False, self.logic.context))

    def node(self, number: NodeId) -> n.Node:
        """A node of the plan."""
        return self.plan.nodes[number]

    # --- rows --------------------------------------------------------------------------------------------------------

    def new_row(self, name: str, present: Formula, origin: NodeId, depth: int = 0) -> Row:
        """A row that can be in the set ``origin``; every set is told about it."""
        row = Row(
            f"{name}{len(self.rows)}", self.logic, self.words, self.facts, self.require,
            present=present, origin=origin, kinds=self.signatures.kinds(origin), depth=depth,
        )  # fmt: skip
        self.rows.append(row)
        for everyone in tuple(self._everyone):
            self._tell(everyone, row)
        return row

    def of_everyone(self, rows: NodeId, says: Callable[[Row], Formula]) -> None:
        """``says`` holds of every row that is there (it is only asked of those that can be in ``rows``)."""
        everyone = Everyone(rows, says)
        self._everyone.append(everyone)
        for row in tuple(self.rows):
            self._tell(everyone, row)

    def told(self, rows: NodeId) -> list[Row]:
        """The rows that can be in a set."""
        return [row for row in self.rows if self.signatures.can_hold(rows, row.origin)]

    def _tell(self, everyone: Everyone, row: Row) -> None:
        if self.signatures.can_hold(everyone.rows, row.origin):
            self.require(implies(row.present, everyone.says(row)))

    @property
    def is_full(self) -> bool:
        """No more rows are made."""
        return len(self.rows) >= MOST_ROWS

    # --- sets --------------------------------------------------------------------------------------------------------

    def inside(self, row: Row, rows: NodeId) -> Formula:
        """The row (if it is there) is in the set."""
        key = (id(row), rows)
        if key not in self._inside:
            opaque = rows in self.opaque
            self._inside[key] = row.free(rows, "inside") if opaque else self._is_inside(row, rows, self.node(rows))
        return self._inside[key]

    def _is_inside(self, row: Row, rows: NodeId, node: n.Node) -> Formula:
        match node:
            case n.Match():
                kinds = not node.kinds or row.is_of_kind(node.kinds)
                coded = node.codes is None or any_of(row.is_coded(node.role, ref) for ref in node.codes)
                done = True if node.not_done is None else row.not_done if node.not_done else negated(row.not_done)
                return all_of([kinds, coded, done])
            case n.Index():
                return self._is(row, cast(Row, self.index))
            case n.Union():
                return any_of(self.inside(row, part) for part in node.sets)
            case n.Keep():
                return all_of([self.inside(row, node.rows), self.mask(row, node.mask)])
            case n.ChooseSpaced() | n.ChooseOfChains():
                self.exists(rows)  # where some row could be chosen, one is
                return all_of([self.inside(row, node.rows), self._eligible(row, node), row.free(rows, "chosen")])
            case n.ChooseByTime() if node.choice.endswith("_day"):
                moment = row.moment(node.moment)
                on_it = moment.lo == self._best_day(rows, node)
                return all_of([self.inside(row, node.rows), negated(moment.unknown), on_it])
        single = cast(Row, self.single(rows))
        return all_of([self.exists(rows), self._is(row, single), self.inside(row, node.rows)])  # type: ignore[union-attr]

    def _is(self, row: Row, other: Row) -> Formula:
        return True if row is other else row.free(("same", id(other)), "same")

    def mask(self, row: Row, mask: NodeId) -> Formula:
        """The condition on rows holds for the row."""
        key = (id(row), mask)
        if key not in self._masks:
            opaque = mask in self.opaque
            self._masks[key] = row.free(mask, "mask") if opaque else masks.formula(self, row, mask)
        return self._masks[key]

    def _eligible(self, row: Row, node: n.Node) -> Formula:
        """The row can be chosen at all: what is chosen by time must have one."""
        if isinstance(node, (n.ChooseByTime, n.ChooseSpaced)):
            return negated(row.moment(node.moment).unknown)
        if isinstance(node, n.ChooseOfChains):
            start, end = row.moment("start"), row.moment("end")
            return all_of([start.is_a_date, start.certain, end.certain, start.lo <= end.lo])
        return True

    # --- "there is one" ----------------------------------------------------------------------------------------------

    def exists(self, rows: NodeId) -> Formula:
        """The person has a row in the set."""
        if rows not in self._exists:
            self._exists[rows] = self._some(rows, self.node(rows))
        return self._exists[rows]

    def _some(self, rows: NodeId, node: n.Node) -> Formula:
        match node:
            case n.Index():
                return True
            case _ if rows in self.opaque:
                pass
            case n.Union():
                return any_of(self.exists(part) for part in node.sets)
            case n.Keep() if (single := self.single(node.rows)) is not None:
                return all_of([self.exists(node.rows), self.mask(single, node.mask)])
            case n.ChooseByTime() | n.ChooseByNumber() if (single := self.single(node.rows)) is not None:
                return all_of([self.exists(node.rows), self._eligible(single, node)])
            case n.ChooseByTime() | n.ChooseByNumber() if not node.choice.endswith("_day"):
                self.single(rows)
                return self._exists[rows]
        there = self.logic.truth("exists")
        self._exists[rows] = there
        if not self.is_full and rows not in self.opaque:
            row = self._shown[rows] = self.new_row("row", there, rows)
            self.require(implies(there, self.inside(row, rows)))
        self.of_everyone(rows, lambda row: implies(self.inside(row, rows), there))
        if rows not in self.opaque and isinstance(node, (n.ChooseByTime, n.ChooseSpaced, n.ChooseOfChains)):
            inner = node.rows
            self.of_everyone(
                inner, lambda row: implies(all_of([self.inside(row, inner), self._eligible(row, node)]), there)
            )
        return there

    def single(self, rows: NodeId) -> Row | None:
        """The row of a set that never has two; ``None`` for other sets."""
        if rows not in self._single:
            node = self.node(rows)
            self._single[rows] = None
            if isinstance(node, n.Index):
                self._single[rows] = self.index
            elif isinstance(node, (n.Keep, n.ChooseByTime, n.ChooseByNumber, n.ChooseSpaced, n.ChooseOfChains)):
                self._single[rows] = self.single(node.rows)
                one_row = isinstance(node, (n.ChooseByTime, n.ChooseByNumber)) and not node.choice.endswith("_day")
                if self._single[rows] is None and one_row:
                    self._single[rows] = self._chosen(rows, cast(n.ChooseByTime, node))
        return self._single[rows]

    def _chosen(self, rows: NodeId, node: n.ChooseByTime | n.ChooseByNumber) -> Row:
        """The one row that is chosen, and that every other row that could have been stands behind."""
        if rows in self.opaque:
            row = self.new_row("chosen", self.exists(rows), rows)
            self.require(implies(row.present, self.inside(row, rows)))
            return row
        there = self._exists[rows] = self.logic.truth("exists")
        inner = node.rows
        row = self.new_row("chosen", there, inner)
        self.require(implies(there, all_of([self.inside(row, inner), self._eligible(row, node)])))

        def stands_behind(other: Row) -> Formula:
            if other is row:
                return True
            could = all_of([self.inside(other, inner), self._eligible(other, node)])
            behind, ties = _prefers(node, row, other)
            order = row.rank > other.rank if node.choice == "last" else row.rank < other.rank
            in_order = implies(all_of([self.plain, ties]), order)
            return implies(could, all_of([there, behind, in_order]))

        self.of_everyone(inner, stands_behind)
        return row

    def _best_day(self, rows: NodeId, node: n.ChooseByTime) -> Whole:
        """The first or last day among the rows of a choice of all rows of one day."""
        if rows not in self._best:
            best = self._best[rows] = self.logic.whole("best_day")

            def no_better(row: Row) -> Formula:
                moment = row.moment(node.moment)
                could = all_of([self.inside(row, node.rows), negated(moment.unknown)])
                return implies(could, best <= moment.lo if node.choice == "first_day" else moment.lo <= best)

            self.of_everyone(node.rows, no_better)
            self.exists(rows)  # some row is on that day
        return self._best[rows]

    def count(self, rows: NodeId, *, by_day: bool) -> Whole:
        """How many rows (or different days of their start) the person has in the set."""
        if (rows, by_day) not in self._counts:
            number = self._counts[rows, by_day] = self.logic.whole("count")
            self.require(number >= 0)
            there = self.exists(rows)
            if not by_day:
                self.require(same_truth(there, number >= 1))
                if self.single(rows) is not None:
                    self.require(number <= 1)
            else:
                self.require(number <= self.count(rows, by_day=False))
                self.of_everyone(rows, lambda row: implies(self._is_dated(row, rows), number >= 1))
            if rows not in self.opaque:
                self._several(rows, number, by_day=by_day)
        return self._counts[rows, by_day]

    def _is_dated(self, row: Row, rows: NodeId) -> Formula:
        return all_of([self.inside(row, rows), row.moment("start").is_a_date])

    def _several(self, rows: NodeId, number: Whole, *, by_day: bool) -> None:
        """Different rows to show for a count: on different days where days are counted."""
        if self.single(rows) is not None:
            return
        family = [self._shown[rows]] if rows in self._shown and not by_day else []
        for least in range(len(family) + 1, MOST_OF_COUNT + 1):
            if self.is_full:
                break
            row = self.new_row("one_of", number >= least, rows)
            self.require(implies(row.present, self.inside(row, rows)))
            if by_day:
                self.require(implies(row.present, row.moment("start").is_a_date))
                later = row.moment("start").lo > family[-1].moment("start").lo if family else True
                self.require(implies(row.present, later))
            family.append(row)
        self._families[rows, by_day] = tuple(family)
        for key, counted in self._counts.items():
            self._counts_at_least(key, counted, (rows, by_day))
            if key != (rows, by_day):
                self._counts_at_least((rows, by_day), number, key)

    def _counts_at_least(self, key: tuple[NodeId, bool], number: Whole, shown: tuple[NodeId, bool]) -> None:
        """What shows one count counts in every other set that holds it."""
        (rows, by_day), (origin, on_days) = key, shown
        if key == shown or (by_day and not on_days) or not self.signatures.can_hold(rows, origin):
            return
        so_far: list[Formula] = []
        for least, row in enumerate(self._families.get(shown, ()), start=1):
            so_far += [row.present, self.inside(row, rows)]
            self.require(implies(all_of(so_far), number >= least))

    @property
    def counts(self) -> Mapping[tuple[NodeId, bool], Whole]:
        """The counts asked for, by set and whether of days."""
        return self._counts

    # --- times -------------------------------------------------------------------------------------------------------

    def operand(self, operand: Operand, this: Row | None = None, other: Row | None = None) -> Moment:
        """The moment that an operand means, of one row or of two."""
        match operand.source:
            case "constant":
                return constant(operand.day, operand.ms)
            case "birth":
                moment = self.birth
            case "death":
                moment = self.death
            case "anchor":
                moment = self._anchor(operand.anchor)
            case _:
                moment = cast(Row, this if operand.source == "this" else other).moment(operand.moment)
        for amount, unit in operand.shifts:
            moment = self.shifts.shifted(moment, amount, unit)
        return moment

    def _anchor(self, number: NodeId) -> Moment:
        node = self.node(number)
        if isinstance(node, n.CoveredUntil):
            if number not in self.covered_until:
                self.covered_until[number] = self._new_end(node)
            return self.covered_until[number]
        assert isinstance(node, n.AnchorTime)
        key = (node.rows, node.moment)
        if number in self.opaque and key not in self._anchors:
            self._anchors[key] = any_moment(self.logic, "anchor", self.require)
        if key not in self._anchors:
            there = self.exists(node.rows)
            row = self.single(node.rows) or self._first_of(node.rows, there)
            self._anchors[key] = where(there, row.moment(node.moment), UNKNOWN)
        return self._anchors[key]

    def _new_end(self, node: n.CoveredUntil) -> Moment:
        """The end of coverage: a day or unknown, and no later than that by rules which ask for less."""
        mine = any_moment(self.logic, "covered_until", self.require)
        self.require(any_of([mine.unknown, mine.certain]))
        for number, other in self.covered_until.items():
            their = cast(n.CoveredUntil, self.node(number))
            if ends_no_later(node, their):
                self.require(any_of([mine.unknown, all_of([other.certain, mine.lo <= other.lo])]))
            if ends_no_later(their, node):
                self.require(any_of([other.unknown, all_of([mine.certain, other.lo <= mine.lo])]))
        return mine

    def _first_of(self, rows: NodeId, there: Formula) -> Row:
        """Some row of the set: which one is first in the source's order, nobody knows."""
        if rows not in self._first:
            row = self._first[rows] = self.new_row("first", there, rows)
            self.require(implies(there, self.inside(row, rows)))
        return self._first[rows]


def _prefers(node: n.ChooseByTime | n.ChooseByNumber, chosen: Row, other: Row) -> tuple[Formula, Formula]:
    """The chosen row comes before the other, or ties with it; and: it ties."""
    if isinstance(node, n.ChooseByTime):
        one, two = order_key(chosen.moment(node.moment)), order_key(other.moment(node.moment))
        return (one >= two if node.choice == "last" else one <= two), one == two
    unit = node.unit if node.column == "value" else None
    (known, one), (other_known, two) = chosen.number(node.column, unit), other.number(node.column, unit)
    lowest = node.choice == "lowest"
    both = implies(all_of([known, other_known]), one <= two if lowest else one >= two)
    gaps = implies(negated(other_known), negated(known)) if node.missing_first else implies(other_known, known)
    return all_of([both, gaps]), all_of([same_truth(known, other_known), implies(known, one == two)])


__all__ = ["World"]
