"""Targets and money: how far a program's rates are from what it wants, what that earns, and what more would."""

from measureharmony.incentives.standing import Count, Standing, standings
from measureharmony.incentives.tables import PAYMENT_COLUMNS, TARGET_COLUMNS, payment_table, target_table
from measureharmony.incentives.what_if import WHAT_IF_COLUMNS, closings, what_if_table

__all__ = [
    "PAYMENT_COLUMNS",
    "TARGET_COLUMNS",
    "WHAT_IF_COLUMNS",
    "Count",
    "Standing",
    "closings",
    "payment_table",
    "standings",
    "target_table",
    "what_if_table",
]
