"""Outcomes, counted: for each line of the rate table, and for several parts of the people at once."""

from __future__ import annotations

import math
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
    """Count the outcomes of programs' own people, whose rows are each in one of ``parts`` parts, as ``part`` tells.

    They are counted once, by rate, strata and category: subjects may be in several strata, and of the combinations of
    them that occur there are few.
    """
    rates, (strata, words) = combinations(outcomes, _KEYS), encoded(outcomes["strata"])
    own = outcomes["member"].to_numpy()
    part = np.zeros(len(outcomes), dtype=np.int32) if part is None else part
    category = categories({name: outcomes[name].to_numpy() for name in POPULATIONS})
    shape = parts, len(rates.cells), len(words), len(CATEGORIES)
    cell: Ints = part.astype(np.int32 if math.prod(shape) < 1 << 31 else np.int64)
    for size, number in zip(shape[1:], (rates.of_row, strata, category), strict=True):
        cell *= size
        cell += number
    where = np.bincount(cell[own], minlength=math.prod(shape)).reshape(shape)
    number = outcomes["observation"].to_numpy()
    observed = np.flatnonzero(~np.isnan(number) & own)
    counts = np.zeros((parts, len(lines(variants)), len(CATEGORIES)), dtype=np.int64)
    found = [(part[:0], np.empty(0, dtype=np.int64), number[:0])]
    for stratum, those in _lines_of(rates.cells, variants).items():
        inside = np.array([not stratum or stratum in str(word or "").split() for word in words])
        there = those >= 0
        counts[:, those[there]] = where[:, there][:, :, inside].sum(axis=2)
        rows = observed[inside[strata[observed]]]
        found.append((part[rows], those[rates.of_row[rows]], number[rows]))
    return Tally(counts, *_in_order(found))


def _lines_of(rates: Sequence[tuple[object, ...]], variants: Sequence[Variant]) -> dict[str, Ints]:
    """By stratum, the number of the line of each of some rates; -1: there is none."""
    every = lines(variants)
    place = {(line.key, line.stratum): number for number, line in enumerate(every)}
    strata = dict.fromkeys(line.stratum for line in every)
    return {name: np.array([place.get((key, name), -1) for key in rates], dtype=np.int64) for name in strata}


def _in_order(found: Sequence[tuple[Ints, Ints, Floats]]) -> tuple[Ints, Ints, Floats]:
    """Observations as :class:`Tally` has them, of each stratum; those without a line left out."""
    part, line, number = (np.concatenate(each) for each in zip(*found, strict=True))
    order = np.lexsort((number, line, part))
    order = order[line[order] >= 0]
    return part[order], line[order], number[order]


__all__ = ["Line", "Tally", "lines", "tally"]
