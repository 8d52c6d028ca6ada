"""Rows cut by people into parts on disk: every row in its part, in order, however many files may be open."""

from __future__ import annotations

import errno
import gc
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from measureharmony.engines import cutting

#: Which part each of twenty people is in: three in each but for the last.
PART_OF = np.arange(20) // 3


def _rows(people: list[int], at_once: int) -> pa.RecordBatchReader:
    table = pa.table(
        {"person_key": pa.array(people, pa.int32()), "row": range(len(people)), "word": [f"w{key}" for key in people]}
    )
    return pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=at_once))


@pytest.mark.parametrize("at_once", [1, 7, 1000])
@pytest.mark.parametrize("open_files", [1, 2, 200])
def test_each_part_has_the_rows_of_its_people_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int, open_files: int
) -> None:
    monkeypatch.setattr(cutting, "_OPEN_FILES", open_files)
    people = np.random.default_rng(5).integers(0, 20, 60).tolist()
    cutting.cut(_rows(people, at_once), tmp_path / "event", PART_OF)
    for part in range(8):
        found = cutting.rows_of(tmp_path / "event", part)
        expected = [row for row, key in enumerate(people) if PART_OF[key] == part]
        assert found["row"].to_pylist() == expected
        assert found["word"].to_pylist() == [f"w{people[row]}" for row in expected]


def test_a_part_without_rows_has_the_columns(tmp_path: Path) -> None:
    cutting.cut(_rows([], 10), tmp_path / "event", PART_OF)
    found = cutting.rows_of(tmp_path / "event", 0)
    assert len(found) == 0
    assert found.schema.names == ["person_key", "row", "word"]


def test_a_full_disk_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class OnFullDisk(pa.RecordBatchStreamWriter):  # type: ignore[misc]
        def close(self) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    untold: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", untold.append)
    monkeypatch.setattr(pa.ipc, "RecordBatchStreamWriter", OnFullDisk)
    with pytest.raises(OSError, match="No space left"):
        cutting.cut(_rows([0, 1, 2, 3, 4], 10), tmp_path / "event", PART_OF)
    gc.collect()
    assert not untold
