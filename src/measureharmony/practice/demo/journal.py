"""Collects events in blocks of columns and lays them down as Arrow tables of the dataset contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from measureharmony.practice.contract import EVENT

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.floating[Any]]
Flags = npt.NDArray[np.bool_]
Coding = tuple[str, str]

#: What stands for "empty" in columns of whole numbers and of days (days count from 1970-01-01).
NONE = -(2**31)


@dataclass(frozen=True)
class Choice:
    """A column of few different values: row ``i`` holds ``values[index[i]]``."""

    index: Ints
    values: tuple[str, ...] | tuple[Coding, ...]

    def where(self, mask: Flags) -> Choice:
        """The rows where ``mask`` holds."""
        return Choice(self.index[mask], self.values)


#: One value for the whole block, or one a row. Empty: ``""``, ``NONE`` or NaN.
Cells = str | int | float | bool | Coding | Choice | Ints | Floats | Flags

_DAYS = ("start", "end", "authored", "recorded", "received")
_INTEGERS = ("event_id", "person_id", "encounter_id", "parent_id", "based_on_id", "sequence", "refills")
_NUMBERS = ("value", "quantity", "days_supply", "amount")
_FLAGS = ("not_done",)
_TEXTS = tuple(c.name for c in EVENT.columns if c.name not in (*_DAYS, *_INTEGERS, *_NUMBERS, *_FLAGS))
_COLUMNS = {column.name for column in EVENT.columns}


@dataclass(frozen=True)
class _Block:
    length: int
    columns: dict[str, Cells]


class Journal:
    """Blocks of events and of their further codings; every event gets its number here."""

    def __init__(self, first_event: int, first_person: int):
        self._next = first_event
        self._first_person = first_person
        self._events: list[_Block] = []
        self._codes: list[_Block] = []

    def __len__(self) -> int:
        return sum(block.length for block in self._events)

    def add(self, kind: str, person: Ints, start: Ints, **columns: Cells) -> Ints:
        """Add one event a person given; returns their event ids.

        ``person`` counts from 0 within the chunk, ``start`` is a day number, ``coding`` gives code system and code.
        """
        ids = np.arange(self._next, self._next + len(person), dtype=np.int64)
        self._next += len(person)
        if "coding" in columns:
            columns["code_system"], columns["code"] = _system_and_code(columns.pop("coding"))
        fixed: dict[str, Cells] = {
            "event_id": ids, "person_id": person + self._first_person, "kind": kind, "start": start,
        }  # fmt: skip
        if unknown := set(columns) - _COLUMNS:
            raise TypeError(f"table event has no column {', '.join(sorted(unknown))}")
        self._events.append(_Block(len(person), fixed | columns))
        return ids

    def add_code(self, events: Ints, role: str, coding: Coding | Choice) -> None:
        """Give events one further coding each."""
        system, code = _system_and_code(coding)
        self._codes.append(_Block(len(events), {"event_id": events, "role": role, "system": system, "code": code}))

    @property
    def next_event(self) -> int:
        """The number that the next event would get."""
        return self._next

    def event_table(self) -> pa.Table:
        """Table ``event``: ids int64, days date32, words dictionary-encoded, numbers float64."""
        arrays = {column.name: self._array(column.name) for column in EVENT.columns}
        return pa.table(arrays)

    def event_code_table(self) -> pa.Table:
        """Table ``event_code``, in the same types."""
        texts = {name: texts_array(self._codes, name) for name in ("role", "system", "code")}
        return pa.table({"event_id": _integers(self._codes, "event_id"), **texts})

    def _array(self, name: str) -> pa.Array:
        if name in _DAYS:
            return days_array(_gathered(self._events, name, NONE, np.int64))
        if name in _INTEGERS:
            return _integers(self._events, name)
        if name in _NUMBERS:
            values = _gathered(self._events, name, np.nan, np.float64)
            return pa.array(values, mask=np.isnan(values))
        if name in _FLAGS:
            flags = _gathered(self._events, name, False, np.bool_)
            return pa.array(flags, mask=np.logical_not(flags))
        return texts_array(self._events, name)


def _system_and_code(coding: Cells) -> tuple[Cells, Cells]:
    if isinstance(coding, Choice):
        systems, codes = (tuple(pair[part] for pair in coding.values) for part in (0, 1))
        return Choice(coding.index, systems), Choice(coding.index, codes)
    if isinstance(coding, tuple):
        return coding
    raise TypeError("a coding is a pair of code system and code, or a Choice among such pairs")


def _gathered(blocks: list[_Block], name: str, empty: float, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """One column of all blocks, end to end; blocks without it give ``empty``."""
    parts = [np.broadcast_to(np.asarray(b.columns.get(name, empty), dtype=dtype), (b.length,)) for b in blocks]
    return np.concatenate(parts) if parts else np.empty(0, dtype=dtype)


def _integers(blocks: list[_Block], name: str) -> pa.Array:
    values = _gathered(blocks, name, NONE, np.int64)
    return pa.array(values, mask=values == NONE)


def days_array(days: npt.NDArray[Any]) -> pa.Array:
    """Day numbers as DATE, ``NONE`` as null."""
    empty = days == NONE
    return pa.array(np.where(empty, 0, days).astype(np.int32), mask=empty).cast(pa.date32())


def texts_array(blocks: list[_Block], name: str) -> pa.Array:
    """A text column of all blocks, dictionary-encoded over the words that occur in any of them."""
    numbers: dict[str, int] = {"": 0}
    parts = []
    for block in blocks:
        cells = block.columns.get(name, "")
        choice = cells if isinstance(cells, Choice) else Choice(np.zeros(block.length, np.int64), (str(cells),))
        local = np.array([numbers.setdefault(str(word), len(numbers)) for word in choice.values], dtype=np.int16)
        parts.append(local[choice.index])
    index = np.concatenate(parts) if parts else np.empty(0, np.int16)
    indices = pa.array(index - 1, mask=index == 0, type=pa.int16())
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(numbers)[1:], pa.string()))


def choice_array(choice: Choice) -> pa.Array:
    """One text column; the empty word as null."""
    return texts_array([_Block(len(choice.index), {"": choice})], "")
