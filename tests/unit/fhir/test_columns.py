"""Resources are converted many at a time: how many, and beside which others, makes no difference."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from measureharmony.practice.fhir import files, read_fhir_resources, sorting
from tests.unit.fhir.bundles import bundle, concept, in_any_order, patient, read, resource, rows
from tests.unit.fhir.test_weird_input import RESOURCES

_OF_P1 = {"subject": {"reference": "Patient/p1"}}


@pytest.mark.parametrize("at_once", [1, 2, 7])
def test_how_many_are_converted_at_once_makes_no_difference(
    at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        content = json.dumps(bundle(*RESOURCES)).replace('"p1"', f'"p{number}"')
        (tmp_path / f"{number}.json").write_text(content)
    expected = in_any_order(read_fhir_resources(tmp_path))
    monkeypatch.setattr(sorting, "_HELD", at_once)
    assert in_any_order(read_fhir_resources(tmp_path)) == expected


def test_how_many_lines_are_parsed_at_once_makes_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    visits = [json.dumps(resource("Encounter", f"e{n}", **_OF_P1)) for n in range(5)]
    lines = [json.dumps(patient()), *visits[:3], "", "{broken", *visits[3:]]
    (tmp_path / "all.ndjson").write_text("\n".join(lines))
    expected = in_any_order(read_fhir_resources(tmp_path))
    monkeypatch.setattr(files, "_LINES", 2)
    assert in_any_order(read_fhir_resources(tmp_path)) == expected
    assert len(expected["event"]) == 5


def test_a_resource_of_odd_shape_spares_its_neighbours(tmp_path: Path) -> None:
    plain = resource("Observation", "o1", code=concept("1"), valueQuantity={"value": 7, "unit": "kg"})
    odd = resource("Observation", "o2", code=[concept("2")], status=5, valueQuantity={"value": True, "unit": ["kg"]})
    lone = resource("Observation", "o3", code={"coding": {"code": "3"}}, category=concept("exam"), encounter="e1")
    found = rows(read(tmp_path, plain, odd, lone))
    told = [[row.get(name) for name in ("code", "value", "unit", "category", "encounter_id")] for row in found]
    assert told == [["1", 7.0, "kg", None, None], [None] * 5, ["3", None, None, "exam", None]]


def test_a_whole_number_beyond_what_arrow_takes_is_a_number(tmp_path: Path) -> None:
    huge = resource(
        "Observation", "o1", valueQuantity={"value": 2**63}, component=[{"valueQuantity": {"value": 2**60}}]
    )
    assert [row["value"] for row in rows(read(tmp_path, huge))] == [2.0**63, 2.0**60]


def test_a_code_of_an_earlier_release_stands_before_its_present_one(tmp_path: Path) -> None:
    former = {"coding": [{"system": "http://loinc.org", "code": "55284-4"}, {"system": "s", "code": "own"}]}
    found = read(tmp_path, resource("Observation", "o1", code=former), resource("Observation", "o2", code=concept("x")))
    assert [row["code"] for row in rows(found)] == ["55284-4", "x"]
    assert [row["code"] for row in rows(found, "event_code")] == ["own", "85354-9"]
