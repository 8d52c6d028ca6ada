"""Identifiers that are numbers close together: which there are, as one flag for each number.

A flag is set and looked up at a fraction of what hashing, sorting and joining identifiers take.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

#: There are at most so many flags for each row, and in all: as many bytes as other keys take that are compared at once.
_FLAGS_PER_ROW, _MOST_FLAGS = 8, 512_000_000
#: So many identifiers arrive at once, in memory that stays in the processor's cache.
_AT_ONCE = 65_536

Flags = npt.NDArray[np.bool_]
_Numbers = npt.NDArray[np.int64]


def different_numbers(con: duckdb.DuckDBPyConnection, relation: str, column: str, rows: int) -> Flags | None:
    """Whether each number from 0 on is in a column of a relation of ``rows`` rows, none of which is empty.

    ``None`` where they are no such numbers, or one is there twice.
    """
    there, count = np.zeros(min(rows * _FLAGS_PER_ROW, _MOST_FLAGS) + 1, dtype=bool), 0
    for numbers in _numbers(con, f"SELECT {column} FROM {relation}"):
        if numbers is None or not _are_within(numbers, there):
            return None
        there[numbers] = True
        count += len(numbers)
    return there if np.count_nonzero(there) == count else None


def are_all_there(con: duckdb.DuckDBPyConnection, relation: str, column: str, there: Flags) -> bool:
    """Whether all numbers in a column of a relation are ``there``; of empty cells nothing is asked."""
    query = f"SELECT {column} FROM {relation} WHERE {column} IS NOT NULL"
    return all(
        numbers is not None and _are_within(numbers, there) and bool(there.take(numbers).all())
        for numbers in _numbers(con, query)
    )


def _numbers(con: duckdb.DuckDBPyConnection, query: str) -> Iterator[_Numbers | None]:
    """The numbers that a query gives, some at once; ``None`` where it gives something else."""
    for batch in con.sql(query).to_arrow_reader(_AT_ONCE):
        yield batch.column(0).to_numpy() if pa.types.is_int64(batch.schema.field(0).type) else None


def _are_within(numbers: _Numbers, flags: Flags) -> bool:
    return len(numbers) == 0 or (int(numbers.min()) >= 0 and int(numbers.max()) < len(flags))


__all__ = ["Flags", "are_all_there", "different_numbers"]
