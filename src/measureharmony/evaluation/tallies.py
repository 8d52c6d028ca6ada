"""Outcomes, counted: for each line of the rate table, and for several parts of the people at once."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
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
class RateLine:
    """A line of the rate table: a rate of a variant, as a whole or one stratum of it."""

    variant: Variant
    rate: Rate
    stratum: str
    key: tuple[object, ...]


@kept(8)
def rate_lines(variants: Sequence[Variant]) -> tuple[RateLine, ...]:
    """The lines of the rates of ``variants``: each rate as a whole, then each of its strata."""
    return tuple(
        RateLine(variant, rate, stratum, (variant.program, variant.measure.measure, variant.measure.edition, rate.id))
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

    def of_lines(self) -> Ints:
        """The counts of all parts together, by line and category."""
        return np.asarray(self.counts.sum(axis=0, dtype=np.int64))

    def observations(self) -> dict[int, list[float]]:
        """The observations of all parts together, ascending, by line; none of lines without any."""
        order = np.lexsort((self.number, self.line))
        line, number = self.line[order], self.number[order]
        starts = np.flatnonzero(np.diff(line, prepend=-1)).tolist()
        return {int(line[i]): number[i:end].tolist() for i, end in pairwise([*starts, len(line)])}


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
    counts = np.zeros((parts, len(rate_lines(variants)), len(CATEGORIES)), dtype=np.int64)
    found = [(part[:0], np.empty(0, dtype=np.int64), number[:0])]
    combined = [str(word or "").split() for word in words]
    for stratum, place in _places(variants):
        inside = np.array([not stratum or stratum in those for those in combined])
        if not inside.any():
            continue
        those = np.array([place.get(key, -1) for key in rates.cells], dtype=np.int64)
        there = those >= 0
        counts[:, those[there]] = where[:, there][:, :, inside].sum(axis=2)
        rows = observed[inside[strata[observed]]]
        found.append((part[rows], those[rates.of_row[rows]], number[rows]))
    return Tally(counts, *_in_order(found))


@kept(8)
def _places(variants: Sequence[Variant]) -> Sequence[tuple[str, Mapping[tuple[object, ...], int]]]:
    """Strata with the numbers of their lines, by the key of the rate; lines of the same rate are in different ones."""
    found: dict[tuple[str, int], dict[tuple[object, ...], int]] = {}
    alike: Counter[tuple[object, ...]] = Counter()
    for place, line in enumerate(rate_lines(variants)):
        found.setdefault((line.stratum, alike[line.stratum, line.key]), {})[line.key] = place
        alike[line.stratum, line.key] += 1
    return [(stratum, places) for (stratum, _), places in found.items()]


def _in_order(found: Sequence[tuple[Ints, Ints, Floats]]) -> tuple[Ints, Ints, Floats]:
    """Observations as :class:`Tally` has them, of each stratum; those without a line left out."""
    part, line, number = (np.concatenate(each) for each in zip(*found, strict=True))
    order = np.lexsort((number, line, part))
    order = order[line[order] >= 0]
    return part[order], line[order], number[order]


__all__ = ["RateLine", "Tally", "rate_lines", "tally"]
