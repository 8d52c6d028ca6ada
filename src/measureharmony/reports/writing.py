"""Which tables of a run are written, in which formats, and the files beside them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from measureharmony.errors import UsageError
from measureharmony.practice import Practice
from measureharmony.reports.outcome_files import OutcomesToWrite
from measureharmony.reports.tables import TABLE_FORMATS, ResultTable, TableFormat

if TYPE_CHECKING:
    from measureharmony.reports.results import Results

#: What a run also writes on request.
FURTHER = ("attribution", "statistics", "work_list")
#: What tables are written as when nobody says; the others as all :data:`TABLE_FORMATS`.
USUAL_FORMATS: Mapping[str, tuple[TableFormat, ...]] = {"outcomes": ("parquet",)}

#: Every table that some run writes.
TABLES = (
    "outcomes", "rates", "care_gaps", "program_gaps", "rates_seen", "targets", "payments", "attribution",
    "attribution_counts", "roster_disputes", "provider_rates", "rate_statistics", "work_list",
)  # fmt: skip


def require_formats(formats: Collection[str] | None, *, goes_on: bool) -> None:
    """:class:`UsageError` for formats that there are not. ``goes_on``: a later run shall go on from the outcomes."""
    if formats is None:
        return
    unknown = sorted(set(formats) - set(TABLE_FORMATS))
    if unknown or not formats:
        asked = f"Tables are not written as {', '.join(unknown)}." if unknown else "No format is given."
        raise UsageError(f"{asked} Formats: {', '.join(TABLE_FORMATS)}.")
    if goes_on and "parquet" not in formats:
        raise UsageError("A later run goes on from outcomes.parquet. Add parquet to the formats.")


def tables_to_write(results: Results, also: Collection[str]) -> Iterator[ResultTable | OutcomesToWrite]:
    """The tables that a run writes, with those of :data:`FURTHER` in ``also``; :class:`UsageError` for any other."""
    unknown = sorted(set(also) - set(FURTHER))
    if unknown:
        raise UsageError(f"There is no table {', '.join(unknown)} to be written, too. There are: {', '.join(FURTHER)}.")
    yield from (results.outcomes_to_write, results.rates, results.care_gaps)
    yield from (results.program_gaps, results.rates_seen) if results.payers else ()
    yield from (table for table in (results.targets, results.payments) if len(table))
    if "attribution" in also:
        yield from (results.attribution, results.attribution_counts, results.roster_disputes, results.provider_rates)
    if "statistics" in also:
        yield results.statistics()
    if "work_list" in also:
        yield results.work_list()


def write_files(
    folder: Path,
    tables: Iterable[ResultTable | OutcomesToWrite],
    practice: Practice,
    manifest: Mapping[str, object],
    formats: Collection[TableFormat] | None,
) -> list[Path]:
    """Write ``tables``, the rejects of the practice and the manifest into ``folder``; returns the paths.

    ``formats``: those of all tables; left out, those that are usual.
    """

    def written(table: ResultTable | OutcomesToWrite) -> list[Path]:
        return table.write(folder, tuple(formats or USUAL_FORMATS.get(table.name, TABLE_FORMATS)))

    with ThreadPoolExecutor(2) as pool:  # the outcomes take as long as all other tables
        paths = [path for those in pool.map(written, tables) for path in those]
    paths += practice.write_rejects(folder)
    paths.append(folder / "manifest.json")
    paths[-1].write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
    return paths


def remove_earlier(folder: Path, written: Iterable[Path]) -> None:
    """Remove the tables that an earlier run left in ``folder`` beside those that were ``written`` into it now.

    They would be taken for this run's. What else is there stays.
    """
    kept = {path.name for path in written}
    for name in (f"{table}.{suffix}" for table in TABLES for suffix in TABLE_FORMATS):
        if name not in kept:
            (folder / name).unlink(missing_ok=True)


__all__ = [
    "FURTHER", "TABLES", "USUAL_FORMATS", "remove_earlier", "require_formats", "tables_to_write", "write_files",
]  # fmt: skip
