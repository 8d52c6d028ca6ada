"""Times that nodes compare, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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


__all__ = ["Comparison", "NodeId", "Op", "Operand", "Source"]
