"""A report as Excel workbooks: one for the practice, one for each payer."""

from __future__ import annotations

from measureharmony.reports.workbook.workbook import write_workbook

__all__ = ["write_workbook"]
