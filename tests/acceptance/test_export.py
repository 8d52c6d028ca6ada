"""``measureharmony export`` from the command line: what a user gets, and what a user is told."""

from __future__ import annotations

import json
from pathlib import Path

from tests.acceptance.conftest import Command
from tests.unit.fhir_output.validation import check
from tests.unit.qrda.structure import found, parsed, problems


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_measure_reports_and_gaps_of_a_small_practice_are_fhir(
    command: Command, small_csv: Path, tmp_path: Path
) -> None:
    options = ("--program", "bluestone_commercial", "--measure", "bcs", "--as-of", "2026-10-31", "--output", tmp_path)
    done = command("export", small_csv, *options)
    assert done.exit_code == 0, done.output
    done = command("export", small_csv, *options, "--format", "gaps-in-care", "--reporter", "Hill & Sons")
    assert done.exit_code == 0, done.output
    assert "gaps-in-care_bluestone_commercial.ndjson" in done.stdout.replace("\n", "")
    files = {path.name: path for path in tmp_path.iterdir()}
    assert len(files) == 4
    summary = json.loads(files["measure-reports_bluestone_commercial_summary.json"].read_text("utf-8"))
    check(summary)
    documents = lines(files["gaps-in-care_bluestone_commercial.ndjson"])
    assert documents
    for document in documents[:2]:
        check(document)
    assert "Hill & Sons" in json.dumps(documents[0])


def test_a_wrong_table_of_identifiers_is_told_by_line(command: Command, small_csv: Path, tmp_path: Path) -> None:
    table = tmp_path / "ids.csv"
    table.write_text(
        "measure,edition,rate,item,id\n"
        "cbq,2026,,fhir_canonical,https://example.org/M|1\n"
        "cbp,2026,,version_specific,165\n"
        "cbp,2026,controlled,nominator,2f3c7b66-5d0e-4a55-8f4e-9d6b7b6c2b11\n"
        "cbp,2026,controlled\n",
        encoding="utf-8",
    )
    done = command("export", small_csv, "--measure-ids", table, "--output", tmp_path)
    assert done.exit_code == 2
    told = done.output
    for code in ("ids-unknown-measure", "ids-not-a-uuid", "ids-unknown-item", "ids-row"):
        assert code in told
    assert "ids.csv:2" in told


def test_a_file_in_place_of_the_folder_is_told_before_the_work(
    command: Command, small_csv: Path, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    done = command("export", small_csv, "--output", tmp_path / "taken")
    assert done.exit_code == 2
    assert "is a file" in done.output


def test_qrda_is_written_for_the_unified_version(command: Command, small_csv: Path, tmp_path: Path) -> None:
    options = ("--format", "qrda3", "--measure", "bcs", "--as-of", "2026-10-31", "--output", tmp_path)
    done = command("export", small_csv, *options)
    assert done.exit_code == 0, done.output
    document = parsed((tmp_path / "qrda3_canonical_2026-01-01.xml").read_bytes())
    assert list(problems(document)) == []
    assert len(found(document, "//c:organizer")) == 1


def test_a_supplemental_file_needs_a_profile_and_one_program(
    command: Command, small_csv: Path, tmp_path: Path, repository: Path
) -> None:
    profile = ("--profile", repository / "docs" / "examples" / "supplemental" / "bluestone.yaml")
    options = ("--format", "supplemental", "--as-of", "2026-10-31", "--measure", "bcs", "--output", tmp_path)
    bluestone = ("--program", "bluestone_commercial")
    done = command("export", small_csv, *options, *profile, *bluestone)
    assert done.exit_code == 0, done.output
    head, *rows = (tmp_path / "bluestone_supplemental_2026-10-31.csv").read_text("utf-8").splitlines()
    assert head.startswith("MEMBER_ID|DOB")
    assert sorted(row.split("|")[0] for row in rows) == ["later", "screened"]
    for wrong, told in (
        (bluestone, "--profile FILE"),
        (profile, "--program KEY"),
        ((*profile, "--program", "nobody"), "no program nobody"),
    ):
        done = command("export", small_csv, *options, *wrong)
        assert done.exit_code == 2
        assert told in done.output


def test_a_payers_view_gives_gaps_their_reasons_and_says_what_to_send(
    command: Command, small_csv: Path, tmp_path: Path, repository: Path
) -> None:
    profile = ("--profile", repository / "docs" / "examples" / "supplemental" / "bluestone.yaml")
    options = ("--program", "bluestone_commercial", "--measure", "bcs", "--as-of", "2026-10-31", "--output", tmp_path)
    view = ("--payer-view", "2026-10-31")
    done = command("export", small_csv, *options, *view, "--format", "gaps-in-care")
    assert done.exit_code == 0, done.output
    told = (tmp_path / "gaps-in-care_bluestone_commercial.ndjson").read_text("utf-8")
    assert '"code":"Missing"' in told
    assert '"text":"needs care' in told
    done = command("export", small_csv, *options, *view, *profile, "--format", "supplemental")
    assert done.exit_code == 0, done.output
    _, *rows = (tmp_path / "bluestone_supplemental_2026-10-31.csv").read_text("utf-8").splitlines()
    assert [row.split("|")[0] for row in rows] == ["later"]  # the other one went with a file in April
