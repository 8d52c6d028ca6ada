"""Time per event and peak memory as practices grow: 10,000, 100,000 and 1,000,000 people of 100 events.

    python benchmarks/scaling.py                             all three sizes; about an hour
    python benchmarks/scaling.py --sizes 10000 100000
    python benchmarks/scaling.py --memory 2GB
    python benchmarks/scaling.py --smoke                     300 people, two programs, five measures

Each size is run in memory, as far as it fits (``--in-memory-up-to``), and cut into parts on disk within ``--memory``.
Peak memory of a run in parts is that of all its processes together, looked at ten times a second; what they share
counts for each of them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from machine import machine_facts
from measuring import Clock, Run, here, in_turn, measured, parser, peak_bytes, peak_of_all, seconds
from practices import SMOKE_PEOPLE, YEAR, generated, loaded_specs, scan
from programs import SMOKE_MEASURES, canonical_measures, write_typical
from reporting import Report, finished, times

import measureharmony as mh
from measureharmony.out_of_core import evaluate_to

NAME = "scaling"
SIZES = (10_000, 100_000, 1_000_000)
PROGRAMS = 10


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and report."""
    options = _options(arguments)
    run, measures = (here, SMOKE_MEASURES) if options.smoke else (measured, None)
    machine = machine_facts()
    with tempfile.TemporaryDirectory() as specs:
        write_typical(Path(specs), options.programs, canonical_measures(measures))
        asked = {"specs": specs, "measures": measures or ["all"]}
        cases = {}
        for size in options.sizes:
            data = generated(size, 0) if options.smoke else generated(size)
            cases[f"{size} scan"] = partial(run, scan, data=data)
            if size <= options.in_memory_up_to:
                cases[f"{size} in memory"] = partial(run, in_memory, data=data, **asked)
            cases[f"{size} in parts"] = partial(run, in_parts, data=data, memory=options.memory, **asked)
        runs = in_turn(cases, options.repeat)
    finished(_report(runs, options, machine), options.results)


def _options(arguments: Sequence[str] | None) -> Any:
    made = parser(__doc__, people=0, repeat=1)
    made.add_argument("--sizes", nargs="+", type=int, default=SIZES)
    made.add_argument("--memory", default="4GB")
    made.add_argument("--in-memory-up-to", type=int, default=100_000)
    made.add_argument("--programs", type=int, default=PROGRAMS)
    options = made.parse_args(arguments)
    if options.smoke:
        options.sizes, options.programs, options.repeat = (SMOKE_PEOPLE,), 2, 1
    return options


def in_memory(clock: Clock, data: str, specs: str, measures: Sequence[str]) -> Mapping[str, int]:
    """The whole way in memory: reading, evaluating, writing the results."""
    loaded = loaded_specs(specs)
    with clock.stage("whole"), tempfile.TemporaryDirectory() as folder:
        practice = mh.read_practice(data)
        mh.evaluate(practice, loaded, year=YEAR, measures=measures).write(folder)
    return {"people": practice.person_count, "events": practice.event_count, "peak_bytes": peak_bytes()}


def in_parts(clock: Clock, data: str, specs: str, measures: Sequence[str], memory: str) -> Mapping[str, int]:
    """The whole way cut into parts on disk."""
    loaded = loaded_specs(specs)
    with clock.stage("whole"), tempfile.TemporaryDirectory() as folder, peak_of_all() as peak:
        practice = mh.read_practice(data, memory)
        evaluate_to(folder, practice, loaded, year=YEAR, measures=measures, memory=memory)
    return {"people": practice.person_count, "events": practice.event_count, "peak_bytes": max(peak)}


def _report(runs: Mapping[str, Sequence[Run]], options: Any, machine: Mapping[str, str | int | float]) -> Report:
    rows: list[list[str]] = []
    per_event: dict[str, dict[int, float]] = {"in memory": {}, "in parts": {}}
    for name, those in runs.items():
        size, _, way = name.partition(" ")
        if way == "scan":
            continue
        counts, took = those[0]["counts"], seconds(those)
        per_event[way][int(size)] = took["cpu"] / counts["events"]
        rows.append(
            [
                f"{counts['people']:,} people, {way}",
                f"{counts['events']:,}",
                f"{took['wall']:,.0f}",
                f"{took['cpu']:,.0f}",
                f"{took['cpu'] / counts['events'] * 1e6:.1f}",
                f"{took['cpu'] / seconds(runs[f'{size} scan'])['cpu']:.0f}",
                f"{counts['peak_bytes'] / 1e9:.2f}",
            ]
        )
    return Report(
        NAME,
        "As practices grow",
        machine,
        [
            f"The whole run: reading Parquet, evaluating all measures for {options.programs} typical programs and the "
            f"unified rates, writing outcomes, rates and gaps. In parts: within --memory {options.memory}.",
        ],
        ["", "events", "wall s", "CPU s", "CPU s a million events", "CPU ÷ scan", "peak GB"],
        rows,
        [finding for way, those in per_event.items() for finding in _findings(way, those)],
        {name: [{**run["counts"], **run["stages"]} for run in those] for name, those in runs.items()},
    )


def _findings(way: str, per_event: Mapping[int, float]) -> list[str]:
    sizes = sorted(per_event)
    aims = {(100_000, 1_000_000): " (the aim: 1.15 ×)"}
    return [
        f"{way}: an event of {more:,} people takes {times(per_event[more] / per_event[fewer])} what one of {fewer:,} "
        f"people takes{aims.get((fewer, more), '')}."
        for fewer, more in pairwise(sizes)
    ]


if __name__ == "__main__":
    main()
