"""One canonical set of quality measures, every payer's version of them, one pass over one practice's data.

>>> import measureharmony as mh
>>> specs = mh.load_specs()
>>> practice = mh.demo_practice(people=200)
>>> results = mh.evaluate(practice, specs)
>>> len(results.rates) > 0
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from measureharmony.first_use import imported_at_first_use

if TYPE_CHECKING:
    from measureharmony.comparison import Comparison, compare
    from measureharmony.errors import DataError, Issue, MeasureHarmonyError, SpecError, UsageError
    from measureharmony.harmonize import arrange, check_value_sets, demo_practice, divergence, evaluate
    from measureharmony.practice import Practice, from_tables
    from measureharmony.practice.source import read_practice
    from measureharmony.reports.results import Results
    from measureharmony.reports.tables import ResultTable
    from measureharmony.specs import Specs, load_specs, read_specs

#: Public names and where they live; each is imported when it is first used, so that importing the package is quick.
_HOMES = {
    "Comparison": "measureharmony.comparison",
    "compare": "measureharmony.comparison",
    "DataError": "measureharmony.errors",
    "Issue": "measureharmony.errors",
    "MeasureHarmonyError": "measureharmony.errors",
    "SpecError": "measureharmony.errors",
    "UsageError": "measureharmony.errors",
    "Practice": "measureharmony.practice",
    "from_tables": "measureharmony.practice",
    "read_practice": "measureharmony.practice.source",
    "Specs": "measureharmony.specs",
    "arrange": "measureharmony.harmonize",
    "check_value_sets": "measureharmony.harmonize",
    "demo_practice": "measureharmony.harmonize",
    "divergence": "measureharmony.harmonize",
    "evaluate": "measureharmony.harmonize",
    "load_specs": "measureharmony.specs",
    "read_specs": "measureharmony.specs",
    "ResultTable": "measureharmony.reports.tables",
    "Results": "measureharmony.reports.results",
}


__getattr__ = imported_at_first_use(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)


__all__ = [
    "Comparison", "DataError", "Issue", "MeasureHarmonyError", "Practice", "ResultTable", "Results", "SpecError",
    "Specs", "UsageError", "arrange", "check_value_sets", "compare", "demo_practice", "divergence", "evaluate",
    "from_tables", "load_specs", "read_practice", "read_specs",
]  # fmt: skip
