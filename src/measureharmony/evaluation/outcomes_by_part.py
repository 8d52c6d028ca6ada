"""Outcomes of everybody, put together from those of parts of the people.

The answers about a part can go as soon as its outcomes are made, so that never more than a few parts' are in memory. Of
outcomes, parts hold numbers: they are put together once, and once only they become words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa

from measureharmony.evaluation.columns import NEVER_ENDS, Bools, Floats, Ints
from measureharmony.evaluation.outcome_form import OUTCOME_COLUMNS, numbered, repeated

Numbers: TypeAlias = Ints | Bools | Floats
#: Text that many rows have in common is written once, and numbered in them.
_IN_COMMON = frozenset({"subject_id", "strata", "first_failing", "evidence_unit"})


class RateName(NamedTuple):
    """What a rate is called by in the outcomes."""

    program: str
    measure: str
    edition: int
    rate: str


@dataclass
class PartOutcomes:
    """The outcomes of some people, rate after rate; ``rows`` says how many rows each of the plan's ``rates`` has.

    ``columns`` have one number a row; they are taken away when parts are put together. Where ``told`` has a table for a
    column, its numbers are rows of that table (-1: empty cells), which has columns of the outcome table. People are
    numbered by ``person_id``, in which everybody is; subjects likewise, unless ``told`` has a table.
    """

    rates: Sequence[RateName]
    rows: Ints
    person_id: pa.Array
    columns: dict[str, Numbers]
    told: dict[str, pa.Table]


def together(parts: Sequence[PartOutcomes]) -> pa.Table:
    """The outcomes of all parts: rate after rate, in each of them part after part. Empties the parts.

    No columns where there are no rates.
    """
    if not parts[0].rates:
        return pa.table({})
    columns = _names(parts[0].rates, np.sum([part.rows for part in parts], axis=0))
    pieces = _pieces(parts)
    for name in list(parts[0].columns):
        numbers = [part.columns.pop(name) for part in parts]
        if name in parts[0].told:
            tables = [part.told.pop(name) for part in parts]
            columns |= _told(_joined(_of_all(numbers, tables), pieces), pa.concat_tables(tables))
        else:
            columns[name] = _cells(name, _joined(numbers, pieces), parts[0].person_id)
    return pa.table({name: columns.get(name, columns["person_id"]) for name in OUTCOME_COLUMNS})


def _names(rates: Sequence[RateName], rows: Ints) -> dict[str, pa.Array]:
    """Which rate of which variant each row is about."""
    there = np.flatnonzero(rows)
    words = zip(*(rates[number] for number in there.tolist()), strict=True) if len(there) else ((),) * 4
    program, measure, edition, rate = words
    counts = rows[there]
    return {
        "program": repeated(program, counts),
        "measure": repeated(measure, counts),
        "edition": pa.array(np.repeat(np.array(edition, dtype=np.int16), counts)),
        "rate": repeated(rate, counts),
    }


def _pieces(parts: Sequence[PartOutcomes]) -> list[tuple[int, int, int]]:
    """The pieces of parts of a column, in the order of the whole: the part, the first row, the one after the last."""
    ends = [np.cumsum(part.rows).tolist() for part in parts]
    rows = [part.rows.tolist() for part in parts]
    return [
        (part, end[rate] - count[rate], end[rate])
        for rate in range(len(parts[0].rows))
        for part, (end, count) in enumerate(zip(ends, rows, strict=True))
        if count[rate]
    ]


def _joined(parts: Sequence[Any], pieces: Sequence[tuple[int, int, int]]) -> Any:
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([parts[part][first:end] for part, first, end in pieces] or parts[:1])


def _of_all(parts: Sequence[Any], tables: Sequence[pa.Table]) -> list[Ints]:
    """Rows of each part's table as rows of all tables, one after the other."""
    begin = np.cumsum([0, *map(len, tables[:-1])]).tolist()
    return [
        np.where(numbers < 0, numbers, numbers + np.int32(first)) if first else numbers
        for numbers, first in zip(parts, begin, strict=True)
    ]


def _told(numbers: Ints, table: pa.Table) -> dict[str, pa.Array]:
    """The columns of which ``numbers`` (-1: empty cells) are rows."""
    there = pa.array(numbers, mask=numbers < 0)
    columns = {name: table[name].combine_chunks() for name in table.column_names}
    return {
        name: numbered(numbers, column) if name in _IN_COMMON else column.take(there)
        for name, column in columns.items()
    }


def _cells(name: str, numbers: Numbers, person_id: pa.Array) -> pa.Array:
    """Numbers that say all by themselves."""
    if name == "person_id":
        return pa.DictionaryArray.from_arrays(pa.array(numbers), person_id)
    if name == "close_by":
        return pa.array(numbers, mask=numbers == NEVER_ENDS).cast(pa.date32())
    return pa.array(numbers, from_pandas=True)


__all__ = ["Numbers", "PartOutcomes", "RateName", "together"]
