"""Rates: the outcome table, counted. Nothing else enters, so whoever has the outcomes can count again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

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
    own = outcomes.filter(outcomes["member"])
    counted = _counts(own)
    strata = {name: _counts(own.filter(_in_stratum(own, name))) for name in _strata(variants)}
    rows = []
    for variant in variants:
        for rate in variant.measure.rates:
            key = (variant.program, variant.measure.measure, variant.measure.edition, rate.id)
            rows.append(_row(variant, rate.id, "", counted.get(key)))
            rows += [_row(variant, rate.id, s.id, strata[s.id].get(key)) for s in variant.measure.strata]
    return pa.Table.from_pylist(rows, schema=RATE_SCHEMA)


def _strata(variants: Sequence[Variant]) -> list[str]:
    return list(dict.fromkeys(stratum.id for variant in variants for stratum in variant.measure.strata))


def _in_stratum(outcomes: pa.Table, stratum: str) -> pa.ChunkedArray:
    padded = pc.binary_join_element_wise("", outcomes["strata"].cast(pa.string()), "", " ")
    return pc.match_substring(padded, f" {stratum} ")


def _counts(outcomes: pa.Table) -> dict[tuple[object, ...], dict[str, int]]:
    """How many subjects are in each population, and above and below the line, by program, measure, edition, rate."""
    members = {name: outcomes[name].to_numpy() for name in POPULATIONS}
    flags = {
        **{name: outcomes[name] for name in POPULATIONS},
        "above": pa.array(counts_above(members)),
        "below": pa.array(counts_below(members)),
    }
    numbers = {name: pc.cast(flag, pa.int64()) for name, flag in flags.items()}
    table = pa.table({**{key: _plain(outcomes[key]) for key in _KEYS}, **numbers})
    summed = table.group_by(_KEYS).aggregate([(name, "sum") for name in numbers])
    return {
        tuple(row[key] for key in _KEYS): {name: row[f"{name}_sum"] for name in numbers} for row in summed.to_pylist()
    }


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


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
