"""Outcomes of many people, taken apart into those of some people after the others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pyarrow as pa

from measureharmony.evaluation.columns import Ints
from measureharmony.evaluation.outcome_form import in_one_form, outcome_columns


def parts_of_rows(outcomes: pa.Table, people: Sequence[int]) -> Ints:
    """The number of the part that each row is about, where parts have so many ``people`` one after the other."""
    part_of = np.repeat(np.arange(len(people), dtype=np.int32), people)
    return np.asarray(part_of[outcomes["person_id"].combine_chunks().indices.to_numpy()])


def apart(
    outcomes: pa.Table, person_id: pa.Array, part: Ints, people: Sequence[int], of_people: Collection[str]
) -> Iterator[pa.Table]:
    """The outcomes of each part, as they are when only its people are evaluated.

    ``person_id`` are all people in order, whom the columns ``of_people`` number; ``part`` says which part each row is
    about, and ``people`` how many people each part has.
    """
    if len(people) > 1:
        outcomes = outcomes.take(pa.array(np.argsort(part, kind="stable")))
    rows = np.bincount(part, minlength=len(people))
    first_row = first_person = 0
    for count, some in zip(rows.tolist(), people, strict=True):
        own = outcomes.slice(first_row, count)
        whose = person_id.slice(first_person, some)
        told = in_one_form(own.drop_columns([*of_people]))
        named = {name: _numbered_by(own[name], first_person, whose) for name in of_people}
        yield outcome_columns({**{name: told[name] for name in told.column_names}, **named})
        first_row, first_person = first_row + count, first_person + some


def _numbered_by(column: pa.ChunkedArray, first: int, people: pa.Array) -> pa.DictionaryArray:
    """Identifiers numbered by everybody, numbered by ``people``, the first of whom had the number ``first``."""
    numbers = column.combine_chunks().indices.to_numpy() - np.int32(first)
    return pa.DictionaryArray.from_arrays(pa.array(numbers), people)


__all__ = ["apart", "parts_of_rows"]
