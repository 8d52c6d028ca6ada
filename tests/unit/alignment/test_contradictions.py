"""Populations that nobody can be in, and the words for it."""

from __future__ import annotations

from measureharmony.alignment import Contradiction, empty_populations
from measureharmony.payers.variant import Variant
from tests.unit.alignment.versions import SPECS, version


def found(variant: Variant) -> list[Contradiction]:
    return list(empty_populations(SPECS, variant))


def test_a_sound_version_has_none() -> None:
    assert found(version("{exists: {kind: observation, codes: [glucose]}}")) == []


def test_ages_that_nobody_has() -> None:
    old, young = "{age: {at: period.end, from: 50}}", "{age: {at: period.end, to: 40}}"
    clash = f"initial_population: {{all: [{{sex: female}}, {old}, {young}]}}"
    (only,) = found(version(populations=clash))
    assert (only.rate, only.place) == ("rate", "initial_population")
    assert only.sentence == (
        "nobody can be in the initial population, which asks for aged 50 and over on the last day of the period and "
        "aged up to 40 on the last day of the period"
    )


def test_a_numerator_that_the_denominator_rules_out() -> None:
    (only,) = found(version("{sex: male}", populations="initial_population: {sex: female}"))
    assert only.place == "numerator"
    assert "is left by the populations before it" in only.sentence


def test_an_exclusion_that_swallows_the_denominator() -> None:
    swallowing = "initial_population: {age: {at: period.end, from: 50}}, "
    swallowing += "denominator_exclusion: {age: {at: period.end, from: 42}}"
    (only,) = found(version(populations=swallowing))
    assert only.place == "denominator_exclusion"
    assert only.sentence == "everybody in the denominator is excluded from it: nobody is left to be counted"


def test_a_value_below_and_above_at_once() -> None:
    result = "{exists: {kind: observation, codes: [glucose], where: {value: {above: 9, below: 8, unit: '%'}}}}"
    (only,) = found(version(result))
    assert only.place == "numerator"
