"""The one form of an outcome table: equal rows are equal tables, and equal files, wherever the rows come from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.evaluation.columns import Bools, Floats, Ints
from measureharmony.evaluation.combinations import occurring
from measureharmony.measures.measure import POPULATIONS, Episodes
from measureharmony.payers.variant import Variant

#: Columns of the outcome table, with what they hold.
OUTCOME_COLUMNS: Mapping[str, str] = {
    "program": "The program whose variant it is, or `canonical`.",
    "measure": "Key of the measure.",
    "edition": "Edition of the measure.",
    "rate": "Which rate of the measure.",
    "person_id": "Who.",
    "subject_id": "What is counted: the person, or (for episode measures) the event.",
    "member": "Whether the person is the program's own; everybody is canonical's.",
    **{name: f"Whether the subject is in the {name.replace('_', ' ')}." for name in POPULATIONS},
    "strata": "Ids of the strata the subject is in, blank-separated.",
    "first_failing": (
        "Why the subject has not got what the measure wants: the first criterion on the way into the numerator that "
        "does not hold, what excluded or excepted it, or, for an inverse rate, what put it into the numerator."
    ),
    "close_by": (
        "Of a gap: the last day on which it can be closed, where that is before the period's last day (a week after a "
        "visit, a birthday); the day before the period where what has happened cannot be undone."
    ),
    "observation": "The rate's number of a subject that counts below the line; empty for others, and where unknown.",
    "evidence_id": "The event shown as evidence, if any.",
    "evidence_date": "Its date: of a fill, an order or a condition its first day, else the last.",
    "evidence_value": "Its number, if any.",
    "evidence_unit": "The number's unit.",
    "evidence_values": "Numbers to be read together, such as systolic/diastolic; for measures that name them.",
}

_SOMETIMES_EMPTY = frozenset(
    name for name in OUTCOME_COLUMNS if name in ("first_failing", "close_by", "observation") or "evidence" in name
)


class RateName(NamedTuple):
    """What a rate is called by in the outcomes."""

    program: str
    measure: str
    edition: int
    rate: str


def in_one_form(outcomes: pa.Table) -> pa.Table:
    """The same rows in one piece; where a column numbers its words, those that occur, in alphabetical order."""
    outcomes = outcomes.unify_dictionaries().combine_chunks()
    columns = {name: outcomes[name] for name in outcomes.column_names}
    for name, column in columns.items():
        if pa.types.is_dictionary(column.type) and column.num_chunks:
            words = column.chunk(0)
            columns[name] = numbered(words.indices.fill_null(-1).to_numpy(), words.dictionary)
    return pa.table(columns)


def columns_of_people(variants: Sequence[Variant]) -> tuple[str, ...]:
    """The columns of the outcomes of ``variants`` that number everybody, in order: subjects, where none are events."""
    some_are_events = any(isinstance(variant.measure.subject, Episodes) for variant in variants)
    return ("person_id",) if some_are_events else ("person_id", "subject_id")


def outcome_columns(
    columns: Mapping[str, pa.Array | pa.ChunkedArray], names: Collection[str] = OUTCOME_COLUMNS.keys()
) -> pa.Table:
    """The columns ``names`` of the outcome table, in its order; without ``subject_id``, subjects are people.

    Columns that are never empty say so: they are written in half the time.
    """
    each = {name: columns.get(name, columns["person_id"]) for name in OUTCOME_COLUMNS if name in names}
    fields = [pa.field(name, column.type, nullable=name in _SOMETIMES_EMPTY) for name, column in each.items()]
    return pa.table(list(each.values()), schema=pa.schema(fields))


def names_of_rows(rates: Sequence[RateName], rows: Ints, some: Ints | None = None) -> dict[str, pa.Array]:
    """Which rate of which variant rows are about: so many of them one after the other as ``rows`` says for each.

    ``some``: of fewer rows, how many there are of each rate; words are numbered as for all.
    """
    there = np.flatnonzero(rows)
    words = zip(*(rates[number] for number in there.tolist()), strict=True) if len(there) else ((),) * 4
    program, measure, edition, rate = words
    counts = (rows if some is None else some)[there]
    return {
        "program": _repeated(program, counts),
        "measure": _repeated(measure, counts),
        "edition": pa.array(np.repeat(np.array(edition, dtype=np.int16), counts)),
        "rate": _repeated(rate, counts),
    }


def _repeated(words: Sequence[str], counts: Ints) -> pa.DictionaryArray:
    """Each word as often as its count says."""
    spelled = pa.array(words, pa.string())
    different = alphabetical(spelled)
    codes = pc.index_in(spelled, different).to_numpy()
    return pa.DictionaryArray.from_arrays(pa.array(np.repeat(codes, counts)), different)


def numbered(numbers: Ints, words: pa.Array) -> pa.DictionaryArray:
    """For each number the word at that place, -1: none; those that occur, in alphabetical order."""
    used = occurring(numbers, len(words))
    spelled = words.take(pa.array(used)).cast(pa.string())
    different = alphabetical(spelled)
    code = np.full(len(words) + 1, -1, dtype=np.int32)
    code[used] = pc.index_in(spelled, different).fill_null(-1)
    return coded(code.take(numbers), different)


def alphabetical(words: pa.Array) -> pa.Array:
    """The different ones of some words, in alphabetical order."""
    different = words.drop_null().unique()
    return different.take(pc.sort_indices(different))


def coded(codes: Ints, words: pa.Array) -> pa.DictionaryArray:
    """For each code the word at that place, -1: none."""
    return pa.DictionaryArray.from_arrays(cells(codes, codes >= 0), words)


def cells(numbers: Ints | Floats, there: Bools, kind: pa.DataType | None = None) -> pa.Array:
    """Numbers as Arrow has them, without a copy; empty where they are not ``there``."""
    kind = kind or pa.from_numpy_dtype(numbers.dtype)
    empty = len(there) - int(np.count_nonzero(there))
    valid = pa.py_buffer(np.packbits(there, bitorder="little")) if empty else None
    return pa.Array.from_buffers(kind, len(numbers), [valid, pa.py_buffer(numbers)], empty)


__all__ = [
    "OUTCOME_COLUMNS", "RateName", "alphabetical", "cells", "coded", "columns_of_people", "in_one_form",
    "names_of_rows", "numbered",
]  # fmt: skip
