"""The one form of an outcome table: equal rows are equal tables, and equal files, wherever the rows come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from measureharmony.evaluation.columns import Ints
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

#: So many numbers are looked at together: as many as stay in the processor's cache.
_LOOKED_AT_ONCE = 1 << 16


def in_one_form(outcomes: pa.Table) -> pa.Table:
    """The same rows in one piece; where a column numbers its words, in the order of their first use."""
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


def repeated(words: Sequence[str], counts: Sequence[int] | Ints) -> pa.DictionaryArray:
    """Each word as often as its count says; words are numbered in the order of their first use."""
    each = pa.array(words, pa.string()).dictionary_encode()
    return pa.DictionaryArray.from_arrays(pa.array(np.repeat(each.indices.to_numpy(), counts)), each.dictionary)


def numbered(numbers: Ints, words: pa.Array) -> pa.DictionaryArray:
    """For each number the word at that place, -1: none; different words, in the order of their first use."""
    used = first_uses(numbers, len(words))
    different = words.take(pa.array(used)).cast(pa.string()).dictionary_encode()
    code = np.full(len(words) + 1, -1, dtype=np.int32)
    code[used] = different.indices.fill_null(-1)
    codes = code.take(numbers)
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), different.dictionary)


def first_uses(numbers: Ints, count: int) -> Ints:
    """The different ones of some numbers below ``count``, in the order in which they first occur; -1 is none."""
    seen = np.zeros(count + 1, dtype=bool)
    found: list[Ints] = [np.empty(0, dtype=np.int64)]
    seen[-1] = True
    for start in range(0, len(numbers), _LOOKED_AT_ONCE):
        some = numbers[start : start + _LOOKED_AT_ONCE]
        fresh = some[~seen.take(some)]
        if len(fresh):
            different, first = np.unique(fresh, return_index=True)
            seen[different] = True
            found.append(different[np.argsort(first)])
    return np.concatenate(found)


__all__ = ["OUTCOME_COLUMNS", "columns_of_people", "in_one_form", "numbered", "repeated"]
