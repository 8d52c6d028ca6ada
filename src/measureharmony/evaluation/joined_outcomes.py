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
from measureharmony.evaluation.outcome import OUTCOME_COLUMNS
from measureharmony.evaluation.outcome_form import in_one_form
from measureharmony.measures.measure import Episodes
from measureharmony.payers.variant import Variant

_RATE = ("program", "measure", "edition", "rate")


@dataclass(frozen=True)
class OutcomeOrder:
    """The order of an outcome table: rates of ``variants`` one after the other, in each the people of ``person_id``."""

    variants: Sequence[Variant]
    person_id: pa.Array

    def joined(
        self, earlier: pa.Table, kept: Sequence[Variant], unchanged: Bools, found: Sequence[pa.Table]
    ) -> pa.Table:
        """The rows of ``earlier`` about the variants ``kept`` and those who are ``unchanged``, and all of ``found``.

        ``unchanged`` has a truth value for each person. Of each rate and person, the rows must all be from the same
        table. A person's episodes stay in its order.
        """
        rate, person = self._rates(earlier), self._people(earlier)
        holds = self._holds(rate, person, kept, unchanged)
        people = len(self.person_id)
        places = np.concatenate(
            [rate * people + person, *(self._rates(one) * people + self._people(one) for one in found)]
        )
        whole = pa.concat_tables([self._alike(one) for one in (earlier, *found)]).unify_dictionaries()
        # All rows in one step: of each, where it is now.
        order = np.concatenate((np.flatnonzero(holds), np.arange(len(earlier), len(whole))))
        order = order[np.argsort(places[order], kind="stable")]
        if len(order) < len(whole) or (order[1:] < order[:-1]).any():
            whole, places = whole.take(pa.array(order)), places[order]
        return in_one_form(self._named(whole, places % people))

    def _holds(self, rate: Ints, person: Ints, kept: Sequence[Variant], unchanged: Bools) -> Bools:
        """Which rows are about the variants ``kept`` and somebody unchanged; -1 is no rate, or nobody."""
        ids = {variant.id for variant in kept}
        is_kept = np.array([name in ids for name in self._rate_ids], dtype=bool)
        return np.asarray((rate >= 0) & (person >= 0) & is_kept[rate] & unchanged[person])

    def _alike(self, part: pa.Table) -> pa.Table:
        """A part without the column that is written anew, subjects as text, as they are where some are events."""
        subjects = part["subject_id"]
        if pa.types.is_dictionary(subjects.type):
            subjects = subjects.cast(pa.string())
        return part.set_column(part.schema.get_field_index("subject_id"), "subject_id", subjects)

    def _named(self, whole: pa.Table, person: Ints) -> pa.Table:
        """People numbered by everybody there is; subjects as text only where some are events."""
        person_id = pa.DictionaryArray.from_arrays(pa.array(person, pa.int32()), self.person_id)
        columns = {name: whole[name] for name in OUTCOME_COLUMNS} | {"person_id": person_id}
        if not any(isinstance(variant.measure.subject, Episodes) for variant in self.variants):
            columns["subject_id"] = person_id
        return pa.table(columns)

    @cached_property
    def _rate_keys(self) -> dict[tuple[object, ...], int]:
        every = [
            (variant.program, variant.measure.measure, variant.measure.edition, rate.id)
            for variant in self.variants
            for rate in variant.measure.rates
        ]
        return {key: place for place, key in enumerate(every)}

    @cached_property
    def _rate_ids(self) -> list[str]:
        return [variant.id for variant in self.variants for _ in variant.measure.rates]

    def _rates(self, outcomes: pa.Table) -> Ints:
        """The place of each row's rate; -1: it is none of them."""
        found = combinations(outcomes, _RATE)
        return np.array([self._rate_keys.get(key, -1) for key in found.cells], dtype=np.int64)[found.of_row]

    def _people(self, outcomes: pa.Table) -> Ints:
        """The place of each row's person; -1: nobody of that identifier is there."""
        codes, words = encoded(outcomes["person_id"])
        places = pc.index_in(pa.array(words, pa.string()), value_set=self.person_id).fill_null(-1).to_numpy()
        return np.asarray(places[codes], dtype=np.int64)


__all__ = ["OutcomeOrder"]
