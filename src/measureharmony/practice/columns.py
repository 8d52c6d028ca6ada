"""Whether the columns of a source are those of the contract: their names, and the types of typed ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from measureharmony.errors import Issue
from measureharmony.practice.cells import ACCEPTED, family
from measureharmony.practice.contract import Column, Table

_HEADER_LINE = 1


def name_issues(table: Table, names: Sequence[str], place: str) -> list[Issue]:
    """Missing, unknown and repeated columns among ``names``, the header of the source that messages call ``place``."""
    if not {column.name for column in table.columns} & set(names):
        return [_no_header(table, names, place)]
    repeated = [_repeated(name, names.count(name), place) for name in sorted(set(names)) if names.count(name) > 1]
    known = [column.name for column in table.columns]
    unknown = [_unknown(table, name, place) for name in sorted(set(names)) if name not in known]
    missing = [_missing(column, place) for column in table.columns if column.required and column.name not in names]
    return [*repeated, *unknown, *missing]


def type_issues(table: Table, types: Mapping[str, str], place: str) -> list[Issue]:
    """Columns of ``types`` (DuckDB type by name) whose type cannot mean what the contract says."""
    return [
        _wrong_type(column, types[column.name], place)
        for column in table.columns
        if column.name in types and family(types[column.name]) not in ACCEPTED[column.type]
    ]


def _no_header(table: Table, names: Sequence[str], place: str) -> Issue:
    """Nothing is quoted here: where the header is missing, the first line holds data."""
    if len(names) == 1 and (";" in names[0] or "\t" in names[0]):
        what = "The columns are separated by `;` or tabs, so that the whole line is one column."
        return Issue(place, _HEADER_LINE, "data-missing-column", what, "Separate them by commas.")
    what = f"Of the {len(names)} columns none is one of table {table.name}; perhaps the header is missing."
    fix = f"Write the column names into the first line: {', '.join(column.name for column in table.columns)}."
    return Issue(place, _HEADER_LINE, "data-missing-column", what, fix)


def _repeated(name: str, times: int, place: str) -> Issue:
    what = f"Column `{name}` is there {times} times; which one counts is unknown."
    return Issue(place, _HEADER_LINE, "data-duplicate-column", what, "Keep one of them.")


def _unknown(table: Table, name: str, place: str) -> Issue:
    known = [column.name for column in table.columns]
    near = get_close_matches(name.strip().lower(), known, n=1)
    hint = f"Did you mean `{near[0]}`? " if near else ""
    what = f"Table {table.name} has no column `{name}`, so that its contents would not be used."
    fix = f"{hint}Rename it or leave it out; the columns are {', '.join(known)}."
    return Issue(place, _HEADER_LINE, "data-unknown-column", what, fix)


def _missing(column: Column, place: str) -> Issue:
    what = f"Required column `{column.name}` is not there ({column.meaning.rstrip('.')})."
    return Issue(place, _HEADER_LINE, "data-missing-column", what, "Add it.")


def _wrong_type(column: Column, sql_type: str, place: str) -> Issue:
    fixes = {
        "number": "Write it as text or as whole numbers (pandas, when cells are empty: dtype `Int64` or `str`).",
        "integer": "Write it as text or as DATE.",
    }
    means = " or ".join(name for name in ACCEPTED[column.type] if name != "absent")
    what = f"Column `{column.name}` has the type {sql_type}, which cannot mean a {column.type}."
    return Issue(place, 0, "data-wrong-type", what, fixes.get(family(sql_type), f"Write it as {means}."))
