"""What a night costs in which little has changed, in terms of a run over everything: the command as it is typed.

    python benchmarks/incremental.py                  20,000 people, 100 events each, all programs and measures
    python benchmarks/incremental.py --people 300     does it run at all?

Each run is a process of its own, from its start to the last written file; user and system seconds are counted. Every
incremental run must write the very files that the full run over the same data writes, to the byte.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
from machine import machine_facts
from run import HERE, generated

from measureharmony.spec_files import spec_folder

DAY = "2026-10-31"
#: The files that both ways must write alike; the manifest says besides what was evaluated anew.
ALIKE = tuple(f"{name}.{kind}" for name in ("outcomes", "rates", "care_gaps") for kind in ("parquet", "csv"))
#: The overlay in which one parameter is changed, and how.
OVERLAY, OLD, NEW = "bluestone_commercial/gsd.yaml", "gap_days: 45", "gap_days: 60"

Line = dict[str, str | float]


def main(arguments: list[str] | None = None) -> None:
    """Measure, print the table and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--events-per-person", type=float, default=100)
    parser.add_argument("--results", type=Path, default=HERE / "results")
    options = parser.parse_args(arguments)
    data = generated(options.people, options.events_per_person)
    facts = machine_facts()
    with tempfile.TemporaryDirectory() as folder:
        lines = _measured(Path(folder), data, options.people)
    found = {"machine": facts, "people": options.people, "lines": lines}
    options.results.mkdir(exist_ok=True)
    (options.results / "incremental.json").write_text(json.dumps(found, indent=1) + "\n")
    table = _table(lines)
    (options.results / "incremental.md").write_text(table)
    print(table)


def _measured(home: Path, data: Path, people: int) -> list[Line]:
    """The runs, each over data or specs of its own; ``first`` is what all of them go on from."""
    specs = home / "specs"
    shutil.copytree(spec_folder() / "payers", specs / "payers")
    lines = [_line("full run", _run(data, specs, home / "plain"))]
    _run(data, specs, home / "first", previous=home / "first")
    for count in (0, people // 1000, people // 100, people // 10):
        changed = _with_changed(data, home / "data", count)
        _run(changed, specs, home / "full")
        seconds = _run(changed, specs, home / "next", previous=home / "first")
        _require_alike(home / "full", home / "next")
        lines.append(_line(f"{count:,} people changed", seconds, lines[0]))
    _change_one_variant(specs)
    _run(data, specs, home / "full")
    seconds = _run(data, specs, home / "next", previous=home / "first")
    _require_alike(home / "full", home / "next")
    return [*lines, _line("one variant changed", seconds, lines[0])]


def _run(data: Path, specs: Path, output: Path, previous: Path | None = None) -> tuple[float, float]:
    """Processor and wall seconds of the command, its results in ``output``."""
    command = [sys.executable, "-m", "measureharmony", "run", str(data), "--specs", str(specs), "-o", str(output)]
    command += ["--as-of", DAY, *(["--previous", str(previous)] if previous else [])]
    before = os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = os.times()
    spent = after.children_user - before.children_user + after.children_system - before.children_system
    return spent, after.elapsed - before.elapsed


def _with_changed(data: Path, folder: Path, count: int) -> Path:
    """The data with other results for ``count`` people, spread over the whole practice."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(data, folder, symlinks=True, ignore=shutil.ignore_patterns("event"))
    (folder / "event").mkdir()
    events = f"read_parquet('{data}/event/*.parquet')"
    query = f"SELECT person_id FROM {events} WHERE value IS NOT NULL GROUP BY 1 ORDER BY hash(person_id) LIMIT {count}"
    duckdb.execute(f"CREATE OR REPLACE TEMP TABLE chosen AS {query}")
    for path in sorted((data / "event").glob("*.parquet")):
        changed = "SELECT * REPLACE (CASE WHEN person_id IN (FROM chosen) THEN value + 1 ELSE value END AS value)"
        duckdb.execute(f"COPY ({changed} FROM '{path}') TO '{folder / 'event' / path.name}' (FORMAT parquet)")
    return folder


def _change_one_variant(specs: Path) -> None:
    overlay = specs / "payers" / OVERLAY
    overlay.write_text(overlay.read_text(encoding="utf-8").replace(OLD, NEW), encoding="utf-8")


def _require_alike(full: Path, found: Path) -> None:
    for name in ALIKE:
        if (full / name).read_bytes() != (found / name).read_bytes():
            raise AssertionError(f"{name} is not what a full run writes")


def _line(what: str, seconds: tuple[float, float], full: Line | None = None) -> Line:
    cpu, wall = seconds
    line: Line = {"what": what, "cpu": round(cpu, 2), "wall": round(wall, 2)}
    return line | ({"of_full": round(cpu / float(full["cpu"]), 3)} if full else {})


def _table(lines: list[Line]) -> str:
    rows = [f"| {one['what']} | {one['cpu']} | {one['wall']} | {one.get('of_full', 1)} |" for one in lines]
    head = ["| | CPU s | wall s | of the full run (CPU) |", "|---|---|---|---|"]
    return "\n".join([*head, *rows, ""])


if __name__ == "__main__":
    main()
