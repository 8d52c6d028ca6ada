"""Small numbers: how sure a rate is, what is known of it from others, and what can be counted together.

Needs SciPy (``pip install 'measureharmony[statistics]'``), which is imported when a number is asked for that needs it.
"""

from measureharmony.statistics.intervals import Interval, clopper_pearson, wilson
from measureharmony.statistics.pooling import Aligned, same_definition
from measureharmony.statistics.spread import JEFFREYS, Spread, chance_of_meeting, spread_of
from measureharmony.statistics.tables import (
    GROUP_COLUMNS,
    STATISTIC_COLUMNS,
    Method,
    group_table,
    statistics_table,
)

__all__ = [
    "GROUP_COLUMNS", "JEFFREYS", "STATISTIC_COLUMNS", "Aligned", "Interval", "Method", "Spread", "chance_of_meeting",
    "clopper_pearson", "group_table", "same_definition", "spread_of", "statistics_table", "wilson",
]  # fmt: skip
