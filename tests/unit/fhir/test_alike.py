"""Files whose lines are alike are read as columns, and give what they give line by line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from measureharmony.practice.fhir import FhirTables, alike, read_fhir_resources
from measureharmony.practice.fhir.alike_events import Converted
from measureharmony.practice.fhir.shapes import ELEMENTS, RARE, subject_of
from measureharmony.practice.fhir.sorting import Sorting
from tests.unit.fhir.bundles import LOINC, concept, in_any_order, patient, reasons_rejected, resource, rows
from tests.unit.fhir.test_weird_input import RESOURCES

#: Reads a folder as columns and line by line, finds the same, and tells which files were read as columns.
ReadBoth = Callable[[Path], tuple[FhirTables, list[str]]]


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> ReadBoth:
    take = Sorting.take_alike

    def read(folder: Path) -> tuple[FhirTables, list[str]]:
        names: list[str] = []

        def noted(sorting: Sorting, parts: Iterable[Converted] | None) -> bool:
            files: list[str] = []

            def passing(parts: Iterable[Converted]) -> Iterator[Converted]:
                for part in parts:
                    files.append(part.unknown.file)
                    yield part

            if taken := take(sorting, parts and passing(parts)):
                names.append(files[0])
            return taken

        monkeypatch.setattr(Sorting, "take_alike", noted)
        by_lines = read_fhir_resources(folder)
        assert not names  # so few bytes are not worth while
        monkeypatch.setattr(alike, "WORTH_WHILE", 1)
        found = read_fhir_resources(folder)
        assert in_any_order(found) == in_any_order(by_lines)
        return found, names

    return read


def of(who: str, one: dict[str, Any]) -> dict[str, Any]:
    return {**one, subject_of(one["resourceType"]): {"reference": f"Patient/{who}"}}


def value(number: object, **elements: Any) -> dict[str, Any]:
    given = {"code": concept("1", system=LOINC), "valueQuantity": {"value": number, "unit": "kg"}, **elements}
    return of("p1", resource("Observation", f"o{number}", **given))


def written(folder: Path, *lines: str | dict[str, Any], name: str = "Observation.ndjson", end: str = "\n") -> Path:
    """A folder with one patient, and one file of lines."""
    (folder / "Patient.ndjson").write_text(json.dumps(patient()))
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (folder / name).write_bytes("".join(text + end for text in texts).encode("utf-8"))
    return folder


def test_every_sort_of_event_is_read_as_columns(tmp_path: Path, both: ReadBoth) -> None:
    by_kind: dict[str, list[str]] = {}
    kinds = ("MedicationAdministration", "DeviceRequest", "Communication")
    for one in [*RESOURCES, *(resource(kind, "x", status="not-done") for kind in kinds)]:
        by_kind.setdefault(one["resourceType"], []).append(json.dumps(of("p1", one)))
    for kind, lines in by_kind.items():
        (tmp_path / f"{kind}.ndjson").write_text("\n".join(lines))
    found, names = both(tmp_path)
    kinds_read = {Path(name).stem for name in names}
    assert kinds_read | {"Observation.component"} == RARE.keys() == ELEMENTS.keys()
    assert len(rows(found)) > len(names)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_is_written_with_escapes_or_blanks_is_read_as_columns(end: str, tmp_path: Path, both: ReadBoth) -> None:
    odd = value(2.5, status='a "quoted\\ word', code=concept('"', "Ünïcödé \U0001f600", "\n"), note=", nil")
    compact = json.dumps(value(-4), separators=(",", ":")).replace('{"resourceType":', '{"resourceType": ')
    parts = [{"code": concept("a"), "valueInteger": 3}, {"code": concept("b"), "valueQuantity": {"value": 9}}]
    coded = value(None, valueCodeableConcept=concept("positive"), category=[], component=parts)
    found, names = both(written(tmp_path, value(1), odd, compact, json.dumps(odd).replace("o2.5", "x"), coded, end=end))
    assert names == ["Observation.ndjson"]
    assert [row.get("value") for row in rows(found)] == [1, 2.5, -4, 2.5, None, 3, 9]
    assert rows(found)[1]["status"] == 'a "quoted\\ word'


def test_the_last_line_need_not_end(tmp_path: Path, both: ReadBoth) -> None:
    file = written(tmp_path, value(1), value(2)) / "Observation.ndjson"
    file.write_bytes(file.read_bytes().rstrip())
    assert both(tmp_path)[1] == ["Observation.ndjson"]


def test_resources_of_others_wait_and_those_without_id_are_told_apart(tmp_path: Path, both: ReadBoth) -> None:
    lines = [value(1), of("nobody", value(2)), {**value(3), "id": ""}, {**value(4), "id": None}]
    found, names = both(written(tmp_path, *lines, {k: v for k, v in value(5).items() if k != "subject"}))
    assert names == ["Observation.ndjson"]
    assert reasons_rejected(found) == [("Observation", "unknown-person")] * 2
    assert [row["event_id"] for row in rows(found)] == [
        "p1/Observation/o1", "p1/Observation/Observation.ndjson-3", "p1/Observation/Observation.ndjson-4"
    ]  # fmt: skip


GOOD = json.dumps(value(1))


@pytest.mark.parametrize(
    "line",
    [
        json.dumps(value(float("nan"))),
        json.dumps(value(7, note=float("-inf"))),
        '{"resourceType": "Observation", "note": [ nan]}',
        '{"resourceType": "Observation", "id": "x",}',
        '{"resourceType": "Observation", "note": ["x", ]}',
        '{"resourceType": "Observation", "note":  [1,\t]}',
        '{"resourceType": "Observation", "id": "x"\r}',
        '{"resourceType": "Observation", "id": "x", "id": "y"}',
        '{"resourceType": "Observation", "id": "x"} {}',
        '{"resourceType": "Observation", "id": ',
        '{"resourceType":"Observation"}',
        '{"resourceType": "Encounter"}',
        "{}",
        "",
        json.dumps(value("7")),
        json.dumps(value(True)),
        json.dumps(value(1e308)).replace("308", "309"),
        json.dumps(value(7, status=5)),
        json.dumps(value(7, code={"coding": {"code": "lone"}})),
        json.dumps(value(7, meta={"profile": "lone"})),
        json.dumps(value(7, component=[{"valueInteger": 1}, None, {"valueInteger": 2}])),
        GOOD,
    ],
)
def test_a_file_with_a_line_unlike_the_others_is_read_line_by_line(line: str, tmp_path: Path, both: ReadBoth) -> None:
    found, names = both(written(tmp_path, GOOD, line, value(2)))
    assert not names
    assert {"p1/Observation/o1", "p1/Observation/o2"} <= {row["event_id"] for row in rows(found)}


def test_what_is_repeated_in_another_file_is_rejected_there(tmp_path: Path, both: ReadBoth) -> None:
    folder = written(written(tmp_path, value(1), value(2)), value(2), value(3), name="other.ndjson")
    found, names = both(folder)
    assert names == ["Observation.ndjson"]
    assert [(row["file"], row["rule"]) for row in found.rejects.to_pylist()] == [("other.ndjson", "repeated-resource")]


@pytest.mark.parametrize("name", ["a[b].ndjson", "a*.ndjson"])
def test_a_name_is_no_pattern(name: str, tmp_path: Path, both: ReadBoth) -> None:
    found, names = both(written(written(tmp_path, value(1), name="ab.ndjson"), value(2), name=name))
    assert (len(rows(found)), names) == (2, ["ab.ndjson"])


def test_how_many_are_converted_at_once_makes_no_difference(
    tmp_path: Path, both: ReadBoth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alike, "AT_ONCE", 2)
    monkeypatch.setattr(alike, "_WINDOW", 16)
    monkeypatch.setattr(alike, "_WINDOWS", 3)
    coded = [value(n, category=[concept("a", "b"), concept(f"c{n}")], method=concept("m")) for n in range(7)]
    found, names = both(written(tmp_path, *coded, of("nobody", value(9))))
    assert (len(rows(found)), names) == (7, ["Observation.ndjson"])


def test_more_than_can_be_held_is_read_line_by_line(
    both: ReadBoth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written(tmp_path, value(1))
    assert both(folder)[1] == ["Observation.ndjson"]
    monkeypatch.setattr(alike, "AT_MOST", (folder / "Observation.ndjson").stat().st_size - 1)
    monkeypatch.setattr(alike, "WORTH_WHILE", 1_000_000)
    assert both(folder)[1] == []


def test_a_line_unlike_the_others_is_found_when_rows_have_been_made_of_many(
    tmp_path: Path, both: ReadBoth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alike, "AT_ONCE", 1_000)
    many = [value(n) for n in range(5_000)]
    written(tmp_path, *many, '{"resourceType": "Observation", "id": "x"')
    written(tmp_path, *(of("p1", resource("Procedure", f"{n}")) for n in range(2_500)), name="Procedure.ndjson")
    found, names = both(tmp_path)
    assert (len(rows(found)), names) == (7_500, ["Procedure.ndjson"])
    assert [reject["row"] for reject in found.rejects.to_pylist()] == [5_001]


def test_lines_are_converted_so_many_at_once_however_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "AT_ONCE", 4)
    numbers = pa.record_batch({"n": pa.array(range(21))})
    batches = [numbers.slice(0, 9), numbers.slice(9, 0), numbers.slice(9, 1), numbers.slice(10, 11)]
    found = [batch["n"].to_pylist() for batch in alike._regrouped(batches)]
    assert found == [list(range(n, min(n + 4, 21))) for n in range(0, 21, 4)]
