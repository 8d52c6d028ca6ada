"""Events that arrive batch by batch are the events that arrive at once."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from measureharmony.engines.arrived import ArrivedEvents, Given, arrived, in_order, of_table
from measureharmony.engines.source_order import source_order
from measureharmony.evaluation.plan import Columns

NEEDED = Columns(("kind",), ("start", "end"), ("value", "refills"), ("encounter",))


def events(text: bool = False) -> pa.Table:
    """Seven events, in columns in which some cells, the first ones, or all are empty."""
    ids = [11, 12, 13, 14, 15, 16, 17]
    return pa.table(
        {
            "coding": pa.array([None, 0, 1, None, 2, None, None], pa.int32()),
            "event_id": pa.array(list(map(str, ids)) if text else ids),
            "not_done": [True, False, False, True, False, False, True],
            "sequence": pa.array([None, None, None, 5, None, 7, None], pa.int64()),
            "kind": ["a", "b", None, "a", None, None, "c"],
            "unit": pa.nulls(7, pa.string()),
            "start_ms": pa.array([None, None, None, 1, 2, None, None], pa.int64()),
            "end_ms": pa.nulls(7),
            "value": pa.array([None, 0.5, None, None, 1.5, None, None], pa.float64()),
            "refills": pa.array([None, None, 1, None, None, None, 2], pa.int64()),
            "encounter_id": pa.array([None, None, None, 11, 11, None, None]),
        }
    )


def told(found: ArrivedEvents) -> dict[str, object]:
    """All that is known of events, as plain values."""
    given = {name: (one.at.tolist(), one.cells.to_pylist()) for name, one in found.given.items()}
    words = {
        name: [one.words[code] if code >= 0 else None for code in one.codes.tolist()]
        for name, one in found.words.items()
    }
    numbers = {name: repr(column.tolist()) for name, column in found.numbers.items()}  # NaN is like NaN
    identifiers = None if found.text_id is None else found.text_id.to_pylist()
    return {"count": found.count, "given": given, "words": words, "id": identifiers, **numbers}


@pytest.mark.parametrize("text", [False, True], ids=["numbers", "text"])
@pytest.mark.parametrize("rows", [1, 2, 3, 7])
def test_batches_say_what_the_table_says(rows: int, text: bool) -> None:
    table = events(text)
    found = arrived(table.to_batches(max_chunksize=rows), table.schema, NEEDED, 20)
    assert told(found) == told(of_table(table, NEEDED))
    assert told(found)["words"] == {name: table[name].to_pylist() for name in ("kind", "unit")}
    assert told(found)["given"] == {"sequence": ([3, 5], [5, 7]), "encounter_id": ([3, 4], [11, 11])}
    assert told(found)["id"] == (table["event_id"].to_pylist() if text else None)
    assert found.numbers["coding"].tolist() == [-1, 0, 1, -1, 2, -1, -1]
    assert "end_ms" not in found.numbers, "no memory for instants that nobody has"


def test_nothing_may_arrive() -> None:
    table = events()[:0]
    found = arrived([], table.schema, NEEDED, 0)
    assert told(found) == told(of_table(table, NEEDED))
    assert (found.count, found.words["kind"].words, len(found.identifier)) == (0, (), 0)


def test_columns_of_one_type_share_their_memory() -> None:
    columns = {"a": np.array([1, 2, 3]), "b": np.array([4, 5, 6]), "c": np.array([0.5, 1.5, 2.5])}
    first = columns["a"]
    found = dict(in_order(columns, np.array([2, 0, 1])))
    assert {name: column.tolist() for name, column in found.items()} == {
        "a": [3, 1, 2],
        "b": [6, 4, 5],
        "c": [2.5, 0.5, 1.5],
    }
    assert found["b"] is first


@pytest.mark.parametrize("far", [1, 2**61], ids=["close together", "far apart"])
def test_places_in_the_source_may_be_far_apart(far: int) -> None:
    person = np.array([1, 0, 1, 1, 0, 1], dtype=np.int32)
    sequence = Given(np.array([0, 2, 4, 5]), pa.chunked_array([[2 * far, -far, far, 2 * far]]))
    assert source_order(person, sequence, np.array([9, 8, 7, 6, 5, 4])).tolist() == [4, 1, 2, 5, 0, 3]
    assert source_order(person, sequence, np.array([1, 2, 3, 4, 5, 6])).tolist() == [4, 1, 2, 0, 5, 3]
