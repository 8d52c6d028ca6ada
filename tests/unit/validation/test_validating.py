"""Which changes are responsible, what decides a decision, and what is said where something cannot be checked."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from pathlib import Path

import pytest

from measureharmony.errors import SpecError, UsageError
from measureharmony.harmonize import demo_practice, divergence
from measureharmony.validation import contradictions as contradictory
from measureharmony.validation.checking import NO_SOLVER, findings, validate_program
from measureharmony.validation.decisions import open_decisions
from measureharmony.validation.finding import Finding
from measureharmony.validation.impact import impact
from measureharmony.validation.program_folder import is_program_folder, read_program_folder
from tests.unit.validation.contracts import EVERY_DECISION, write_contract


def of_contract(home: Path, overlays: dict[str, list[str]], *accepted: str) -> list[Finding]:
    read = read_program_folder(write_contract(home, overlays, accepted))
    return sorted(open_decisions(read))


# --- decisions -------------------------------------------------------------------------------------------------------

LEFT = tuple(key for key in EVERY_DECISION if key not in ("boundary", "missing_result", "reading", "age_as_of"))
HIGHEST = (
    "replace: {section: events, name: latest_assessment, with: {from: assessments, "
    "take: [{last_day: latest}, {highest: value, unit: '%', missing: first}]}}"
)
ABOVE = (
    "replace: {section: criteria, name: latest_above, with: {exists: {from: latest_assessment, "
    "where: {value: {type: quantity, at_least: 9, unit: '%'}}}}}"
)
NO_RESULT = "drop_from: {population: numerator, rate: poor_control, criterion: latest_without_result}"
AT_START = "replace: {section: criteria, name: age, with: {age: {at: period.start, from: 18, to: 75}}}"


@pytest.mark.parametrize(
    ("change", "decided"),
    [
        ("set_parameter: {name: poor_control_above, to: 8}", None),
        (HIGHEST, "reading"),
        (ABOVE, "boundary"),
        (NO_RESULT, "missing_result"),
        (AT_START, "age_as_of"),
    ],
)
def test_a_change_decides_what_it_says_and_nothing_else(tmp_path: Path, change: str, decided: str | None) -> None:
    codes = {one.issue.code for one in of_contract(tmp_path, {"gsd": [change]}, *LEFT)}
    every = {"boundary", "missing_result", "reading", "age_as_of"} - {decided}
    assert codes == {f"decision-{key.replace('_', '-')}" for key in every}


def test_measures_without_a_threshold_are_not_asked_about_it(tmp_path: Path) -> None:
    found = of_contract(tmp_path, {"bcs": [], "col": []})
    assert {one.issue.code for one in found} == {
        "decision-age-as-of", "decision-cut-off", "decision-enrolment", "decision-minimum-denominator",
        "decision-source",
    }  # fmt: skip
    assert {one.measures for one in found} == {("bcs", "col")}


def test_what_canonical_says_is_said_of_each_measure(tmp_path: Path) -> None:
    (found,) = of_contract(tmp_path, {"bcs": [], "ked": []}, *(key for key in EVERY_DECISION if key != "age_as_of"))
    assert "age on the last day of the period (bcs); age on the first day of the period (ked)" in found.issue.what


def test_the_program_may_decide_for_every_measure(tmp_path: Path) -> None:
    folder = write_contract(tmp_path, {"bcs": []}, tuple(key for key in EVERY_DECISION if key != "minimum_denominator"))
    assert len(list(open_decisions(read_program_folder(folder)))) == 1
    program = folder / "program.yaml"
    program.write_text(program.read_text("utf-8") + "minimum_denominator: 30\n", "utf-8")
    assert list(open_decisions(read_program_folder(folder))) == []


# --- contradictions --------------------------------------------------------------------------------------------------

EVERYBODY = "add_to: {population: denominator_exclusion, criterion: {age: {at: period.end, from: 18}}}"
WOMEN = "add_to: {population: denominator_exclusion, criterion: {sex: female}}"
MEN = "add_to: {population: initial_population, criterion: {sex: male}}"
YOUNG = "add_to: {population: initial_population, criterion: {age: {at: period.end, to: 60}}}"
OLD = "set_parameter: {name: age_from, to: 65}"


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        pytest.param([OLD, MEN], [8], id="one of two"),
        pytest.param([OLD, YOUNG], [4, 8], id="either of two"),
        pytest.param([EVERYBODY, OLD, WOMEN], [4, 12], id="two together"),
    ],
)
def test_the_changes_named_are_those_without_which_it_is_possible(
    tmp_path: Path, changes: list[str], lines: list[int]
) -> None:
    (found,) = findings(read_program_folder(write_contract(tmp_path, {"bcs": changes})))
    assert found.level == "error"
    assert sorted([found.issue.line, *(one.line for one in found.related)]) == lines


def test_a_contradiction_of_canonical_is_not_laid_at_a_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = contradictory._Told("contradiction-too-late", "always so", lambda variant: True)
    monkeypatch.setattr(contradictory, "_of_variant", lambda *asked: iter([told]))
    (found,) = contradictory.contradictions(read_program_folder(write_contract(tmp_path, {"bcs": [OLD]})))
    assert "canonical says so, too" in found.issue.fix


@pytest.mark.parametrize(
    ("cut_offs", "sources", "day"),
    [
        ("{claims: 2027-01-31, supplemental: 2027-02-28}", "", "2027-02-28"),
        ("{claims: 2027-01-31}", "", None),
        ("{claims: 2027-01-31}", "[claim, pharmacy_claim]", "2027-01-31"),
        ("{claims: 2027-01-31, supplemental: 2027-02-28}", "[claim]", "2027-01-31"),
        ("{supplemental: 2027-02-28}", "[ehr]", "2027-02-28"),
        ("{supplemental: 2027-02-28}", "[ehr, claim]", None),
    ],
)
def test_the_last_day_is_that_of_the_sources_that_count(
    tmp_path: Path, cut_offs: str, sources: str, day: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    restricted = [f"restrict_sources: {{population: numerator, sources: {sources}}}"] if sources else []
    folder = write_contract(tmp_path, {"bcs": restricted})
    program = folder / "program.yaml"
    program.write_text(program.read_text("utf-8") + f"cut_offs: {cut_offs}\n", "utf-8")
    asked: list[dt.date] = []
    monkeypatch.setattr(contradictory, "unreachable_by", lambda specs, variant, day, seen: asked.append(day) or ())
    assert list(contradictory.contradictions(read_program_folder(folder))) == []
    assert asked == ([] if day is None else [dt.date.fromisoformat(day)])


# --- folders ---------------------------------------------------------------------------------------------------------


def test_a_program_in_a_home_with_measures_of_its_own_is_read_over_them(tmp_path: Path) -> None:
    payers, canonical = tmp_path / "payers", tmp_path / "canonical"
    payers.mkdir()
    canonical.mkdir()
    folder = write_contract(payers, {"mine": []})
    shipped = Path(__file__).parents[3] / "measure_specs" / "canonical" / "bcs.yaml"
    (canonical / "mine.yaml").write_text(shipped.read_text("utf-8").replace("measure: bcs", "measure: mine"), "utf-8")
    assert read_program_folder(folder).issues == ()
    (canonical / "mine.yaml").write_text("measure: mine\n", "utf-8")
    with pytest.raises(SpecError, match=r"mine\.yaml"):
        read_program_folder(folder)


def test_what_is_a_programs_folder(tmp_path: Path) -> None:
    folder = write_contract(tmp_path, {"bcs": [OLD]})
    assert is_program_folder(folder)
    (folder / "program.yaml").unlink()
    assert is_program_folder(folder)
    assert not is_program_folder(tmp_path)
    shutil.copytree(folder, tmp_path / "payers" / "acme")
    assert not is_program_folder(tmp_path)


def test_a_program_to_compare_with_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no program nobody\. There are: canonical, bluestone_commercial"):
        validate_program(write_contract(tmp_path, {"bcs": []}), against="nobody")


def test_another_program_can_take_the_place_of_canonical(tmp_path: Path) -> None:
    found = validate_program(write_contract(tmp_path, {"bcs": [], "ccs": []}), against="mssp_app_plus")
    assert found.comparison is not None
    assert (found.comparison.before, found.comparison.measures) == ("mssp_app_plus", ("bcs",))
    assert {one.against.program for one in found.alignments} == {"mssp_app_plus"}


def test_without_the_solver_the_rest_is_done_and_the_lack_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)
    found = validate_program(write_contract(tmp_path, {"bcs": [OLD, MEN]}))
    assert found.not_checked == (NO_SOLVER,)
    assert (found.findings, found.alignments) == ((), ())
    assert found.comparison is not None
    assert found.comparison.of("bcs")


# --- the sample ------------------------------------------------------------------------------------------------------


def test_whom_the_payer_covers_are_compared_or_else_everybody_with_any_coverage(tmp_path: Path) -> None:
    folder = write_contract(tmp_path, {"bcs": ["require_enrolment: {window: period}"]})
    sample = demo_practice(people=120)
    read = read_program_folder(folder)
    strangers = impact(read, sample, "canonical")
    program = folder / "program.yaml"
    program.write_text(program.read_text("utf-8").replace("payer: acme", "payer: bluestone"), "utf-8")
    own = impact(read_program_folder(folder), sample, "canonical")
    of_payer = divergence(sample, read.specs, programs=["acme"], everybody=True)
    assert strangers is not None
    assert own is not None
    assert own.notes[0] == f"Moves: the people of acme in the sample of {sample.person_count} people (demo)."
    everybody, members, none_covered = (
        next(row for row in found.counts.to_dicts() if row["cause"] == "all")
        for found in (strangers.divergence, own.divergence, of_payer)
    )
    assert everybody["subjects"] == sample.person_count > members["subjects"] > 0
    assert none_covered["denominator_out"] > everybody["denominator_out"] > 0
