"""Reads FHIR R4 files into the dataset contract's tables.

``read_fhir_resources`` is the whole way: find the files, learn who the patients are, sort the resources by type and
convert each type as columns, then do what needs the whole record (claims, visits' diagnoses, spans of insurance from
claims). Every resource of every file is counted as accepted or rejected. ``docs/fhir.md`` describes the mapping table
by table.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from measureharmony.collector import collector_paused
from measureharmony.errors import DataError, Issue, shown
from measureharmony.practice.fhir.files import find_files
from measureharmony.practice.fhir.sharing import read_files
from measureharmony.practice.fhir.sheets import RULES
from measureharmony.practice.fhir.sorting import Sorting
from measureharmony.practice.practice import Practice
from measureharmony.practice.reading import from_tables


@dataclass(frozen=True)
class FhirTables:
    """What was read: the contract's tables, the rejects, and the accounts.

    ``tables``: table name → Arrow table in the contract's columns plus ``_file`` and ``_row``.
    ``rejects``: ``file, row, table, column, rule, shape``; ``table`` is the resource type.
    ``accounts``: ``file, table, rows_in, accepted, rejected``, with rows_in = accepted + rejected.
    """

    tables: dict[str, pa.Table]
    rejects: pa.Table
    accounts: pa.Table

    def __repr__(self) -> str:
        rows = ", ".join(f"{table.num_rows} {name}" for name, table in self.tables.items() if table.num_rows)
        return f"FhirTables({rows or 'empty'}; {self.rejects.num_rows} resources rejected)"


def read_fhir_resources(path: str | Path, workers: int | None = None) -> FhirTables:
    """Read a bundle file, a folder of bundles (``*.json``) or of bulk-export files (``*.ndjson``), plain or ``.gz``.

    ``workers``: among how many processes large inputs are shared out (None: as many as cores; 1: none but this one);
    what is found does not depend on it. Raises DataError when there is nothing to read, when a folder mixes both kinds,
    or when no file can be read; UsageError when a process was ended from outside.
    """
    layout, files = find_files(path)
    with collector_paused():
        sorting = read_files(layout, files, workers)
        sorting.finish()
    _refuse_if_all_failed(files, sorting)
    harvest = sorting.harvest
    return FhirTables(harvest.tables(), harvest.rejects_table(), harvest.accounts_table())


def read_fhir(path: str | Path, workers: int | None = None) -> Practice:
    """Read FHIR files as a validated practice dataset; :func:`read_fhir_resources` tells of arguments and errors."""
    found = read_fhir_resources(path, workers)
    _require_patients(found, path)
    return from_tables(found.tables, shown(path), found.rejects, found.accounts)


def _require_patients(found: FhirTables, path: str | Path) -> None:
    if found.tables["person"].num_rows:
        return
    read = sum(found.accounts["rows_in"].to_pylist())
    what = f"none of the {read} resources read is a Patient, so nobody can be evaluated"
    fix = "export the Patient resources, too, in the bundles or as Patient.ndjson"
    raise DataError([Issue(shown(path), 0, "fhir-no-patients", what, fix)])


def _refuse_if_all_failed(files: list[Path], sorting: Sorting) -> None:
    """DataError listing every file when not one of them could be read."""
    if len(sorting.faults) < len(files):
        return
    by_name = {file.name: file for file in files}
    fix = "export the files again, complete and uncut"
    raise DataError(
        [Issue(shown(by_name[n]), fault.row, fault.rule, RULES[fault.rule], fix) for n, fault in sorting.faults.items()]
    )
