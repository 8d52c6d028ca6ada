"""Outcomes of everybody: those of parts of the people, put together where, and as far as, a table is asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.evaluation.columns import Ints
from measureharmony.evaluation.few_cells import spread
from measureharmony.evaluation.outcome_form import (
    OUTCOME_COLUMNS,
    alphabetical,
    coded,
    names_of_rows,
    numbered,
    outcome_columns,
)
from measureharmony.evaluation.outcomes_by_part import Coded, PartOutcomes, Told
from measureharmony.evaluation.population_order import inside
from measureharmony.measures.measure import POPULATIONS


class Outcomes:
    """The outcomes of all ``parts``, which have people one after the other.

    Rate after rate, in each of them part after part.
    """

    def __init__(self, parts: Sequence[PartOutcomes]):
        self.parts = tuple(parts)
        self._order = _Order.of(self.parts)

    def __len__(self) -> int:
        return self._order.count

    def table(
        self, start: int = 0, stop: int | None = None, names: Collection[str] = OUTCOME_COLUMNS.keys()
    ) -> pa.Table:
        """The rows from number ``start`` on to before ``stop``; their dictionaries are those of all rows.

        The columns ``names`` of the outcome table, in its order; none where there are no rates.
        """
        one = self.parts[0]
        if not one.rates:
            return pa.table({})
        order, stop = self._order, len(self) if stop is None else min(stop, len(self))
        pieces = order.pieces(start, stop)
        columns: dict[str, Any] = names_of_rows(one.rates, order.rows.sum(axis=0), order.rows_of_rates(start, stop))
        person = _joined([part.person for part in self.parts], pieces)
        columns["person_id"] = pa.DictionaryArray.from_arrays(pa.array(person), one.person_id)
        columns["member"] = pa.array(_joined([part.member for part in self.parts], pieces))
        category = _joined([part.category for part in self.parts], pieces)
        columns |= {name: pa.array(inside(category, name)) for name in POPULATIONS if name in names}
        columns |= {name: words.between(pieces) for name, words in self._words.items() if name in names}
        for told in self._told:
            columns |= told.between(start, stop, names)
        return outcome_columns(columns, names)

    def some(self, kept: Sequence[Ints]) -> Outcomes:
        """The rows ``kept`` of each part (ascending); words, and what is told, are put together once for both."""
        found = Outcomes([part.some(rows) for part, rows in zip(self.parts, kept, strict=True)])
        found._words = {
            name: replace(every, parts=[part.words[name] for part in found.parts])
            for name, every in self._words.items()
        }
        told = zip(*(part.told for part in found.parts), strict=True)
        found._told = [
            _AllTold.of(some, found._order, every.columns) for some, every in zip(told, self._told, strict=True)
        ]
        return found

    def people_of_programs(self) -> dict[str, int]:
        """How many people of its own each program has."""
        programs = sorted({rate.program for rate in self.parts[0].rates})
        listed = (
            (programs.index(rate.program), part.person[rows][part.member[rows]])
            for part in self.parts
            for rate, rows in part.each_rate()
        )
        return people_counted(programs, len(self.parts[0].person_id), listed)

    @cached_property
    def _words(self) -> dict[str, _AllWords]:
        names = self.parts[0].words
        return {name: _AllWords.of([part.words[name] for part in self.parts]) for name in names}

    @cached_property
    def _told(self) -> list[_AllTold]:
        return [_AllTold.of(told, self._order) for told in zip(*(part.told for part in self.parts), strict=True)]


def people_counted(programs: Sequence[str], people: int, listed: Iterable[tuple[int | Ints, Ints]]) -> dict[str, int]:
    """How many different ones of ``people`` are listed with each program: the numbers of programs, and of people."""
    there = np.zeros((len(programs), people), dtype=bool)
    for program, person in listed:
        there[program, person] = True
    counts = np.count_nonzero(there, axis=1).tolist()
    return {program: count for program, count in zip(programs, counts, strict=True) if count}


#: Some rows of a part that are one after the other in the whole: the part, the first of them, the one after the last.
_Piece = tuple[int, int, int]


@dataclass(frozen=True)
class _Order:
    """Where the rows of parts are in the whole: by part and rate, the first of them in the part and in the whole."""

    in_part: Ints
    in_whole: Ints
    rows: Ints

    @staticmethod
    def of(parts: Sequence[PartOutcomes]) -> _Order:
        rows = np.array([part.rows for part in parts], dtype=np.int64)
        in_turn = rows.T.ravel()
        return _Order(rows.cumsum(axis=1) - rows, (in_turn.cumsum() - in_turn).reshape(rows.T.shape).T, rows)

    @property
    def count(self) -> int:
        """How many rows there are."""
        return int(self.rows.sum())

    def pieces(self, start: int, stop: int) -> list[_Piece]:
        """What the rows from number ``start`` on to before ``stop`` are made of."""
        low, high = (bound.T.ravel() for bound in self._between(start, stop))
        there = np.flatnonzero(low < high)
        in_part = (self.in_part - self.in_whole).T.ravel()[there]
        part, first, end = there % len(self.rows), low[there] + in_part, high[there] + in_part
        # One after the other in the whole, most of a single part are so in the part, too.
        begins = np.flatnonzero((np.diff(part, prepend=-1) != 0) | (first != np.append(-1, end[:-1])))
        ends = np.append(begins[1:], len(end))[: len(begins)] - 1
        return list(zip(part[begins].tolist(), first[begins].tolist(), end[ends].tolist(), strict=True))

    def rows_of_rates(self, start: int, stop: int) -> Ints:
        """How many of the rows from number ``start`` on to before ``stop`` are about each rate."""
        low, high = self._between(start, stop)
        return np.asarray(np.maximum(high - low, 0).sum(axis=0))

    def _between(self, start: int, stop: int) -> tuple[Ints, Ints]:
        return np.maximum(self.in_whole, start), np.minimum(self.in_whole + self.rows, stop)

    def in_the_whole(self, part: int, rows: Ints) -> Ints:
        """Where some rows of a part (ascending) are in the whole."""
        ends = np.searchsorted(rows, self.in_part[part] + self.rows[part])
        return np.asarray(rows + np.repeat(self.in_whole[part] - self.in_part[part], np.diff(ends, prepend=0)))


def _joined(
    columns: Sequence[Any], pieces: Sequence[_Piece], of: Callable[[int, Any], Any] = lambda _, cells: cells
) -> Any:
    """The cells of ``pieces``; ``of``: what becomes of those of each part."""
    found = [of(part, columns[part][first:end]) for part, first, end in pieces]
    if len(found) == 1:
        return found[0]
    return np.concatenate(found) if found else of(0, columns[0][:0])


@dataclass(frozen=True)
class _AllWords:
    """Words of all parts, in one alphabetical order; for each part, the places among them of its words (-1: none)."""

    parts: Sequence[Coded]
    words: pa.Array
    places: Sequence[Ints]

    @staticmethod
    def of(parts: Sequence[Coded]) -> _AllWords:
        words = alphabetical(pa.concat_arrays([part.words for part in parts]))
        places = [np.append(pc.index_in(part.words, words).fill_null(-1).to_numpy(), np.int32(-1)) for part in parts]
        return _AllWords(parts, words, places)

    def between(self, pieces: Sequence[_Piece]) -> pa.DictionaryArray:
        """The cells of the rows that consist of ``pieces``."""
        codes = _joined([one.places for one in self.parts], pieces, lambda part, some: self.places[part].take(some))
        return coded(codes, self.words)


@dataclass(frozen=True)
class _AllTold:
    """What is told of few rows of the whole (ascending), by the places of their cells in ``columns``."""

    rows: Ints
    places: Ints
    columns: dict[str, pa.Array]

    @staticmethod
    def of(parts: Sequence[Told], order: _Order, columns: dict[str, pa.Array] | None = None) -> _AllTold:
        """What is told of ``parts``; ``columns``: what their tables come to, where that is known."""
        begin = np.cumsum([0, *(len(part.table) for part in parts)])
        rows = np.concatenate([order.in_the_whole(number, part.rows) for number, part in enumerate(parts)])
        places = np.concatenate([part.places + first for part, first in zip(parts, begin[:-1], strict=True)])
        if len(parts) > 1:
            ascending = np.argsort(rows, kind="stable")
            rows, places = rows[ascending], places[ascending]
        return _AllTold(rows, places, columns or _told_together([part.table for part in parts]))

    def between(self, start: int, stop: int, names: Collection[str]) -> dict[str, pa.Array]:
        """The cells of the rows from number ``start`` on to before ``stop``, in those of the columns ``names``."""
        low, high = np.searchsorted(self.rows, [start, stop])
        rows, places = self.rows[low:high] - start, self.places[low:high]
        asked = {name: column for name, column in self.columns.items() if name in names}
        return {name: spread(column, places, rows, stop - start) for name, column in asked.items()}


def _told_together(tables: Sequence[pa.Table]) -> dict[str, pa.Array]:
    table = pa.concat_tables(tables)
    columns = {name: table[name].combine_chunks() for name in table.column_names}
    if "evidence_unit" in columns:  # the others are soon as many as there are rows that they are told of
        columns["evidence_unit"] = numbered(np.arange(len(table)), columns["evidence_unit"])
    return columns


__all__ = ["Outcomes", "people_counted"]
