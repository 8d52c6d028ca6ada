"""From program, overlay and measure to the variant: periods, versions in force, terms, and whom it counts."""

from __future__ import annotations

import pytest

from measureharmony.errors import SpecError
from measureharmony.payers import OwnCoverage, Variant, canonical_variant, resolve, terms
from measureharmony.payers.change import Change
from measureharmony.payers.program import PeriodRule
from measureharmony.periods import Period
from tests.unit.payers.canonical import canonical, change, day, overlay, program

FISCAL = {"start": "07-01", "named_for": "end"}


def resolved(*changes: str | Change, on: str | None = None, key: str = "bcs", **others: object) -> Variant:
    library = canonical()
    return resolve(
        program(**others), overlay(key, *changes), library.measures[key], library.shared, 2026, day(on) if on else None
    )


def youngest(variant: Variant) -> int:
    age = variant.measure.criteria["age"]
    assert not isinstance(age, str)
    assert age.age is not None
    assert isinstance(age.age.from_, int)
    return age.age.from_


@pytest.mark.parametrize(
    ("rule", "period"),
    [
        ({}, "2026-01-01..2026-12-31"),
        ({"start": "07-01"}, "2026-07-01..2027-06-30"),
        (FISCAL, "2025-07-01..2026-06-30"),
        ({"start": "01-01", "named_for": "end"}, "2026-01-01..2026-12-31"),
        ({"start": "11-06", "months": 12, "named_for": "end"}, "2025-11-06..2026-11-05"),
        ({"start": "01-01", "months": 24, "named_for": "end"}, "2025-01-01..2026-12-31"),
        ({"start": "10-01", "months": 6}, "2026-10-01..2027-03-31"),
    ],
)
def test_a_period_is_named_for_the_year_in_which_it_starts_or_ends(rule: dict[str, object], period: str) -> None:
    assert str(PeriodRule.model_validate(rule).period(2026)) == period


@pytest.mark.parametrize("start", ["02-29", "13-01", "04-31", "1-1"])
def test_a_period_starts_on_a_day_that_every_year_has(start: str) -> None:
    with pytest.raises(ValueError, match="start"):
        PeriodRule(start=start)


def test_the_canonical_variant_counts_everybody_over_its_period() -> None:
    period = Period.calendar_year(2026)
    variant = canonical_variant(canonical().measures["bcs"], period)
    assert (variant.id, variant.own, variant.membership, variant.period) == ("canonical/bcs", None, None, period)
    assert variant.measure.parameters == {}


def test_a_variant_knows_its_payer_and_its_people() -> None:
    variant = resolved()
    assert variant.own == OwnCoverage("somebody", ("commercial",))
    assert variant.membership is not None
    assert (variant.membership.by_roster, variant.membership.any_day) == (False, False)
    anybody = resolved(membership={"roster": False, "covered": "any_day"}).membership
    assert anybody is not None
    assert anybody.any_day


def test_the_programs_period_holds_unless_the_overlay_shifts_it() -> None:
    assert str(resolved(period=FISCAL).period) == "2025-07-01..2026-06-30"
    shifted = resolved("shift_period: {start: 07-01, named_for: end}", "set_parameter: {name: age_from, to: 50}")
    assert str(shifted.period) == "2025-07-01..2026-06-30"


def test_evidence_sources_are_kept_by_population() -> None:
    variant = resolved("restrict_sources: {population: denominator_exclusion, sources: [claim]}")
    assert variant.sources == {"denominator_exclusion": ("claim",)}


def test_a_change_that_begins_after_the_period_does_not_apply() -> None:
    assert youngest(resolved(change("set_parameter: {name: age_from, to: 50}", effective="2027-01-01"))) == 42
    assert youngest(resolved(change("set_parameter: {name: age_from, to: 50}", effective="2026-12-31"))) == 50


def test_the_version_in_force_on_a_day_knows_no_later_changes() -> None:
    late = change("set_parameter: {name: age_from, to: 50}", effective="2026-07-01")
    assert youngest(resolved(late, on="2026-06-30")) == 42
    assert youngest(resolved(late, on="2026-07-01")) == 50


def test_changes_that_do_not_fit_are_all_told_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        resolved("set_parameter: {name: nothing, to: 1}", "set_target: {rate: nothing, at_least: 0.5}")
    assert {issue.code for issue in caught.value.issues} == {"change-unknown-parameter", "change-unknown-rate"}


def test_a_change_whose_other_half_is_not_yet_in_force_is_an_error() -> None:
    later = change("define: {section: criteria, name: older, with: {always: true}}", effective="2027-01-01")
    with pytest.raises(SpecError, match="older"):
        resolved(later, "add_to: {population: denominator_exclusion, criterion: older}")


def test_terms_gather_deadlines_targets_and_payment() -> None:
    own = overlay(
        "bcs",
        "set_cut_off: {supplemental: 2027-02-28}",
        "set_target: {rate: screened, at_least: 0.7, tiers: [{id: gold, at_least: 0.8}], minimum_denominator: 30}",
        'set_payment: {rate: screened, per_gap: "25.00", frequency: quarterly}',
    )
    found = terms(program(cut_offs={"claims": "2027-03-31", "supplemental": "2027-01-31"}), own, 2026)
    assert found.cut_offs is not None
    assert (found.cut_offs.claims, found.cut_offs.supplemental) == (day("2027-03-31"), day("2027-02-28"))
    assert found.targets["screened"].minimum_denominator == 30
    assert str(found.payments["screened"].per_gap) == "25.00"
