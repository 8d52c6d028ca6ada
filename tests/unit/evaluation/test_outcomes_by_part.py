"""Outcomes of parts of the people are put together as if all people had been one part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from measureharmony.evaluation.outcomes_by_part import PartOutcomes, together


def part(words: Sequence[str | None], numbers: Sequence[int], rows: Sequence[int]) -> PartOutcomes:
    table = pa.table(
        {"word": pa.array(words, pa.string()).dictionary_encode(), "number": pa.array(numbers, pa.int16())}
    )
    return PartOutcomes(dict(zip(table.column_names, table.columns, strict=True)), np.array(rows))


def test_each_rate_has_the_rows_of_one_part_after_the_other() -> None:
    found = together([part(["b", "a", None], [1, 2, 3], [1, 0, 2]), part(["a", "c"], [4, 5], [1, 1, 0])])
    assert found.to_pydict() == {"word": ["b", "a", "c", "a", None], "number": [1, 4, 5, 2, 3]}
    words = found["word"].combine_chunks()
    assert words.dictionary.to_pylist() == ["b", "a", "c"]
    assert found["number"].num_chunks == 1


def test_parts_in_which_nobody_is_listed_add_nothing() -> None:
    nobody = part([], [], [0, 0])
    assert together([nobody, part(["a"], [1], [0, 1])]).to_pydict() == {"word": ["a"], "number": [1]}
    assert together([part([], [], [0]), part([], [], [0])]).num_rows == 0


def test_where_no_rate_is_asked_for_there_are_no_columns() -> None:
    empty = np.empty(0, dtype=np.int64)
    assert together([PartOutcomes({}, empty), PartOutcomes({}, empty)]).num_columns == 0
