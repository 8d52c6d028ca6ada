"""The catalogue: every measure with its identifiers, parameters and value sets; found by id or words, read as prose."""

from __future__ import annotations

from measureharmony.catalogue.entry import Entry, entries
from measureharmony.catalogue.page import crosswalk_page, index_page, measure_page
from measureharmony.catalogue.search import Found, search

__all__ = ["Entry", "Found", "crosswalk_page", "entries", "index_page", "measure_page", "search"]
