"""From the rows of some people to the columns that a plan's kernels work on.

NumPy puts the rows into the order of person and source, and notes the codings of each. Everything after this is array
arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.engines.matching import LINKS, PeopleRows, Sought
from measureharmony.engines.source_order import source_order, stable_order
from measureharmony.evaluation.coded_rows import CodedRows, codings_of
from measureharmony.evaluation.columns import (
    NO_MS,
    Events,
    Floats,
    Ints,
    Links,
    Partition,
    People,
    Spans,
    Times,
    Words,
)
from measureharmony.evaluation.outcome import Subjects

#: Identifiers of events are looked up in a list of all numbers if there are at most so many for each row.
_NUMBERS_PER_ROW = 8


@dataclass(frozen=True)
class Assembled:
    """Some people as a plan needs them, and what outcomes say of them besides."""

    partition: Partition
    subjects: Subjects


def assemble(found: PeopleRows, sought: Sought) -> Assembled:
    """The people of ``found``, in the order of their keys, with everything about them that is looked for."""
    person = found.person.sort_by("person_key")
    keys = _numbers(person["person_key"])
    rows = _rows(found.event, keys)
    named = [_named(rows, LINKS[link]) for link in sought.columns.links]
    further, *pointed = rows.called([found.further_coding["event_id"], *(one.identifier for one in named)])
    links = [_link_rows(rows, one.pointing, to) for one, to in zip(named, pointed, strict=True)]
    codings = further, _numbers(found.further_coding["coding"])
    partition = Partition(
        people=_people(person),
        events=_events(rows, sought, dict(zip(sought.columns.links, links, strict=True))),
        coverage=_spans(found.coverage, keys),
        roster=_spans(found.roster, keys),
        matches=_coded_rows(rows, codings, sought),
        listed=sought.listed,
    )
    return Assembled(partition, Subjects(person["person_id"].cast(pa.string()).combine_chunks(), rows.identifier))


# --- rows ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Rows:
    """Events as they arrived, and the order in which they are numbered as rows.

    ``person`` and ``identifier`` are in that order.
    """

    arrived: pa.Table
    order: Ints
    person: Ints
    identifier: pa.Array

    def called(self, identifiers: Sequence[pa.ChunkedArray]) -> list[Ints]:
        """The row of the event of each identifier, column by column; -1 where there is none.

        All columns are looked up together: text is hashed once, and that is what costs.
        """
        kind = self.identifier.type
        every = pa.chunked_array([chunk for one in identifiers for chunk in one.cast(kind).chunks], kind)
        return np.split(self._called(every), np.cumsum([len(one) for one in identifiers[:-1]]))

    def _called(self, identifiers: pa.ChunkedArray) -> Ints:
        table = self._row_by_number
        if table is None:
            return _numbers(pc.index_in(identifiers, value_set=self.identifier).fill_null(-1))
        least, row = table
        place = _numbers(identifiers) - least
        return row[np.where((place >= 0) & (place < len(row) - 1), place, -1)]

    @cached_property
    def _row_by_number(self) -> tuple[int, Ints] | None:
        """Where identifiers are numbers close together: the least, and the row of each from there on.

        Looking up costs a fraction of hashing. The last entry stands for all that are out of reach.
        """
        if not pa.types.is_integer(self.identifier.type) or not len(self.identifier):
            return None
        numbers = _numbers(self.identifier)
        least = int(numbers.min())
        span = int(numbers.max()) - least + 1
        if span > _NUMBERS_PER_ROW * len(numbers):
            return None
        row = np.full(span + 1, -1, dtype=np.int64)
        row[numbers - least] = np.arange(len(numbers))
        return least, row

    def numbers(self, name: str, empty: int | None = None) -> Ints:
        """A column of whole numbers or flags in the order of rows, with ``empty`` for its empty cells."""
        column = self.arrived[name] if empty is None else self.arrived[name].fill_null(empty)
        return np.asarray(_numbers(column)[self.order])

    def floats(self, name: str) -> Floats:
        """A column of numbers in the order of rows; NaN is an empty cell."""
        column = self.arrived[name]
        if column.null_count == len(column):
            return np.full(len(column), np.nan)
        return np.asarray(_floats(column)[self.order])

    def words(self, name: str) -> Words:
        """A column of words in the order of rows."""
        return _words(self.arrived[name], self.order)

    def times(self, name: str) -> Times:
        """A moment in the order of rows."""
        ms = self.arrived[f"{name}_ms"]
        known = ms.null_count < len(ms)
        instant = self.numbers(f"{name}_ms", empty=NO_MS) if known else None
        lo, hi = _numbers(self.arrived[f"{name}_lo"]), _numbers(self.arrived[f"{name}_hi"])
        first = lo[self.order]
        # Where all dates are whole ones, both days are the same.
        return Times(first, first if np.array_equal(lo, hi) else hi[self.order], instant)


def _rows(arrived: pa.Table, keys: Ints) -> _Rows:
    person = _place(arrived["person_key"], keys)
    order = source_order(person, arrived["sequence"], arrived["event_id"])
    return _Rows(arrived, order, person[order], arrived["event_id"].take(order).combine_chunks())


def _place(person_key: pa.ChunkedArray, keys: Ints) -> Ints:
    """Which of the people, by place in the ascending ``keys``, each cell is about."""
    person = _numbers(person_key)
    first = int(keys[0])
    if int(keys[-1]) - first == len(keys) - 1:  # a stretch of people, as everybody is
        return person - first if first else person
    return np.searchsorted(keys, person)


def _coded_rows(rows: _Rows, further: tuple[Ints, Ints], sought: Sought) -> CodedRows:
    """``further``: rows (-1: none of these), and the number of a further coding of each."""
    coding = rows.numbers("coding", empty=-1)
    row = np.flatnonzero(coding >= 0)
    coding = coding[row]
    if len(further[0]):
        there = np.flatnonzero(further[0] >= 0)
        row, coding = (np.concatenate((own, more[there])) for own, more in zip((row, coding), further, strict=True))
    return CodedRows.of(coding, row, codings_of(sought.groups, sought.by_coding), len(rows.order))


class _Named(NamedTuple):
    """Rows that point to events, and the identifier of each event that they name."""

    pointing: Ints
    identifier: pa.ChunkedArray


def _named(rows: _Rows, column: str) -> _Named:
    """What a column of links names; text cells may name several events."""
    named = rows.arrived[column]
    pointing = np.flatnonzero(_numbers(named.is_valid())[rows.order])
    targets = named.take(rows.order[pointing])
    if pa.types.is_string(targets.type):
        several = pc.split_pattern(pc.utf8_trim(targets, " "), " ")
        pointing = pointing[_numbers(pc.list_parent_indices(several))]
        targets = pc.list_flatten(several)
    return _Named(pointing, targets)


def _link_rows(rows: _Rows, pointing: Ints, pointed: Ints) -> Links:
    """Which rows point to which rows of the same person; -1 is none."""
    own = np.flatnonzero((pointed >= 0) & (rows.person[pointing] == rows.person[pointed]))
    order = own[stable_order(pointed[own])]
    order = order[stable_order(pointing[order])]
    return Links(pointing[order], pointed[order])


# --- columns ---------------------------------------------------------------------------------------------------------


def _events(rows: _Rows, sought: Sought, links: dict[str, Links]) -> Events:
    needed = sought.columns
    return Events(
        person=rows.person,
        not_done=rows.numbers("not_done").astype(bool),
        words={name: rows.words(name) for name in needed.words},
        times={name: rows.times(name) for name in needed.times},
        numbers={name: rows.floats(name) for name in needed.numbers},
        links=links,
        unit=rows.words("unit"),
        value_type=rows.words("value_type"),
    )


def _people(table: pa.Table) -> People:
    return People(
        key=_numbers(table["person_key"]),
        birth=_times(table, "birth"),
        sex=_words(table["sex"]),
        gender=_words(table["gender"]),
        death=_times(table, "death"),
    )


def _spans(table: pa.Table, keys: Ints) -> Spans:
    order = ("person_key", "start_day", "end_day", "name")
    table = table.sort_by([(name, "ascending") for name in order])
    return Spans(
        person=_place(table["person_key"], keys),
        name=_words(table["name"]),
        product_line=_words(table["product_line"]),
        benefits=_words(table["benefits"]),
        start=_numbers(table["start_day"]),
        end=_numbers(table["end_day"]),
    )


# --- Arrow to NumPy --------------------------------------------------------------------------------------------------


def _numbers(column: pa.ChunkedArray | pa.Array) -> Ints:
    numbers: Ints = column.to_numpy(zero_copy_only=False) if isinstance(column, pa.Array) else column.to_numpy()
    return numbers


def _floats(column: pa.ChunkedArray) -> Floats:
    floats: Floats = column.cast(pa.float64()).to_numpy()
    return floats


def _words(column: pa.ChunkedArray, order: Ints | None = None) -> Words:
    """The column's different words, and a number for each cell as small as they allow: the cells are many."""
    if not pa.types.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode()
    encoded = column.combine_chunks()
    words = tuple(encoded.dictionary.to_pylist())
    codes = encoded.indices.fill_null(-1).to_numpy().astype(np.min_scalar_type(-max(1, len(words))))
    return Words(codes if order is None else codes[order], words)


def _times(table: pa.Table, name: str) -> Times:
    lo, hi = _numbers(table[f"{name}_lo"]), _numbers(table[f"{name}_hi"])
    ms_name = f"{name}_ms"
    if ms_name not in table.column_names or table[ms_name].null_count == len(table):
        return Times(lo, hi)
    return Times(lo, hi, table[ms_name].fill_null(NO_MS).to_numpy())


__all__ = ["Assembled", "assemble"]
