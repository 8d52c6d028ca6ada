"""Rates: the outcome table, counted. Nothing else enters, so whoever has the outcomes can count again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import pyarrow as pa

from measureharmony.evaluation.columns import Bools, Ints
from measureharmony.evaluation.population_order import counts_above, counts_below
from measureharmony.measures.measure import POPULATIONS
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
    "value": "above ÷ below; empty when nobody counts.",
    "period_start": "First day of the measurement period.",
    "period_end": "Last day of the measurement period.",
}

_KEYS = ["program", "measure", "edition", "rate"]


def rate_table(outcomes: pa.Table, variants: Sequence[Variant]) -> pa.Table:
    """The rates of ``variants``, counted from ``outcomes``: each as a whole, then each of its strata."""
    tally = _Tally(outcomes)
    own = outcomes["member"].to_numpy()
    counted = tally.of(own)
    strata = {name: tally.of(own & _in_stratum(outcomes, name)) for name in _strata(variants)}
    rows = []
    for variant in variants:
        for rate in variant.measure.rates:
            key = (variant.program, variant.measure.measure, variant.measure.edition, rate.id)
            rows.append(_row(variant, rate.id, "", counted.get(key)))
            rows += [_row(variant, rate.id, s.id, strata[s.id].get(key)) for s in variant.measure.strata]
    return pa.Table.from_pylist(rows, schema=RATE_SCHEMA)


def _strata(variants: Sequence[Variant]) -> list[str]:
    return list(dict.fromkeys(stratum.id for variant in variants for stratum in variant.measure.strata))


def _in_stratum(outcomes: pa.Table, stratum: str) -> Bools:
    """Whose ``strata`` name this one; the few different combinations are looked into, not every row."""
    words, codes = _encoded(outcomes["strata"])
    return np.asarray([stratum in str(word or "").split() for word in words])[codes]


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

    def of(self, rows: Bools) -> dict[tuple[object, ...], dict[str, int]]:
        """The counts over ``rows`` only; what occurs nowhere among them has no entry."""
        columns = {name: self._count(rows & inside) for name, inside in self.members.items()}
        present = np.flatnonzero(self._count(rows))
        return {self.keys[i]: {name: int(counts[i]) for name, counts in columns.items()} for i in present}

    def _count(self, rows: Bools) -> Ints:
        return np.bincount(self.key[rows], minlength=len(self.keys))


def _encoded(column: pa.ChunkedArray) -> tuple[list[str | int | None], Ints]:
    """The different values of a column (the last is the empty cell), and for each row which of them it is."""
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    array = encoded.unify_dictionaries().combine_chunks()
    values = array.dictionary.to_pylist()
    return [*values, None], array.indices.fill_null(len(values)).to_numpy()


def _row(variant: Variant, rate_id: str, stratum: str, counts: Mapping[str, int] | None) -> dict[str, object]:
    counts = counts or dict.fromkeys([*POPULATIONS, "above", "below"], 0)
    rate = next(rate for rate in variant.measure.rates if rate.id == rate_id)
    return {
        "program": variant.program,
        "measure": variant.measure.measure,
        "edition": variant.measure.edition,
        "rate": rate_id,
        "stratum": stratum,
        "direction": variant.measure.direction_of(rate),
        **counts,
        "value": counts["above"] / counts["below"] if counts["below"] else None,
        "period_start": variant.period.start,
        "period_end": variant.period.end,
    }


_TEXT = ("program", "measure", "rate", "stratum", "direction")
RATE_SCHEMA = pa.schema(
    [
        (
            name,
            pa.string() if name in _TEXT
            else pa.float64() if name == "value"
            else pa.date32() if name.startswith("period_")
            else pa.int64(),
        )
        for name in RATE_COLUMNS
    ]
)  # fmt: skip

__all__ = ["RATE_COLUMNS", "RATE_SCHEMA", "rate_table"]
