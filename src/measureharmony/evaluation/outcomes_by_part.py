"""Outcomes of everybody, put together from those of parts of the people.

The answers about a part can go as soon as its outcomes are made, so that never more than a few parts' are in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from measureharmony.evaluation.columns import Ints
from measureharmony.evaluation.outcome_form import in_one_form


@dataclass
class PartOutcomes:
    """The outcomes of some people, rate after rate; ``rows`` says how many rows each of the plan's rates has.

    ``columns`` are taken away when parts are put together.
    """

    columns: dict[str, pa.ChunkedArray]
    rows: Ints


def together(parts: Sequence[PartOutcomes]) -> pa.Table:
    """The outcomes of all parts: rate after rate, in each of them part after part. Empties the parts."""
    if len(parts) == 1:
        return in_one_form(pa.table(parts[0].columns))
    ends = [np.cumsum(part.rows) for part in parts]
    pieces = [
        (number, int(end[rate] - part.rows[rate]), int(part.rows[rate]))
        for rate in range(len(parts[0].rows))
        for number, (part, end) in enumerate(zip(parts, ends, strict=True))
        if part.rows[rate]
    ]
    columns = {}
    for name in list(parts[0].columns):
        columns[name] = _in_order([part.columns.pop(name) for part in parts], pieces)
    return in_one_form(pa.table(columns))


def _in_order(parts: Sequence[pa.ChunkedArray], pieces: Sequence[tuple[int, int, int]]) -> pa.Array:
    """Pieces of parts of a column, each given as the part, its first row and how many rows."""
    column = pa.chunked_array([part.combine_chunks() for part in parts])
    if not pa.types.is_dictionary(column.type):
        return _concatenated(column.chunks, pieces)
    numbered = column.unify_dictionaries().chunks
    codes = _concatenated([chunk.indices for chunk in numbered], pieces)
    return pa.DictionaryArray.from_arrays(codes, numbered[0].dictionary)


def _concatenated(parts: Sequence[pa.Array], pieces: Sequence[tuple[int, int, int]]) -> pa.Array:
    if pieces and all(pa.types.is_primitive(part.type) and not part.null_count for part in parts):
        # Pieces are many, and NumPy cuts them off and joins them at a fraction of Arrow's cost.
        numbers = [part.to_numpy(zero_copy_only=False) for part in parts]
        return pa.array(np.concatenate([numbers[part][first : first + count] for part, first, count in pieces]))
    return pa.concat_arrays([parts[part].slice(first, count) for part, first, count in pieces] or parts)


__all__ = ["PartOutcomes", "together"]
