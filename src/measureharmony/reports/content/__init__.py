"""What reports say, as plain data, before it becomes a page, a workbook or a list."""

from __future__ import annotations

from measureharmony.reports.content.also import Also
from measureharmony.reports.content.content import Content, content_of

__all__ = ["Also", "Content", "content_of"]
