"""Columns of text: looked up beside others, put in other words, days as a payer writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

#: Where each part of a date stands in ``2026-03-09``.
_PARTS = {"YYYY": (0, 4), "YY": (2, 4), "MM": (5, 7), "DD": (8, 10)}


def beside(table: pa.Table, other: pa.Table, key: str) -> pa.Table:
    """``table`` with the columns of ``other``, in which each ``key`` occurs once; empty where it does not occur."""
    index = pc.index_in(table[key], value_set=other[key].combine_chunks())
    for name in other.column_names:
        if name != key:
            table = table.append_column(name, other[name].take(index))
    return table


def mapped(column: pa.ChunkedArray, words: Mapping[str, str]) -> pa.ChunkedArray:
    """Each word in place of another; what has none is empty."""
    keys, values = pa.array(words.keys(), pa.string()), pa.array(words.values(), pa.string())
    return pa.chunked_array([values.take(pc.index_in(column, value_set=keys).combine_chunks())], pa.string())


def text(table: pa.Table) -> pa.Table:
    """Every column as text."""
    return pa.table({name: table[name].cast(pa.string()) for name in table.column_names})


def written_dates(column: pa.ChunkedArray, form: str) -> pa.ChunkedArray:
    """The days of moments (``2026-03-09T14:30``) in the format ``form``; empty where the day is not known.

    >>> written_dates(pa.chunked_array([["2026-03-09T14:30Z", "2026-03", None]]), "MM/DD/YYYY").to_pylist()
    ['03/09/2026', None, None]
    """
    whole = pc.match_substring_regex(column, r"^\d{4}-\d{2}-\d{2}")
    days = pc.if_else(whole, column, pa.scalar(None, pa.string()))
    parts = [
        pc.utf8_slice_codeunits(days, *_PARTS[part]) if part in _PARTS else pa.scalar(part)
        for part in re.findall("YYYY|YY|MM|DD|.", form)
    ]
    return pc.binary_join_element_wise(*parts, "")


__all__ = ["beside", "mapped", "text", "written_dates"]
