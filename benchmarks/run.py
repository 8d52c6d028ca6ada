"""The benchmark: what one program costs, and what ten cost together, beside one DuckDB scan of the same events.

    make bench                                   200,000 people, 20 million events, the five measures, ten programs
    make bench ARGS="--people 20000"             a smaller practice
    make bench ARGS="--smoke"                    300 people, once: does it run at all?

Every case runs in a process of its own, the cases in turn, several times; the median counts. The data are made by the
library's own generator, always the same for the same numbers, and kept in ``benchmarks/data``. Results go to
``benchmarks/results``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from machine import machine_facts
from programs import MEASURES, PROGRAMS, write_programs
from report import printed, report, written

from measureharmony.practice.demo import write_demo

HERE = Path(__file__).resolve().parent
SEED = 1

Measured = dict[str, Any]


def main(arguments: list[str] | None = None) -> None:
    """Measure, print the table and write the results."""
    options = _options(arguments)
    data = options.data or generated(options.people, options.events_per_person)
    load_before = machine_facts()
    with tempfile.TemporaryDirectory() as folder:
        runs = _measured(Path(folder), data, options.programs, options.repeat)
    found = report(runs, options.programs, len(MEASURES), load_before)
    print(printed(found))
    for path in written(found, options.results):
        print(f"written: {path.name}")


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--events-per-person", type=float, default=100)
    parser.add_argument("--data", type=Path, help="a folder of Parquet files to use instead of generated data")
    parser.add_argument("--programs", type=int, default=len(PROGRAMS), choices=range(2, len(PROGRAMS) + 1))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--results", type=Path, default=HERE / "results")
    parser.add_argument("--smoke", action="store_true", help="300 people, once")
    options = parser.parse_args(arguments)
    if options.smoke:
        options.people, options.events_per_person, options.repeat = 300, 0, 1
    return options


def generated(people: int, events_per_person: float) -> Path:
    """The folder of generated data, made now unless it is there."""
    folder = HERE / "data" / f"{people}x{events_per_person:g}"
    if not folder.is_dir():
        print(f"generating {people:,} people …", flush=True)
        folder.parent.mkdir(exist_ok=True)
        growing = Path(tempfile.mkdtemp(dir=folder.parent))
        write_demo(growing, people=people, seed=SEED, events_per_person=events_per_person, format="parquet")
        growing.rename(folder)
    return folder


def _measured(folder: Path, data: Path, programs: int, repetitions: int) -> dict[str, list[Measured]]:
    """What each case measured, repetition by repetition; the cases take turns, so that a busy minute hits them all."""
    write_programs(folder / "one", 1)
    write_programs(folder / "many", programs)
    cases = {"scan": "one", "read": "one", "one": "one", "many": "many"}
    runs: dict[str, list[Measured]] = {name: [] for name in cases}
    for repetition in range(repetitions):
        for name, specs in cases.items():
            print(f"{repetition + 1} of {repetitions}: {name}", flush=True)
            case = name if name in ("scan", "read") else "evaluate"
            runs[name].append(measured_case(case, data, folder / specs))
    return runs


def measured_case(case: str, data: Path, specs: Path) -> Measured:
    """What a case of ``cases.py`` measures, in a process of its own."""
    command = [sys.executable, str(HERE / "cases.py"), case, str(data), str(specs)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: Measured = json.loads(answer.stdout)
    return measured


if __name__ == "__main__":
    main()
