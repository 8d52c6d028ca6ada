"""Which files of a dataset folder belong to which table.

``person.csv``, or ``event.parquet``, or several files ``event-2025.parquet event-2026.parquet``, or a sub-folder
``event/`` of such files. Names that begin with ``.`` or ``_``, and a README, are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from measureharmony.errors import DataError, Issue, shown
from measureharmony.practice.contract import TABLES

FileFormat = Literal["csv", "parquet"]
_FORMATS: dict[str, FileFormat] = {".csv": "csv", ".parquet": "parquet"}
_FHIR_SUFFIXES = (".json", ".ndjson")


@dataclass(frozen=True)
class TableFiles:
    """The files of one table, in the order in which their rows are read."""

    table: str
    format: FileFormat
    paths: tuple[Path, ...]


def table_files(folder: Path) -> tuple[list[TableFiles], list[Issue]]:
    """The files of each table in ``folder``, in the contract's order, and everything wrong with the layout.

    Raises :class:`DataError` (``data-no-folder``) when there is nothing to look into.
    """
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise DataError(
            [
                Issue(
                    shown(folder),
                    0,
                    "data-no-folder",
                    f"The dataset folder {what}.",
                    "Give the folder that holds person.csv or person.parquet.",
                )
            ]
        )
    issues: list[Issue] = []
    paths: dict[str, list[Path]] = {name: [] for name in TABLES}
    for table, path in _entries(folder):
        if table is not None and path.suffix.lower() in _FORMATS:
            paths[table].append(path)
        else:
            issues.append(_unknown_file(path))
    found = []
    for name, of_table in paths.items():
        formats = sorted({_FORMATS[path.suffix.lower()] for path in of_table})
        if len(formats) > 1:
            issues.append(_mixed_formats(name, of_table))
        elif formats:
            found.append(TableFiles(name, formats[0], tuple(of_table)))
    return found, [*issues, *_missing_tables(folder, paths, issues)]


def _entries(folder: Path) -> Iterator[tuple[str | None, Path]]:
    """Every file that counts, with the table its name, or its sub-folder's name, says."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "_")) or path.stem.upper() == "README":
            continue
        if path.is_dir() and path.name in TABLES:
            inside = (p for p in sorted(path.iterdir()) if not p.name.startswith((".", "_")))
            yield from ((path.name, p) for p in inside)
        else:
            stem = path.stem.split("-", 1)[0]
            yield (stem if stem in TABLES and path.is_file() else None), path


def _unknown_file(path: Path) -> Issue:
    names = ", ".join(TABLES)
    near = get_close_matches(path.stem.split("-", 1)[0].lower(), TABLES, n=1)
    if path.suffix.lower() in _FHIR_SUFFIXES:
        fix = "FHIR files go into a folder of their own, without tables beside them."
    elif near:
        fix = f"Rename it to {near[0]}.csv or {near[0]}.parquet, or take it out of the folder."
    else:
        fix = "Take it out of the folder, or let its name begin with `_` to have it passed over."
    return Issue(
        shown(path),
        0,
        "data-unknown-file",
        f"A dataset folder holds CSV or Parquet files named after its tables ({names}); this is none.",
        fix,
    )


def _mixed_formats(table: str, paths: list[Path]) -> Issue:
    names = ", ".join(path.name for path in paths)
    return Issue(
        shown(paths[0].parent),
        0,
        "data-mixed-formats",
        f"Table {table} is there as CSV and as Parquet ({names}), which would count its rows twice.",
        "Keep one of the two.",
    )


def _missing_tables(folder: Path, paths: dict[str, list[Path]], others: list[Issue]) -> list[Issue]:
    if all(not issue.file.lower().endswith(_FHIR_SUFFIXES) for issue in others):
        fix = "Add the file; docs/dataset.md says which columns it needs."
    else:
        fix = "If this is a FHIR export, read it as FHIR; otherwise add the file."
    return [
        Issue(shown(folder), 0, "data-missing-table", f"There is no {name}.csv and no {name}.parquet.", fix)
        for name, table in TABLES.items()
        if table.required and not paths[name]
    ]
