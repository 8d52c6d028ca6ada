"""Starting up, and one person: what somebody waits for at the point of care.

    python benchmarks/latency.py             commands 15 times each in turn; all measures for ten programs, 30 calls
    python benchmarks/latency.py --smoke     each once or twice

Where valgrind is installed, the instructions of each command are counted, too: the same every time, however busy the
machine.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import pyarrow as pa
import pyarrow.compute as pc
from machine import machine_facts
from measuring import CLOCKS, Clock, Run, here, measured, parser
from practices import YEAR, loaded_specs
from programs import SMOKE_MEASURES, canonical_measures, write_typical
from reporting import Report, finished

import measureharmony as mh
from measureharmony.practice.demo import demo_tables

NAME = "latency"
PROGRAMS = 10
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import pandas": ["-c", "import pandas"],
    "import measureharmony": ["-c", "import measureharmony"],
    "import measureharmony, and name its evaluate": ["-c", "from measureharmony import evaluate"],
    "measureharmony --help": ["-m", "measureharmony", "--help"],
}
AIMS = {"import measureharmony": 0.3, "measureharmony --help": 0.4}
AIM_CALL = 0.020

Seconds = Mapping[str, float]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and report."""
    made = parser(__doc__, people=1, repeat=15)
    made.add_argument("--calls", type=int, default=30)
    made.add_argument("--programs", type=int, default=PROGRAMS)
    options = made.parse_args(arguments)
    run, measures, commands = measured, None, COMMANDS
    if options.smoke:
        options.repeat, options.calls, options.programs = 1, 2, 2
        run, measures, commands = here, SMOKE_MEASURES, dict(list(COMMANDS.items())[:1])
    machine = machine_facts()
    started = _started(commands, options.repeat)
    counted = {} if options.smoke else {name: instructions(command) for name, command in commands.items()}
    with tempfile.TemporaryDirectory() as specs:
        write_typical(Path(specs), options.programs, canonical_measures(measures))
        asked = {"specs": specs, "measures": measures or ["all"], "calls": options.calls}
        person = run(one_person, **asked)
    finished(_report(started, counted, person, options.programs, machine), options.results)


# --- starting up -----------------------------------------------------------------------------------------------------


def _started(commands: Mapping[str, Sequence[str]], repetitions: int) -> dict[str, Seconds]:
    """What each command takes; they take turns."""
    runs: dict[str, list[Seconds]] = {name: [] for name in commands}
    for _ in range(repetitions):
        for name, arguments in commands.items():
            runs[name].append(_command(arguments))
    return {name: _medians(those) for name, those in runs.items()}


def _command(arguments: Sequence[str]) -> Seconds:
    before, began = os.times(), time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - began, os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return {"wall": wall, "cpu": used}


def instructions(arguments: Sequence[str]) -> int | None:
    """How many instructions a command takes, as valgrind counts them; none where there is no valgrind."""
    if shutil.which("valgrind") is None:
        return None
    counting = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, *arguments]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    told = subprocess.run(counting, check=True, capture_output=True, text=True, env=environment)
    found = re.search(r"Collected : (\d+)", told.stderr)
    return int(found[1]) if found else None


def _medians(those: Sequence[Seconds]) -> Seconds:
    return {clock: median(one[clock] for one in those) for clock in CLOCKS}


# --- one person ------------------------------------------------------------------------------------------------------


def one_person(clock: Clock, specs: str, measures: Sequence[str], calls: int) -> Mapping[str, object]:
    """Calls about one person whose record lies in memory: the first, and then warm ones."""
    with clock.stage("specs"):
        loaded = loaded_specs(specs)
    tables = of_one_person()
    parts: dict[str, list[Seconds]] = {"reading": [], "evaluating": [], "rates and gaps": []}
    for _ in range(calls + 1):
        with _timed(parts["reading"]):
            practice = mh.from_tables(tables)
        with _timed(parts["evaluating"]):
            results = mh.evaluate(practice, loaded, year=YEAR, measures=measures)
        with _timed(parts["rates and gaps"]):
            rates, gaps = len(results.rates), len(results.care_gaps)
    counted = {"variants": len(results.variants), "events": practice.event_count, "rates": rates, "care_gaps": gaps}
    first = {name: those[0] for name, those in parts.items()}
    return {**counted, "first": first, "warm": {name: _medians(those[1:]) for name, those in parts.items()}}


@contextmanager
def _timed(those: list[Seconds]) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    those.append({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu})


def of_one_person() -> dict[str, pa.Table]:
    """The person of a small demo practice with the most events."""
    tables = demo_tables(people=50, events_per_person=100, broken=False)
    events = tables["event"]
    counts = events["person_id"].value_counts().to_pylist()
    who = max(counts, key=lambda count: count["counts"])["values"]
    kept = {
        name: table.filter(pc.equal(table["person_id"], who))
        for name, table in tables.items()
        if "person_id" in table.column_names
    }
    codes = tables["event_code"]
    kept["event_code"] = codes.filter(pc.is_in(codes["event_id"], kept["event"]["event_id"]))
    return {**kept, "provider": tables["provider"]}


# --- the report ------------------------------------------------------------------------------------------------------


def _report(
    started: Mapping[str, Seconds],
    counted: Mapping[str, int | None],
    person: Run,
    programs: int,
    machine: Mapping[str, str | int | float],
) -> Report:
    counts, nothing = person["counts"], started["python -c pass"]
    rows = [[name, *_cells(took, nothing, counted.get(name), 0)] for name, took in started.items()]
    for when in ("first", "warm"):
        total = {clock: sum(part[clock] for part in counts[when].values()) for clock in CLOCKS}
        for name, took in [*counts[when].items(), ("all of it", total)]:
            rows.append([f"one person, {when} call: {name}", *_cells(took, nothing, None, 1)])
    warm = sum(part["cpu"] for part in counts["warm"].values())
    findings = [
        f"{name}: {started[name]['wall']:.2f} s by the wall clock, {started[name]['cpu']:.2f} s CPU (the aim: {aim} s)."
        for name, aim in AIMS.items()
        if name in started
    ]
    return Report(
        NAME,
        "Starting up, and one person",
        machine,
        [
            f"Commands: medians of several, in turn. One person with {counts['events']} events, {counts['variants']:,} "
            f"versions of measures ({programs} typical programs, and the unified ones); its tables lie in memory.",
        ],
        ["", "wall ms", "CPU ms", "CPU ÷ python -c pass", "million instructions"],
        rows,
        [*findings, f"A warm call about one person takes {warm * 1000:,.0f} ms CPU (the aim: 20 ms)."],
        {"commands": started, "instructions": counted, "person": counts, "specs": person["stages"]},
    )


def _cells(took: Seconds, nothing: Seconds, instructions: int | None, digits: int) -> list[str]:
    milliseconds = [f"{took[clock] * 1000:,.{digits}f}" for clock in CLOCKS]
    millions = "" if instructions is None else f"{instructions / 1e6:,.1f}"
    return [*milliseconds, f"{took['cpu'] / nothing['cpu']:.1f}", millions]


if __name__ == "__main__":
    main()
