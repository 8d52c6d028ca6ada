"""Yearly editions: read, checked with their lines, carried out, compared; and chosen in a run."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from measureharmony import evaluate, load_specs
from measureharmony.choosing import choose, left_out
from measureharmony.errors import Issue, UsageError
from measureharmony.harmonize import demo_practice
from measureharmony.measures.bind import bind
from measureharmony.payers import CANONICAL, Editions, read_editions, read_programs
from measureharmony.payers.change import overlaps
from measureharmony.payers.divergence import divergence
from measureharmony.payers.edition import Edition, edition_measure
from measureharmony.payers.parts import with_shared_parts
from measureharmony.reports.remarks import remarks
from measureharmony.spec_files import spec_folder
from measureharmony.specs import Specs
from measureharmony.value_sets import shipped_systems
from tests.unit.expected_text import require_text
from tests.unit.payers.canonical import VALUE_SETS, canonical

TESTS = Path(__file__).resolve().parents[2]
BAD = TESTS / "bad_specs" / "editions"
PAYERS = TESTS.parent / "src" / "measureharmony" / "payers"
CASES = sorted(path.name for path in BAD.iterdir() if path.is_dir())
OF_2025 = ("bcs", "cbp", "ccs", "chl", "col", "eed", "gsd", "ked")


@cache
def shipped() -> Editions:
    return read_editions(spec_folder() / "canonical" / "editions", canonical=canonical(), value_sets=VALUE_SETS)


@cache
def specs() -> Specs:
    return load_specs()


# --- reading --------------------------------------------------------------------------------------------------------


def issues_of(case: str) -> list[Issue]:
    found = read_editions(BAD / case, canonical=canonical(), value_sets=VALUE_SETS, systems=shipped_systems().names)
    return [issue for issue in found.issues if issue.code != "hint-no-people"]


@pytest.mark.parametrize("case", CASES)
def test_the_author_reads_what_where_and_how_to_fix_it(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD / case)
    issues = issues_of(case)
    assert case in {issue.code for issue in issues}
    assert all(issue.fix for issue in issues)
    require_text(BAD / f"{case}.expected.txt", issues)


def test_every_code_of_editions_has_its_bad_file() -> None:
    code = re.compile(r'"((?:hint-)?edition-[a-z-]+[a-z])"')
    defined = {found for path in PAYERS.rglob("*.py") for found in code.findall(path.read_text("utf-8"))}
    assert defined == {case for case in CASES if "edition-" in case}


def test_without_a_folder_there_are_the_measures_own_editions(tmp_path: Path) -> None:
    found = read_editions(tmp_path / "editions", canonical=canonical())
    assert list(found.libraries) == [2026]
    assert found.libraries[2026].measures == canonical().measures


def test_the_shipped_editions_are_right_and_each_has_worked_people() -> None:
    assert shipped().issues == ()
    assert tuple(sorted(shipped().libraries[2025].measures)) == OF_2025
    assert shipped().libraries[2025].people.keys() == set(OF_2025)
    assert shipped().years_of("bcs") == (2025, 2026)


# --- what an edition is ---------------------------------------------------------------------------------------------


def test_an_edition_without_changes_is_the_measure_but_for_its_head() -> None:
    library = canonical()
    for key, measure in library.measures.items():
        same = edition_measure(measure, Edition(edition_of=key, edition=1999), library.shared)
        head = {name: getattr(measure, name) for name in ("edition", "identifiers", "sources", "updated")}
        assert bind(same.model_copy(update=head)) == bind(measure)


@pytest.mark.parametrize("key", OF_2025)
def test_comparing_editions_finds_the_changes_and_no_others(key: str) -> None:
    changes = shipped().changes[2025, key]
    found = [difference.path for difference in shipped().between(key, 2026, 2025)]
    assert all(any(overlaps(path, change.path) for change in changes) for path in found)
    assert all(any(overlaps(path, change.path) for path in found) for change in changes)
    assert len(found) == len(changes)


def test_differences_are_told_in_sentences() -> None:
    told = [difference.sentence for difference in shipped().between("bcs", 2026, 2025)]
    assert "Parameter age_from: 52 years instead of 42 years" in told
    assert "Stratum age_42_51: no longer 42 to 51 years" in told
    assert "Criterion woman: gender is female instead of sex is female" in told


def test_what_an_edition_changes_in_shared_files_leaves_the_shared_files_alone() -> None:
    before = canonical().shared["status"].filters["encounter_performed"]
    assert shipped().libraries[2025].shared["status"].filters["encounter_performed"] != before
    assert shipped().libraries[2025].measures["bcs"].filters["status.encounter_performed"] != before
    library = canonical()
    measure = library.measures["col"]
    assert divergence(with_shared_parts(measure, library.shared), measure) == ()


# --- choosing one ---------------------------------------------------------------------------------------------------


def test_left_out_each_measure_is_as_its_own_file_says() -> None:
    assert {variant.measure.edition for variant in choose(specs())} == {2026}


def test_an_edition_brings_its_year_and_its_measures_only() -> None:
    chosen = choose(specs(), edition=2025)
    assert {(variant.program, variant.measure.edition, variant.period.end.year) for variant in chosen} == {
        (CANONICAL, 2025, 2025)
    }
    assert {variant.period.end.year for variant in choose(specs(), 2026, edition=2025)} == {2026}


def test_an_edition_nobody_has_is_an_error_that_lists_which_there_are() -> None:
    with pytest.raises(UsageError, match=r"no edition 2019 of any measure\. There are: 2025, 2026\."):
        choose(specs(), edition=2019)


def test_what_is_asked_for_by_name_must_have_the_edition() -> None:
    with pytest.raises(UsageError, match=r"measure bmi has no edition 2025\. It has: 2026\."):
        choose(specs(), measures=["bmi"], edition=2025)
    with pytest.raises(UsageError, match=r"program ma_stars is of edition 2026\."):
        choose(specs(), programs=["ma_stars"], edition=2025)


def test_what_an_edition_leaves_out_is_said() -> None:
    assert list(left_out(specs(), None)) == []
    told = list(left_out(specs(), 2025))
    assert told[0].startswith("8 of ")
    assert told[0].endswith(" measures have an edition 2025; the others are left out.")
    assert "Programs of another edition are left out:" in told[-1]
    assert "ma_stars (2026)" in told[-1]
    results = evaluate(demo_practice(50), specs(), edition=2025, measures=["bcs"])
    assert results.notes == tuple(left_out(specs(), 2025, measures=["bcs"]))
    assert set(results.notes) <= set(remarks(results, []))
    assert {row["edition"] for row in results.rates.to_dicts()} == {2025}


def test_a_program_is_checked_against_its_own_edition(tmp_path: Path) -> None:
    home = tmp_path / "payers" / "older"
    home.mkdir(parents=True)
    text = """\
program: older
title: An older contract
payer: somebody
fictional: true
edition: 2025
membership: {roster: true}
measures: [{measure: bcs, overlay: true}, {measure: bmi}]
sources: [{document: Contract}]
"""
    (home / "program.yaml").write_text(text)
    (home / "bcs.yaml").write_text("""\
overlay: bcs
edition: 2025
changes:
  - set_parameter: {name: age_from, to: 52}
    effective: 2025-01-01
    source: {document: Contract}
    reason: Test.
""")
    issues = read_programs(tmp_path / "payers", canonical(), VALUE_SETS, shipped().libraries).issues
    assert [issue.code for issue in issues] == ["change-no-effect", "program-edition"]


def test_what_was_asked_for_last_is_not_made_again() -> None:
    read = specs()
    first = choose(read, measures=["bcs"])
    assert choose(read, measures=["bcs"]) is first
    for year in range(2010, 2020):
        choose(read, year, measures=["bcs"])
    again = choose(read, measures=["bcs"])
    assert again is not first
    assert again == first
