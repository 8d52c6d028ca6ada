"""What a validation looks like to people, to machines and to code reviews.

``sarif-2.1.0-rtm.5.json`` is the published JSON Schema of SARIF, as the npm package @microsoft/jest-sarif ships it.
"""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, Draft202012Validator
from rich.console import Console

from measureharmony.errors import Issue
from measureharmony.harmonize import demo_practice
from measureharmony.validation.checking import Validation, validate_program
from measureharmony.validation.finding import Finding, Related
from measureharmony.validation.github import workflow_commands
from measureharmony.validation.report import ProgramShown, Report, finding_shown, report, reported, schema_text
from measureharmony.validation.sarif import sarif
from measureharmony.validation.terminal import summary, validation_shown
from tests.unit.validation.contracts import EVERY_DECISION, write_contract

HERE = Path(__file__).parent
CHANGES = {
    "bcs": [
        "set_parameter: {name: age_from, to: 60}",
        "require_enrolment: {window: period}",
        "drop_from: {population: denominator_exclusion, criterion: hospice.received}",
    ],
    "gsd": [],
    "cbp": ["set_parameter: {name: no_such, to: 1}"],
}
NASTY = Finding(
    Issue("payers/a b/100%,x:y.yaml", 0, "spec-bad-value", "50 % of this: is\nwrong, twice", "mend it"),
    ("bcs",),
    (Related("other.yaml", 3, "see, there"),),
)


@pytest.fixture(scope="module")
def validation(tmp_path_factory: pytest.TempPathFactory) -> Validation:
    folder = write_contract(tmp_path_factory.mktemp("contract"), CHANGES, EVERY_DECISION[1:])
    return validate_program(folder, sample=demo_practice(people=200))


@pytest.fixture(scope="module")
def whole(validation: Validation) -> Report:
    return report([validation])


@pytest.fixture
def nasty() -> Report:
    shown = ProgramShown(
        program="acme", title="Acme", folder="acme", against="canonical", findings=(finding_shown(NASTY),),
        not_checked=("Nothing, at all: 100 %",),
    )  # fmt: skip
    return reported([shown])


# --- what is in it ---------------------------------------------------------------------------------------------------


def test_problems_in_one_overlay_are_in_nobody_elses_way(validation: Validation) -> None:
    assert [(one.level, one.issue.code, one.measures) for one in validation.findings] == [
        ("error", "change-unknown-parameter", ()),
        ("warning", "decision-missing-result", ("gsd",)),
    ]
    assert validation.not_checked == ("Only checked for problems, which are in the way of more: cbp.",)
    assert validation.comparison is not None
    assert validation.comparison.measures == ("bcs", "gsd")


def test_differences_alignment_and_impact_are_told_measure_by_measure(whole: Report) -> None:
    (program,) = whole.programs
    assert {one.axis for one in program.differences if one.measure == "bcs"} == {"age", "enrolment", "exclusion"}
    relations = {(one.measure, one.rate, one.population): one.relation for one in program.alignment}
    assert relations["bcs", "screened", "initial_population"] == "narrower"
    assert relations["gsd", "good_control", "numerator"] == "equal"
    assert program.impact is not None
    by_all = next(one for one in program.impact.moves if (one.measure, one.cause) == ("bcs", "all"))
    by_age = next(one for one in program.impact.moves if one.sentence.startswith("Youngest age"))
    assert by_all.denominator_out >= by_age.denominator_out > 0
    assert by_all.denominator_in == 0
    assert program.impact.notes[0] == (
        "Moves: all of the sample of 200 people (demo), none of whom acme covers; any coverage counts as its own."
    )


# --- for people ------------------------------------------------------------------------------------------------------


def text_of(validation: Validation) -> str:
    console = Console(file=io.StringIO(), width=80)
    console.print(validation_shown(validation), crop=False)
    shown = console.file
    assert isinstance(shown, io.StringIO)
    return shown.getvalue()


def test_the_text_fits_80_columns_but_for_places(validation: Validation) -> None:
    lines = [line.rstrip() for line in text_of(validation).splitlines()]
    places = [line for line in lines if re.search(r": (error|warning) [a-z-]+$", line)]
    assert len(places) == 2
    assert all(len(line) <= 80 for line in lines[1:] if line not in places)
    assert lines[-1] == summary(validation) == "acme: 1 error, 1 warning"


def test_the_text_says_what_differs_how_it_stands_and_whom_it_moves(validation: Validation) -> None:
    text = " ".join(text_of(validation).split())
    assert "age band: Women of 60 to 74 instead of 42 to 74" in text
    assert "aligns screened: initial population and denominator exclusion narrower" in text
    assert re.search(r"moves screened: −\d+ people in the denominator, [+−]\d+\.\d points", text)
    assert "gsd" not in text.partition("Every measure")[2].partition("The same in both: ")[0]


# --- for machines ----------------------------------------------------------------------------------------------------


def test_the_committed_schema_is_current(repository: Path) -> None:
    committed = repository / "measure_specs" / "schema" / "validation.schema.json"
    assert committed.read_text("utf-8") == schema_text(), "run: python -m measureharmony.validation.report"


@pytest.mark.parametrize("name", ["whole", "nasty"])
def test_the_json_is_as_its_schema_says(name: str, request: pytest.FixtureRequest) -> None:
    schema: dict[str, Any] = json.loads(schema_text())
    Draft202012Validator.check_schema(schema)
    made: Report = request.getfixturevalue(name)
    Draft202012Validator(schema).validate(json.loads(made.to_json()))
    assert Report.model_validate_json(made.to_json()) == made


@pytest.mark.parametrize("name", ["whole", "nasty"])
def test_sarif_is_as_the_published_schema_says(name: str, request: pytest.FixtureRequest) -> None:
    schema = json.loads((HERE / "sarif-2.1.0-rtm.5.json").read_text("utf-8"))
    log = json.loads(sarif(request.getfixturevalue(name)))
    assert [error.message for error in Draft4Validator(schema).iter_errors(log)] == []


def test_sarif_names_rule_level_place_and_related_places(nasty: Report) -> None:
    (run,) = json.loads(sarif(nasty))["runs"]
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "spec-bad-value"
    assert result["level"] == "error"
    place = result["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "payers/a%20b/100%25%2Cx%3Ay.yaml", "uriBaseId": "%SRCROOT%"}}
    assert result["relatedLocations"][0]["physicalLocation"]["region"] == {"startLine": 3}
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"] == "Acme: Nothing, at all: 100 %"


def test_github_reads_the_workflow_commands(nasty: Report) -> None:
    assert list(workflow_commands(nasty)) == [
        "::error file=payers/a b/100%25%2Cx%3Ay.yaml,title=spec-bad-value::50 %25 of this: is%0Awrong, twice"
        "%0Afix: mend it%0Asee other.yaml:3: see, there",
        "::notice title=Acme::Nothing, at all: 100 %25",
    ]
