"""From the rows of some people to the columns that a plan's kernels work on.

NumPy puts the rows into the order of person and source, and notes the codings of each. Everything after this is array
arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.engines.arrived import LINKS, ArrivedEvents, Given, in_order, words_of
from measureharmony.engines.matching import PeopleRows, Sought
from measureharmony.engines.source_order import source_order, stable_order
from measureharmony.evaluation.coded_rows import CodedRows, codings_of
from measureharmony.evaluation.columns import (
    NO_MS,
    Events,
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
    """The people of ``found``, in the order of their keys, with everything about them that is looked for.

    The columns of its events are lost: their memory is used again.
    """
    person = found.person.sort_by("person_key")
    keys = _numbers(person["person_key"])
    rows = _rows(found.event, keys)
    named = [_named(rows, found.event.given[LINKS[link]]) for link in sought.columns.links]
    further, *pointed = rows.called([found.further_coding["event_id"], *(one.identifier for one in named)])
    links = [_link_rows(rows, one.pointing, to) for one, to in zip(named, pointed, strict=True)]
    codings = further, _numbers(found.further_coding["coding"])
    partition = Partition(
        people=_people(person),
        events=_events(rows, sought, dict(zip(sought.columns.links, links, strict=True))),
        coverage=_spans(found.coverage, keys),
        roster=_spans(found.roster, keys),
        matches=_coded_rows(rows.numbers["coding"], codings, sought),
        listed=sought.listed,
    )
    return Assembled(partition, Subjects(person["person_id"].cast(pa.string()).combine_chunks(), rows.identifier))


# --- rows ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Rows:
    """Events in the order in which they are numbered as rows, column by column.

    ``number``: that of the row of each event, as they arrived.
    """

    number: Ints
    person: Ints
    identifier: pa.Array
    numbers: Mapping[str, Any]
    words: Mapping[str, Words]

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
        place[(place < 0) | (place >= len(row))] = -1
        return row.take(place).astype(np.intp)

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
        row = np.full(span + 1, -1, dtype=self.number.dtype)
        row[numbers - least] = np.arange(len(numbers), dtype=row.dtype)
        return least, row

    def times(self, name: str) -> Times:
        """A moment."""
        lo, hi = self.numbers[f"{name}_lo"], self.numbers[f"{name}_hi"]
        # Where all dates are whole ones, both days are the same.
        return Times(lo, lo if np.array_equal(lo, hi) else hi, self.numbers.get(f"{name}_ms"))


def _rows(event: ArrivedEvents, keys: Ints) -> _Rows:
    numbers = dict(event.numbers)
    person = _place(numbers.pop("person_key"), keys)
    order = source_order(person, event.given["sequence"], event.identifier)
    number = np.empty(len(order), dtype=np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    codes = dict(in_order({name: words.codes for name, words in event.words.items()}, order))
    numbers = dict(in_order(numbers, order))
    return _Rows(
        number,
        person.take(order),
        pa.array(numbers.pop("event_id")) if event.text_id is None else event.text_id.take(order).combine_chunks(),
        numbers,
        {name: Words(codes[name], words.words) for name, words in event.words.items()},
    )


def _place(person: Ints, keys: Ints) -> Ints:
    """Which of the people, by place in the ascending ``keys``, each of ``person_key`` is about."""
    first = int(keys[0])
    if int(keys[-1]) - first == len(keys) - 1:  # a stretch of people, as everybody is
        return person - first if first else person
    return np.searchsorted(keys, person)


def _coded_rows(coding: Ints, further: tuple[Ints, Ints], sought: Sought) -> CodedRows:
    """``coding``: that of each row (-1: none); ``further``: rows (-1: none of these), and a further coding of each."""
    count, there = len(coding), np.flatnonzero(further[0] >= 0)
    row = np.concatenate((np.arange(count, dtype=np.int32), further[0][there].astype(np.int32)))
    coding = np.concatenate((coding, further[1][there]))
    return CodedRows.of(coding, row, codings_of(sought.groups, sought.by_coding), count)


class _Named(NamedTuple):
    """Rows that point to events, and the identifier of each event that they name."""

    pointing: Ints
    identifier: pa.ChunkedArray


def _named(rows: _Rows, named: Given) -> _Named:
    """What a column of links names; text cells may name several events."""
    pointing, targets = rows.number.take(named.at), named.cells
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
    return Links(pointing[order].astype(np.intp), pointed[order])


# --- columns ---------------------------------------------------------------------------------------------------------


def _events(rows: _Rows, sought: Sought, links: dict[str, Links]) -> Events:
    needed = sought.columns
    return Events(
        person=rows.person,
        not_done=rows.numbers["not_done"],
        words={name: rows.words[name] for name in needed.words},
        times={name: rows.times(name) for name in needed.times},
        numbers={name: rows.numbers[name] for name in needed.numbers},
        links=links,
        unit=rows.words["unit"],
        value_type=rows.words["value_type"],
    )


def _people(table: pa.Table) -> People:
    return People(
        key=_numbers(table["person_key"]),
        birth=_times(table, "birth"),
        sex=words_of(table["sex"]),
        gender=words_of(table["gender"]),
        death=_times(table, "death"),
    )


def _spans(table: pa.Table, keys: Ints) -> Spans:
    order = ("person_key", "start_day", "end_day", "name")
    table = table.sort_by([(name, "ascending") for name in order])
    return Spans(
        person=_place(_numbers(table["person_key"]), keys),
        name=words_of(table["name"]),
        product_line=words_of(table["product_line"]),
        benefits=words_of(table["benefits"]),
        start=_numbers(table["start_day"]),
        end=_numbers(table["end_day"]),
    )


# --- Arrow to NumPy --------------------------------------------------------------------------------------------------


def _numbers(column: pa.ChunkedArray | pa.Array) -> Ints:
    numbers: Ints = column.to_numpy(zero_copy_only=False) if isinstance(column, pa.Array) else column.to_numpy()
    return numbers


def _times(table: pa.Table, name: str) -> Times:
    lo, hi = _numbers(table[f"{name}_lo"]), _numbers(table[f"{name}_hi"])
    ms_name = f"{name}_ms"
    if ms_name not in table.column_names or table[ms_name].null_count == len(table):
        return Times(lo, hi)
    return Times(lo, hi, table[ms_name].fill_null(NO_MS).to_numpy())


__all__ = ["Assembled", "assemble"]
