"""Which rates rest on disputed changes, and what is said of proposals."""

from __future__ import annotations

import datetime as dt

import pytest

from measureharmony.payers import Overlay, Variant, resolve
from measureharmony.payers.change import Change
from measureharmony.payers.unsettled import unsettled
from tests.unit.payers.canonical import canonical, change, program

BOTH = {"poor_control": 1, "good_control": 1}


def with_status(text: str, status: str, effective: str = "2026-01-01") -> Change:
    return change(text, effective).model_copy(update={"status": status})


def resolved(*changes: Change) -> tuple[Variant, Overlay]:
    library = canonical()
    overlay = Overlay(overlay="gsd", edition=2026, changes=changes)
    contract = program(measures=[{"measure": "gsd", "overlay": True}])
    return resolve(contract, overlay, library.measures["gsd"], library.shared, 2026), overlay


@pytest.mark.parametrize(
    ("text", "rates"),
    [
        ("set_parameter: {name: age_from, to: 21}", BOTH),
        ("set_parameter: {name: good_control_below, to: 7}", {"good_control": 1}),
        ("drop_from: {population: numerator, rate: poor_control, criterion: no_assessment}", {"poor_control": 1}),
        ("drop_from: {population: initial_population, criterion: visit}", BOTH),
        ("extend_value_set: {value_set: hba1c_laboratory_test, with: ['LOINC|4549-2']}", BOTH),
        ("require_enrolment: {window: period}", BOTH),
        ("restrict_sources: {population: numerator, sources: [claim]}", BOTH),
        ("set_direction: {rate: poor_control, to: higher}", {"poor_control": 1}),
        ("set_target: {rate: good_control, at_least: 0.5}", {}),
        ("set_cut_off: {claims: 2027-03-31}", {}),
    ],
)
def test_rates_rest_on_the_disputed_changes_that_reach_them(text: str, rates: dict[str, int]) -> None:
    assert resolved(with_status(text, "disputed"))[0].disputed == rates
    assert resolved(with_status(text, "agreed"))[0].disputed == {}


def test_it_is_said_what_is_disputed_and_what_is_proposed() -> None:
    variant, overlay = resolved(
        with_status("set_parameter: {name: age_from, to: 21}", "disputed"),
        with_status("set_parameter: {name: good_control_below, to: 7}", "disputed"),
        with_status("require_enrolment: {window: period}", "proposed"),
        with_status("set_parameter: {name: age_to, to: 70}", "proposed", "2026-09-01"),
        with_status("set_parameter: {name: poor_control_above, to: 10}", "proposed", "2027-01-01"),
    )
    overlays = {("contract", "gsd"): overlay}
    disputed = "Rates that rest on disputed changes: contract/gsd/poor_control (1), contract/gsd/good_control (2)."
    assert list(unsettled(overlays, [variant])) == [
        disputed, "Proposed changes that do not count yet: contract/gsd (2)."
    ]  # fmt: skip
    assert list(unsettled(overlays, [variant], dt.date(2026, 6, 30))) == [
        disputed, "Proposed changes that do not count yet: contract/gsd (1)."
    ]  # fmt: skip
