"""Rows that were not accepted: the rules they break, and the two tables every reader hands over.

Law: for every file and table, ``rows_in == accepted + rejected``. A rejected row has one line per broken rule in the
rejects table, so that everything wrong with it can be mended at once; ``accounts`` counts it once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

#: Every rule a row of data can break, and what it says. The codes are stable.
RULES: dict[str, str] = {
    "missing-value": "A required cell is empty.",
    "not-in-list": "The word is not one of the column's closed list (lower case, no blanks around it).",
    "not-a-date": "The text is not a date written `YYYY-MM-DD`.",
    "not-a-time": (
        "The text is not written `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, `YYYY-MM-DDThh:mm[:ss[.fff]][offset]` or `unknown`."
    ),
    "not-a-number": "The cell is not a finite decimal number (point, no thousands separators).",
    "not-an-integer": "The cell is not a whole number of at most 18 digits.",
    "not-a-flag": "The text is neither `true` nor `false`.",
    "impossible-date": "The date is well written, but the calendar has no such day.",
    "negative-number": "A quantity, days supply or number of refills is below zero.",
    "end-before-start": "The end is certainly before the start.",
    "dropped-without-end": "The roster says that the person was dropped, but not what the last day was.",
    "birth-after-death": "The birth is certainly after the death.",
    "unknown-person": "No accepted row of `person` has this `person_id`.",
    "unknown-event": "No accepted row of `event` has this `event_id`.",
    "duplicate": "An earlier row has the same key and the same contents; the first is accepted.",
    "conflicting-duplicate": "An earlier row has the same key but other contents; the first is accepted.",
    "wrong-number-of-cells": "The CSV row has more or fewer cells than the header.",
}

#: Every complaint about a dataset as a whole (:class:`measureharmony.errors.DataError`), and what it says.
DATASET_ISSUES: dict[str, str] = {
    "data-no-folder": "The folder does not exist, or is a file.",
    "data-unknown-file": "The folder holds a file that belongs to no table of the contract.",
    "data-mixed-formats": "One table comes as CSV and as Parquet.",
    "data-missing-table": "A required table is not there.",
    "data-unknown-table": "A table handed over in memory is not one of the contract's.",
    "data-missing-column": "A required column is not there.",
    "data-unknown-column": "A column is not one of the table's.",
    "data-duplicate-column": "Two columns have the same name.",
    "data-wrong-type": "A typed column (Parquet, Arrow, pandas) has a type that cannot mean what the contract says.",
    "data-not-utf8": "A CSV file is not encoded in UTF-8.",
    "data-empty-file": "A file has no content, not even a header.",
    "data-unreadable-file": "A file is damaged, or is not what its name says.",
    "data-no-persons": "Not one person was accepted.",
    "data-repeated-events": (
        "More than a million events have an identifier that others have, too, and Spark is to say which of them count."
    ),
}

REJECTS_SCHEMA = pa.schema(
    [
        ("file", pa.string()),
        ("row", pa.int64()),
        ("table", pa.string()),
        ("column", pa.string()),
        ("rule", pa.string()),
        ("shape", pa.string()),
    ]
)
ACCOUNTS_SCHEMA = pa.schema(
    [
        ("file", pa.string()),
        ("table", pa.string()),
        ("rows_in", pa.int64()),
        ("accepted", pa.int64()),
        ("rejected", pa.int64()),
    ]
)


@dataclass(frozen=True)
class Reject:
    """One rule broken by one row.

    ``row``: for CSV the line of the file, the header being line 1; for Parquet and tables in memory the row, counted
    from 1. ``column`` is empty when the row as a whole is wrong. ``shape`` describes the offending value, never quotes
    it: ``empty``, ``number``, ``text of 7 characters``, ``date``, ``flag``, ``3 cells instead of 5``.
    """

    file: str
    row: int
    table: str
    column: str
    rule: str
    shape: str


@dataclass(frozen=True)
class Account:
    """What became of the rows of one table in one file; rows_in = accepted + rejected."""

    file: str
    table: str
    rows_in: int
    rejected: int

    @property
    def accepted(self) -> int:
        """Rows that were accepted."""
        return self.rows_in - self.rejected


def rejects_table(rejects: Sequence[Reject]) -> pa.Table:
    """``rejects`` as Arrow in ``REJECTS_SCHEMA``."""
    return pa.table(
        [pa.array([getattr(r, f.name) for r in rejects], f.type) for f in REJECTS_SCHEMA], schema=REJECTS_SCHEMA
    )


def accounts_table(accounts: Sequence[Account]) -> pa.Table:
    """``accounts`` as Arrow in ``ACCOUNTS_SCHEMA``."""
    return pa.table(
        [pa.array([getattr(a, f.name) for a in accounts], f.type) for f in ACCOUNTS_SCHEMA], schema=ACCOUNTS_SCHEMA
    )


def joined(tables: Iterable[pa.Table | None], schema: pa.Schema) -> pa.Table:
    """The rows of ``tables`` one after the other, each brought to ``schema``; missing tables are passed over.

    Raises ``KeyError`` when a table lacks a column of ``schema``, ``pa.ArrowInvalid`` when one has another type.
    """
    given = [t.select(schema.names).cast(schema) for t in tables if t is not None]
    return pa.concat_tables([schema.empty_table(), *given]).combine_chunks()
