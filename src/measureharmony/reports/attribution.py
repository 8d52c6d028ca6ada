"""Attribution as tables: whose patient everybody is, how many of each sort, what speaks against rosters, when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from measureharmony.attribution import Asked, Attributed, attribute, attribution_history
from measureharmony.attribution.columns import (
    ATTRIBUTION_COLUMNS,
    COUNT_COLUMNS,
    DISPUTE_COLUMNS,
    HISTORY_COLUMNS,
)
from measureharmony.evaluation.terminology import Terminology
from measureharmony.practice import Practice
from measureharmony.reports.tables import ResultTable
from measureharmony.value_sets import ValueSets


@dataclass(frozen=True)
class Attribution:
    """Whose patients the people of a practice are, for each program of ``asked``; computed when first looked at."""

    practice: Practice
    asked: tuple[Asked, ...]
    value_sets: ValueSets

    @cached_property
    def people(self) -> ResultTable:
        """One row for everybody whom a program attributes to the practice, or whom its payer covers."""
        return ResultTable("attribution", self._found.people, ATTRIBUTION_COLUMNS)

    @cached_property
    def counts(self) -> ResultTable:
        """How many people of the practice are attributed, enrolled, seen, in all eight combinations, by program."""
        return ResultTable("attribution_counts", self._found.counts, COUNT_COLUMNS)

    @cached_property
    def disputes(self) -> ResultTable:
        """What speaks against the programs' rosters."""
        return ResultTable("roster_disputes", self._found.disputes, DISPUTE_COLUMNS)

    @property
    def notes(self) -> Sequence[str]:
        """In sentences, what the dataset lacks for the rules asked for."""
        return self._found.notes

    def history(self, months: int) -> ResultTable:
        """Who was attributed to whom when, looked at on the day asked for and at the ends of the months before it."""
        found = attribution_history(self.practice, self.asked, Terminology.of(self.value_sets), months)
        return ResultTable("attribution_history", found, HISTORY_COLUMNS)

    def write(self, folder: str | Path, months: int = 0) -> list[Path]:
        """Write the tables (Parquet and CSV) into ``folder``, with ``months`` the history too; returns the paths."""
        tables = [self.people, self.counts, self.disputes, *([self.history(months)] if months else [])]
        return [path for table in tables for path in table.write(folder)]

    @cached_property
    def _found(self) -> Attributed:
        return attribute(self.practice, self.asked, Terminology.of(self.value_sets))


__all__ = ["Attribution"]
