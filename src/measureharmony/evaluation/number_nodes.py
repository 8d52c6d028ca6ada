"""The nodes of an EvaluationPlan that yield a number for each subject (a float; NaN where it is unknown).

They are subject nodes like those of ``evaluation.nodes``, which says how nodes name their children.
"""

from __future__ import annotations

from dataclasses import dataclass

from measureharmony.evaluation.operands import NodeId, Op, Operand


@dataclass(frozen=True)
class UnknownNumber:
    """A number that nobody's data can tell."""


@dataclass(frozen=True)
class CountOf:
    """How many rows, or different days of ``start``, the person has in the set."""

    rows: NodeId
    by_day: bool


@dataclass(frozen=True)
class SumOf:
    """A column of the rows (``days``: the days each lasts), divided by ``per``, rounded, added up.

    ``rounding`` is ``up``, ``down`` or empty.
    """

    rows: NodeId
    column: str
    unit: str | None
    per: float
    rounding: str


@dataclass(frozen=True)
class DaysCoveredIn:
    """How many days from the latest ``start`` to the earliest ``end``, both included, rows of the ``sets`` cover.

    ``as_share``: of the days that count. The rest is as in ``DaysCoveredAre``.
    """

    sets: tuple[NodeId, ...]
    excepted: tuple[NodeId, ...]
    start: tuple[Operand, ...]
    end: tuple[Operand, ...]
    saved_up: bool
    as_share: bool


@dataclass(frozen=True)
class DaysIn:
    """How many days there are from the latest ``start`` to the earliest ``end``, both included."""

    start: tuple[Operand, ...]
    end: tuple[Operand, ...]


@dataclass(frozen=True)
class AgeOf:
    """Completed years or months at a point in time."""

    at: Operand
    months: bool


@dataclass(frozen=True)
class Plus:
    """The sum of these numbers, added in this order."""

    parts: tuple[NodeId, ...]


@dataclass(frozen=True)
class Ratio:
    """The first of two numbers divided by the second; unknown where that is 0."""

    parts: tuple[NodeId, NodeId]


@dataclass(frozen=True)
class RiskOf:
    """The intercept and the weights of those conditions that are true, added in this order, then the link."""

    parts: tuple[NodeId, ...]
    weights: tuple[float, ...]
    intercept: float
    logistic: bool


@dataclass(frozen=True)
class NumberWithin:
    """A boolean: the number stands to a bound as ``op`` says."""

    number: NodeId
    op: Op
    bound: float
    sure: bool


NumberNode = UnknownNumber | CountOf | SumOf | DaysCoveredIn | DaysIn | AgeOf | Plus | Ratio | RiskOf | NumberWithin

__all__ = [
    "AgeOf", "CountOf", "DaysCoveredIn", "DaysIn", "NumberNode", "NumberWithin", "Plus", "Ratio", "RiskOf", "SumOf",
    "UnknownNumber",
]  # fmt: skip
