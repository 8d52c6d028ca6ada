"""Conditions on a row, as formulas about what the solver may choose for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from measureharmony.alignment.logic import Formula, Whole, all_of, any_of, implies, negated, same_truth
from measureharmony.alignment.moments import compare, term
from measureharmony.alignment.signatures import relation
from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.nodes import NodeId
from measureharmony.evaluation.plan import LINK_COLUMNS

if TYPE_CHECKING:
    from measureharmony.alignment.rows import Row
    from measureharmony.alignment.world import World


def formula(world: World, row: Row, mask: NodeId) -> Formula:
    """The condition holds for the row."""
    node = world.node(mask)
    return _MASKS[type(node)](world, row, node)


def bounded(known: Formula, number: Whole, op: n.Op, bound: Whole, *, sure: bool) -> Formula:
    """A number against a bound; one that is not known is possible, never certain."""
    holds = {
        "ge": lambda: number >= bound, "gt": lambda: number > bound,
        "le": lambda: number <= bound, "lt": lambda: number < bound,
    }[op]()  # fmt: skip
    return all_of([known, holds]) if sure else any_of([negated(known), holds])


def _word_in(world: World, row: Row, node: n.WordIn) -> Formula:
    return row.has_word(node.column, node.words)


def _any_word_in(world: World, row: Row, node: n.AnyWordIn) -> Formula:
    return row.has_any_word(node.column, node.words)


def _in_rows(world: World, row: Row, node: n.InRows) -> Formula:
    return world.inside(row, node.other)


def _compare(world: World, row: Row, node: n.Compare) -> Formula:
    c = node.comparison
    left, right = world.operand(c.left, this=row), world.operand(c.right, this=row)
    return compare(left, c.op, right, exact=c.exact, sure=node.sure)


def _has_value(world: World, row: Row, node: n.HasValue) -> Formula:
    some = row.word("value_type") >= 0
    return some if node.present else negated(some)


def _number_is(world: World, row: Row, node: n.NumberIs) -> Formula:
    known, number = row.number(node.column, node.unit if node.column == "value" else None)
    return bounded(known, number, node.op, world.logic.number(node.bound), sure=node.sure)


def _daily_dose_is(world: World, row: Row, node: n.DailyDoseIs) -> Formula:
    known, number = row.number("daily_dose", (node.sets, node.amounts, node.units))
    return bounded(known, number, node.op, world.logic.number(node.bound), sure=node.sure)


def _age_at_row(world: World, row: Row, node: n.AgeAtRow) -> Formula:
    known, youngest, oldest = row.age(node.moment)
    moment = row.moment(node.moment)
    world.require(same_truth(known, all_of([world.birth.is_a_date, moment.is_a_date])))
    for years in {node.from_, None if node.to is None else node.to + 1} - {None}:
        between = ((youngest, moment.lo, world.birth.hi), (oldest, moment.hi, world.birth.lo))
        for age, at, born in between:
            lived = term(at) - term(born)
            _require_about(world, all_of([known, age >= years]), lived, years, older=True)
            _require_about(world, all_of([known, age < years]), lived, years, older=False)
    return within_ages(known, youngest, oldest, (node.from_, node.to), sure=node.sure)


def _require_about(world: World, when: Formula, lived: Whole, years: Any, *, older: bool) -> None:
    """So many years are between 365 and 366 days each; somebody plain keeps clear of the difference."""
    world.require(implies(when, lived >= 365 * years if older else lived < 366 * max(years, 0)))
    clear = lived >= 366 * years if older else lived < 365 * years
    world.require(implies(all_of([world.plain, when]), clear))


def within_ages(
    known: Formula, youngest: Whole, oldest: Whole, bounds: tuple[int | None, int | None], *, sure: bool
) -> Formula:
    """The age lies within the bounds, both included; one that is not known is possible, never certain."""
    low, high = (youngest, oldest) if sure else (oldest, youngest)
    inside = all_of([bounds[0] is None or low >= bounds[0], bounds[1] is None or high <= bounds[1]])
    return all_of([known, inside]) if sure else any_of([negated(known), inside])


# --- relations -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """Whether some row of ``others`` stands to ``row`` as ``stands_so`` says: ``holds``."""

    row: Row
    others: NodeId
    stands_so: Callable[[Row], Formula]
    holds: Formula


def _related(world: World, row: Row, node: n.Related) -> Formula:
    """Some row of ``others`` stands so to this one: true with a row to show, false if every row there denies it."""
    key = relation(node)
    if key in row.others:
        return row.others[key]
    holds = row.free(key, "related")

    def relation_to(other: Row) -> Formula:
        asked = [world.inside(other, node.others)]
        for c in node.comparisons:
            left, right = world.operand(c.left, row, other), world.operand(c.right, row, other)
            asked.append(compare(left, c.op, right, exact=c.exact, sure=True))
        if node.link:
            asked.append(_linked(row, other, node.link))
        if node.alike:
            asked.append(any_of(all_of([world.inside(row, k), world.inside(other, k)]) for k in node.alike))
        if node.distinct:
            asked.append(False if row is other else negated(row.free(("same", id(other)), "same")))
        return all_of(asked)

    known: dict[int, Formula] = {}

    def stands_so(other: Row) -> Formula:
        if id(other) not in known:
            known[id(other)] = relation_to(other)
        return known[id(other)]

    if row.depth < world.deepest and key in world.signatures.relations(row.origin) and not world.is_full:
        shown = world.new_row("related", all_of([row.present, holds]), node.others, row.depth + 1)
        world.require(implies(shown.present, stands_so(shown)))
    world.relations.append(Asked(row, node.others, stands_so, holds))
    world.of_everyone(node.others, lambda other: implies(stands_so(other), holds))
    return holds


def _linked(row: Row, other: Row, link: str) -> Formula:
    pointing, pointed = (other, row) if link in ("component", "fulfilment") else (row, other)
    return pointing.free(("link", LINK_COLUMNS[link], id(pointed)), "link")


_MASKS: dict[type, Callable[[World, Row, Any], Formula]] = {
    n.WordIn: _word_in, n.AnyWordIn: _any_word_in, n.InRows: _in_rows, n.Compare: _compare, n.HasValue: _has_value,
    n.NumberIs: _number_is, n.DailyDoseIs: _daily_dose_is, n.AgeAtRow: _age_at_row, n.Related: _related,
    n.MaskAll: lambda world, row, node: all_of([world.mask(row, part) for part in node.masks]),
    n.MaskAny: lambda world, row, node: any_of([world.mask(row, part) for part in node.masks]),
    n.MaskNot: lambda world, row, node: negated(world.mask(row, node.mask)),
}  # fmt: skip

__all__ = ["Asked", "bounded", "formula", "within_ages"]
