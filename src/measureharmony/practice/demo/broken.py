"""The demo's broken rows: a fixed few, so that rejects have something to show."""

from __future__ import annotations

import pyarrow as pa

#: What is wrong with each broken row, by table; one reject each, in this order at the table's end.
BROKEN_ROWS: dict[str, tuple[str, ...]] = {
    "person": (
        "a sex that is no word of the list",
        "a birth on the 30th of February",
        "the person_id of an earlier row, with another birth",
    ),
    "coverage": ("an end before its start", "a person nobody knows"),
    "roster": ("no start",),
    "event": (
        "a person nobody knows",
        "an end before its start",
        "a start that is no date",
        "a kind that is no word of the list",
        "the event_id of an earlier row, with other contents",
        "a value that is no number",
    ),
}

Row = dict[str, str]


def with_broken_rows(tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """The tables, columns that broken rows need as text become text, with the rows of ``BROKEN_ROWS`` at the end."""
    person = str(tables["person"]["person_id"][0])
    event = str(tables["event"]["event_id"][0])
    return tables | {name: _appended(tables[name], rows) for name, rows in _rows(person, event).items()}


def _rows(person: str, event: str) -> dict[str, list[Row]]:
    nobody = "p-nobody"
    reading = {"person_id": person, "kind": "observation", "start": "2026-03-09", "source": "ehr"}
    return {
        "person": [
            {"person_id": "p-broken-1", "birth": "1961-04-05", "sex": "F"},
            {"person_id": "p-broken-2", "birth": "1961-02-30", "sex": "male"},
            {"person_id": person, "birth": "1901-01-01", "sex": "female"},
        ],
        "coverage": [
            {"person_id": person, "payer": "bluestone", "start": "2026-06-01", "end": "2026-01-31"},
            {"person_id": nobody, "payer": "bluestone", "start": "2026-01-01", "end": "2026-12-31"},
        ],
        "roster": [{"person_id": person, "program": "ma_stars", "end": "2026-12-31"}],
        "event": [
            reading | {"event_id": "e-broken-1", "person_id": nobody},
            reading | {"event_id": "e-broken-2", "end": "2026-03-01"},
            reading | {"event_id": "e-broken-3", "start": "9 March 2026"},
            reading | {"event_id": "e-broken-4", "kind": "labtest"},
            reading | {"event_id": event, "start": "1999-01-01"},
            reading | {"event_id": "e-broken-6", "value": "high"},
        ],
    }


def _appended(table: pa.Table, rows: list[Row]) -> pa.Table:
    """``rows`` below the table; a column that any of them fills becomes text."""
    filled = {name for row in rows for name in row}
    columns = {}
    for name in table.column_names:
        column, field = table[name], table.schema.field(name)
        if name in filled or pa.types.is_dictionary(field.type):
            column = column.cast(pa.string())
        below = pa.array([row.get(name) for row in rows], column.type)
        columns[name] = pa.chunked_array([*column.chunks, below], column.type)
    return pa.table(columns)
