"""A small practice with everything that makes reading in parts harder than reading as a whole."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from measureharmony.practice.demo import demo_tables


def write_practice(folder: Path, people: int) -> None:
    """Write the demo's broken rows and more, the events in two files."""
    tables = demo_tables(people, seed=7, broken=True)
    tables["event"] = _with_more_events(_plain(tables["event"]))
    tables["event_code"] = _appended(_plain(tables["event_code"]), [{"event_id": "nowhere", "code": "4548-4"}])
    tables["roster"] = _appended(_plain(tables["roster"]), _UNLISTED)
    folder.mkdir(parents=True)
    for name, table in tables.items():
        if name != "event":
            pq.write_table(table, folder / f"{name}.parquet")
    events, half = tables["event"], tables["event"].num_rows // 2
    (folder / "event").mkdir()
    pq.write_table(events.slice(0, half), folder / "event" / "a b.parquet")
    pq.write_table(events.slice(half), folder / "event" / "c+d.parquet")


#: Not accepted, so that its program has no roster.
_UNLISTED = [{"person_id": "nobody", "program": "mssp_app_plus", "start": dt.date(2026, 1, 1)}]


def _with_more_events(events: pa.Table) -> pa.Table:
    """Identifiers that occur twice: in one person and in two, and once in a row that is not accepted anyway."""
    first, other = events.slice(0, 1).to_pylist()[0], events.slice(1, 1).to_pylist()[0]
    third = events.slice(events.num_rows // 2, 1).to_pylist()[0]
    bad = {**other, "event_id": "twice", "kind": "no such kind"}
    again = [
        first,
        {**other, "event_id": third["event_id"]},
        bad,
        {**first, "event_id": "twice", "code": "4548-4", "code_system": "http://loinc.org"},
    ]
    return _appended(events, again)


def _appended(table: pa.Table, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.concat_tables([table, pa.Table.from_pylist(rows, schema=table.schema)])


def _plain(table: pa.Table) -> pa.Table:
    """Words as text: files of one table have the same types."""
    types = [f.type.value_type if pa.types.is_dictionary(f.type) else f.type for f in table.schema]
    return table.cast(pa.schema(zip(table.column_names, types, strict=True)))
