"""A payer's own gap list beside our outcomes: who agrees, and the cause of every difference."""

from measureharmony.reconciliation.causes import CAUSES, DISPUTE_COLUMNS, SUMMARY_COLUMNS
from measureharmony.reconciliation.profile import Profile, ReconciliationError, read_profile
from measureharmony.reconciliation.reconcile import Reconciliation, reconcile

__all__ = [
    "CAUSES",
    "DISPUTE_COLUMNS",
    "SUMMARY_COLUMNS",
    "Profile",
    "Reconciliation",
    "ReconciliationError",
    "read_profile",
    "reconcile",
]
