"""Outcomes that were found at different times, put together as if they had been found at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.evaluation.columns import Bools, Ints
from measureharmony.evaluation.combinations import combinations, encoded
from measureharmony.evaluation.outcome_form import (
    OUTCOME_COLUMNS,
    RateName,
    columns_of_people,
    in_one_form,
    names_of_rows,
    outcome_columns,
)
from measureharmony.payers.variant import Variant


@dataclass(frozen=True)
class OutcomeOrder:
    """The order of an outcome table: rates of ``variants`` one after the other, in each the people of ``person_id``.

    The *place* of a row is the number of its rate times how many people there are, and the number of its person.
    """

    variants: Sequence[Variant]
    person_id: pa.Array

    def joined(
        self, earlier: pa.Table, kept: Sequence[Variant], unchanged: Bools, found: Sequence[pa.Table]
    ) -> pa.Table:
        """The rows of ``earlier`` about the variants ``kept`` and those who are ``unchanged``, and all of ``found``.

        ``unchanged`` has a truth value for each person. Of each rate and person, the rows must all be from the same
        table. A person's episodes stay in its order.
        """
        every = (earlier, *found)
        places = [self._places(one) for one in every]
        holds = self._holds(places[0], kept, unchanged)
        place = np.concatenate(places)
        # All rows in one step: of each, where it is now.
        order = np.concatenate((np.flatnonzero(holds), np.arange(len(earlier), len(place))))
        order = order[np.argsort(place[order], kind="stable")]
        whole = pa.concat_tables([self._told(one) for one in every]).unify_dictionaries()
        if len(order) < len(whole) or (order[1:] < order[:-1]).any():
            whole, place = whole.take(pa.array(order)), place[order]
        told = in_one_form(whole)
        columns = {**self._named(place), **{name: told[name] for name in told.column_names}}
        return outcome_columns(columns)

    def _holds(self, place: Ints, kept: Sequence[Variant], unchanged: Bools) -> Bools:
        """Which rows are about the variants ``kept`` and somebody unchanged."""
        ids = {variant.id for variant in kept}
        is_kept = np.array([name in ids for name in self._rate_ids], dtype=bool)
        rate, person = np.divmod(place, len(self.person_id))
        return np.asarray((place >= 0) & is_kept[rate] & unchanged[person])

    def _told(self, part: pa.Table) -> pa.Table:
        """The columns that a row's place does not tell."""
        return part.select([name for name in OUTCOME_COLUMNS if name not in self._told_by_place])

    def _named(self, place: Ints) -> dict[str, pa.Array]:
        """The columns that a row's place tells, of rows in the order of their places; people numbered by everybody."""
        rate, person = np.divmod(place, len(self.person_id))
        person_id = pa.DictionaryArray.from_arrays(pa.array(person, pa.int32()), self.person_id)
        named = names_of_rows(self._rates, np.bincount(rate, minlength=len(self._rates)))
        return {name: named.get(name, person_id) for name in self._told_by_place}

    @cached_property
    def _told_by_place(self) -> frozenset[str]:
        return frozenset((*RateName._fields, *columns_of_people(self.variants)))

    @cached_property
    def _rates(self) -> list[RateName]:
        return [
            RateName(variant.program, variant.measure.measure, variant.measure.edition, rate.id)
            for variant in self.variants
            for rate in variant.measure.rates
        ]

    @cached_property
    def _rate_ids(self) -> list[str]:
        return [variant.id for variant in self.variants for _ in variant.measure.rates]

    def _places(self, outcomes: pa.Table) -> Ints:
        """The place of each row; -1: its rate, or its person, is none of them."""
        found = combinations(outcomes, RateName._fields)
        rates: dict[tuple[object, ...], int] = {key: number for number, key in enumerate(self._rates)}
        rate = np.array([rates.get(key, -1) for key in found.cells], dtype=np.int64)[found.of_row]
        codes, words = encoded(outcomes["person_id"])
        people = pc.index_in(pa.array(words, pa.string()), value_set=self.person_id).fill_null(-1).to_numpy()
        person = people.astype(np.int64)[codes]
        return np.where((rate < 0) | (person < 0), -1, rate * len(self.person_id) + person)


__all__ = ["OutcomeOrder"]
