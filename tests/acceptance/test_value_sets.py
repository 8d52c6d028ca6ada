"""What people see of value sets: which there are, which rates wait for which, and when a rate is final."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

import pytest

from measureharmony.harmonize import check_value_sets, demo_practice, evaluate
from measureharmony.measures.value_set_needs import ValueSetNeeds
from measureharmony.practice import Practice
from measureharmony.specs import Specs, load_specs
from measureharmony.value_sets import ValueSet
from tests.acceptance.conftest import Command

MEASURE = "ccs"


@pytest.fixture(scope="module")
def practice() -> Practice:
    return demo_practice(people=150)


@pytest.fixture(scope="module")
def licensed(specs: Specs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory in the licensed layout that gives the measure every set that it uses; its codes are the open ones."""
    folder = tmp_path_factory.mktemp("licensed")
    with (folder / "directory.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Value Set Name", "Value Set OID", "Value Set Version", "Code", "Definition", "Code System"])
        for row in check_value_sets(specs, measures=[MEASURE]).to_dicts():
            value_set = specs.value_sets[str(row["value_set"])]
            codes = sorted(value_set.codes) or [("http://snomed.info/sct", "123037004")]
            writer.writerows([value_set.title, value_set.oid, "2026-03-31", code, "", uri] for uri, code in codes)
    return folder


def without(folder: Path, target: Path, specs: Specs, name: str) -> Path:
    """A copy of the directory without one value set."""
    lines = (folder / "directory.csv").read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if f",{specs.value_sets[name].oid}," not in line]
    assert len(kept) < len(lines)
    (target / "directory.csv").write_text("".join(kept), encoding="utf-8")
    return target


def test_with_every_set_loaded_a_rate_is_final_once_its_period_is_over(practice: Practice, licensed: Path) -> None:
    full = load_specs(None, licensed)
    closed = evaluate(practice, full, measures=[MEASURE])
    assert {(row["final"], row["not_final_because"]) for row in closed.rates.to_dicts()} == {(True, "")}
    assert {row["not_final_because"] for row in closed.care_gaps.to_dicts()} <= {""}
    running = evaluate(practice, full, measures=[MEASURE], as_of=dt.date(2026, 6, 30))
    assert "the period ends on 2026-12-31" in {row["not_final_because"] for row in running.rates.to_dicts()}


def test_without_one_indispensable_set_it_is_not(
    practice: Practice, specs: Specs, licensed: Path, tmp_path: Path
) -> None:
    loaded = load_specs(None, without(licensed, tmp_path, specs, "pap_test"))
    results = evaluate(practice, loaded, measures=[MEASURE])
    (canonical, *_) = results.rates.to_dicts()
    assert not canonical["final"]
    assert canonical["not_final_because"] == "open codes only: 1 value set"
    used = results.manifest["value_sets"]
    assert isinstance(used, list)
    states = {entry["name"]: (entry["state"], entry["version"]) for entry in used}
    assert states["pap_test"] == ("partial", "")
    assert states["hpv_test"] == ("complete", "2026-03-31")


def test_sets_that_are_not_indispensable_never_change_who_counts(practice: Practice, specs: Specs) -> None:
    """The definition, tried: with all of them emptied, the deciding populations stay as they were."""
    before = evaluate(practice, specs, programs=["canonical"], measures=[MEASURE])
    (variant, *_) = before.variants
    needs, measure = ValueSetNeeds(), variant.measure
    (rate,) = measure.rates
    idle = needs.read(measure, measure.populations) - set(needs.indispensable(needs.parts(measure, rate)))
    assert idle
    emptied = specs.value_sets.overlaid(ValueSet(name, "", name, frozenset()) for name in idle)
    after = evaluate(
        practice, Specs(specs.canonical, specs.programs, emptied), programs=["canonical"], measures=[MEASURE]
    )
    for column in ("initial_population", "denominator"):
        assert after.outcomes.to_arrow()[column] == before.outcomes.to_arrow()[column]


def test_check_says_what_is_needed_and_what_is_there(command: Command) -> None:
    result = command("valuesets", "check", "--measure", MEASURE)
    assert result.exit_code == 1
    assert "0 of 1 measure can be final with these value sets." in " ".join(result.stdout.split())
    assert "pap_test" in result.stdout
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    every = command("valuesets", "check")
    assert "To load first" in every.stdout
    assert all(len(line) <= 80 for line in every.stdout.splitlines())


def test_check_is_content_when_every_indispensable_set_is_complete(command: Command, licensed: Path) -> None:
    result = command("valuesets", "check", "--measure", MEASURE, "--value-sets", licensed)
    assert result.exit_code == 0, result.stdout
    assert "1 of 1 measure can be final" in result.stdout


def test_check_tells_of_loaded_sets_that_took_no_place(command: Command, tmp_path: Path) -> None:
    text = "Value Set Name,Value Set OID,Code,Code System\nPap Tests,1.2.3.4,10524-7,LOINC\n"
    (tmp_path / "directory.csv").write_text(text, encoding="utf-8")
    told = " ".join(command("valuesets", "check", "-m", MEASURE, "--value-sets", tmp_path).stdout.split())
    assert "1 loaded set has an OID that no spec knows, such as Pap Tests (1.2.3.4)." in told
    (tmp_path / "columns.yaml").write_text("names: {Pap Tests: pap_test}\n", encoding="utf-8")
    bound = command("valuesets", "check", "-m", MEASURE, "--value-sets", tmp_path).stdout
    assert "no spec knows" not in bound
    assert "directory.csv" in bound


def test_check_may_be_content_with_open_codes(command: Command) -> None:
    assert command("valuesets", "check", "-m", MEASURE, "--allow-partial").exit_code == 0
    assert command("valuesets", "check", "-m", "referral_loop", "--allow-partial").exit_code == 1


def test_check_as_json(command: Command) -> None:
    rows = json.loads(command("valuesets", "check", "--measure", MEASURE, "--json").stdout)
    pap = next(row for row in rows if row["value_set"] == "pap_test")
    assert (pap["state"], pap["source"], pap["indispensable_for"]) == ("partial", "shipped", "screened")


def test_list_finds_by_words_and_show_shows_codes(command: Command) -> None:
    listed = command("valuesets", "list", "pap")
    assert listed.exit_code == 0
    assert "pap_test" in listed.stdout
    assert command("valuesets", "list", "no such thing").exit_code == 1
    shown = command("valuesets", "show", "diabetes").stdout
    assert "ICD10CM (" in shown
    assert "E11.*" in shown
    missing = command("valuesets", "show", "diabetis")
    assert missing.exit_code == 2
    assert "There is no value set diabetis." in missing.output


def test_the_summary_says_why_no_rate_is_final(command: Command, small_csv: Path, tmp_path: Path) -> None:
    result = command("run", small_csv, "-m", "bcs", "-m", "referral_loop", "--output", tmp_path)
    told = " ".join(result.stdout.split())
    assert "rates is final: " in told
    assert "only openly usable codes" in told
    assert "* Closing the referral loop cannot be decided without codes for referral." in told
    assert "Closing the referral loop *" in told
