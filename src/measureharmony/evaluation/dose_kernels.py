"""How much of a substance a supply of medication gives for each of its days."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from measureharmony.evaluation.columns import Events, Floats, Ints
from measureharmony.evaluation.row_kernels import in_sorted
from measureharmony.evaluation.units import counts_pieces, rounded

#: Ascending rows of the drugs of one strength, what one piece holds, or, where a unit is given, one of that unit.
Strength = tuple[Ints, float, str | None]


def daily_doses(rows: Ints, events: Events, strengths: Iterable[Strength]) -> Floats:
    """Quantity × strength ÷ days of supply of each row; NaN where one of them is missing."""
    unit = events.words["quantity_unit"]
    strength = np.full(len(rows), np.nan)
    undecided = np.ones(len(rows), dtype=bool)
    for members, amount, per in strengths:
        drug = undecided & in_sorted(rows, members)
        fits = [counts_pieces(word) if per is None else word == per for word in (*unit.words, None)]
        strength[drug & np.array(fits)[unit.codes[rows]]] = amount
        undecided &= ~drug
    days = events.numbers["days_supply"][rows]
    days = np.where(days > 0, days, np.nan)
    return rounded(events.numbers["quantity"][rows] * strength / days)


__all__ = ["Strength", "daily_doses"]
