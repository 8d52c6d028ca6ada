"""The manifest tells apart what gives other results."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from measureharmony.harmonize import demo_practice, evaluate
from measureharmony.reports.results import Results
from measureharmony.specs import load_specs


def test_other_terms_of_a_contract_are_another_contract() -> None:
    results = evaluate(demo_practice(5), load_specs(), as_of=dt.date(2026, 10, 31), measures=["bcs"])
    contract = results.contracts["bluestone_commercial"]
    program = contract.program.model_copy(update={"payments": ()})
    changed = {**results.contracts, "bluestone_commercial": replace(contract, program=program)}
    other = Results(
        results.outcomes.arrow, results.variants, results.practice, results.value_sets, results.as_of,
        contracts=changed,
    )  # fmt: skip
    before, after = (
        {one["program"]: one["fingerprint"] for one in each.manifest["contracts"]}  # type: ignore[attr-defined]
        for each in (results, other)
    )
    assert {program for program in before if before[program] != after[program]} == {"bluestone_commercial"}
