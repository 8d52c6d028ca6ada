from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measureharmony.measures import reader
from measureharmony.measures.measure import Measure, Shared
from measureharmony.measures.reader import Reading, read_document, read_model
from measureharmony.measures.schema import schema_of
from measureharmony.measures.yaml_lines import read_yaml_text
from measureharmony.spec_files import spec_folder

GOOD = """\
measure: m
title: A measure
edition: 2026
description: Small.
windows:
  year: {from: period.start, to: period.end}
events:
  visit:
    kind: encounter
    codes: [office_visit, "CPT|99213"]
    where:
      - value: {above: 9, unit: "%"}
populations:
  initial_population: {all: [{sex: female}, {age: {at: period.end, from: 18}}]}
  numerator: {exists: visit}
rates:
  - {id: met, title: Met}
updated: 2026-01-31
"""


def read(text: str) -> Reading[Measure]:
    return read_document(read_yaml_text(text, Path("m.yaml")), Measure)


def test_a_good_file_is_the_model() -> None:
    reading = read(GOOD)
    assert reading.issues == ()
    assert reading.model is not None
    assert reading.model.events["visit"].codes == ("office_visit", "CPT|99213")
    assert str(reading.model.updated) == "2026-01-31"


@pytest.mark.parametrize(
    ("good", "bad", "line", "code", "said"),
    [
        ("codes:", "code:", 10, "spec-unknown-key", "did you mean 'codes'?"),
        ("kind: encounter", "kind: [encounter, visit]", 9, "spec-bad-value", "known: "),
        ("{sex: female}", "{sex: woman}", 14, "spec-bad-value", "known: female, male"),
        ("{sex: female}", "{sexx: female}", 14, "spec-unknown-key", "did you mean 'sex'?"),
        ("{sex: female}", "7", 14, "spec-wrong-type", "a criterion name or a criterion"),
        ("from: 18", "from: '18'", 14, "spec-bad-value", "$name"),
        ("from: 18", "from: 18.5", 14, "spec-wrong-type", "a whole number or a parameter name"),
        ("from: 18", "unit: years", 14, "spec-bad-value", "give at least one of: from, to"),
        ('unit: "%"', "type: quantity", 12, "spec-bad-value", "a bound needs a unit"),
        ("title: Met", "titel: Met", 17, "spec-missing-key", "'title'"),
        ("edition: 2026", "edition: '2026'", 3, "spec-wrong-type", "a whole number"),
        ("period.start,", "period,", 6, "spec-bad-value", "'period' is no single moment"),
        ("updated: 2026-01-31", "updated: soon", 18, "spec-bad-value", "2026-03-09"),
        ("numerator: {exists: visit}", "denominator: {exists: visit}", 1, "spec-bad-value", "has no numerator"),
        ("{exists: visit}", "", 15, "spec-empty", "has no value"),
        ("{exists: visit}", "{}", 15, "spec-one-key", "exactly one of"),
        ("{exists: visit}", "{exists: visit, always: true}", 15, "spec-one-key", "exactly one of"),
        ("  visit:", "  Visit:", 8, "spec-bad-name", "lower-case"),
    ],
)
def test_a_mistake_is_said_once_precisely_and_in_its_line(good: str, bad: str, line: int, code: str, said: str) -> None:
    assert good in GOOD
    issues = [issue for issue in read(GOOD.replace(good, bad)).issues if issue.code == code]
    assert [issue.line for issue in issues] == [line]
    assert said in f"{issues[0].what} {issues[0].fix}"


def test_all_mistakes_are_reported_at_once() -> None:
    text = GOOD.replace("codes:", "code:").replace("female", "woman").replace("title: Met", "titel: Met")
    assert [issue.line for issue in read(text).issues] == [10, 14, 17, 17]


def test_a_mistake_of_shape_does_not_hide_one_that_only_the_model_sees() -> None:
    text = GOOD.replace("codes:", "code:").replace("from: 18", "from: 18, to: 17")
    assert [(issue.line, issue.code) for issue in read(text).issues] == [
        (10, "spec-unknown-key"),
        (14, "spec-bad-value"),
    ]


def test_a_schema_of_ones_own_replaces_the_models(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(GOOD, "utf-8")
    narrow = schema_of(Measure) | {"required": ["steward"]}
    assert [issue.code for issue in read_model(tmp_path / "m.yaml", Measure, schema=narrow).issues] == [
        "spec-missing-key"
    ]


LINES = GOOD.splitlines()


@given(st.integers(0, len(LINES) - 1), st.text(alphabet="abc:{}[],- \t\"'#&*!|>%@$0129.", max_size=12), st.booleans())
def test_no_edit_of_a_file_makes_reading_raise(index: int, text: str, replace: bool) -> None:
    lines = [*LINES]
    lines[index] = text if replace else lines[index] + text
    reading = read("\n".join(lines))
    assert (reading.model is None) == bool(reading.issues)
    assert all(0 <= issue.line <= len(lines) + 1 and issue.what for issue in reading.issues)


def test_shipped_files_are_right_as_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is wrong is held against a JSON Schema, which takes long to make."""
    monkeypatch.setattr(reader, "schema_of", None)
    folder = spec_folder() / "canonical"
    measures = [path for path in folder.glob("*.yaml") if not path.name.endswith(".people.yaml")]
    assert all(read_model(path, Measure).model for path in measures)
    assert all(read_model(path, Shared).model for path in (folder / "shared").glob("*.yaml"))
