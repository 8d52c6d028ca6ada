"""Whom it moves that payers mean a measure differently, and why: a few women, each for one reason."""

from __future__ import annotations

from pathlib import Path

import pytest

import measureharmony as mh
from tests.acceptance import small_practice
from tests.acceptance.conftest import Command

#: Birth, payer, and the day since when it has covered her. All were seen in March 2026, and had no mammogram.
WOMEN = {
    "of-60": ("1966-03-02", "harborview", "2024-01-01"),
    "of-46": ("1980-01-01", "harborview", "2024-01-01"),
    # At the end of the year she is 50, at the end of the payer's earlier period not yet.
    "turns-50": ("1976-09-15", "harborview", "2024-01-01"),
    "insured-in-july": ("1966-03-02", "bluestone", "2026-07-01"),
    "of-46-insured-in-july": ("1980-01-01", "bluestone", "2026-07-01"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: small_practice.Tables = {"person": [], "coverage": [], "event": []}
    for woman, (birth, payer, since) in WOMEN.items():
        made["person"].append({"person_id": woman, "birth": birth, "sex": "female"})
        made["coverage"].append({"person_id": woman, "payer": payer, "product_line": "commercial", "start": since})
        visit = {"event_id": f"{woman}-visit", "person_id": woman, "kind": "encounter", "start": "2026-03-02"}
        made["event"].append({**visit, "code_system": "CPT", "code": "99213"})
    return small_practice.write_csv(tmp_path_factory.mktemp("women"), made)


def told(folder: Path, specs: mh.Specs, **options: object) -> dict[tuple[str, str], dict[str, object]]:
    found = mh.divergence(mh.read_practice(folder), specs, measures=["bcs"], **options)  # type: ignore[arg-type]
    return {(str(row["person_id"]), str(row["program"])): row for row in found.people.to_dicts()}


AGE = "Youngest age on the last day of the period: 50 years instead of 42"
PERIOD = "Measured over 2025-07-01 to 2026-06-30 instead of 2026-01-01 to 2026-12-31"


def test_each_is_told_with_the_changes_responsible_for_her(folder: Path, specs: mh.Specs) -> None:
    people = told(folder, specs)
    by_age = people["of-46", "harborview_advantage_plus"]
    assert (by_age["before"], by_age["after"], by_age["how"]) == ("denominator", "outside", "alone")
    assert by_age["responsible"] == AGE
    both = people["turns-50", "harborview_advantage_plus"]
    assert (both["after"], both["how"]) == ("outside", "together")
    assert both["responsible"] == f"{AGE}, together with: {PERIOD}"
    assert sorted(str(both["undone_by"]).split()) == sorted(str(both["causes"]).split("+"))
    enrolled = people["insured-in-july", "bluestone_commercial"]
    assert (enrolled["how"], str(enrolled["responsible"])[:8]) == ("alone", "Enrolled")
    either = people["of-46-insured-in-july", "bluestone_commercial"]
    assert either["how"] == "each alone"
    assert len(str(either["causes"]).split()) == 2
    assert str(either["undone_by"]).count("+") == 1
    assert len(people) == 4
    assert all(row["member"] for row in people.values())


def test_everybody_may_be_compared_and_members_are_told_apart(folder: Path, specs: mh.Specs) -> None:
    people = told(folder, specs, everybody=True, programs=["bluestone_commercial"])
    assert people["of-60", "bluestone_commercial"]["member"] is False
    assert people["of-46-insured-in-july", "bluestone_commercial"]["member"] is True


def test_counts_say_what_each_change_does_and_who_is_counted_at_all(folder: Path, specs: mh.Specs) -> None:
    found = mh.divergence(mh.read_practice(folder), specs, measures=["bcs"], programs=["harborview_advantage_plus"])
    rows = {row["path"]: row for row in found.counts.to_dicts()}
    assert rows["membership"]["denominator_out"] == 2
    assert (rows[""]["moved"], rows[""]["denominator_out"], rows[""]["subjects"]) == (2, 2, 3)
    age, period = rows["parameters / age_from"], rows["period"]
    assert (age["moved"], age["alone"], age["together"]) == (1, 1, 1)
    assert (period["moved"], period["alone"], period["together"]) == (0, 0, 1)
    (agreed,) = found.agreement.to_dicts()
    assert (agreed["in_either"], agreed["same"]) == (3, 1)
    (line,) = found.matrix.to_dicts()
    assert line == {"measure": "bcs", "rate": "screened", "harborview_advantage_plus": agreed["agreement"]}


def test_two_programs_can_be_compared_with_each_other(folder: Path, specs: mh.Specs) -> None:
    asked = {"against": "harborview_advantage_plus", "programs": ["bluestone_commercial"]}
    people = told(folder, specs, **asked)
    assert people["of-60", "bluestone_commercial"]["member"] is False
    assert str(people["of-60", "bluestone_commercial"]["responsible"]).startswith("Enrolled")
    assert ("of-46", "bluestone_commercial") not in people  # too young for both


def test_a_program_that_is_not_there_is_named_with_those_that_are(folder: Path, specs: mh.Specs) -> None:
    for asked in ({"against": "nobody"}, {"programs": ["nobody"]}):
        with pytest.raises(mh.UsageError, match=r"There is no program nobody\. There are: bluestone_commercial"):
            mh.divergence(mh.read_practice(folder), specs, **asked)  # type: ignore[arg-type]


def test_the_command_shows_what_moves_whom_and_writes_the_tables(
    command: Command, folder: Path, tmp_path: Path
) -> None:
    result = command("divergence", folder, "-m", "bcs", "--output", tmp_path / "tables")
    assert result.exit_code == 0, result.output
    assert "Compared with the canonical set" in result.stdout
    assert "In the same place" in result.stdout
    assert max(map(len, result.stdout.splitlines()[:-1])) <= 80
    assert all(woman not in result.output for woman in WOMEN)
    names = ("people", "counts", "agreement", "matrix")
    written = {f"divergence_{name}.{ending}" for name in names for ending in ("csv", "parquet")}
    assert {path.name for path in (tmp_path / "tables").iterdir()} == written
    people = small_practice.read_csv(tmp_path / "tables" / "divergence_people.csv")
    assert [row["person_id"] for row in people if row["how"] == "together"] == ["turns-50"]


def test_where_nothing_can_be_compared_the_command_says_so(command: Command, folder: Path) -> None:
    result = command("divergence", folder, "-p", "mssp_app_plus", "--against", "mssp_app_plus")
    assert result.exit_code == 0, result.output
    assert "There is nothing to compare" in result.stdout
