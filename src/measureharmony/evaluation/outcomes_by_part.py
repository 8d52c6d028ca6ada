"""Outcomes of some people as numbers: what words and cells they stand for is kept once for each part of the people.

The answers about a part can go as soon as its outcomes are made, so that never more than a few parts' are in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from measureharmony.evaluation.columns import Bools, Ints
from measureharmony.evaluation.combinations import distinct
from measureharmony.evaluation.outcome_form import RateName
from measureharmony.evaluation.population_order import Categories


@dataclass(frozen=True)
class Coded:
    """Text that many rows have in common: for each row the place of its word, -1: none. All ``words`` occur."""

    places: Ints
    words: pa.Array

    def between(self, first: int, stop: int) -> Coded:
        """Those of the rows from number ``first`` on to before ``stop``."""
        used, places = distinct(self.places[first:stop], len(self.words))
        return Coded(places, self.words.take(pa.array(used)))


@dataclass(frozen=True)
class Told:
    """What is told of few rows (ascending): for each of them the place of its cells in ``table``, all of which occur.

    The table has columns of the outcome table.
    """

    rows: Ints
    places: Ints
    table: pa.Table

    @staticmethod
    def of(rows: Ints, table: pa.Table) -> Told:
        """What ``table`` tells of rows in the same order."""
        return Told(rows, np.arange(len(rows)), table)

    def some(self, kept: Ints, is_kept: Bools) -> Told:
        """What is told of the rows ``kept`` (ascending), which are numbered anew; ``is_kept`` says it for each row."""
        there = np.flatnonzero(is_kept[self.rows])
        return Told(np.searchsorted(kept, self.rows[there]), self.places[there], self.table)

    def between(self, first: int, stop: int) -> Told:
        """What is told of the rows from number ``first`` on to before ``stop``, which are numbered anew."""
        low, high = np.searchsorted(self.rows, [first, stop])
        used, places = distinct(self.places[low:high], len(self.table))
        return Told(self.rows[low:high] - first, places, self.table.take(pa.array(used)))


@dataclass(frozen=True)
class PartOutcomes:
    """The outcomes of some people, rate after rate; ``rows`` says how many rows each of the plan's ``rates`` has.

    For each row: whom it is about, as the place in ``person_id``, in which everybody is; whether they are the program's
    own; in which of :data:`~measureharmony.evaluation.population_order.CATEGORIES` they are. ``words`` are columns of
    the outcome table; subjects are the people themselves, unless they are among these.
    """

    rates: Sequence[RateName]
    rows: Ints
    person_id: pa.Array
    person: Ints
    member: Bools
    category: Categories
    words: dict[str, Coded]
    told: Sequence[Told]

    def __len__(self) -> int:
        return len(self.person)

    def some(self, kept: Ints) -> PartOutcomes:
        """The rows ``kept`` (ascending); of their words, some may not occur."""
        is_kept = np.zeros(len(self), dtype=bool)
        is_kept[kept] = True
        return PartOutcomes(
            self.rates,
            np.diff(np.searchsorted(kept, np.cumsum(self.rows)), prepend=0),
            self.person_id,
            self.person[kept],
            self.member[kept],
            self.category[kept],
            {name: Coded(one.places[kept], one.words) for name, one in self.words.items()},
            [one.some(kept, is_kept) for one in self.told],
        )

    def told_of(self, column: str) -> Told:
        """What is told in a column of the outcome table."""
        return next(told for told in self.told if column in told.table.column_names)


__all__ = ["Coded", "PartOutcomes", "Told"]
