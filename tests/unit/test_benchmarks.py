"""The benchmark runs in one command and reports what it should; how long it takes is not tested."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def test_the_benchmark_reports_every_case(repository: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(repository / "benchmarks" / "run.py"), "--people", "120", "--events-per-person", "30"]
    where = ["--data", str(tmp_path / "data"), "--results", str(tmp_path / "results"), "--repeat", "1"]
    done = subprocess.run([*command, *where], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "results" / "shared_evaluation.json").read_text())
    assert report["people"] == 120
    assert set(report["cases"]) == {"scan", "one", "ten"}
    # Ten programs of five measures, some with two rates, beside the five unified ones.
    assert report["cases"]["ten"]["variants"] > 5 * report["cases"]["one"]["variants"] > 0
    assert {case["peak_mb"] > 0 for case in report["cases"].values()} == {True}
    assert "ten programs ÷ one program" in done.stdout
    assert (tmp_path / "results" / "shared_evaluation.md").read_text() == done.stdout
