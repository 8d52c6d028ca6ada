"""How far a change is settled: proposals do not count, what must be agreed is, and misfits are found anyhow."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pydantic import ValidationError

from measureharmony.payers import Overlay, resolve
from measureharmony.payers.change import Change
from measureharmony.payers.check import findings
from measureharmony.payers.context import Context
from tests.unit.payers.canonical import canonical, change, program

END = dt.date(2026, 12, 31)


def with_status(text: str, status: str | None, **more: Any) -> Change:
    return Change.model_validate(
        {**change(text).model_dump(by_alias=True, exclude_none=True), "status": status, **more}
    )


def overlay_of(*changes: Change) -> Overlay:
    return Overlay(overlay="bcs", edition=2026, changes=changes)


def codes(*changes: Change) -> list[tuple[str, object]]:
    context = Context(canonical().measures["bcs"], canonical().shared, program())
    return [(found.code, found.place[1]) for found in findings(overlay_of(*changes), context)]


@pytest.mark.parametrize(
    ("status", "counts"), [(None, True), ("assumed", True), ("disputed", True), ("proposed", False)]
)
def test_all_but_proposals_count(status: str | None, counts: bool) -> None:
    overlay = overlay_of(with_status("set_parameter: {name: age_from, to: 50}", status))
    assert bool(overlay.in_force(END)) is counts
    library = canonical()
    variant = resolve(program(), overlay, library.measures["bcs"], library.shared, 2026)
    age = variant.measure.criteria["age"].age  # type: ignore[union-attr]
    assert age is not None
    assert age.from_ == (50 if counts else 42)


def test_what_is_agreed_is_agreed_by_all_who_must() -> None:
    text = "set_parameter: {name: age_from, to: 50}"
    agreed = with_status(text, "agreed", agree=["payer", "practice"], agreed_by=["practice", "payer"])
    assert agreed.counts
    assert not agreed.is_open
    with pytest.raises(ValidationError, match="the status is 'agreed', but practice must agree and has not"):
        with_status(text, "agreed", agree=["payer", "practice"], agreed_by="payer")


def test_there_are_no_other_statuses() -> None:
    with pytest.raises(ValidationError, match="status"):
        with_status("set_parameter: {name: age_from, to: 50}", "perhaps")


def test_a_proposal_may_touch_what_a_change_touches() -> None:
    now = change("set_parameter: {name: age_from, to: 50}")
    assert codes(now, with_status("set_parameter: {name: age_from, to: 45}", "proposed")) == []
    assert codes(now, with_status("set_parameter: {name: age_from, to: 45}", "disputed"))[0][0] == "change-conflict"


def test_it_may_say_what_canonical_says_where_that_is_a_change() -> None:
    back = with_status("set_parameter: {name: age_from, to: 42}", "proposed")
    assert codes(change("set_parameter: {name: age_from, to: 50}"), back) == []
    assert codes(back) == [("change-no-effect", 0)]


def test_a_proposal_that_does_not_fit_is_found_in_its_place() -> None:
    settled = change("set_parameter: {name: age_to, to: 70}")
    wrong = with_status("set_parameter: {name: age_form, to: 45}", "proposed")
    assert codes(wrong, settled) == [("change-unknown-parameter", 0)]
    assert codes(settled, wrong) == [("change-unknown-parameter", 1)]
    assert codes(wrong, change("set_parameter: {name: age_ot, to: 70}")) == [
        ("change-unknown-parameter", 1),
        ("change-unknown-parameter", 0),
    ]
