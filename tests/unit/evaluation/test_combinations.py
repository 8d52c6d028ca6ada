"""Combinations of cells: those that occur, and for each row which one it is."""

from __future__ import annotations

import pyarrow as pa
import pytest

from measureharmony.evaluation import combinations as module
from measureharmony.evaluation.combinations import combinations, encoded

TABLE = pa.table({"word": ["b", "a", None, "b"], "number": pa.array([1, 1, 2, 1], pa.int16()), "of": [True] * 4})


@pytest.mark.parametrize("counted", [module._COUNTED, 1])
def test_each_row_has_the_number_of_its_cells(counted: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_COUNTED", counted)
    found = combinations(TABLE, ("word", "number"))
    assert [found.cells[number] for number in found.of_row] == [("b", 1), ("a", 1), (None, 2), ("b", 1)]
    assert len(found.cells) == 3


def test_of_no_rows_there_are_none() -> None:
    found = combinations(TABLE.slice(0, 0), TABLE.column_names)
    assert (list(found.cells), len(found.of_row)) == ([], 0)


def test_a_column_in_several_pieces_is_numbered_as_one() -> None:
    column = pa.chunked_array([pa.array(["x", None]).dictionary_encode(), pa.array(["y", "x"]).dictionary_encode()])
    codes, values = encoded(column)
    assert [values[code] for code in codes] == ["x", None, "y", "x"]
