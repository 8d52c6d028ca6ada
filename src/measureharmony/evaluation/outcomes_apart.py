"""Outcomes of many people, taken apart into those of some people after the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from measureharmony.evaluation.columns import Ints
from measureharmony.evaluation.outcome_form import in_one_form


def parts_of_rows(outcomes: pa.Table, people: Sequence[int]) -> Ints:
    """The number of the part that each row is about, where parts have so many ``people`` one after the other."""
    part_of = np.repeat(np.arange(len(people), dtype=np.int32), people)
    return np.asarray(part_of[outcomes["person_id"].combine_chunks().indices.to_numpy()])


def apart(outcomes: pa.Table, person_id: pa.Array, part: Ints, people: Sequence[int]) -> Iterator[pa.Table]:
    """The outcomes of each part, as they are when only its people are evaluated.

    ``person_id`` are all people in order, ``part`` says which part each row is about.
    """
    if len(people) > 1:
        outcomes = outcomes.take(pa.array(np.argsort(part, kind="stable")))
    rows = np.bincount(part, minlength=len(people))
    first_row = first_person = 0
    for count, some in zip(rows.tolist(), people, strict=True):
        own, own_people = outcomes.slice(first_row, count), person_id.slice(first_person, some)
        columns = {name: _renumbered(name, own[name], first_person, own_people) for name in own.column_names}
        yield in_one_form(pa.table(columns))
        first_row, first_person = first_row + count, first_person + some


def _renumbered(name: str, column: pa.ChunkedArray, first: int, people: pa.Array) -> pa.ChunkedArray | pa.Array:
    """Identifiers that are numbered by everybody, from ``first`` on, numbered by ``people``; others as they are."""
    if not (name.endswith("_id") and pa.types.is_dictionary(column.type)):
        return column
    numbers = column.combine_chunks().indices.to_numpy() - np.int32(first)
    return pa.DictionaryArray.from_arrays(pa.array(numbers), people)


__all__ = ["apart", "parts_of_rows"]
