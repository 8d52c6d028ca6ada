"""What the tests of this folder share: two small versions of a measure, and how the one stands to the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from measureharmony.alignment import Alignment, Claim, align_pairs
from measureharmony.measures.library import Library
from measureharmony.payers import Programs
from measureharmony.payers.variant import OwnCoverage, Variant
from measureharmony.periods import Period
from measureharmony.specs import Specs
from tests.criteria.example import VALUE_SETS, YEAR, measure

SPECS = Specs(Library(), Programs({}, {}), VALUE_SETS)


def version(
    numerator: str = "{always: true}",
    *,
    program: str = "north",
    key: str = "example",
    populations: str = "initial_population: {always: true}",
    sections: str = "",
    period: Period = YEAR,
    own: OwnCoverage | None = None,
    sources: Mapping[str, tuple[str, ...]] | None = None,
    rates: list[dict[str, Any]] | None = None,
) -> Variant:
    made = measure(sections, f"{{{populations}, numerator: {numerator}}}", rates).model_copy(update={"measure": key})
    return Variant(program, made, period, own, sources or {})


def aligned(one: Variant, other: Variant) -> Alignment:
    return align_pairs(SPECS, [(one, other)], smallest=False)[0]


def claim(one: Variant, other: Variant) -> Claim:
    """About the numerators."""
    return aligned(one, other).claim("rate", "numerator")
