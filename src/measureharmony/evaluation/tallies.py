"""Outcomes, counted: for each line of the rate table, and for several parts of the people at once."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from measureharmony.evaluation.columns import Bools, Floats, Ints
from measureharmony.evaluation.combinations import combinations, encoded, occurring_of
from measureharmony.evaluation.outcome_form import RateName
from measureharmony.evaluation.outcomes import Outcomes
from measureharmony.evaluation.outcomes_by_part import PartOutcomes
from measureharmony.evaluation.population_order import CATEGORIES, Categories, categories
from measureharmony.measures.kept import kept
from measureharmony.measures.measure import POPULATIONS, Rate
from measureharmony.payers.variant import Variant


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

    def programs(self, variants: Sequence[Variant]) -> frozenset[str]:
        """The programs of the ``variants`` that count somebody."""
        there = np.flatnonzero(self.counts.any(axis=(0, 2)))
        every = rate_lines(variants)
        return frozenset(every[place].variant.program for place in there.tolist())


@dataclass(frozen=True)
class _Rows:
    """Outcomes to be counted, as numbers: for each row which of ``rates`` and of ``strata``, and which category.

    ``own``: whether it is about somebody whom the program counts. ``observed`` are the rows that have a ``number``.
    """

    rates: Sequence[tuple[object, ...]]
    strata: Sequence[object]
    rate: Ints
    stratum: Ints
    category: Categories
    own: Bools
    observed: Ints
    number: Floats


def tally(
    outcomes: pa.Table | PartOutcomes | Outcomes,
    variants: Sequence[Variant],
    part: Ints | None = None,
    parts: int = 1,
) -> Tally:
    """Count the outcomes of programs' own people.

    The rows of a table, or of one part's outcomes, are each in one of ``parts`` parts, as ``part`` tells.
    """
    if isinstance(outcomes, Outcomes):
        return _together([tally(one, variants) for one in outcomes.parts])
    rows = _rows_of(outcomes) if isinstance(outcomes, PartOutcomes) else _rows(outcomes)
    return _tally(rows, variants, part, parts)


def _together(tallies: Sequence[Tally]) -> Tally:
    """What is counted in each of some parts, one after the other."""
    part = [np.full(len(one.part), number) for number, one in enumerate(tallies)]
    line, number = (np.concatenate([getattr(one, name) for one in tallies]) for name in ("line", "number"))
    return Tally(np.concatenate([one.counts for one in tallies]), np.concatenate(part), line, number)


def _rows(outcomes: pa.Table) -> _Rows:
    rates, (strata, words) = combinations(outcomes, RateName._fields), encoded(outcomes["strata"])
    number = outcomes["observation"].to_numpy()
    observed = np.flatnonzero(~np.isnan(number))
    return _Rows(
        rates.cells, words, rates.of_row, strata,
        categories({name: outcomes[name].to_numpy() for name in POPULATIONS}), outcomes["member"].to_numpy(),
        observed, number[observed],
    )  # fmt: skip


def _rows_of(part: PartOutcomes) -> _Rows:
    there, strata = np.flatnonzero(part.rows), part.words["strata"]
    observed = part.told_of("observation")
    known = observed.table["observation"].to_numpy()[observed.places]
    return _Rows(
        [part.rates[number] for number in there.tolist()], strata.words.to_pylist(),
        np.repeat(np.arange(len(there), dtype=np.int32), part.rows[there]), strata.places,
        part.category, part.member, observed.rows, known,
    )  # fmt: skip


def _tally(rows: _Rows, variants: Sequence[Variant], part: Ints | None = None, parts: int = 1) -> Tally:
    """Rows are counted once, by part, rate, strata and category: subjects may be in several strata, and of the
    combinations of them that occur there are few.
    """
    part = np.zeros(len(rows.rate), dtype=np.int32) if part is None else part
    size = len(rows.rates), len(rows.strata)
    used: Ints = np.arange(math.prod(size))
    cell = _number((rows.rate, rows.stratum), size)
    if parts > 1:  # a list of all that are possible would be long
        used, cell = occurring_of(cell, len(used))
    rate, word = np.divmod(used, size[1])
    shape = parts, len(used), len(CATEGORIES)
    counted = _number((part, cell, rows.category), shape)
    counted = counted if rows.own.all() else counted[rows.own]
    where = np.bincount(counted, minlength=math.prod(shape)).reshape(shape)
    own = rows.own[rows.observed]
    observed, known = rows.observed[own], rows.number[own]
    counts = np.zeros((len(rate_lines(variants)), parts, len(CATEGORIES)), dtype=np.int64)
    found = [(part[:0], np.empty(0, dtype=np.int64), known[:0])]
    combined = [str(word or "").split() for word in rows.strata]
    for stratum, place in _places(variants):
        inside = np.array([not stratum or stratum in those for those in combined])
        if not inside.any():
            continue
        those = np.array([place.get(key, -1) for key in rows.rates], dtype=np.int64)
        there = np.flatnonzero((those[rate] >= 0) & inside[word])
        np.add.at(counts, those[rate[there]], where[:, there].swapaxes(0, 1))
        of_stratum = inside[rows.stratum[observed]]
        seen = observed[of_stratum]
        found.append((part[seen], those[rows.rate[seen]], known[of_stratum]))
    return Tally(counts.swapaxes(0, 1), *_in_order(found))


def _number(places: Sequence[Ints], shape: Sequence[int]) -> Ints:
    """The number of each cell of a table of that ``shape``, given by its place in each direction."""
    number: Ints = places[0].astype(np.int32 if math.prod(shape) < 1 << 31 else np.int64)
    for size, place in zip(shape[1:], places[1:], strict=True):
        number *= size
        number += place
    return number


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
