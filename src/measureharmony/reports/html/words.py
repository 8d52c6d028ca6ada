"""Figures as the page writes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from measureharmony.reports.content.differing import Differing, RateEffect
from measureharmony.reports.content.figures import Figure


def number(value: float | None) -> str:
    """``1,234``; nothing where there is no number."""
    return "" if value is None else f"{value:,}"


def percent(value: float | None) -> str:
    """``68.0 %``."""
    return "–" if value is None else f"{100 * value:.1f} %"


def bound(value: float) -> str:
    """``70 %``, ``72.5 %``: without needless digits."""
    return f"{round(100 * value, 4):g} %"


def chance(value: float) -> str:
    """A probability; never as certain as 0 or 100 %."""
    return "> 99 %" if value > 0.99 else "< 1 %" if value < 0.01 else f"{100 * value:.0f} %"


def points(value: float | None) -> str:
    """Percentage points with their sign; a real minus."""
    return "–" if value is None else f"{round(value, 1) + 0:+.1f}".replace("-", "−")


def sortable(value: float | None) -> str:
    """What a column is sorted by; empty values go last."""
    return "" if value is None else f"{value:.6g}"


def money(amount: object, currency: object) -> str:
    """``1,250.00 USD``; nothing where there is no amount."""
    return "" if amount is None else f"{amount:,} {currency or ''}".strip()


def place(share: float) -> str:
    """Where a share stands on the strip of a table, which is 150 wide and has a margin of 4."""
    return f"{4 + 142 * min(max(share, 0.0), 1.0):.1f}"


def span(period: tuple[dt.date, dt.date]) -> str:
    """A calendar year by its number, any other period by its first and last day."""
    start, end = period
    whole = (start.month, start.day, end.month, end.day) == (1, 1, 12, 31) and start.year == end.year
    return str(start.year) if whole else f"{start} to {end}"


def period_of(lines: Sequence[tuple[str, Figure]]) -> str:
    """The different periods of some figures."""
    return ", ".join(dict.fromkeys(span(figure.period) for _, figure in lines))


def excluded(figure: Figure) -> int | None:
    """How many are excluded or excepted; ``None`` where that is not told."""
    if not figure.counts:
        return None
    return figure.counts["denominator_exclusion"] + figure.counts["denominator_exception"]


def moving(found: Differing) -> list[RateEffect]:
    """The rates for which the differences move somebody."""
    return [effect for effect in found.effects if effect.together.moved and effect.causes]


def moved_words(effect: RateEffect, title: str) -> str:
    """Whom all differences of a rate move together, in a sentence. ``title``: the rate's, as figures have it."""
    together = effect.together
    rate = "" if together.points is None else f"; the rate changes by {points(together.points)} points"
    return f"{title}: {together.moved:,} of {together.subjects:,} people end up elsewhere{rate}"


def value_sets_in_words(value_sets: Sequence[Mapping[str, object]]) -> str:
    """How many value sets are complete, partial and missing."""
    states = [str(one["state"]) for one in value_sets]
    counted = [(states.count(state), state) for state in ("complete", "partial", "missing")]
    return ", ".join(f"{count:,} {state}" for count, state in counted if count) or "none"


__all__ = [
    "bound", "chance", "excluded", "money", "moved_words", "moving", "number", "percent", "period_of", "place",
    "points", "sortable", "span", "value_sets_in_words",
]  # fmt: skip
