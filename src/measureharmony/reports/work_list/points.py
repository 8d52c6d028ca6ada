"""The points of a gap, and in words how they come about. Gaps alike in measure, programs and due day have the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from measureharmony.measures.plain_words import how_many
from measureharmony.reports.work_list.weights import Weights

_TENTH = Decimal("0.1")

#: What one more closed gap earns: amount and currency, by program, measure and rate.
Earnings = Mapping[tuple[str, str, str], tuple[Decimal, str]]


@dataclass(frozen=True)
class Kind:
    """What decides the points of a gap."""

    measure: str
    rate: str
    programs: tuple[str, ...]
    due: dt.date | None


@dataclass(frozen=True)
class Valued:
    """The points of a gap, in tenths, what closing it earns in each currency, and the points in words."""

    tenths: int
    amounts: Mapping[str, Decimal]
    steps: str


def valued(kind: Kind, weights: Weights, earnings: Earnings, day: dt.date) -> Valued:
    """What a gap of some kind is worth on ``day``."""
    amounts: dict[str, Decimal] = {}
    for program in kind.programs:
        if found := earnings.get((program, kind.measure, kind.rate)):
            amounts[found[1]] = amounts.get(found[1], Decimal(0)) + found[0]
    parts = [(_rounded(points), why) for points, why in _parts(kind, weights, amounts, day) if points]
    total = sum((points for points, _ in parts), Decimal(0))
    return Valued(int(total * 10), amounts, " + ".join(f"{points} {why}".strip() for points, why in parts))


def _parts(kind: Kind, weights: Weights, amounts: Mapping[str, Decimal], day: dt.date) -> Iterator[tuple[Decimal, str]]:
    yield weights.measures.get(kind.measure, weights.gap), f"for {kind.measure}"
    further = len(kind.programs) - 1
    if further > 0:
        yield weights.further_program * further, f"for {how_many(further, 'more payer')}"
    if weights.due and kind.due:
        left = (kind.due - day).days
        near = max(0, weights.due.within_days - left)
        yield weights.due.points * near / weights.due.within_days, f"due in {left} days"
    if weights.per_amount:
        for currency, amount in sorted(amounts.items()):
            yield weights.per_amount.points * amount / weights.per_amount.amount, f"for {amount} {currency}"


def _rounded(points: Decimal) -> Decimal:
    return points.quantize(_TENTH, ROUND_HALF_UP)


__all__ = ["Earnings", "Kind", "Valued", "valued"]
