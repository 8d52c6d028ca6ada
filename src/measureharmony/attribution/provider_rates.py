"""Rates of each clinician and group: the outcomes of those attributed to them, counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb
import pyarrow as pa

from measureharmony.evaluation.units import DECIMALS
from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers.variant import Variant

PROVIDER_RATE_COLUMNS: Mapping[str, str] = {
    "program": "The program, or `canonical` for the practice's unified rate.",
    "measure": "Key of the measure.",
    "edition": "Edition of the measure.",
    "rate": "Which rate of the measure.",
    "level": "`clinician`, or `group`: all clinicians of the group together.",
    "group_id": "The group; empty for people who are attributed to nobody, or whose clinician has none.",
    "provider_id": "The clinician; empty for groups, and for people who are attributed to nobody.",
    "direction": "`higher` or `lower` is better.",
    **{name: f"How many subjects are in the {name.replace('_', ' ')}." for name in POPULATIONS},
    "below": "The line's lower number: denominator without exclusions and exceptions.",
    "above": "The line's upper number: numerator without its exclusion.",
    "scoring": "What the value is: `proportion`, `continuous` or `observed_to_expected`.",
    "observations": "How many of those below the line have an observation.",
    "observation_total": "The sum of their observations.",
    "value": "As in the table of rates; empty when nobody counts.",
}


def provider_rates(outcomes: pa.Table, attribution: pa.Table, variants: Sequence[Variant]) -> pa.Table:
    """The rates of ``outcomes`` by clinician and by group, of whole rates only (no strata).

    Those of a level add up to the program's rate: whoever is attributed to nobody of the practice has a row without
    clinician. The rows are in the order of ``variants``, groups before clinicians.
    """
    with duckdb.connect() as connection:
        return _counted(connection, outcomes, attribution, variants)


def _counted(
    connection: duckdb.DuckDBPyConnection, outcomes: pa.Table, attribution: pa.Table, variants: Sequence[Variant]
) -> pa.Table:
    connection.register("outcome", outcomes)
    connection.register("attribution", attribution)
    asked = pa.Table.from_pylist(list(_rates(variants)), schema=_RATES)
    connection.register("asked", asked.append_column("place", pa.array(range(asked.num_rows), pa.int64())))
    in_populations = ", ".join(f"count(*) FILTER ({name}) AS {name}" for name in POPULATIONS)
    names = ", ".join(PROVIDER_RATE_COLUMNS)
    query = f"""
        WITH counted AS (
            SELECT program, measure, edition, rate, group_id, provider_id, {in_populations},
                   CASE grouping(provider_id) WHEN 1 THEN 'group' ELSE 'clinician' END AS level,
                   count(*) FILTER ({_BELOW}) AS below, count(*) FILTER ({_ABOVE}) AS above,
                   count(observation) AS observations, round(fsum(observation), {DECIMALS}) AS observation_total,
                   median(observation) AS middle
            FROM outcome LEFT JOIN (FROM attribution WHERE attributed) USING (program, person_id)
            WHERE member
            GROUP BY GROUPING SETS ((program, measure, edition, rate, group_id),
                                    (program, measure, edition, rate, group_id, provider_id))
        ), valued AS (
            SELECT *, {_VALUE} AS value FROM counted JOIN asked USING (program, measure, edition, rate)
        )
        SELECT {names} FROM valued ORDER BY place, level DESC, group_id, provider_id
        """
    return connection.sql(query).to_arrow_table()


def _rates(variants: Sequence[Variant]) -> Iterator[dict[str, object]]:
    """What is to be known of each rate beside its outcomes, in order."""
    for variant in variants:
        measure = variant.measure
        for rate in measure.rates:
            yield {
                "program": variant.program,
                "measure": measure.measure,
                "edition": measure.edition,
                "rate": rate.id,
                "direction": measure.direction_of(rate),
                "scoring": measure.scoring,
                "aggregate": measure.aggregate,
            }


_RATES = pa.schema(
    [
        (name, pa.int16() if name == "edition" else pa.string())
        for name in ("program", "measure", "edition", "rate", "direction", "scoring", "aggregate")
    ]
)
_BELOW = "denominator AND NOT denominator_exclusion AND NOT denominator_exception"
_ABOVE = "numerator AND NOT numerator_exclusion"
#: As ``evaluation.rates`` has it.
_VALUE = """
    CASE scoring
        WHEN 'proportion' THEN above / nullif(below, 0)
        WHEN 'observed_to_expected' THEN CASE WHEN observations = below THEN above / nullif(observation_total, 0) END
        ELSE CASE aggregate
            WHEN 'median' THEN middle
            WHEN 'sum' THEN CASE WHEN observations > 0 THEN observation_total END
            ELSE observation_total / nullif(observations, 0) END
    END"""

__all__ = ["PROVIDER_RATE_COLUMNS", "provider_rates"]
