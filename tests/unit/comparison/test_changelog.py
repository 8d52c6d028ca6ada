"""The changelog of a folder of specs: between two dates, and between two revisions of its git repository."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from measureharmony import load_specs
from measureharmony.comparison.changelog import between_dates, between_revisions
from measureharmony.comparison.minutes import as_markdown
from measureharmony.errors import SpecError, UsageError
from tests.unit.payers.canonical import program_yaml

CHANGE = """\
  - set_parameter: {name: NAME, to: NUMBER}
    effective: DATE
    source: {document: Contract 2026, page: 7}
    reason: REASON
"""


def change(name: str, number: int, effective: str, *more: str, reason: str = "So it says.") -> str:
    text = CHANGE.replace("NAME", name).replace("NUMBER", str(number)).replace("DATE", effective)
    return text.replace("REASON", reason) + "".join(f"    {line}\n" for line in more)


def write(folder: Path, *changes: str) -> Path:
    home = folder / "payers" / "contract"
    home.mkdir(parents=True, exist_ok=True)
    (home / "program.yaml").write_text(program_yaml(), "utf-8")
    listed = "changes:\n" + "".join(changes) if changes else ""
    (home / "bcs.yaml").write_text(f"overlay: bcs\nedition: 2026\n{listed}", "utf-8")
    return folder


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


def commit(folder: Path, tag: str) -> None:
    git(folder, "add", ".")
    git(folder, "commit", "-m", tag)
    git(folder, "tag", tag)


# --- dates ----------------------------------------------------------------------------------------------------------


def test_changes_are_told_that_take_effect_between_the_dates(tmp_path: Path) -> None:
    specs = load_specs(
        write(
            tmp_path,
            change("age_from", 50, "2026-01-01"),
            change("age_to", 70, "2026-07-01", "status: disputed", "agree: [payer, practice]", "agreed_by: payer"),
            change("mammogram_lookback", 12, "2027-01-01"),
        )
    )
    found = between_dates(specs, date(2026, 1, 1), date(2026, 12, 31))
    assert [(one.program, one.measure, one.sentence) for one in found.changes] == [
        ("contract", "bcs", "Oldest age on the last day of the period: 70 years instead of 74")
    ]
    assert [one.citations[0].status for one in found.open] == ["disputed"]
    text = as_markdown(found)
    assert text.startswith(
        "# Changes from 2026-01-01 to 2026-12-31\n\n## Open points\n\n### Disputed\n\n- **contract, bcs**: "
    )
    assert "### A contract (`contract`)\n\n**Breast cancer screening (`bcs`)**\n" in text
    assert (
        "From 2026-07-01. Contract 2026, p. 7: So it says. Status: disputed; agreed by payer; still to agree: practice."
        in text
    )


def test_disputed_proposed_and_assumed_are_open_in_this_order(tmp_path: Path) -> None:
    statuses = ("assumed", "proposed", "disputed", "agreed")
    names = ("age_from", "age_to", "mammogram_lookback", "frailty.age_from")
    numbers = (50, 70, 12, 70)
    changes = [
        change(name, number, "2026-01-01", f"status: {status}")
        for name, number, status in zip(names, numbers, statuses, strict=True)
    ]
    found = between_dates(load_specs(write(tmp_path, *changes)), date(2025, 1, 1), date(2025, 2, 1))
    assert [one.citations[0].status for one in found.open] == ["disputed", "proposed", "assumed"]
    assert found.changes == ()
    assert "## What changed\n\nNothing.\n" in as_markdown(found)


def test_without_open_points_that_is_said(tmp_path: Path) -> None:
    found = between_dates(load_specs(write(tmp_path)), date(2025, 1, 1), date(2025, 2, 1))
    assert "None: nothing is disputed, proposed or assumed." in as_markdown(found)


def test_the_earlier_date_comes_first() -> None:
    with pytest.raises(UsageError, match=r"2026-01-01 is not after 2026-01-01\. Give the earlier date first\."):
        between_dates(load_specs(), date(2026, 1, 1), date(2026, 1, 1))


# --- revisions ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def repository_of_specs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three revisions: an age, then another age and a proposal, then the proposal agreed and a file broken."""
    home = tmp_path_factory.mktemp("repository")
    folder = home / "specs"
    git(home, "init", "-q")
    write(folder, change("age_from", 50, "2026-01-01"))
    commit(home, "one")
    proposed = change("age_to", 70, "2026-01-01", "status: proposed", "agree: [practice]", reason="Asked for.")
    write(folder, change("age_from", 45, "2026-01-01"), proposed)
    commit(home, "two")
    agreed = proposed.replace("status: proposed", "status: agreed") + "    agreed_by: [practice]\n"
    write(folder, change("age_from", 45, "2026-01-01", "status: disputed"), agreed)
    commit(home, "three")
    write(folder, change("age_form", 45, "2026-01-01"))
    commit(home, "broken")
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "notes.txt").write_text("nothing here", "utf-8")
    commit(home, "empty")
    return folder


def test_revisions_are_compared_by_what_they_mean(repository_of_specs: Path) -> None:
    found = between_revisions(repository_of_specs, "one", "two")
    assert [one.sentence for one in found.changes] == [
        "Women of 45 to 74 instead of 50 to 74",
        "Proposed: Oldest age on the last day of the period: 70 years instead of 74",
    ]
    assert [one.citations[0].status for one in found.open] == ["proposed"]
    data = json.loads(found.to_json())
    assert (data["before"], data["after"]) == ("one", "two")
    assert data["changes"][0]["citations"][0]["reason"] == "So it says."


def test_what_is_settled_or_doubted_since_is_told(repository_of_specs: Path) -> None:
    found = between_revisions(repository_of_specs, "two", "three")
    assert [one.sentence for one in found.changes] == [
        "Women of 45 to 70 instead of 45 to 74",
        "Disputed (before: not in question): Youngest age on the last day of the period: 45 years instead of 42",
        "Agreed (before: proposed): Oldest age on the last day of the period: 70 years instead of 74",
    ]


def test_programs_that_came_or_went_are_told(repository_of_specs: Path, tmp_path: Path) -> None:
    shutil.copytree(repository_of_specs.parent / ".git", tmp_path / ".git")
    git(tmp_path, "checkout", "-q", "three", "--", "specs")
    git(tmp_path, "mv", "specs/payers/contract", "specs/payers/another")
    file = tmp_path / "specs" / "payers" / "another" / "program.yaml"
    file.write_text(program_yaml().replace("program: contract", "program: another"), "utf-8")
    commit(tmp_path, "other")
    found = between_revisions(tmp_path / "specs", "three", "other")
    assert [(one.program, one.sentence) for one in found.changes if not one.measure] == [
        ("another", "A new program"),
        ("contract", "The program is no longer there"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("none", "two", r"There is no revision none\. Give a commit, tag or branch, or two dates \(2026-07-01\)\."),
        ("--all", "two", r"There is no revision --all\."),
        ("one", "empty", r"At empty, the folder .*specs holds no specs\."),
    ],
)
def test_a_revision_that_cannot_be_read(repository_of_specs: Path, before: str, after: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        between_revisions(repository_of_specs, before, after)


def test_problems_of_a_revision_are_told_with_its_name(repository_of_specs: Path) -> None:
    with pytest.raises(SpecError, match=r"broken:payers/contract/bcs\.yaml:4: change-unknown-parameter"):
        between_revisions(repository_of_specs, "one", "broken")


def test_a_folder_that_is_in_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UsageError, match="is not in a git repository, so there is no revision one of it"):
        between_revisions(write(tmp_path), "one", "two")
    with pytest.raises(UsageError, match="There is no folder"):
        between_revisions(tmp_path / "nowhere", "one", "two")


def test_a_folder_that_was_not_there_yet(repository_of_specs: Path) -> None:
    other = repository_of_specs.parent / "other"
    other.mkdir(exist_ok=True)
    with pytest.raises(UsageError, match=r"The folder .*other was not there at one\. Give a later revision\."):
        between_revisions(other, "one", "two")


def test_git_that_is_not_there(repository_of_specs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match=r"git, which is not installed\. Install it, or give two dates\."):
        between_revisions(repository_of_specs, "one", "two")
