"""The different combinations of cells in some columns: what depends on these alone is found once for each of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from measureharmony.evaluation.columns import Ints

#: Up to so many possible combinations, counting them all is quicker than sorting those that occur.
_COUNTED = 1 << 22


@dataclass(frozen=True)
class Combinations:
    """The combinations that occur, each as a tuple of its cells, and for each row the number of its combination."""

    cells: Sequence[tuple[object, ...]]
    of_row: Ints


def combinations(table: pa.Table, names: Sequence[str]) -> Combinations:
    """The combinations of cells in the columns ``names``, in the order of each column's cells."""
    if not table.num_rows:
        return Combinations((), np.empty(0, dtype=np.int32))
    columns = [encoded(table[name]) for name in names]
    begins = _begins([codes for codes, _ in columns])
    sizes = [len(cells) for _, cells in columns]
    possible = math.prod(sizes)
    key: Ints = np.zeros(len(begins), dtype=np.int32 if possible < 1 << 31 else np.int64)
    for size, (codes, _) in zip(sizes, columns, strict=True):
        key *= size
        key += codes.take(begins)
    occurring, place = occurring_of(key, possible)
    places = zip(*(place.tolist() for place in np.unravel_index(occurring, sizes)), strict=True)
    cells = [tuple(cells[i] for i, (_, cells) in zip(at, columns, strict=True)) for at in places]
    return Combinations(cells, np.repeat(place, np.diff(begins, append=table.num_rows)))


def _begins(columns: Sequence[Ints]) -> Ints:
    """Where something else begins in some column: outcomes list rate after rate, with the same cells in many rows."""
    differs = np.ones(len(columns[0]), dtype=bool)
    differs[1:] = np.logical_or.reduce([codes[1:] != codes[:-1] for codes in columns])
    return np.flatnonzero(differs)


def occurring_of(numbers: Ints, possible: int) -> tuple[Ints, Ints]:
    """:func:`distinct`, where far more numbers may be possible than there are."""
    return np.unique(numbers, return_inverse=True) if possible > _COUNTED else distinct(numbers, possible)


def distinct(numbers: Ints, count: int) -> tuple[Ints, Ints]:
    """The different ones of some numbers below ``count``, ascending, and for each number its place among them.

    -1 is no number, and has no place: -1.
    """
    used = occurring(numbers, count)
    place = np.full(count + 1, -1, dtype=np.int32)
    place[used] = np.arange(len(used))
    return used, place.take(numbers)


def occurring(numbers: Ints, count: int) -> Ints:
    """The different ones of some numbers below ``count``, ascending; -1 is no number."""
    occurs = np.zeros(count + 1, dtype=bool)
    occurs[numbers] = True  # -1 is the last place
    return np.flatnonzero(occurs[:count])


def encoded(column: pa.ChunkedArray) -> tuple[Ints, list[object]]:
    """For each cell of a column the number of its value, and the values; the last of them is that of the empty cell."""
    column = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    array = column.unify_dictionaries().combine_chunks()
    values = array.dictionary.to_pylist()
    codes = array.indices.fill_null(len(values)) if array.null_count else array.indices
    return codes.to_numpy(), [*values, None]


__all__ = ["Combinations", "combinations", "distinct", "encoded", "occurring", "occurring_of"]
