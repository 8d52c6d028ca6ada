"""The nodes of an EvaluationPlan that yield rows, or a mask over rows (``evaluation.nodes`` says what that is)."""

from __future__ import annotations

from dataclasses import dataclass

from measureharmony.evaluation.operands import Comparison, NodeId, Op

# --- rows ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Match:
    """Events of ``kinds`` (empty: any) with a coding, in ``role``, among ``codes`` (``None``: any event of the kinds).

    ``not_done``: only records of things not done, only the others, or (``None``) both.
    """

    kinds: tuple[str, ...]
    role: str
    codes: tuple[str, ...] | None
    not_done: bool | None


@dataclass(frozen=True)
class Index:
    """The event that is counted, where subjects are episodes: one row each."""


@dataclass(frozen=True)
class Union:
    """Rows in any of these sets."""

    sets: tuple[NodeId, ...]


@dataclass(frozen=True)
class Keep:
    """The rows of ``rows`` where ``mask`` is true."""

    rows: NodeId
    mask: NodeId


@dataclass(frozen=True)
class ChooseByTime:
    """``first``, ``last``, ``first_day`` or ``last_day`` of each person's rows by a moment."""

    rows: NodeId
    choice: str
    moment: str


@dataclass(frozen=True)
class ChooseSpaced:
    """Each person's first row by a moment, then each next one at least ``days`` after the one chosen before."""

    rows: NodeId
    moment: str
    days: int


@dataclass(frozen=True)
class ChooseOfChains:
    """The ``first`` or ``last`` row of each chain: each starts at most ``days`` after the end of those before it."""

    rows: NodeId
    choice: str
    days: int


@dataclass(frozen=True)
class ChooseByNumber:
    """``lowest`` or ``highest`` of each person's rows by a number column."""

    rows: NodeId
    choice: str
    column: str
    unit: str
    missing_first: bool


# --- masks ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WordIn:
    """The word column holds one of ``words``; ``None`` among them accepts an empty cell."""

    rows: NodeId
    column: str
    words: tuple[str | None, ...]


@dataclass(frozen=True)
class Arrived:
    """The row's source is one of ``arrivals``, and it was received by that one's day (``None``: whenever).

    Each is (source, day, lag): what has no received date counts from ``lag`` days after it began.
    """

    rows: NodeId
    arrivals: tuple[tuple[str, int | None, int], ...]


@dataclass(frozen=True)
class OfSubjects:
    """The row belongs to a subject of whom ``part`` is true."""

    rows: NodeId
    part: NodeId


@dataclass(frozen=True)
class AnyWordIn:
    """The words column holds any of ``words``, or nothing at all (the source does not say)."""

    rows: NodeId
    column: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class InRows:
    """The row is also in another set."""

    rows: NodeId
    other: NodeId


@dataclass(frozen=True)
class Compare:
    """A time of the row against an operand."""

    rows: NodeId
    comparison: Comparison
    sure: bool


@dataclass(frozen=True)
class HasValue:
    """The row has (``present``) or has no result."""

    rows: NodeId
    present: bool


@dataclass(frozen=True)
class NumberIs:
    """A number column against a bound, converted to ``unit`` if given."""

    rows: NodeId
    column: str
    op: Op
    bound: float
    unit: str | None
    sure: bool


@dataclass(frozen=True)
class DailyDoseIs:
    """Quantity × strength ÷ days of supply against a bound.

    ``sets`` are the rows of the drugs of each strength; ``amounts`` what a piece, or one of ``units``, holds.
    """

    rows: NodeId
    sets: tuple[NodeId, ...]
    amounts: tuple[float, ...]
    units: tuple[str | None, ...]
    op: Op
    bound: float
    sure: bool


@dataclass(frozen=True)
class AgeAtRow:
    """Completed years of the person on the date of the row's moment."""

    rows: NodeId
    moment: str
    from_: int | None
    to: int | None
    sure: bool


@dataclass(frozen=True)
class Related:
    """Some row of ``others``, of the same person, stands to this row as all of this says.

    ``alike``: sets of rows; both are in one and the same of them.
    """

    rows: NodeId
    others: NodeId
    comparisons: tuple[Comparison, ...]
    link: str | None
    distinct: bool
    alike: tuple[NodeId, ...] = ()


@dataclass(frozen=True)
class MaskAll:
    """All of these masks."""

    masks: tuple[NodeId, ...]


@dataclass(frozen=True)
class MaskAny:
    """Any of these masks."""

    masks: tuple[NodeId, ...]


@dataclass(frozen=True)
class MaskNot:
    """Not this mask."""

    mask: NodeId


RowsNode = Match | Index | Union | Keep | ChooseByTime | ChooseSpaced | ChooseOfChains | ChooseByNumber
MaskNode = (
    WordIn | Arrived | OfSubjects | AnyWordIn | InRows | Compare | HasValue | NumberIs | DailyDoseIs | AgeAtRow
    | Related | MaskAll | MaskAny | MaskNot
)  # fmt: skip

__all__ = [
    "AgeAtRow", "AnyWordIn", "Arrived", "ChooseByNumber", "ChooseByTime", "ChooseOfChains", "ChooseSpaced",
    "Compare", "DailyDoseIs", "HasValue", "InRows", "Index", "Keep", "MaskAll", "MaskAny", "MaskNode", "MaskNot",
    "Match", "NumberIs", "OfSubjects", "Related", "RowsNode", "Union", "WordIn",
]  # fmt: skip
