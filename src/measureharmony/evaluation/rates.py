"""Rates: the outcome table, counted. Nothing else enters, so whoever has the outcomes can count again."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
import pyarrow as pa

from measureharmony.evaluation.outcomes import Outcomes
from measureharmony.evaluation.population_order import CATEGORIES_IN
from measureharmony.evaluation.tallies import Tally, rate_lines, tally
from measureharmony.evaluation.units import DECIMALS
from measureharmony.measures.kept import kept
from measureharmony.measures.measure import POPULATIONS, Aggregate, Measure
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


def rate_table(outcomes: pa.Table | Outcomes, variants: Sequence[Variant]) -> pa.Table:
    """The rates of ``variants``, counted from ``outcomes``: each as a whole, then each of its strata."""
    return rates_of(tally(outcomes, variants), variants)


def rates_of(counted: Tally, variants: Sequence[Variant]) -> pa.Table:
    """The rates of ``variants`` over everybody who was ``counted``, in whatever parts."""
    every, counts, observations = rate_lines(variants), counted.of_lines(), counted.observations()
    numbers = {name: counts[:, inside].sum(axis=1) for name, inside in CATEGORIES_IN.items()}
    numbers["observations"] = np.bincount(counted.line, minlength=len(every))
    totals, values = (np.full(len(every), np.nan) for _ in range(2))
    # Of a line that nobody is in there is nothing to say: its numbers are 0, and it has no value.
    for place in np.flatnonzero(counts.any(axis=1)).tolist():
        own = Counted({name: int(numbers[name][place]) for name in CATEGORIES_IN}, observations.get(place, []))
        if own.observations:
            totals[place] = own.total
        values[place] = _or_nan(own.value(every[place].variant.measure))
    found_out = {"observation_total": totals, "value": values}
    columns = {**_told_apart(variants), **{name: pa.array(column) for name, column in numbers.items()}}
    columns |= {name: pa.array(column, mask=np.isnan(column)) for name, column in found_out.items()}
    return pa.table([columns[name] for name in RATE_SCHEMA.names], schema=RATE_SCHEMA)


@kept(8)
def _told_apart(variants: Sequence[Variant]) -> Mapping[str, pa.Array]:
    """The columns of the rate table that are the same whoever is counted."""
    every = rate_lines(variants)
    told = {
        "program": [line.variant.program for line in every],
        "measure": [line.variant.measure.measure for line in every],
        "edition": [line.variant.measure.edition for line in every],
        "rate": [line.rate.id for line in every],
        "stratum": [line.stratum for line in every],
        "direction": [line.variant.measure.direction_of(line.rate) for line in every],
        "scoring": [line.variant.measure.scoring for line in every],
        "period_start": [line.variant.period.start for line in every],
        "period_end": [line.variant.period.end for line in every],
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


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


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

__all__ = ["RATE_COLUMNS", "RATE_SCHEMA", "Counted", "rate_table", "rates_of"]
