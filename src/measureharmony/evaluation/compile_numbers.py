"""Numbers of a subject → nodes: the part of the compiler that knows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from measureharmony.evaluation import number_nodes as nn
from measureharmony.evaluation.nodes import NodeId, Operand
from measureharmony.measures.criterion import CoveredDays, NumberIn
from measureharmony.measures.names import Name
from measureharmony.measures.number import INTERCEPT, NumberRef, SubjectNumber
from measureharmony.measures.window import WindowRef

if TYPE_CHECKING:
    from measureharmony.evaluation.compile import Compiler


def number_within(compiler: Compiler, test: NumberIn, sure: bool) -> list[NodeId]:
    """A condition for each bound of a number; all must hold."""
    number = number_node(compiler, test.of)
    return [
        compiler.plan.add(nn.NumberWithin(number, op, bound, sure)) for op, bound in compiler.bounds_of(test.bounds)
    ]


def number_node(compiler: Compiler, ref: NumberRef) -> NodeId:
    """The node that yields a number, named or written out."""
    if isinstance(ref, Name):
        return number_node(compiler, compiler.measure.numbers[ref])
    return compiler.once("number", ref, lambda: _TYPES[ref.type](compiler, ref))


def _count(compiler: Compiler, number: SubjectNumber) -> NodeId:
    assert number.count is not None
    return compiler.plan.add(nn.CountOf(compiler.events(number.count.of), number.count.distinct == "day"))


def _sum(compiler: Compiler, number: SubjectNumber) -> NodeId:
    asked = number.sum
    assert asked is not None
    rows = compiler.union(asked.of)
    per = 1.0 if asked.per is None else float(cast(float, asked.per))
    return compiler.plan.add(nn.SumOf(rows, asked.amount, asked.unit, per, asked.round or ""))


def _covered(compiler: Compiler, covered: CoveredDays | None, *, as_share: bool) -> NodeId:
    assert covered is not None
    days = _days(compiler, covered.within)
    if days is None:
        return compiler.plan.add(nn.UnknownNumber())
    sets, excepted = (tuple(sorted(set(map(compiler.events, some)))) for some in (covered.of, covered.except_))
    return compiler.plan.add(nn.DaysCoveredIn(sets, excepted, *days, covered.shift, as_share))


def _days_covered(compiler: Compiler, number: SubjectNumber) -> NodeId:
    return _covered(compiler, number.days_covered, as_share=False)


def _share_covered(compiler: Compiler, number: SubjectNumber) -> NodeId:
    return _covered(compiler, number.share_covered, as_share=True)


def _days_in(compiler: Compiler, number: SubjectNumber) -> NodeId:
    assert number.days_in is not None
    days = _days(compiler, number.days_in)
    return compiler.plan.add(nn.UnknownNumber() if days is None else nn.DaysIn(*days))


def _days(compiler: Compiler, window: WindowRef) -> tuple[tuple[Operand, ...], tuple[Operand, ...]] | None:
    """First and last day of a window; ``None`` where it is open."""
    days = compiler.first_and_last_day(window)
    return days if all(days) else None


def _age(compiler: Compiler, number: SubjectNumber) -> NodeId:
    assert number.age is not None
    return compiler.plan.add(nn.AgeOf(compiler.operand(number.age.at), number.age.unit == "months"))


def _plus(compiler: Compiler, number: SubjectNumber) -> NodeId:
    return compiler.plan.add(nn.Plus(tuple(number_node(compiler, part) for part in number.plus or ())))


def _ratio(compiler: Compiler, number: SubjectNumber) -> NodeId:
    assert number.ratio is not None
    above, below = number.ratio
    return compiler.plan.add(nn.Ratio((number_node(compiler, above), number_node(compiler, below))))


def _risk(compiler: Compiler, number: SubjectNumber) -> NodeId:
    risk = number.risk
    assert risk is not None
    weights = compiler.variant.risk_tables.get(risk.table)
    if weights is None:
        return compiler.plan.add(nn.UnknownNumber())
    names = sorted(risk.features)
    parts = tuple(compiler.criterion(risk.features[name]) for name in names)
    by_feature = tuple(weights[name] for name in names)
    return compiler.plan.add(nn.RiskOf(parts, by_feature, weights[INTERCEPT], risk.link == "logistic"))


#: What compiles each key of a number.
_TYPES: Mapping[str, Callable[[Compiler, SubjectNumber], NodeId]] = {
    "count": _count, "sum": _sum, "days_covered": _days_covered, "share_covered": _share_covered,
    "days_in": _days_in, "age": _age, "plus": _plus, "ratio": _ratio, "risk": _risk,
}  # fmt: skip

__all__ = ["number_node", "number_within"]
