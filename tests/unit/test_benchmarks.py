"""The benchmarks run, and report what they should. Nothing here depends on how fast anything is."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def benchmarks(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the benchmarks, whose modules can be imported."""
    monkeypatch.syspath_prepend(str(repository / "benchmarks"))
    return repository / "benchmarks"


def test_every_table_can_be_measured(benchmarks: Path, tmp_path: Path, repository: Path) -> None:
    # One test for all tables: in one process, what they have in common is read once.
    found: dict[str, Any] = {}
    for table in import_module("run").TABLES:
        import_module(table).main(["--smoke", "--results", str(tmp_path)])
        found[table] = json.loads((tmp_path / f"{table}.json").read_text())
        shown = (tmp_path / f"{table}.md").read_text()
        assert f"| {' | '.join(found[table]['head'])} |" in shown
        assert all(len(row) == len(found[table]["head"]) for row in found[table]["rows"])
        assert {"cores", "memory_gb", "python", "DuckDB", "NumPy"} <= found[table]["machine"].keys()
        assert str(repository) not in shown
        assert found[table]["findings"] or table == "scaling"  # of one size there is nothing to compare

    two = found["work"]["figures"]["typical"]["2"]
    assert two["unshared"] > 2 * two["nodes"]
    assert found["sharing"]["figures"]["typical, 2 alone"][0]["outcomes"] > 0
    assert found["fhir_people"]["figures"]["read"][0]["people"] == 20
    assert found["latency"]["figures"]["person"]["events"] > 40
    assert found["scaling"]["figures"]["300 in parts"][0]["events"] == found["sharing"]["figures"]["scan"][0]["events"]


def test_ways_that_count_differently_are_refused(benchmarks: Path) -> None:
    by_hand = import_module("by_hand")
    runs = {way: [{"counts": {"rates": {"a, bcs, screened": [10, 1, 5]}}}] for way in ("ours", "sql", "pandas")}
    by_hand.require_equal_rates(runs)
    runs["pandas"][0]["counts"]["rates"]["a, bcs, screened"] = [10, 1, 6]
    with pytest.raises(SystemExit, match="pandas finds"):
        by_hand.require_equal_rates(runs)


def test_programs_of_both_mixes_change_what_they_say(benchmarks: Path, tmp_path: Path) -> None:
    programs = import_module("programs")
    measures = dict(list(programs.canonical_measures().items())[:20])
    for mix, write in programs.MIXES.items():
        write(tmp_path / mix, 5, measures)
        overlays = len(list((tmp_path / mix).rglob("*.yaml"))) - 5
        share = overlays / (5 * len(measures))
        assert share == 1 if mix == "every measure" else 0.5 < share < 0.8


def test_the_page_shows_the_committed_tables(benchmarks: Path, repository: Path) -> None:
    assert (repository / "docs" / "benchmarks.md").read_text() == import_module("page").page()
    reporting = import_module("reporting")
    for path in sorted((benchmarks / "results").glob("*.json")):
        assert path.with_suffix(".md").read_text() == reporting.markdown(reporting.read_report(path)), path.name
