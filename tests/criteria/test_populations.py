"""Populations and rates, and that every kind of condition has an example."""

from __future__ import annotations

from measureharmony.measures.criterion import CRITERION_TYPES
from measureharmony.payers.variant import Variant
from measureharmony.periods import Period
from tests.criteria import test_enrolment, test_subject_conditions
from tests.criteria.example import Evaluate, event, measure, person

POPULATIONS = """
    initial_population: {sex: female}
    denominator: {exists: {kind: encounter}}
    denominator_exclusion: {exists: {kind: allergy}}
    numerator: {exists: {kind: observation}}
"""


def variant(populations: str, rates: list[dict[str, object]] | None = None) -> Variant:
    return Variant("canonical", measure("", populations, rates), Period.calendar_year(2026))


def members(evaluate: Evaluate, asked: Variant, *kinds: str, sex: str = "female") -> dict[str, set[str]]:
    record = person(*(event(kind, kind=kind) for kind in kinds), sex=sex, person_id="p")
    rates = evaluate(asked, [record], None)["p"]
    return {rate: {name for name, inside in populations.items() if inside} for rate, populations in rates.items()}


def test_the_numerator_counts_only_in_the_denominator_and_unless_excluded(evaluate: Evaluate) -> None:
    asked = variant(POPULATIONS)
    both = {"initial_population", "denominator"}
    assert members(evaluate, asked, "observation") == {"rate": {"initial_population"}}
    assert members(evaluate, asked, "encounter", "observation") == {"rate": {*both, "numerator"}}
    assert members(evaluate, asked, "encounter", "observation", "allergy") == {"rate": {*both, "denominator_exclusion"}}
    assert members(evaluate, asked, "encounter", "observation", sex="male") == {"rate": set()}


def test_a_missing_denominator_is_the_initial_population(evaluate: Evaluate) -> None:
    asked = variant("{initial_population: {always: true}, numerator: {always: false}}")
    assert members(evaluate, asked) == {"rate": {"initial_population", "denominator"}}


def test_an_exception_takes_out_only_who_misses_the_numerator(evaluate: Evaluate) -> None:
    asked = variant(POPULATIONS + "    denominator_exception: {exists: {kind: task}}\n"
                                  "    numerator_exclusion: {exists: {kind: communication}}")  # fmt: skip
    both = {"initial_population", "denominator"}
    assert members(evaluate, asked, "encounter", "task")["rate"] == {*both, "denominator_exception"}
    assert members(evaluate, asked, "encounter", "task", "observation")["rate"] == {*both, "numerator"}
    assert members(evaluate, asked, "encounter", "communication")["rate"] == both
    met_but_excluded = members(evaluate, asked, "encounter", "communication", "observation")["rate"]
    assert met_but_excluded == {*both, "numerator", "numerator_exclusion"}


def test_a_rate_overrides_any_population(evaluate: Evaluate) -> None:
    rates: list[dict[str, object]] = [
        {"id": "plain", "title": "t"},
        {"id": "other", "title": "t", "populations": {"numerator": {"always": True}, "denominator": {"sex": "female"}}},
    ]
    found = members(evaluate, variant(POPULATIONS, rates))
    assert found == {"plain": {"initial_population"}, "other": {"initial_population", "denominator", "numerator"}}


def test_every_condition_on_a_subject_has_an_example() -> None:
    covered = {example.covers for example in test_subject_conditions.EXAMPLES + test_enrolment.EXAMPLES}
    assert covered | {"number"} == set(CRITERION_TYPES)  # tests/criteria/test_numbers.py is all about that one
