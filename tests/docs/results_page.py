"""``docs/results.md``: the prose beside this module, with the columns of the result tables filled in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

import measureharmony as mh

PROSE = Path(__file__).with_name("results_page.md")


def results_page() -> str:
    """The whole page. The types are those of a run over a few people."""
    day = dt.date(2026, 12, 31)
    results = mh.evaluate(mh.demo_practice(people=20), mh.load_specs(), measures=["cbp"], payer_view=day)
    page = PROSE.read_text("utf-8")
    attribution = (results.attribution, results.attribution_counts, results.roster_disputes, results.provider_rates)
    payers = (results.program_gaps, results.rates_seen)
    for table in (results.outcomes, results.rates, results.care_gaps, *payers, *attribution):
        page = page.replace(f"<!-- {table.name} -->", _grid(table.to_arrow().schema, table.columns))
    return page


def _grid(schema: pa.Schema, meanings: Mapping[str, str]) -> str:
    lines = ["| column | type | meaning |", "|---|---|---|"]
    lines += [f"| `{field.name}` | {_word(field.type)} | {meanings[field.name]} |" for field in schema]
    return "\n".join(lines)


def _word(arrow: pa.DataType) -> str:
    if pa.types.is_dictionary(arrow):
        arrow = arrow.value_type
    for asks, word in (
        (pa.types.is_boolean, "true or false"),
        (pa.types.is_integer, "whole number"),
        (pa.types.is_floating, "number"),
        (pa.types.is_date, "date"),
        (pa.types.is_string, "text"),
    ):
        if asks(arrow):
            return word
    raise ValueError(f"no word for the type {arrow}")
