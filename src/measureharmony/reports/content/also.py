"""What a report shows beside a run's own tables, where somebody gives it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.reports.tables import ResultTable


@dataclass(frozen=True)
class Also:
    """Tables that a report shows where they are given; without one, what it would say is left out.

    ``titles`` are what programs are called. ``rate_statistics``: intervals; ``targets``: what programs want, and how
    many people it takes; ``payments``: what they pay (of these three, the run's own unless given); ``program_gaps``:
    what it takes to close a gap for a program; ``differences``: a program's version against the canonical one, in
    sentences (:mod:`measureharmony.comparison`), all programs' rows in one table; ``divergence``: whom that moves
    (table ``divergence_counts``); ``earlier_rates``: the rates of earlier runs, with the day of each run in a column
    ``as_of``.
    """

    titles: Mapping[str, str] = field(default_factory=dict)
    rate_statistics: ResultTable | None = None
    targets: ResultTable | None = None
    payments: ResultTable | None = None
    program_gaps: ResultTable | None = None
    differences: ResultTable | None = None
    divergence: ResultTable | None = None
    earlier_rates: ResultTable | None = None


def rows_of(table: ResultTable | None) -> list[dict[str, object]]:
    """The rows of a table that may not be there."""
    return table.to_dicts() if table is not None else []


def by_rate(table: ResultTable | None) -> Mapping[tuple[str, str, str], dict[str, object]]:
    """The rows of a table by program, measure and rate; those of strata are left out."""
    rows = (row for row in rows_of(table) if not row.get("stratum"))
    return {(str(row["program"]), str(row["measure"]), str(row["rate"])): row for row in rows}


def parts_of(table: pa.Table, column: str) -> Iterator[tuple[str, pa.Table]]:
    """The rows of each value of a text column, values in the order of the table."""
    for value in pc.unique(table[column]).to_pylist():
        yield str(value), table.filter(pc.equal(table[column], value))


__all__ = ["Also", "by_rate", "parts_of", "rows_of"]
