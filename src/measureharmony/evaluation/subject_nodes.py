"""The nodes of an EvaluationPlan that yield one entry for each subject: a boolean, a time, a day, or a row number.

Those that yield a number are in ``evaluation.number_nodes``.
"""

from __future__ import annotations

from dataclasses import dataclass

from measureharmony.evaluation.operands import Comparison, NodeId, Operand


@dataclass(frozen=True)
class Constant:
    """The same for everybody."""

    value: bool


@dataclass(frozen=True)
class Exists:
    """The person has a row in the set."""

    rows: NodeId


@dataclass(frozen=True)
class CountIs:
    """How many rows, or different days of ``start``, the person has in the set."""

    rows: NodeId
    at_least: int | None
    at_most: int | None
    by_day: bool


@dataclass(frozen=True)
class DaysCoveredAre:
    """How many days from the latest ``start`` to the earliest ``end``, both included, rows of the ``sets`` cover.

    ``saved_up``: rows of one set that start too early wait until those before them are used up. Days that rows of the
    ``excepted`` sets cover do not exist.
    """

    sets: tuple[NodeId, ...]
    excepted: tuple[NodeId, ...]
    start: tuple[Operand, ...]
    end: tuple[Operand, ...]
    saved_up: bool
    at_least: int | None
    share: float | None


@dataclass(frozen=True)
class AgeAt:
    """Completed years or months at a point in time."""

    at: Operand
    from_: int | None
    to: int | None
    months: bool
    sure: bool


@dataclass(frozen=True)
class PersonWord:
    """``sex`` or ``gender`` is ``word``; possibly so where it is not stated."""

    column: str
    word: str
    sure: bool


@dataclass(frozen=True)
class MomentIs:
    """A moment of the subject against another."""

    comparison: Comparison
    sure: bool


@dataclass(frozen=True)
class EnrolledOver:
    """Continuous enrolment with one payer from the latest ``start`` to the earliest ``end``, both included.

    ``payer`` ``None``: with some single payer. Empty ``product_lines``: any.
    """

    start: tuple[Operand, ...]
    end: tuple[Operand, ...]
    latest_end: int | None
    gaps: int
    gap_days: int
    anchor: Operand | None
    payer: str | None
    product_lines: tuple[str, ...]
    benefits: tuple[str, ...]


@dataclass(frozen=True)
class ListedOn:
    """A roster span of the program, or (when ``payer`` is given instead) a coverage span, touches the days."""

    program: str | None
    payer: str | None
    product_lines: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True)
class All:
    """All of these."""

    parts: tuple[NodeId, ...]


@dataclass(frozen=True)
class Any:
    """Any of these."""

    parts: tuple[NodeId, ...]


@dataclass(frozen=True)
class Not:
    """Not this."""

    part: NodeId


@dataclass(frozen=True)
class AtLeastOf:
    """At least ``n`` of these."""

    n: int
    parts: tuple[NodeId, ...]


@dataclass(frozen=True)
class AnchorTime:
    """A moment of the person's first row in the set."""

    rows: NodeId
    moment: str


@dataclass(frozen=True)
class CoveredUntil:
    """The last day of the coverage with one payer around a day, but for gaps of at most ``gap_days``.

    ``payer``, ``product_lines`` and ``latest_end`` as in :class:`EnrolledOver`.
    """

    at: Operand
    latest_end: int | None
    gap_days: int
    payer: str | None
    product_lines: tuple[str, ...]
    benefits: tuple[str, ...]


@dataclass(frozen=True)
class LatestRow:
    """The person's row with the latest ``latest`` moment over these sets; -1 without one."""

    sets: tuple[NodeId, ...]


@dataclass(frozen=True)
class LastDay:
    """The earliest of the ``end`` days, as a day number; never comes where none is known."""

    end: tuple[Operand, ...]


@dataclass(frozen=True)
class EarliestOf:
    """The earliest of some days (numbers), those aside whose part of ``had`` is true; never comes where all are."""

    parts: tuple[NodeId, ...]
    had: tuple[NodeId, ...] = ()


@dataclass(frozen=True)
class LatestOf:
    """The latest of some days (numbers)."""

    parts: tuple[NodeId, ...]


SubjectNode = (
    Constant | Exists | CountIs | DaysCoveredAre | AgeAt | PersonWord | MomentIs | EnrolledOver | ListedOn | All
    | Any | Not | AtLeastOf | AnchorTime | CoveredUntil | LatestRow | LastDay | EarliestOf | LatestOf
)  # fmt: skip

__all__ = [
    "AgeAt", "All", "AnchorTime", "Any", "AtLeastOf", "Constant", "CountIs", "CoveredUntil", "DaysCoveredAre",
    "EarliestOf", "EnrolledOver", "Exists", "LastDay", "LatestOf", "LatestRow", "ListedOn", "MomentIs", "Not",
    "PersonWord", "SubjectNode",
]  # fmt: skip
