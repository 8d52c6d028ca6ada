"""A report as one HTML page that needs nothing beside it."""

from __future__ import annotations

from measureharmony.reports.html.page import page

__all__ = ["page"]
