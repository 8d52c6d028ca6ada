"""Columns of which few cells are filled, made from these alone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.evaluation.columns import Ints


def spread(cells: pa.Array, places: Ints, rows: Ints, count: int) -> pa.Array:
    """A column of ``count`` cells: those at ``rows`` (ascending) are the ``cells`` at ``places``, the others empty.

    For whole numbers, floats, dates, text, and text that is numbered (a dictionary).
    """
    if isinstance(cells, pa.DictionaryArray):
        return pa.DictionaryArray.from_arrays(spread(cells.indices, places, rows, count), cells.dictionary)
    filled = cells.take(pa.array(places))
    if not len(filled):
        return pa.nulls(count, cells.type)
    there = np.zeros(count, dtype=bool)
    there[rows] = filled.is_valid()
    valid = pa.py_buffer(np.packbits(there, bitorder="little"))
    return pa.Array.from_buffers(cells.type, count, [valid, *_contents(filled, rows, count)])


def _contents(filled: pa.Array, rows: Ints, count: int) -> list[pa.Buffer]:
    """The buffers of a column's contents: of text, where each cell begins, and all text in one; else the numbers."""
    _, numbers, *text = filled.buffers()
    if text:
        begin = np.zeros(count + 1, dtype=np.int32)
        begin[rows + 1] = pc.binary_length(filled).fill_null(0)
        return [pa.py_buffer(np.cumsum(begin, dtype=np.int32)), *text]
    width = np.dtype(f"i{filled.type.bit_width // 8}")
    column = np.zeros(count, dtype=width)
    column[rows] = np.frombuffer(numbers, dtype=width, count=len(filled))
    return [pa.py_buffer(column)]


__all__ = ["spread"]
