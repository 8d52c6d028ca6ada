"""The nodes of an EvaluationPlan: what the kernels can compute.

Children are node numbers, so a node is a small flat value and equal sub-expressions are equal nodes, whoever asked for
them. Three families, by what a node yields for one partition of people:

* **rows**: the numbers of some event rows, ascending (which is by person, then the source's order);
* **mask**: one boolean per row of a *rows* node;
* **subject**: one entry per person: a boolean, a time, a row number, or a number (``evaluation.number_nodes``).

``sure`` on a comparison asks for "certainly true"; without it the node says "possibly true", which negation needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from measureharmony.evaluation.number_nodes import NumberNode

NodeId = int
Op = Literal["ge", "gt", "le", "lt"]
Source = Literal["this", "other", "constant", "birth", "death", "anchor"]


@dataclass(frozen=True)
class Operand:
    """A time to compare with: a moment of a row, a fixed day, or a moment of the subject, shifted.

    ``moment`` names the moment of ``this`` or ``other``. A constant has its ``day`` and its exact ``ms``. An
    ``anchor`` is the number of an :class:`AnchorTime` or :class:`CoveredUntil` node. ``shifts`` are (amount, unit), in
    order; constants come already shifted.
    """

    source: Source
    moment: str = ""
    day: int = 0
    ms: int | None = None
    anchor: NodeId = -1
    shifts: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Comparison:
    """``left op right``, by calendar day as written or by exact instant."""

    left: Operand
    op: Op
    right: Operand
    exact: bool


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


# --- subjects ------------------------------------------------------------------------------------------------------


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


RowsNode = Match | Index | Union | Keep | ChooseByTime | ChooseSpaced | ChooseOfChains | ChooseByNumber
MaskNode = (
    WordIn | Arrived | OfSubjects | AnyWordIn | InRows | Compare | HasValue | NumberIs | DailyDoseIs | AgeAtRow
    | Related | MaskAll | MaskAny | MaskNot
)  # fmt: skip
SubjectNode = (
    Constant | Exists | CountIs | DaysCoveredAre | AgeAt | PersonWord | MomentIs | EnrolledOver | ListedOn | All
    | Any | Not | AtLeastOf | AnchorTime | CoveredUntil | LatestRow | LastDay | EarliestOf | LatestOf
)  # fmt: skip
Node = RowsNode | MaskNode | SubjectNode | NumberNode


def children(node: Node) -> tuple[NodeId, ...]:
    """The nodes a node reads, in no particular order."""
    found: list[NodeId] = []
    for name in ("rows", "mask", "other", "others", "part", "number"):
        value = getattr(node, name, None)
        if isinstance(value, int):
            found.append(value)
    for name in ("sets", "excepted", "masks", "parts", "had", "alike"):
        found.extend(getattr(node, name, ()))
    found.extend(operand.anchor for operand in operands(node) if operand.source == "anchor")
    return tuple(found)


def operands(node: Node) -> tuple[Operand, ...]:
    """Every operand a node mentions."""
    found: list[Operand] = []
    comparisons = list(getattr(node, "comparisons", ()))
    if isinstance(node, (Compare, MomentIs)):
        comparisons.append(node.comparison)
    for comparison in comparisons:
        found += [comparison.left, comparison.right]
    for name in ("at", "start", "end", "anchor"):
        value = getattr(node, name, None)
        found += [part for part in (value if isinstance(value, tuple) else (value,)) if isinstance(part, Operand)]
    return tuple(found)
