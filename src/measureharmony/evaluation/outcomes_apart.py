"""Outcomes of many people, taken apart into those of some people after the others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from measureharmony.evaluation.columns import Ints
from measureharmony.evaluation.outcome_form import in_one_form, outcome_columns
from measureharmony.evaluation.outcomes import Outcomes
from measureharmony.evaluation.outcomes_by_part import Coded, PartOutcomes, Told


def parts_of_rows(outcomes: pa.Table | PartOutcomes, people: Sequence[int]) -> Ints:
    """The number of the part that each row is about, where parts have so many ``people`` one after the other."""
    part_of = np.repeat(np.arange(len(people), dtype=np.min_scalar_type(len(people))), people)
    if isinstance(outcomes, PartOutcomes):
        return part_of[outcomes.person]
    return np.asarray(part_of[outcomes["person_id"].combine_chunks().indices.to_numpy()])


def apart(
    outcomes: pa.Table | PartOutcomes,
    person_id: pa.Array,
    part: Ints,
    people: Sequence[int],
    of_people: Collection[str],
) -> Iterator[pa.Table]:
    """The outcomes of each part, as they are when only its people are evaluated.

    ``person_id`` are all people in order, whom the columns ``of_people`` number; ``part`` says which part each row is
    about, and ``people`` how many people each part has.
    """
    if isinstance(outcomes, PartOutcomes):
        yield from (Outcomes([one]).table() for one in _numbers_apart(outcomes, part, people))
        return
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


def _numbers_apart(outcomes: PartOutcomes, part: Ints, people: Sequence[int]) -> Iterator[PartOutcomes]:
    rate = np.repeat(np.arange(len(outcomes.rates)), outcomes.rows)
    size = len(people), len(outcomes.rates)
    rows = np.bincount(part * np.int64(size[1]) + rate, minlength=size[0] * size[1]).reshape(size)
    outcomes = _in_order(outcomes, np.argsort(part, kind="stable"))
    first = first_person = 0
    for of_rates, some in zip(rows, people, strict=True):
        stop = first + int(of_rates.sum())
        yield PartOutcomes(
            outcomes.rates,
            of_rates,
            outcomes.person_id.slice(first_person, some),
            outcomes.person[first:stop] - np.int32(first_person),
            outcomes.member[first:stop],
            outcomes.category[first:stop],
            {name: one.between(first, stop) for name, one in outcomes.words.items()},
            [one.between(first, stop) for one in outcomes.told],
        )
        first, first_person = stop, first_person + some


def _in_order(outcomes: PartOutcomes, order: Ints) -> PartOutcomes:
    """The same rows in another order, no longer rate after rate."""
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return replace(
        outcomes,
        person=outcomes.person[order],
        member=outcomes.member[order],
        category=outcomes.category[order],
        words={name: Coded(one.places[order], one.words) for name, one in outcomes.words.items()},
        told=[_told_in_order(one, place[one.rows]) for one in outcomes.told],
    )


def _told_in_order(told: Told, rows: Ints) -> Told:
    order = np.argsort(rows)
    return Told(rows[order], told.places[order], told.table)


__all__ = ["apart", "parts_of_rows"]
