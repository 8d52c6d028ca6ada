"""Agreement with published test people: a deck of FHIR bundles with expected populations against our outcomes.

A deck folder has one sub-folder per measure (``CMS122``, …) with one bundle per person and ``expected.csv``.
``docs/conformance.md`` describes both.
"""

from measureharmony.conformance.deck import check_deck
from measureharmony.conformance.expected import Expected, read_expected
from measureharmony.conformance.report import DeckReport, Disagreement, MeasureReport

__all__ = ["DeckReport", "Disagreement", "Expected", "MeasureReport", "check_deck", "read_expected"]
