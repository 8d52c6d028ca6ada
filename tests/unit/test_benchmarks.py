"""The benchmark runs, and its report says what it should. Nothing here depends on how fast anything is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

CLOCKS = {"wall", "cpu"}


def test_the_benchmark_runs_and_reports_every_figure(repository: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(repository / "benchmarks" / "run.py"), "--smoke", "--results", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    found = json.loads((tmp_path / "shared_evaluation.json").read_text())
    assert found["data"]["people"] == 300
    assert found["data"]["events"] > 300
    assert {"cores", "memory_gb", "python", "duckdb", "numpy"} <= found["machine"].keys()
    assert len(found["lines"]) == 7
    for line in found["lines"]:
        assert {"what", "wall", "cpu", "peak_gb", "to_scan"} <= line.keys()
        assert line["wall"] > 0
    assert found["many_to_one"].keys() == {"evaluating", "reading and evaluating"}
    assert all(ratios.keys() == CLOCKS for ratios in found["many_to_one"].values())
    # Ten programs have versions and people of their own: otherwise ten would cost too little.
    one, ten = found["counts"]["one"], found["counts"]["many"]
    assert found["programs"] == 10
    assert ten["variants"] > 4 * one["variants"]
    assert ten["outcomes"] > 1.5 * one["outcomes"]

    table = (tmp_path / "shared_evaluation.md").read_text()
    assert "| one DuckDB scan of the events |" in table
    assert str(repository) not in table


def test_the_documented_table_is_the_committed_one(repository: Path) -> None:
    committed = (repository / "benchmarks" / "results" / "shared_evaluation.md").read_text()
    assert committed in (repository / "docs" / "benchmarks.md").read_text()
