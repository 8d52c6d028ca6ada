"""Rates: the outcome table, counted. Nothing else enters, so whoever has the outcomes can count again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import median
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from measureharmony.evaluation.columns import Bools, Ints
from measureharmony.evaluation.population_order import counts_above, counts_below
from measureharmony.evaluation.units import DECIMALS
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


def rate_table(outcomes: pa.Table, variants: Sequence[Variant]) -> pa.Table:
    """The rates of ``variants``, counted from ``outcomes``: each as a whole, then each of its strata."""
    return rates_of([count(outcomes, variants)], variants)


#: What outcomes come to: by stratum (empty for the whole), then by program, measure, edition and rate.
Counts: TypeAlias = Mapping[str, Mapping[tuple[object, ...], "Counted"]]


def count(outcomes: pa.Table, variants: Sequence[Variant]) -> Counts:
    """What the outcomes of some people come to."""
    tally = _Tally(outcomes)
    own = outcomes["member"].to_numpy()
    return {"": tally.of(own)} | {name: tally.of(own & _in_stratum(outcomes, name)) for name in _strata(variants)}


def rates_of(counts: Iterable[Counts], variants: Sequence[Variant]) -> pa.Table:
    """The rates of ``variants`` over everybody of whom ``counts`` tell."""
    several = list(counts)
    rows = []
    for variant in variants:
        for rate in variant.measure.rates:
            key = (variant.program, variant.measure.measure, variant.measure.edition, rate.id)
            for stratum in ("", *(stratum.id for stratum in variant.measure.strata)):
                counted = _together([found[stratum][key] for found in several if key in found.get(stratum, ())])
                rows.append(_row(variant, rate, stratum, counted))
    return pa.Table.from_pylist(rows, schema=RATE_SCHEMA)


def _strata(variants: Sequence[Variant]) -> list[str]:
    return list(dict.fromkeys(stratum.id for variant in variants for stratum in variant.measure.strata))


def _in_stratum(outcomes: pa.Table, stratum: str) -> Bools:
    """Whose ``strata`` name this one; the few different combinations are looked into, not every row."""
    words, codes = _encoded(outcomes["strata"])
    return np.asarray([stratum in str(word or "").split() for word in words])[codes]


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
    counts = {name: sum(one.counts[name] for one in found) for name in (*POPULATIONS, "above", "below")}
    return Counted(counts, sorted(number for one in found for number in one.observations))


class _Tally:
    """Counts the outcomes in each population, and above and below the line, by program, measure, edition and rate."""

    def __init__(self, outcomes: pa.Table):
        encoded = [_encoded(outcomes[name]) for name in _KEYS]
        self.keys = list(product(*(words for words, _ in encoded)))
        self.key = np.zeros(outcomes.num_rows, dtype=np.int64)
        for words, codes in encoded:
            self.key = self.key * len(words) + codes
        members = {name: outcomes[name].to_numpy() for name in POPULATIONS}
        self.members = {**members, "above": counts_above(members), "below": counts_below(members)}
        observations = outcomes["observation"].to_numpy()
        order = np.lexsort((observations, self.key))
        self.observed = order[~np.isnan(observations[order])]
        self.observations = observations

    def of(self, rows: Bools) -> dict[tuple[object, ...], Counted]:
        """What ``rows`` come to, by key; what occurs nowhere among them has no entry."""
        columns = {name: self._count(rows & inside) for name, inside in self.members.items()}
        observed = self.observed[rows[self.observed]]
        numbers, whose = self.observations[observed], self.key[observed]
        return {
            self.keys[i]: Counted(
                {name: int(counts[i]) for name, counts in columns.items()},
                numbers[slice(*np.searchsorted(whose, (i, i + 1)))].tolist(),
            )
            for i in np.flatnonzero(self._count(rows))
        }

    def _count(self, rows: Bools) -> Ints:
        return np.bincount(self.key[rows], minlength=len(self.keys))


def _encoded(column: pa.ChunkedArray) -> tuple[list[str | int | None], Ints]:
    """The different values of a column (the last is the empty cell), and for each row which of them it is."""
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    array = encoded.unify_dictionaries().combine_chunks()
    values = array.dictionary.to_pylist()
    return [*values, None], array.indices.fill_null(len(values)).to_numpy()


def _row(variant: Variant, rate: Rate, stratum: str, counted: Counted) -> dict[str, object]:
    measure = variant.measure
    return {
        "program": variant.program,
        "measure": measure.measure,
        "edition": measure.edition,
        "rate": rate.id,
        "stratum": stratum,
        "direction": measure.direction_of(rate),
        **counted.counts,
        "scoring": measure.scoring,
        "observations": len(counted.observations),
        "observation_total": counted.total if counted.observations else None,
        "value": counted.value(measure),
        "period_start": variant.period.start,
        "period_end": variant.period.end,
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

__all__ = ["RATE_COLUMNS", "RATE_SCHEMA", "Counted", "Counts", "count", "rate_table", "rates_of"]
