"""Outcomes as a file, without a table of them all in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from measureharmony.evaluation.outcome_form import OUTCOME_COLUMNS
from measureharmony.evaluation.outcomes import Outcomes
from measureharmony.reports.tables import ROWS_IN_GROUP, ResultTable, TableFormat, write_groups

NAME = "outcomes"
#: So many rows are made at once: what arrays of them take is used again, and stays in the processor's cache (measured).
_ROWS_AT_ONCE = 1 << 18


@dataclass(frozen=True)
class OutcomesToWrite:
    """Outcomes that are made a table as far as they are written; the file is that of the whole table."""

    outcomes: Outcomes
    name: str = NAME

    def write(self, folder: str | Path, formats: Collection[TableFormat]) -> list[Path]:
        """As :meth:`ResultTable.write`."""
        if formats != ("parquet",):
            return ResultTable(self.name, self.outcomes.table(), OUTCOME_COLUMNS).write(folder, formats)
        path = Path(folder) / f"{self.name}.parquet"
        write_groups(self._groups(), path)
        return [path]

    def _groups(self) -> Iterator[pa.Table]:
        for start in range(0, max(len(self.outcomes), 1), ROWS_IN_GROUP):
            stop = min(start + ROWS_IN_GROUP, max(len(self.outcomes), 1))
            pieces = range(start, stop, _ROWS_AT_ONCE)
            yield pa.concat_tables(self.outcomes.table(one, min(one + _ROWS_AT_ONCE, stop)) for one in pieces)


__all__ = ["NAME", "OutcomesToWrite"]
