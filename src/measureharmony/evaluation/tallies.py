"""Outcomes, counted: for each line of the rate table, and for several parts of the people at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from measureharmony.evaluation.columns import Floats, Ints
from measureharmony.evaluation.combinations import combinations, encoded
from measureharmony.evaluation.population_order import CATEGORIES, categories
from measureharmony.measures.kept import kept
from measureharmony.measures.measure import POPULATIONS, Rate
from measureharmony.payers.variant import Variant

_KEYS = ("program", "measure", "edition", "rate")


@dataclass(frozen=True)
class Line:
    """A line of the rate table: a rate of a variant, as a whole or one stratum of it."""

    variant: Variant
    rate: Rate
    stratum: str
    key: tuple[object, ...]


@kept(8)
def lines(variants: Sequence[Variant]) -> tuple[Line, ...]:
    """The lines of the rates of ``variants``: each rate as a whole, then each of its strata."""
    return tuple(
        Line(variant, rate, stratum, (variant.program, variant.measure.measure, variant.measure.edition, rate.id))
        for variant in variants
        for rate in variant.measure.rates
        for stratum in ("", *(stratum.id for stratum in variant.measure.strata))
    )


@dataclass(frozen=True)
class Tally:
    """What the outcomes of some parts of the people come to.

    ``counts``: how many are in each category (of :data:`CATEGORIES`), by part, line and category. Of each observation,
    ``part`` and ``line`` tell where it belongs, and ``number`` what it is: ascending by part, line and number.
    """

    counts: Ints
    part: Ints
    line: Ints
    number: Floats

    def of_lines(self) -> tuple[Ints, list[list[float]]]:
        """Of all parts together: the counts by line and category, and the observations of each line, ascending."""
        order = np.lexsort((self.number, self.line))
        ends = np.searchsorted(self.line[order], np.arange(self.counts.shape[1] + 1)).tolist()
        numbers = self.number[order]
        each = [numbers[start:end].tolist() for start, end in pairwise(ends)]
        return self.counts.sum(axis=0, dtype=np.int64), each


def tally(outcomes: pa.Table, variants: Sequence[Variant], part: Ints | None = None, parts: int = 1) -> Tally:
    """Count ``outcomes``, whose rows are each in one of ``parts`` parts of the people, as ``part`` tells."""
    every = lines(variants)
    place = {(line.key, line.stratum): number for number, line in enumerate(every)}
    rates = combinations(outcomes, _KEYS)
    part = np.zeros(len(outcomes), dtype=np.int32) if part is None else part
    category = categories({name: outcomes[name].to_numpy() for name in POPULATIONS})
    observation = outcomes["observation"].to_numpy()
    counts, observed = np.zeros(parts * len(every) * len(CATEGORIES), dtype=np.int64), []
    for stratum, rows in _in_strata(outcomes, list(dict.fromkeys(line.stratum for line in every))).items():
        of_rate = np.array([place.get((key, stratum), -1) for key in rates.cells], dtype=np.int64)
        line = of_rate[rates.of_row[rows]] if len(of_rate) else rows
        rows, line = rows[line >= 0], line[line >= 0]
        cell = (part[rows] * len(every) + line) * len(CATEGORIES) + category[rows]
        counts += np.bincount(cell, minlength=len(counts))
        seen = ~np.isnan(observation[rows])
        observed.append((part[rows[seen]], line[seen], observation[rows[seen]]))
    whose, line, number = (np.concatenate(found) for found in zip(*observed, strict=True))
    order = np.lexsort((number, line, whose))
    return Tally(counts.reshape(parts, len(every), len(CATEGORIES)), whose[order], line[order], number[order])


def _in_strata(outcomes: pa.Table, strata: Sequence[str]) -> dict[str, Ints]:
    """The rows of programs' own people that each stratum is of; empty is the whole.

    The few different combinations are looked into, not every row.
    """
    own = np.flatnonzero(outcomes["member"].to_numpy())
    codes, words = encoded(outcomes["strata"])
    combined = [str(word or "").split() for word in words]
    rows = own[np.array([bool(those) for those in combined])[codes[own]]]
    codes = codes[rows]
    inside = {name: rows[np.array([name in those for those in combined])[codes]] for name in strata if name}
    return {"": own, **inside}


__all__ = ["Line", "Tally", "lines", "tally"]
