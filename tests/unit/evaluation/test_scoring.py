"""What the value of a rate is: a proportion, an aggregate of observations, or observed by expected."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
import yaml
from pydantic import ValidationError

from measureharmony.evaluation.care_gaps import care_gap_table
from measureharmony.evaluation.rates import rate_table
from measureharmony.evaluation.reference import LoadedCodes, explain, records_from_practice
from measureharmony.measures.measure import Measure
from measureharmony.payers.variant import Variant
from measureharmony.practice import Practice, from_tables
from measureharmony.reports.tables import shown_value
from tests.criteria.example import VALUE_SETS, YEAR
from tests.generative.outcomes import from_engine, from_interpreter

MEASURE = """
measure: stays
title: Days in hospital
edition: 2026
description: ""
direction: lower
events: {stays: {kind: encounter}, notes: {kind: observation}}
numbers:
  days: {sum: {of: stays, amount: days}}
  per_note: {ratio: [days, {count: {of: notes}}]}
  expected: {risk: {table: stays, link: identity, features: {woman: {sex: female}}}}
populations:
  initial_population: {always: true}
  denominator_exclusion: {sex: male}
  numerator: {exists: stays}
rates: [{id: stays, title: Days, observation: days}]
strata: [{id: noted, title: With a note, criterion: {exists: notes}}]
"""
ROWS = {
    "person": [{"person_id": f"p{n}", "sex": "male" if n == 9 else "female"} for n in (1, 2, 3, 9)],
    "event": [
        {"event_id": "a", "person_id": "p1", "kind": "encounter", "start": "2026-01-01", "end": "2026-01-04"},
        {"event_id": "b", "person_id": "p2", "kind": "encounter", "start": "2026-01-01", "end": "2026-01-07"},
        {"event_id": "c", "person_id": "p9", "kind": "encounter", "start": "2026-01-01", "end": "2026-02-07"},
        {"event_id": "d", "person_id": "p1", "kind": "observation", "start": "2026-01-01"},
    ],
}
TABLE = {"stays": {"intercept": 0.1, "woman": 0.3}}


def variant(observation: str = "days", tables: dict[str, dict[str, float]] | None = None, **keys: Any) -> Variant:
    spec = yaml.safe_load(MEASURE) | keys
    spec["rates"][0]["observation"] = observation
    return Variant("canonical", Measure.model_validate(spec), YEAR, risk_tables=tables or {})


@pytest.fixture(scope="module")
def practice() -> Practice:
    return from_tables({name: pa.Table.from_pylist(rows) for name, rows in ROWS.items()})


def rates(practice: Practice, asked: Variant) -> list[dict[str, Any]]:
    lines = from_engine(practice, [asked])
    assert lines.drop_columns("close_by").to_pylist() == from_interpreter(practice, [asked])
    found: list[dict[str, Any]] = rate_table(lines, [asked]).to_pylist()
    return found


@pytest.mark.parametrize(("how", "value"), [("mean", 11 / 3), ("median", 4), ("sum", 11)])
def test_a_continuous_rate_aggregates_those_that_count(practice: Practice, how: str, value: float) -> None:
    whole, noted = rates(practice, variant(scoring="continuous", aggregate=how))
    assert (whole["observations"], whole["observation_total"], whole["value"]) == (3, 11, value)
    assert (noted["observations"], noted["observation_total"], noted["value"]) == (1, 4, 4)


def test_who_has_no_observation_is_not_aggregated(practice: Practice) -> None:
    (whole, _) = rates(practice, variant("per_note", scoring="continuous", aggregate="mean"))
    assert (whole["below"], whole["observations"], whole["value"]) == (3, 1, 4)


def test_a_continuous_rate_needs_no_numerator(practice: Practice) -> None:
    populations = {"initial_population": {"sex": "female"}}
    (whole, _) = rates(practice, variant(scoring="continuous", aggregate="sum", populations=populations))
    assert (whole["above"], whole["below"], whole["value"]) == (0, 3, 11)


def test_observed_is_divided_by_expected(practice: Practice) -> None:
    (whole, noted) = rates(practice, variant("expected", TABLE, scoring="observed_to_expected"))
    assert (whole["above"], whole["observation_total"], whole["value"]) == (2, 1.2, 2 / 1.2)
    assert (noted["above"], noted["observation_total"], noted["value"]) == (1, 0.4, 2.5)
    assert shown_value(whole) == ("1.667", "2 / 1.2")


@pytest.mark.parametrize("tables", [{}, {"stays": {"intercept": 0.0, "woman": 0.0}}])
def test_without_anything_expected_there_is_no_ratio(practice: Practice, tables: dict[str, dict[str, float]]) -> None:
    (whole, _) = rates(practice, variant("expected", tables, scoring="observed_to_expected"))
    assert (whole["above"], whole["value"]) == (2, None)


def test_what_is_expected_of_some_only_makes_no_ratio(practice: Practice) -> None:
    (whole, _) = rates(practice, variant("per_note", scoring="observed_to_expected"))
    assert (whole["observations"], whole["value"]) == (1, None)
    assert shown_value(whole) == ("–", "2 / 4.0")


def test_a_proportion_may_carry_an_observation(practice: Practice) -> None:
    (whole, _) = rates(practice, variant())
    assert (whole["scoring"], whole["observation_total"], whole["value"]) == ("proportion", 11, 2 / 3)


def test_only_proportions_have_care_gaps(practice: Practice) -> None:
    for asked, gaps in ((variant(), 2), (variant(scoring="continuous", aggregate="sum"), 0),
                        (variant("expected", TABLE, scoring="observed_to_expected"), 0)):  # fmt: skip
        assert care_gap_table(from_engine(practice, [asked]), [asked], None).num_rows == gaps


def test_the_explanation_shows_the_observation(practice: Practice) -> None:
    people = {record.person_id: record for record in records_from_practice(practice)}
    asked = variant("expected", TABLE, scoring="observed_to_expected")
    (rate,) = explain(people["p1"], asked, LoadedCodes(VALUE_SETS)).rates
    assert (rate.result, rate.observation) == ("counted, in the numerator", "expected 0.4")
    (rate,) = explain(people["p9"], asked, LoadedCodes(VALUE_SETS)).rates
    assert (rate.result, rate.observation) == ("not counted (excluded)", None)


@pytest.mark.parametrize(("keys", "message"), [
    ({"scoring": "continuous"}, "'aggregate' goes with scoring: continuous"),
    ({"aggregate": "mean"}, "'aggregate' goes with scoring: continuous"),
    ({"scoring": "observed_to_expected", "rates": [{"id": "stays", "title": "t"}]}, "has no observation"),
])  # fmt: skip
def test_a_scoring_says_what_it_lacks(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Measure.model_validate(yaml.safe_load(MEASURE) | keys)


def test_risk_tables_are_part_of_what_a_result_depends_on() -> None:
    from measureharmony.reports.manifest import fingerprint

    asked = variant("expected", TABLE, scoring="observed_to_expected")
    other = replace(asked, risk_tables={"stays": {**TABLE["stays"], "woman": 0.31}})
    assert len({fingerprint(one) for one in (asked, other, replace(asked, risk_tables={}))}) == 3
