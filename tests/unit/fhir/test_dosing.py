"""When an order says that its medicine is to be taken: every form of bounds, and which interval counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from measureharmony.practice.fhir.dosing import dosing_periods
from tests.unit.fhir.bundles import codes, concept, read, resource, rows

FOREVER, EVER = "9999-12-31", "0001-01-01"
TIMED, DATED = "2026-03-01T10:00:00Z", "2026-03-01"


def bounds(authored: str | None = None, **given: Any) -> dict[str, Any]:
    """An order with one dosage instruction per bounds (``period``, ``duration``, ``range``; a list: several)."""
    every = [
        (name, value) for name, values in given.items() for value in (values if isinstance(values, list) else [values])
    ]
    dosages = [{"timing": {"repeat": {f"bounds{name.title()}": value}}} for name, value in every]
    return {"dosageInstruction": dosages, **({"authoredOn": authored} if authored else {})}


def during(start: str | None, end: str | None) -> dict[str, str]:
    return {name: text for name, text in (("start", start), ("end", end)) if text}


def lasting(value: float, unit: str = "d", **more: Any) -> dict[str, Any]:
    return {"value": value, "code": unit, **more}


def dosing(order: dict[str, Any]) -> tuple[str, str] | None:
    return dict(dosing_periods(order)).get("bounds")


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (bounds(period=during("2026-01-01", "2026-02-01T08:00:00Z")), ("2026-01-01", "2026-02-01T08:00:00Z")),
        (bounds(period=during("2026-01-01", None)), ("2026-01-01", FOREVER)),
        (bounds(period=during(None, "2026-01-01")), None),
        (bounds(period=during("2026-01-02", "2026-01-01")), None),
        (bounds(period=during("2026-01-02T09:00:00Z", "2026-01-02")), ("2026-01-02T09:00:00Z", "2026-01-02")),
        (bounds(period={}), None),
        # A duration ends just before authoredOn plus itself.
        (bounds(TIMED, duration=lasting(30)), (TIMED, "2026-03-31T09:59:59.999Z")),
        (bounds(DATED, duration=lasting(30)), (DATED, "2026-03-30")),
        (bounds(DATED, duration=lasting(1.9, "mo")), (DATED, "2026-03-31")),
        (bounds(DATED, duration=lasting(36, "h")), (DATED, DATED)),
        (bounds(TIMED, duration=lasting(90, "min")), (TIMED, "2026-03-01T11:29:59.999Z")),
        (bounds("2026-03-01T10:00:00.000-05:00", duration={"value": 2, "unit": "weeks"}),
         ("2026-03-01T10:00:00.000-05:00", "2026-03-15T09:59:59.999-05:00")),
        (bounds(duration=lasting(30)), None),
        (bounds(DATED, duration=lasting(0)), None),
        (bounds(DATED, duration=lasting(30, "puffs")), None),
        (bounds(DATED, duration=lasting(30, comparator="<")), None),
        (bounds(DATED, duration=lasting(30, system="elsewhere")), None),
        (bounds(DATED, duration=lasting(9e9, "a")), None),
        (bounds(DATED, duration={}), None),
        # A range: both ends included, either may be left open.
        (bounds(DATED, range={"low": lasting(1), "high": lasting(10)}), ("2026-03-02", "2026-03-11")),
        (bounds(DATED, range={"low": lasting(1)}), ("2026-03-02", FOREVER)),
        (bounds(DATED, range={"high": lasting(10)}), (EVER, "2026-03-11")),
        (bounds(range={"low": lasting(1), "high": lasting(10)}), None),
        (bounds(DATED, range={}), None),
        ({"authoredOn": DATED, "dosageInstruction": [{}, {"timing": {"repeat": {"frequency": 1}}}]}, None),
    ],
)  # fmt: skip
def test_one_bounds(order: dict[str, Any], expected: tuple[str, str] | None) -> None:
    assert dosing(order) == expected


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        # Overlapping and adjacent ones are one; a gap ends the earliest, whatever the order they stand in.
        ([("2026-02-01", "2026-02-28"), ("2026-01-01", "2026-02-10")], ("2026-01-01", "2026-02-28")),
        ([("2026-01-01", "2026-01-31"), ("2026-02-01", "2026-02-28")], ("2026-01-01", "2026-02-28")),
        ([("2026-02-02", "2026-02-28"), ("2026-01-01", "2026-01-31")], ("2026-01-01", "2026-01-31")),
        ([("2026-01-01", "2026-03-31"), ("2026-02-01", "2026-02-28")], ("2026-01-01", "2026-03-31")),
        ([("2026-01-01", None), ("2026-02-01", "2026-02-28")], ("2026-01-01", FOREVER)),
        ([("2026-01", "2026-01"), ("2026-02-01", "2026-02-28")], ("2026-01", "2026-02-28")),
        ([("2026-01-01T00:00:00Z", "2026-01-01T09:59:59Z"), ("2026-01-01T11:00:00+01:00", "2026-01-02T00:00:00Z")],
         ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")),
        ([("2026-01-01T00:00:00Z", "2026-01-01T09:59:58Z"), ("2026-01-01T10:00:00Z", "2026-01-02T00:00:00Z")],
         ("2026-01-01T00:00:00Z", "2026-01-01T09:59:58Z")),
        # A start that is not known could come before all others.
        ([("2026-01-01", "2026-01-31"), (None, "2026-02-28")], None),
        # A time that cannot be read is left to the dataset's checks.
        ([("2026-01-01", "2026-01-31"), ("soon", "2026-02-28")], ("soon", "2026-02-28")),
    ],
)  # fmt: skip
def test_the_earliest_merged_interval(
    periods: list[tuple[str | None, str | None]], expected: tuple[str, str] | None
) -> None:
    assert dosing(bounds(period=[during(*period) for period in periods])) == expected


def test_bounds_of_every_form_and_bounds_given_as_dates_are_told_apart() -> None:
    order = bounds(DATED, duration=lasting(10), period=[during("2026-03-11", "2026-03-31")])
    assert dosing_periods(order) == [
        ("bounds", (DATED, "2026-03-31")),
        ("bounds-period", ("2026-03-11", "2026-03-31")),
    ]
    assert [word for word, _ in dosing_periods(bounds(DATED, duration=lasting(10)))] == ["bounds"]


def test_dosings_are_rows_of_their_order(tmp_path: Path) -> None:
    order = resource(
        "MedicationRequest",
        "m1",
        status="active",
        intent="order",
        medicationCodeableConcept=concept("11", "12"),
        **bounds(DATED, period=during("2026-03-01", "2026-03-31")),
    )
    found = read(tmp_path, order)
    written, *dosings = rows(found)
    assert [(row["event_id"], row["type"]) for row in dosings] == [
        ("p1/MedicationRequest/m1#dosing", "bounds"),
        ("p1/MedicationRequest/m1#period", "bounds-period"),
    ]
    for row in dosings:
        assert (row["kind"], row["parent_id"], row["code"]) == ("medication_dosing", written["event_id"], "11")
        assert (row["status"], row["intent"], row["authored"]) == ("active", "order", DATED)
        assert (row["start"], row["end"]) == ("2026-03-01", "2026-03-31")
        assert codes(found, "code", row["event_id"]) == ["12"]


def test_a_dosing_says_that_its_drug_is_named_by_reference_and_that_it_was_not_ordered(tmp_path: Path) -> None:
    period = bounds(DATED, period=during("2026-03-01", "2026-03-31"))
    order = resource(
        "MedicationRequest", "m1", doNotPerform=True, medicationReference={"reference": "Medication/d1"}, **period
    )
    found = read(tmp_path, order, resource("Medication", "d1", code=concept("11")))
    assert [(row["code"], row["not_done"]) for row in rows(found)[1:]] == [("11", True)] * 2
    assert codes(found, "category", "p1/MedicationRequest/m1#dosing") == ["true"]


def test_an_order_of_an_unlisted_profile_has_no_dosing(tmp_path: Path) -> None:
    order = resource("MedicationRequest", **bounds(DATED, period=during("2026-03-01", "2026-03-31")))
    assert [row["type"] for row in rows(read(tmp_path, order, strict=True))] == ["other"]
