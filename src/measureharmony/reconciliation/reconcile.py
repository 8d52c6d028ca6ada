"""Reconciling: a payer's list and a practice in, every difference with its cause out."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.errors import UsageError
from measureharmony.harmonize import evaluate
from measureharmony.payers.variant import CANONICAL
from measureharmony.practice import Practice
from measureharmony.reconciliation import queries
from measureharmony.reconciliation.causes import CAUSES, DISPUTE_COLUMNS, SUMMARY_COLUMNS
from measureharmony.reconciliation.payer_list import read_list
from measureharmony.reconciliation.profile import Profile
from measureharmony.reports.results import Results
from measureharmony.reports.safe_cells import write_safe_csv
from measureharmony.reports.standing import standings
from measureharmony.reports.tables import ResultTable
from measureharmony.specs import Specs


@dataclass(frozen=True)
class Reconciliation:
    """What a payer's list and our outcomes say of the same people, and the causes of their differences."""

    every: ResultTable

    @property
    def disputes(self) -> ResultTable:
        """One row per difference, agreements left out."""
        arrow = self.every.arrow
        return ResultTable("disputes", arrow.filter(pc.not_equal(arrow["cause"], "agree")), DISPUTE_COLUMNS)

    @property
    def summary(self) -> ResultTable:
        """How many rows agree, and differ for which cause, by rate."""
        with duckdb.connect(":memory:") as connection:
            connection.register("told", self.every.arrow)
            return ResultTable("reconciliation", connection.sql(queries.SUMMARY).to_arrow_table(), SUMMARY_COLUMNS)

    def write(self, folder: str | Path) -> list[Path]:
        """Write ``disputes.csv``, ready to be sent, and the summary; returns the paths."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        tables = (self.disputes, self.summary)
        return [write_safe_csv(table.arrow, target / f"{table.name}.csv") for table in tables]


def reconcile(  # noqa: PLR0913 - keywords, each with a default
    practice: Practice,
    specs: Specs,
    file: str | Path,
    profile: Profile,
    *,
    as_of: dt.date | None = None,
    year: int | None = None,
    measures: Iterable[str] | None = None,
) -> Reconciliation:
    """Compare a payer's list with our outcomes as of ``as_of`` (left out: the payer's own day).

    Raises :class:`UsageError` for a program that is not there, and :class:`ReconciliationError` for a list that cannot
    be read with its profile.
    """
    if profile.program not in specs.programs.programs:
        there = ", ".join(specs.programs.programs)
        raise UsageError(f"The profile is of the program {profile.program}, which is not there. There are: {there}.")
    day = as_of or profile.as_of
    program = specs.programs.programs[profile.program]
    results = evaluate(
        practice, specs, programs=[profile.program], measures=measures, as_of=day, year=year, everybody=True
    )
    theirs = read_list(Path(file), profile, program, results.variants)
    values = {"payer": program.payer, "payer_day": profile.as_of, "our_day": day}
    values |= {"snapshot": profile.meaning == "snapshot", "results": profile.lists == "results"}
    with practice.connection.cursor() as connection:
        return Reconciliation(
            ResultTable("reconciled", _told(connection, theirs, results, profile, values), DISPUTE_COLUMNS)
        )


def _told(
    connection: duckdb.DuckDBPyConnection, theirs: pa.Table, results: Results, profile: Profile, values: dict[str, Any]
) -> pa.Table:
    """Each step of the way is a relation that the next one reads."""
    standing = standings(results.outcomes.arrow, results.variants, everybody=True)
    connection.register("theirs", theirs)
    connection.register("standing", standing)

    def step(name: str, query: str, **further: Any) -> pa.Table:
        known = {**values, **further}
        asked = {key: value for key, value in known.items() if re.search(rf"\${key}\b", query)}
        table = connection.sql(query, params=asked).to_arrow_table()
        connection.register(name, table)
        return table

    step("ours", queries.STANDING, program=profile.program)
    step("canonical", queries.STANDING, program=CANONICAL)
    step("matched", queries.MATCHED)
    step("beside", queries.BESIDE)
    step("caused", queries.CAUSE)
    told = step("told", queries.TOLD)
    asks = {cause: ask for cause, (_, ask) in CAUSES.items()}
    place = pc.index_in(told["cause"], value_set=pa.array(list(asks), pa.string()))
    told = told.append_column("ask", pa.array(list(asks.values()), pa.string()).take(place))
    return told.select(list(DISPUTE_COLUMNS))


__all__ = ["Reconciliation", "reconcile"]
