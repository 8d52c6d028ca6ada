"""Words leave DuckDB as small numbers: handing over and reading text costs many times what numbers do.

A word's number is its hash modulo a number that keeps all words of the column apart. So DuckDB needs no list of words
row by row, and nothing has to be looked up in text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import duckdb
import numpy as np
import pyarrow as pa

from measureharmony.evaluation.columns import Ints

#: With more words than these, a column stays text.
_MOST_WORDS = 500
#: How many numbers there are of 8 bits, and of 16: words have no other ones.
_FEW_NUMBERS, _MOST_NUMBERS = 1 << 8, 1 << 16


@dataclass(frozen=True)
class NumberedWords:
    """A column of words as numbers below ``modulus``; ``place`` says by number which of ``words`` it is (-1: empty)."""

    modulus: int
    words: pa.Array
    place: Ints

    def sql(self, column: str) -> str:
        """The numbers of a column of text."""
        return f"CAST(hash({column}) % {self.modulus} AS U{'TINY' if self.modulus <= _FEW_NUMBERS else 'SMALL'}INT)"

    def told(self, numbers: pa.Array) -> pa.DictionaryArray:
        """The words of some cells, given as numbers."""
        place = self.place.take(numbers.to_numpy(zero_copy_only=False))
        return pa.DictionaryArray.from_arrays(pa.array(place, mask=place < 0), self.words)


def numbered_words(connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> Mapping[str, NumberedWords]:
    """How those of the ``columns`` of ``accepted_event`` are numbered that have few words; needs ``event_word``."""
    listed = ", ".join(repr(column) for column in columns)
    query = f"SELECT DISTINCT name, word, hash(word) FROM event_word WHERE name IN ({listed}) ORDER BY ALL"
    found = defaultdict(list)
    for name, word, number in connection.execute(query).fetchall():
        found[name].append((word, number))
    ((empty,),) = connection.execute("SELECT hash(CAST(NULL AS VARCHAR))").fetchall()
    every = {name: _numbered(found[name], empty) for name in columns if len(found[name]) <= _MOST_WORDS}
    return {name: numbered for name, numbered in every.items() if numbered is not None}


def _numbered(words: Sequence[tuple[str, int]], empty: int) -> NumberedWords | None:
    """``words`` with their hashes; ``empty``: that of an empty cell. ``None`` where no modulus keeps them apart."""
    each = np.array([*(number for _, number in words), empty], dtype=np.uint64)
    # A quarter of its square keeps so many apart once in seven times: one that does is soon found.
    for modulus in chain(range(len(each), _FEW_NUMBERS + 1), range(len(each) ** 2 // 4, _MOST_NUMBERS + 1)):
        numbers = each % np.uint64(modulus)
        if len(set(numbers.tolist())) == len(each):
            place = np.full(modulus, -1, dtype=np.min_scalar_type(-max(1, len(words))))
            place[numbers[:-1]] = np.arange(len(words))
            return NumberedWords(modulus, pa.array([word for word, _ in words], pa.string()), place)
    return None


def with_words(table: pa.Table, numbered: Mapping[str, NumberedWords]) -> pa.Table:
    """``table`` with words, as categories, where it has their numbers."""
    for name in numbered.keys() & set(table.column_names):
        words = pa.chunked_array([numbered[name].told(chunk) for chunk in table[name].chunks], _type(numbered[name]))
        table = table.set_column(table.column_names.index(name), name, words)
    return table


def stream_with_words(rows: pa.RecordBatchReader, numbered: Mapping[str, NumberedWords]) -> pa.RecordBatchReader:
    """:func:`with_words`, batch by batch."""
    schema = with_words(rows.schema.empty_table(), numbered).schema

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in rows:
            yield from with_words(pa.Table.from_batches([batch]), numbered).to_batches()

    return pa.RecordBatchReader.from_batches(schema, batches())


def _type(numbered: NumberedWords) -> pa.DataType:
    return pa.dictionary(pa.from_numpy_dtype(numbered.place.dtype), pa.string())


__all__ = ["NumberedWords", "numbered_words", "stream_with_words", "with_words"]
