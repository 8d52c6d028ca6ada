"""What payers see, as whoever runs a practice asks: tables, a sentence for each program, and no view unasked."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

import measureharmony as mh
from measureharmony.harmonize import evaluate
from measureharmony.practice import Practice
from measureharmony.specs import Specs
from tests.acceptance.conftest import Command
from tests.acceptance.small_practice import read_csv

BLUESTONE = ("--program", "bluestone_commercial", "--measure", "bcs")


def test_a_run_says_why_each_gap_is_one(command: Command, small_csv: Path, tmp_path: Path) -> None:
    days = ("--as-of", "2026-12-31", "--payer-view", "2026-12-31")
    result = command("run", small_csv, *BLUESTONE, *days, "--output", tmp_path)
    assert result.exit_code == 0, result.output
    assert "Gaps as the payers would see them on 2026-12-31" in result.output
    told = "3 gaps: 2 need care, 1 with evidence to send by 2027-02-28."
    assert told in " ".join(result.output.split())
    rows = {row["person_id"]: row for row in read_csv(tmp_path / "program_gaps.csv")}
    assert {name: row["reason"] for name, row in rows.items()} == {
        "missing": "needs_care", "two-payers": "needs_care", "later": "send_evidence",
    }  # fmt: skip
    assert (rows["later"]["evidence_id"], rows["later"]["evidence_date"]) == ("later-mammogram", "2026-09-15")
    assert rows["later"]["how_to_close"] == "Send it in the standard file by 2027-02-28."
    seen = {row["view"]: row for row in read_csv(tmp_path / "rates_seen.csv")}
    assert [(seen[view]["numerator"], seen[view]["denominator"]) for view in ("known", "payer")] == [
        ("3", "5"), ("2", "5"),
    ]  # fmt: skip
    view = json.loads((tmp_path / "manifest.json").read_text())["payer_view"]
    assert (view["on"], [one["program"] for one in view["evidence"]]) == ("2026-12-31", ["bluestone_commercial"])


def test_nobody_who_does_not_ask_gets_a_view(small: Practice, specs: Specs, tmp_path: Path) -> None:
    results = evaluate(small, specs, programs=["bluestone_commercial"], measures=["bcs"])
    for table in ("program_gaps", "rates_seen"):
        with pytest.raises(mh.UsageError, match="Evaluate with payer_view"):
            getattr(results, table)
    assert not {path.name for path in results.write(tmp_path)} & {"program_gaps.csv", "rates_seen.csv"}
    assert "payer_view" not in results.manifest


def test_a_view_changes_nothing_else(small: Practice, specs: Specs) -> None:
    asked = {"programs": ["bluestone_commercial", "mssp_app_plus"], "measures": ["bcs", "fuh", "gsd"]}
    day = dt.date(2026, 9, 30)
    plain = evaluate(small, specs, as_of=day, **asked)
    viewed = evaluate(small, specs, as_of=day, payer_view=day, **asked)
    for table in ("outcomes", "rates", "care_gaps"):
        assert getattr(plain, table).arrow.equals(getattr(viewed, table).arrow), table


def test_a_view_needs_everybody_at_once(command: Command, small_csv: Path, tmp_path: Path) -> None:
    result = command("run", small_csv, "--payer-view", "2026-12-31", "--people-at-once", 3, "--output", tmp_path)
    assert result.exit_code == 2
    assert "Leave out --memory and --people-at-once" in result.output
