"""Rows of events as they arrive, batch by batch: each cell goes to its place in a column of numbers at once.

Memory that nothing has touched yet is dear. So the next batch arrives in the memory of the one before, columns are as
small as what they say, and one column after the other is put in order in the memory of another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from measureharmony.engines.numbered_words import NumberedWords
from measureharmony.evaluation.columns import NO_MS, Ints, Words
from measureharmony.evaluation.plan import Columns

#: The column behind each way in which events point to one another.
LINKS = {"encounter": "encounter_id", "parent": "parent_id", "based_on": "based_on_id"}

#: Where all words arrive as text, or as categories of text.
NOTHING_NUMBERED: Mapping[str, NumberedWords] = {}

_Numbers = NDArray[Any]


@dataclass(frozen=True)
class Given:
    """The cells of a column that are not empty, and the ascending places of their rows."""

    at: Ints
    cells: pa.ChunkedArray


@dataclass(frozen=True)
class ArrivedEvents:
    """Events in the order in which they arrived, column by column.

    ``numbers``: whole numbers, flags, and measured numbers, of which NaN is an empty cell; columns of instants that are
    all empty are left out. ``given``: links and ``sequence``. Identifiers that are text are ``text_id``, all others
    are ``event_id`` among the numbers.
    """

    count: int
    numbers: dict[str, _Numbers]
    words: dict[str, Words]
    given: Mapping[str, Given]
    text_id: pa.ChunkedArray | None

    @property
    def identifier(self) -> Ints | pa.ChunkedArray:
        """The identifier of each."""
        return self.numbers["event_id"] if self.text_id is None else self.text_id


def of_table(table: pa.Table, needed: Columns) -> ArrivedEvents:
    """All rows of ``table``, which has the columns that :func:`arrived` takes."""
    return arrived(table.to_batches(), table.schema, needed, len(table))


def arrived(
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    needed: Columns,
    at_most: int,
    numbered: Mapping[str, NumberedWords] = NOTHING_NUMBERED,
) -> ArrivedEvents:
    """The rows of ``batches``, of which there are ``at_most`` so many.

    ``needed``: the columns that a plan needs; ``numbered``: those that hold the numbers of words.
    """
    collectors = {field.name: _collector(field, needed, at_most, numbered) for field in schema}
    count = 0
    for batch in batches:
        for collector, cells in zip(collectors.values(), batch.columns, strict=True):
            collector.add(cells, count)
        count += len(batch)
    found: dict[type, dict[str, Any]] = {kind: {} for kind in (_Filled, _Numbered, _Named, _Sparse, _Text)}
    for name, collector in collectors.items():
        found[type(collector)][name] = collector.of(count)
    return ArrivedEvents(
        count,
        {name: column for name, column in found[_Filled].items() if column is not None},
        {**found[_Numbered], **found[_Named]},
        found[_Sparse],
        found[_Text].get("event_id"),
    )


def in_order(columns: Mapping[str, _Numbers], order: Ints) -> Iterator[tuple[str, _Numbers]]:
    """Each of ``columns`` in that order. They are lost: the memory of each is that of the next one like it."""
    spare: dict[np.dtype[Any], _Numbers] = {}
    for name, column in columns.items():
        target = spare.get(column.dtype)
        spare[column.dtype] = column
        yield name, np.take(column, order, out=np.empty_like(column) if target is None else target, mode="clip")


# --- one column ------------------------------------------------------------------------------------------------------


class _Filled:
    """Numbers, with ``empty`` for empty cells; where all are ``optional`` and empty, there is no column."""

    def __init__(self, dtype: np.dtype[Any], empty: float, at_most: int, *, optional: bool):
        self._values = np.empty(at_most, dtype)
        self._empty, self._is_optional, self._is_any = empty, optional, False

    def add(self, cells: pa.Array, at: int) -> None:
        here = slice(at, at + len(cells))
        if cells.null_count == len(cells):
            if self._is_any or not self._is_optional:
                self._values[here] = self._empty
            return
        if self._is_optional and not self._is_any:
            self._values[:at] = self._empty
        self._is_any = True
        # As numbers with a fraction, empty cells are NaN already.
        whole = cells.fill_null(self._empty) if cells.null_count and self._values.dtype.kind == "i" else cells
        self._values[here] = whole.to_numpy(zero_copy_only=False)

    def of(self, count: int) -> _Numbers | None:
        return None if self._is_optional and not self._is_any else self._values[:count]


class _Numbered:
    """Words that arrive as numbers."""

    def __init__(self, numbered: NumberedWords, at_most: int):
        self._numbered = numbered
        self._codes = np.empty(at_most, numbered.place.dtype)

    def add(self, cells: pa.Array, at: int) -> None:
        self._codes[at : at + len(cells)] = self._numbered.place.take(cells.to_numpy(zero_copy_only=False))

    def of(self, count: int) -> Words:
        return Words(self._codes[:count], tuple(self._numbered.words.to_pylist()))


class _Kept:
    """Cells of which a copy is kept: as long as one cell of a batch were in use, all of its memory would be."""

    def __init__(self, kind: pa.DataType):
        self._kind = kind
        self._chunks: list[pa.Array] = []

    def add(self, cells: pa.Array, at: int) -> None:
        self._chunks.append(self._copied(cells))

    def _copied(self, cells: pa.Array) -> pa.Array:
        return cells.take(pa.array(np.arange(len(cells))))


class _Text(_Kept):
    """Identifiers."""

    def of(self, count: int) -> pa.ChunkedArray:
        return pa.chunked_array(self._chunks, self._kind)


class _Named(_Kept):
    """Words that arrive as text, or as categories of text."""

    def _copied(self, cells: pa.Array) -> pa.Array:
        return cells if pa.types.is_dictionary(cells.type) else cells.cast(pa.string()).dictionary_encode()

    def of(self, count: int) -> Words:
        return words_of(
            pa.chunked_array(self._chunks, None if self._chunks else pa.dictionary(pa.int32(), pa.string()))
        )


class _Sparse(_Kept):
    """The cells that are not empty."""

    def __init__(self, kind: pa.DataType):
        super().__init__(kind)
        self._at: list[Ints] = [np.empty(0, dtype=np.intp)]

    def add(self, cells: pa.Array, at: int) -> None:
        there = np.flatnonzero(cells.is_valid().to_numpy(zero_copy_only=False))
        if len(there):
            self._at.append(there + at)
            self._chunks.append(cells.take(pa.array(there)))

    def of(self, count: int) -> Given:
        return Given(np.concatenate(self._at), pa.chunked_array(self._chunks, self._kind))


_Collector = _Filled | _Numbered | _Named | _Sparse | _Text


def _collector(field: pa.Field, needed: Columns, at_most: int, numbered: Mapping[str, NumberedWords]) -> _Collector:
    name, kind = field.name, field.type
    if name in numbered:
        return _Numbered(numbered[name], at_most)
    if name == "sequence" or name in LINKS.values():
        return _Sparse(kind)
    if name == "event_id" and not pa.types.is_integer(kind):
        return _Text(kind)
    if pa.types.is_string(kind) or pa.types.is_dictionary(kind):
        return _Named(kind)
    if name in needed.numbers:
        return _Filled(np.dtype(np.float64), np.nan, at_most, optional=False)
    if name.endswith("_ms"):
        return _Filled(np.dtype(np.int64), NO_MS, at_most, optional=True)
    return _Filled(np.dtype(kind.to_pandas_dtype()), -1, at_most, optional=False)


def words_of(column: pa.ChunkedArray) -> Words:
    """The column's different words, and a number for each cell as small as they allow: the cells are many."""
    if not pa.types.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode()
    encoded = column.combine_chunks()
    words = tuple(encoded.dictionary.to_pylist())
    return Words(encoded.indices.fill_null(-1).to_numpy().astype(np.min_scalar_type(-max(1, len(words)))), words)


__all__ = ["LINKS", "ArrivedEvents", "Given", "arrived", "in_order", "words_of"]
