"""Runs kept in a small DuckDB file: rates over time, and which gaps each run opened and closed, and by what."""

from measureharmony.history.history import CHANGE_COLUMNS, RATE_HISTORY_COLUMNS, RUN_COLUMNS, History

__all__ = ["CHANGE_COLUMNS", "RATE_HISTORY_COLUMNS", "RUN_COLUMNS", "History"]
