"""Programs that cannot be satisfied together: which, and why in words."""

from __future__ import annotations

import pytest

from measureharmony.common_target import CommonTarget, common_targets
from measureharmony.common_target.written import spec_text
from measureharmony.errors import UsageError
from tests.unit.common_target.contracts import contracts, last_test


def target_of(measure: str, **changes: tuple[str, ...]) -> CommonTarget:
    [target] = common_targets(contracts(measure, **changes))
    return target


def test_two_bounds_that_leave_nothing_between_them_contradict_each_other() -> None:
    target = target_of("gsd", low=last_test("below: 7"), high=last_test("at_least: 7"))
    [goal] = target.goals
    assert goal.standing == "contradiction"
    assert goal.sentence == ""
    assert goal.contradictions == (
        "low asks for: latest assessment below 7 % in 2026; high asks for: latest assessment at least 7 % in 2026. "
        "Nobody whom both count can have both.",
    )
    assert target.variant is None
    assert "contradict each other" in spec_text(target)


def test_two_bounds_with_room_between_them_are_both_asked_for() -> None:
    [goal] = target_of("gsd", low=last_test("below: 7.5"), high=last_test("at_least: 7")).goals
    assert goal.standing == "common"
    assert goal.sentence == "Latest assessment below 7.5 % and at least 7 % in 2026."


def test_three_that_agree_two_by_two_may_contradict_each_other_together() -> None:
    either = (
        "choose_rates: {rates: [good_control]}",
        "replace: {section: criteria, name: latest_below, with: {exists: {from: latest_assessment, "
        "where: {any: [{value: {below: 7, unit: '%'}}, {value: {at_least: 7.5, unit: '%'}}]}}}}",
    )
    low, high = last_test("below: 7.5"), last_test("at_least: 7")
    [goal] = target_of("gsd", low=low, high=high, outside=either, anybody=last_test("below: 12")).goals
    [told] = goal.contradictions
    assert "low asks for" in told
    assert "high asks for" in told
    assert "outside asks for" in told
    assert "anybody" not in told


def test_an_inverse_rate_contradicts_its_mirror_image() -> None:
    inverse = ("choose_rates: {rates: [poor_control]}", "set_parameter: {name: poor_control_above, to: 7}")
    [goal] = target_of("gsd", inverse=inverse, high=last_test("type: quantity, above: 8")).goals
    assert goal.standing == "contradiction"
    assert [asked.is_inverse for asked in goal.goal.asked] == [True, False]


def test_people_whom_only_one_of_two_counts_make_no_contradiction() -> None:
    young = ("set_parameter: {name: age_to, to: 40}", *last_test("below: 7"))
    old = ("set_parameter: {name: age_from, to: 41}", *last_test("above: 8"))
    [goal] = target_of("gsd", young=young, old=old).goals
    assert goal.proofs.apart == ((0, 1),)
    [told] = goal.contradictions
    assert told.endswith("nobody is counted by all of them either: each has a target of its own.")


def test_what_nobody_can_reach_is_told_of_the_one_program_that_asks_for_it() -> None:
    impossible = ("replace: {section: criteria, name: screened, with: {all: [{exists: mammogram}, {sex: male}]}}",)
    [goal] = target_of("bcs", impossible=impossible, usual=("set_parameter: {name: age_from, to: 50}",)).goals
    [told] = goal.contradictions
    assert told == "impossible asks for: sex is male. Nobody whom it counts can have that."


def test_windows_that_do_not_meet_are_no_contradiction_but_have_no_common_date() -> None:
    early = ("replace: {section: windows, name: mammogram, with: {from: period.start, to: period.start + 1 month}}",)
    late = ("replace: {section: windows, name: mammogram, with: {from: period.end - 1 month, to: period.end}}",)
    [goal] = target_of("bcs", early=early, late=late).goals
    assert goal.standing == "common"
    assert goal.sentence == (
        "Mammogram from 1 January to 1 February 2026 and another one from 30 November to 31 December 2026 "
        "(no one date counts for all)."
    )


def test_one_program_has_a_target_of_its_own() -> None:
    [goal] = target_of("bcs", alone=("set_parameter: {name: mammogram_lookback, to: 12}",)).goals
    assert goal.standing == "common"
    assert goal.sentence == "Mammogram from 1 January 2025 to 31 December 2026."


def test_sources_that_all_accept_are_the_ones_in_every_list() -> None:
    claims = ("restrict_sources: {population: numerator, sources: [claim, pharmacy_claim]}",)
    records = ("restrict_sources: {population: numerator, sources: [claim, ehr]}",)
    [goal] = target_of("bcs", claims=claims, records=records).goals
    assert goal.sources == ("claim",)
    assert len(goal.joint.wanted) == 2


def test_a_measure_that_no_program_lists_has_no_common_target() -> None:
    specs = contracts("bcs", alone=("set_parameter: {name: mammogram_lookback, to: 12}",))
    with pytest.raises(UsageError, match="None of the programs asks for col"):
        common_targets(specs, measures=["col"])
