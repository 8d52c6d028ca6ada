"""The demo practice: an invented primary-care practice of any size, the same for the same seed."""

from measureharmony.practice.demo.broken import BROKEN_ROWS
from measureharmony.practice.demo.tables import demo_tables, write_demo

__all__ = ["BROKEN_ROWS", "demo_tables", "write_demo"]
