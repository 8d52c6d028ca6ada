"""Identifiers that are numbers close together are told apart, and found, as all others are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from measureharmony.practice import read_folder
from measureharmony.practice.close_numbers import Flags, are_all_there, different_numbers


def flags_of(numbers: Sequence[object]) -> tuple[duckdb.DuckDBPyConnection, Flags | None]:
    con = duckdb.connect()
    con.register("rows", pa.table({"id": pa.array(numbers)}))
    return con, different_numbers(con, "rows", "id", len(numbers))


def test_each_number_has_its_flag() -> None:
    _, flags = flags_of([3, 0, 24])
    assert flags is not None
    assert flags.nonzero()[0].tolist() == [0, 3, 24]


@pytest.mark.parametrize("numbers", [[1, 2, 1], [-1, 2], [1, 17], ["1", "2"]], ids=["twice", "below", "far", "text"])
def test_others_have_none(numbers: Sequence[object]) -> None:
    assert flags_of(numbers)[1] is None


@pytest.mark.parametrize(
    ("asked", "found"), [([1, 1, None], True), ([], True), ([0], False), ([-1], False), ([99], False)]
)
def test_numbers_are_looked_up(asked: Sequence[int | None], found: bool) -> None:
    con, flags = flags_of([1, 2, 3])
    assert flags is not None
    con.register("asked", pa.table({"id": pa.array(asked, pa.int64())}))
    assert are_all_there(con, "asked", "id", flags) == found


@pytest.mark.parametrize("wrong", [{}, {"events": [1, 2, 2]}, {"codings": [1, 7]}, {"codings": [1, None]}])
def test_close_and_far_numbers_are_rejected_alike(wrong: dict[str, list[int]], tmp_path: Path) -> None:
    close, far = (rejected(tmp_path / str(factor), factor, **wrong) for factor in (1, 10**9))
    assert close == far
    assert bool(close) == bool(wrong)


def rejected(
    folder: Path, factor: int, events: Sequence[int] = (1, 2, 3), codings: Sequence[int | None] = (1, 1, 3)
) -> list[tuple[str, int, str]]:
    """What is rejected of a practice whose identifiers are that many times as large."""
    tables = {
        "person": pa.table({"person_id": [factor]}),
        "event": pa.table(
            {
                "event_id": [one * factor for one in events],
                "person_id": [factor] * len(events),
                "kind": ["observation"] * len(events),
            }
        ),
        "event_code": pa.table(
            {
                "event_id": pa.array([one and one * factor for one in codings], pa.int64()),
                "role": ["code"] * len(codings),
                "code": ["a"] * len(codings),
            }
        ),
    }
    folder.mkdir()
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    with read_folder(folder) as practice:
        return [(row["table"], row["row"], row["rule"]) for row in practice.rejects.to_pylist()]
