"""The history of runs in one DuckDB file: rates by run, and the changes of gaps from each run to the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import duckdb
import orjson
import pyarrow as pa

from measureharmony.errors import UsageError
from measureharmony.history import queries
from measureharmony.measures.plain_words import how_many
from measureharmony.reports.remarks import Found
from measureharmony.reports.standing import definitions, standings
from measureharmony.reports.tables import ResultTable

#: The layout of the file; a file of another layout is refused, not guessed at.
LAYOUT = 1

RUN_COLUMNS: Mapping[str, str] = {
    "run": "Number of the run, in order.",
    "as_of": "The day whose knowledge it used.",
    "people": "How many people the practice had.",
    "dataset": "Fingerprint of the practice's data.",
    "opened": "Gaps that are there and were not in the run before.",
    "closed": "Gaps that were there in the run before and are not any more.",
    "by_care": "Those closed because the measure's aim was met.",
}
RATE_HISTORY_COLUMNS: Mapping[str, str] = {
    "run": "Number of the run.",
    "as_of": "The day whose knowledge it used.",
    "program": "The program, or `canonical`.",
    "measure": "Key of the measure.",
    "edition": "Edition of the measure.",
    "rate": "Which rate of the measure.",
    "stratum": "Which part of the populations; empty for the whole.",
    "direction": "`higher` or `lower` is better.",
    "below": "The line's lower number.",
    "above": "The line's upper number.",
    "value": "The rate's value.",
    "final": "Whether it may be called final.",
    "change": "Value less that of the run before, in the same measurement period; empty for the first.",
}
CHANGE_COLUMNS: Mapping[str, str] = {
    "run": "The run that found it.",
    "as_of": "The day of that run.",
    "program": "For whom.",
    "measure": "Key of the measure.",
    "rate": "Which rate of the measure.",
    "person_id": "Whose gap.",
    "subject_id": "What the measure counts: the person, or one of their events.",
    "change": "`opened` or `closed`.",
    "cause": (
        "Closed: `care` (the aim was met since the run before), `late_evidence` (it had been met by then, and was not "
        "known), `excluded`, `excepted`, `left` (no longer in the program's denominator). Opened: `regression` (it was "
        "met), `exclusion_ended`, `new` (not in the denominator before), `new_period`."
    ),
    "definition_changed": "Whether the program's version of the measure changed between the two runs.",
    "evidence_id": "The event shown as evidence now.",
    "evidence_date": "Its date.",
    "evidence_value": "Its number.",
    "evidence_unit": "The number's unit.",
    "evidence_values": "Numbers to be read together.",
}


class History:
    """The runs in a file, which is made when there is none. Use it as a context, or :meth:`close` it.

    The file holds who has which gap, so it is to be kept like the practice's own data.

    :class:`UsageError` for a file that is no history, is one of another layout, or is open elsewhere.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        fresh = not self.path.exists()
        try:
            self._connection = duckdb.connect(str(self.path))
            if fresh:
                self._connection.execute(queries.TABLES.format(layout=LAYOUT))
            found = self._connection.sql("SELECT layout FROM history_file").fetchall()
        except duckdb.IOException as error:
            raise UsageError(f"{self.path} cannot be opened as a history: it is no DuckDB file, or in use.") from error
        except duckdb.CatalogException as error:
            raise UsageError(f"{self.path} is a DuckDB file, but no history of runs. Name another file.") from error
        if found != [(LAYOUT,)]:
            self.close()
            raise UsageError(f"{self.path} was written by another version of measureharmony. Begin a new history.")

    def record(self, results: Found) -> ResultTable:
        """Keep a run, and say which gaps it opened and closed since the run before (see :data:`CHANGE_COLUMNS`).

        :class:`UsageError` without ``as_of``, or if a run of that day or a later one is there already.
        """
        if results.as_of is None:
            raise UsageError("A run of no particular day has no place in a history. Evaluate with as_of (--as-of).")
        last = self._last()
        if last and results.as_of <= last[1]:
            raise UsageError(
                f"The history has a run of {last[1]}, so one of {results.as_of} cannot follow it. "
                "Record runs in the order of their days, each day once."
            )
        run = last[0] + 1 if last else 1
        cursor = self._connection.cursor()
        cursor.register("now_standing", _standings(results))
        cursor.register("now_definition", definitions(results.variants))
        cursor.register("now_rate", results.rates.arrow)
        dataset = results.practice.fingerprint()
        cursor.begin()
        cursor.execute(queries.ADD_RUN, [run, results.as_of, results.practice.person_count, dataset, _json(results)])
        cursor.execute(queries.ADD_RATES, [run])
        if last:
            cursor.execute(queries.ADD_CHANGES, {"run": run, "before": last[1]})
        cursor.execute(queries.REPLACE_STANDING)
        cursor.commit()
        cursor.close()
        return self.changes(run)

    def runs(self) -> ResultTable:
        """The runs, in order."""
        return ResultTable("runs", self._fetch(queries.RUNS), RUN_COLUMNS)

    def rates(self, program: str | None = None, measure: str | None = None) -> ResultTable:
        """The rates of all runs (of one program, of one measure), by program, measure, rate, stratum and run."""
        found = self._fetch(queries.RATES, {"program": program, "measure": measure})
        return ResultTable("rate_history", found, RATE_HISTORY_COLUMNS)

    def changes(self, run: int | None = None, program: str | None = None, measure: str | None = None) -> ResultTable:
        """The gaps opened and closed by a run (of all runs, if none is named) since the one before it."""
        found = self._fetch(queries.CHANGES, {"run": run, "program": program, "measure": measure})
        return ResultTable("gap_changes", found, CHANGE_COLUMNS)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def __enter__(self) -> History:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        days = [str(row["as_of"]) for row in self.runs().to_dicts()]
        told = f"{days[0]} to {days[-1]}" if days else "none yet"
        return f"History in {self.path}: {how_many(len(days), 'run')} ({told})"

    def _last(self) -> tuple[int, dt.date] | None:
        last = self._connection.sql("SELECT run, as_of FROM run ORDER BY run DESC LIMIT 1").fetchall()
        return (int(last[0][0]), last[0][1]) if last else None

    def _fetch(self, query: str, values: Mapping[str, object] | None = None) -> pa.Table:
        return self._connection.sql(query, params=dict(values or {})).to_arrow_table()


def _standings(results: Found) -> pa.Table:
    return pa.concat_tables(standings(outcomes, results.variants) for outcomes in results.outcome_tables())


def _json(results: Found) -> str:
    return orjson.dumps(results.manifest, option=orjson.OPT_SORT_KEYS).decode()


__all__ = ["CHANGE_COLUMNS", "LAYOUT", "RATE_HISTORY_COLUMNS", "RUN_COLUMNS", "History"]
