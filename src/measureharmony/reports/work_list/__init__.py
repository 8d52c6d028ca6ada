"""One work list for all payers: per person one line: what is to be done, for whom, until when, and how urgently."""

from measureharmony.reports.work_list.table import WORK_COLUMNS, work_list
from measureharmony.reports.work_list.weights import Weights, read_weights

__all__ = ["WORK_COLUMNS", "Weights", "read_weights", "work_list"]
