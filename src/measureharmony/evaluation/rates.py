"""Rates: the outcome table, counted. Nothing else enters, so whoever has the outcomes can count again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from measureharmony.evaluation.combinations import combinations, encoded
from measureharmony.evaluation.population_order import CATEGORIES, CATEGORIES_IN, categories
from measureharmony.evaluation.units import DECIMALS
from measureharmony.measures.kept import kept
from measureharmony.measures.measure import POPULATIONS, Aggregate, Measure, Rate
from measureharmony.payers.variant import Variant

#: Columns of the rate table, with what they hold.
RATE_COLUMNS: Mapping[str, str] = {
    "program": "The program, or `canonical` for the practice's unified rate over everybody.",
    "measure": "Key of the measure.",
    "edition": "Edition of the measure.",
    "rate": "Which rate of the measure.",
    "stratum": "Which part of the populations; empty for the whole.",
    "direction": "`higher` or `lower` is better.",
    **{name: f"How many subjects are in the {name.replace('_', ' ')}." for name in POPULATIONS},
    "below": "The line's lower number: denominator without exclusions and exceptions.",
    "above": "The line's upper number: numerator without its exclusion.",
    "scoring": "What the value is: `proportion`, `continuous` or `observed_to_expected`.",
    "observations": "How many of those below the line have an observation.",
    "observation_total": "The sum of their observations: what is expected, where scoring is observed_to_expected.",
    "value": (
        "A proportion: above ÷ below. Continuous: the mean, median or sum of the observations. Observed to expected: "
        "above ÷ observation_total. Empty when nobody counts, or when what is expected of somebody is not known, or 0."
    ),
    "period_start": "First day of the measurement period.",
    "period_end": "Last day of the measurement period.",
}

_KEYS = ["program", "measure", "edition", "rate"]
_COUNTED = (*CATEGORIES_IN, "observations")


def rate_table(outcomes: pa.Table, variants: Sequence[Variant]) -> pa.Table:
    """The rates of ``variants``, counted from ``outcomes``: each as a whole, then each of its strata."""
    return rates_of([count(outcomes, variants)], variants)


#: What outcomes come to: by stratum (empty for the whole), then by program, measure, edition and rate.
Counts: TypeAlias = Mapping[str, Mapping[tuple[object, ...], "Counted"]]


def count(outcomes: pa.Table, variants: Sequence[Variant]) -> Counts:
    """What the outcomes of some people come to."""
    tally = _Tally(outcomes)
    return {stratum: tally.of(stratum) for stratum in dict.fromkeys(line.stratum for line in rate_lines(variants))}


def rates_of(counts: Iterable[Counts], variants: Sequence[Variant]) -> pa.Table:
    """The rates of ``variants`` over everybody of whom ``counts`` tell."""
    lines = rate_lines(variants)
    found: dict[tuple[str, tuple[object, ...]], list[Counted]] = {}
    for one in counts:
        for stratum, by_key in one.items():
            for key, counted in by_key.items():
                found.setdefault((stratum, key), []).append(counted)
    numbers = {name: np.zeros(len(lines), dtype=np.int64) for name in _COUNTED}
    totals, values = (np.full(len(lines), np.nan) for _ in range(2))
    # Of a line that nobody is in there is nothing to say: its numbers are 0, and it has no value.
    for place, line in enumerate(lines):
        those = found.get((line.stratum, line.key))
        if those is None:
            continue
        counted = _together(those)
        for name, number in counted.counts.items():
            numbers[name][place] = number
        numbers["observations"][place] = len(counted.observations)
        if counted.observations:
            totals[place] = counted.total
        values[place] = _or_nan(counted.value(line.variant.measure))
    found_out = {"observation_total": totals, "value": values}
    columns = {**_told_apart(variants), **{name: pa.array(column) for name, column in numbers.items()}}
    columns |= {name: pa.array(column, mask=np.isnan(column)) for name, column in found_out.items()}
    return pa.table([columns[name] for name in RATE_SCHEMA.names], schema=RATE_SCHEMA)


@dataclass(frozen=True)
class RateLine:
    """A line of the rate table: a rate of a variant, as a whole or one stratum of it."""

    variant: Variant
    rate: Rate
    stratum: str
    key: tuple[object, ...]


@kept(8)
def rate_lines(variants: Sequence[Variant]) -> tuple[RateLine, ...]:
    """The lines of the rate table, in its order."""
    return tuple(
        RateLine(variant, rate, stratum, (variant.program, variant.measure.measure, variant.measure.edition, rate.id))
        for variant in variants
        for rate in variant.measure.rates
        for stratum in ("", *(stratum.id for stratum in variant.measure.strata))
    )


@kept(8)
def _told_apart(variants: Sequence[Variant]) -> Mapping[str, pa.Array]:
    """The columns of the rate table that are the same whoever is counted."""
    lines = rate_lines(variants)
    told = {
        "program": [line.variant.program for line in lines],
        "measure": [line.variant.measure.measure for line in lines],
        "edition": [line.variant.measure.edition for line in lines],
        "rate": [line.rate.id for line in lines],
        "stratum": [line.stratum for line in lines],
        "direction": [line.variant.measure.direction_of(line.rate) for line in lines],
        "scoring": [line.variant.measure.scoring for line in lines],
        "period_start": [line.variant.period.start for line in lines],
        "period_end": [line.variant.period.end for line in lines],
    }
    return {name: pa.array(column, RATE_SCHEMA.field(name).type) for name, column in told.items()}


@dataclass(frozen=True)
class Counted:
    """What the outcomes of a rate, or of a stratum, come to: how many are where, and the observations, ascending."""

    counts: Mapping[str, int]
    observations: list[float]

    @property
    def total(self) -> float:
        """The sum of the observations, exact and then rounded to nine decimals, whatever their order."""
        return round(math.fsum(self.observations), DECIMALS)

    def value(self, measure: Measure) -> float | None:
        """The value of the rate; ``None`` where there is none."""
        above, below, observed = self.counts["above"], self.counts["below"], len(self.observations)
        match measure.scoring:
            case "continuous":
                return self._aggregate(measure.aggregate) if observed else None
            case "observed_to_expected":
                return above / self.total if observed == below and self.total else None
        return above / below if below else None

    def _aggregate(self, how: Aggregate | None) -> float:
        if how == "median":
            return median(self.observations)
        return self.total if how == "sum" else self.total / len(self.observations)


def _together(found: Sequence[Counted]) -> Counted:
    if len(found) == 1:
        return found[0]
    counts = {name: sum(one.counts[name] for one in found) for name in CATEGORIES_IN}
    return Counted(counts, sorted(number for one in found for number in one.observations))


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


class _Tally:
    """Counts members' outcomes once, by program, measure, edition and rate, by strata and by category.

    Subjects may be in several strata; of the combinations of them that occur there are few.
    """

    def __init__(self, outcomes: pa.Table):
        rates, (codes, words) = combinations(outcomes, _KEYS), encoded(outcomes["strata"])
        own = outcomes["member"].to_numpy()
        category = categories({name: outcomes[name].to_numpy() for name in POPULATIONS})
        shape = len(rates.cells), len(words), len(CATEGORIES)
        cell = (rates.of_row * np.int32(len(words)) + codes) * np.int32(len(CATEGORIES)) + category
        self._keys = rates.cells
        self._where = np.bincount(cell[own], minlength=math.prod(shape)).reshape(shape)
        self._strata = [str(word or "").split() for word in words]
        numbers = outcomes["observation"].to_numpy()
        observed = np.flatnonzero(~np.isnan(numbers) & own)
        observed = observed[np.lexsort((numbers[observed], rates.of_row[observed]))]
        self._observations = rates.of_row[observed], codes[observed], numbers[observed]

    def of(self, stratum: str) -> dict[tuple[object, ...], Counted]:
        """What the members of a stratum (empty: all) come to, by key; of whom nobody is there, there is no entry."""
        inside = np.array([not stratum or stratum in those for those in self._strata])
        if not inside.any():
            return {}
        where = self._where[:, inside].sum(axis=1)
        columns = {name: where[:, categories].sum(axis=1).tolist() for name, categories in CATEGORIES_IN.items()}
        key, _, numbers = (column[inside[self._observations[1]]] for column in self._observations)
        ends = np.searchsorted(key, np.arange(len(self._keys) + 1)).tolist()
        return {
            self._keys[i]: Counted(
                {name: column[i] for name, column in columns.items()}, numbers[ends[i] : ends[i + 1]].tolist()
            )
            for i in np.flatnonzero(where.any(axis=1)).tolist()
        }


_TEXT = ("program", "measure", "rate", "stratum", "direction", "scoring")
RATE_SCHEMA = pa.schema(
    [
        (
            name,
            pa.string() if name in _TEXT
            else pa.float64() if name in ("observation_total", "value")
            else pa.date32() if name.startswith("period_")
            else pa.int64(),
        )
        for name in RATE_COLUMNS
    ]
)  # fmt: skip

__all__ = [
    "RATE_COLUMNS", "RATE_SCHEMA", "Counted", "Counts", "RateLine", "count", "rate_lines", "rate_table", "rates_of",
]  # fmt: skip
