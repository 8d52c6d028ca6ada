"""Which versions of measures mean what the canonical measure means."""

from __future__ import annotations

from collections.abc import Collection

from measureharmony.payers.variant import CANONICAL
from measureharmony.reports.results import Results


def unchanged(results: Results) -> Collection[str]:
    """The ids of variants that mean what the canonical measure means, whoever's people and period they are about."""
    canonical = {v.measure.measure: v.measure for v in results.variants if v.program == CANONICAL}
    return {v.id for v in results.variants if canonical.get(v.measure.measure) == v.measure and not v.sources}


__all__ = ["unchanged"]
