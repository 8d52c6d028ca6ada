"""Rows are packed by part, and unpacked where they arrive: none is lost, none goes elsewhere."""

from __future__ import annotations

import pyarrow as pa
import pytest

from measureharmony.engines.spark import gathering
from measureharmony.engines.spark.gathering import Arriving, gathered

SCHEMA = pa.schema([("person_id", pa.string()), ("_file", pa.int32()), ("_row", pa.int64())])
TABLES = {name: Arriving(SCHEMA, ("a.parquet", "b.parquet")) for name in ("person", "event")}


def rows_of(part: int, rows: range) -> pa.RecordBatch:
    columns = [[f"p{row}" for row in rows], [row % 2 for row in rows], list(rows), [part + row % 3 for row in rows]]
    return pa.record_batch([*map(pa.array, columns)], names=[*SCHEMA.names, "_part"]).cast(
        pa.schema([*SCHEMA, ("_part", pa.int32())])
    )


@pytest.mark.parametrize("together", [1, 7, 1000])
def test_every_row_arrives_in_its_part(monkeypatch: pytest.MonkeyPatch, together: int) -> None:
    monkeypatch.setattr(gathering, "_ROWS_TOGETHER", together)
    monkeypatch.setattr(gathering, "_PACKETS_AT_ONCE", 2)
    batches = [rows_of(4, range(5)), rows_of(4, range(5, 20)), rows_of(4, range(0))]
    packets = pa.Table.from_batches(gathering._Packing("person")(iter(batches)))
    assert packets.schema.names == ["part", "table", "rows"]
    for part in (4, 5, 6):
        own = packets.filter(pa.compute.equal(packets["part"], part))
        found = gathered(own.to_batches(), TABLES)
        rows = [row for row in range(20) if 4 + row % 3 == part]
        assert sorted(found["person"]["_row"].to_pylist()) == rows
        assert found["person"]["person_id"].to_pylist() == [f"p{row}" for row in found["person"]["_row"].to_pylist()]
        assert set(found["person"]["_file"].to_pylist()) <= {"a.parquet", "b.parquet"}
        assert len(found["event"]) == 0
        assert found["event"].column_names == SCHEMA.names


def test_where_nothing_arrives_there_is_no_table() -> None:
    assert gathered([], TABLES) == {}
