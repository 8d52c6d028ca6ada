"""``compare`` and ``changelog`` as people meet them: readable in 80 columns, JSON for machines."""

from __future__ import annotations

import json

from tests.acceptance.conftest import Command


def test_a_comparison_is_read_in_eighty_columns(command: Command) -> None:
    result = command("compare", "canonical", "bluestone_commercial", "--measure", "bcs")
    assert result.exit_code == 0, result.output
    lines = [line.rstrip() for line in result.stdout.splitlines()]
    assert lines[0] == "bluestone_commercial compared with canonical  1 measure, 17 differences"
    assert "Every measure" in lines
    assert "bcs  Breast cancer screening" in lines
    assert "age band            Women of 50 to 74 instead of 42 to 74" in lines
    assert all(len(line) <= 80 for line in lines)


def test_the_same_says_so(command: Command) -> None:
    result = command("compare", "ma_stars", "ma_stars", "-m", "bcs")
    assert result.exit_code == 0, result.output
    assert "The same in both: bcs" in result.stdout


def test_a_comparison_for_machines(command: Command) -> None:
    result = command("compare", "canonical", "canonical@2025", "--measure", "bcs", "--json")
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert data["after"] == "canonical@2025"
    assert {"axis", "before", "after", "sentence", "citations"} <= data["differences"][0].keys()


def test_an_unknown_version_is_a_wrong_call(command: Command) -> None:
    result = command("compare", "canonical", "nobody")
    assert result.exit_code == 2
    assert "There is no program nobody." in result.stderr


def test_a_changelog_lists_open_points_first(command: Command) -> None:
    result = command("changelog", "2025-12-31", "2026-12-31")
    assert result.exit_code == 0, result.output
    assert result.stdout.index("## Open points") < result.stdout.index("## What changed")
    data = json.loads(command("changelog", "2025-12-31", "2026-12-31", "--json").stdout)
    assert {one["citations"][0]["status"] for one in data["open"]} == {"assumed"}


def test_a_date_and_a_revision_do_not_go_together(command: Command) -> None:
    result = command("changelog", "2025-12-31", "HEAD")
    assert result.exit_code == 2
    assert "are a date and a revision. Give two dates, or two revisions." in result.stderr
