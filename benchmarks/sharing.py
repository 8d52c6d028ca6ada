"""What 1, 3, 10 and 30 programs cost together, beside one program, each program alone, and one scan of the events.

    python benchmarks/sharing.py                        200,000 people, 20 million events, all measures
    python benchmarks/sharing.py --people 20000         a smaller practice
    python benchmarks/sharing.py --mix typical --programs 1 10
    python benchmarks/sharing.py --smoke                300 people, 1 and 2 programs, five measures, once

The programs are those of ``programs.py``, in two mixes: *typical* ones, and such that each change *every measure*.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from machine import machine_facts
from measuring import Clock, Run, here, in_turn, measured, parser, peak_gb, seconds
from practices import SMOKE_PEOPLE, YEAR, generated, loaded_specs, scan
from programs import MIXES, SMOKE_MEASURES, canonical_measures
from reporting import Report, finished, times

import measureharmony as mh
from measureharmony.choosing import choose
from measureharmony.harmonize import outcomes_of

NAME = "sharing"
PROGRAMS = (1, 3, 10, 30)
#: Programs are evaluated each alone for at most so many: what that costs grows evenly.
ALONE = 10


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and report."""
    options = _options(arguments)
    data = generated(SMOKE_PEOPLE, 0) if options.smoke else generated(options.people)
    machine = machine_facts()
    run, measures = (here, SMOKE_MEASURES) if options.smoke else (measured, None)
    cases = {"scan": partial(run, scan, data=data)}
    with tempfile.TemporaryDirectory() as folder:
        for mix in options.mix:
            for count in options.programs:
                specs = Path(folder) / mix / str(count)
                MIXES[mix](specs, count, canonical_measures(measures))
                asked = {"data": data, "specs": specs, "measures": measures or ["all"]}
                cases[f"{mix}, {count} together"] = partial(run, together, **asked)
                if 1 < count <= ALONE:
                    cases[f"{mix}, {count} alone"] = partial(run, each_alone, **asked)
        runs = in_turn(cases, options.repeat)
    finished(_report(runs, options.mix, options.programs, machine), options.results)


def _options(arguments: Sequence[str] | None) -> Any:
    made = parser(__doc__, people=200_000, repeat=1)
    made.add_argument("--mix", nargs="+", choices=MIXES, default=list(MIXES))
    made.add_argument("--programs", nargs="+", type=int, default=PROGRAMS)
    options = made.parse_args(arguments)
    if options.smoke:
        options.mix, options.programs, options.repeat = ["typical"], (1, 2), 1
    return options


def together(clock: Clock, data: str, specs: str, measures: Sequence[str]) -> Mapping[str, int]:
    """The whole way: reading, evaluating all programs and the unified rates, and writing the results."""
    loaded = loaded_specs(specs)
    with clock.stage("read"):
        practice = mh.read_practice(data)
    with clock.stage("evaluate"):
        results = mh.evaluate(practice, loaded, year=YEAR, measures=measures)
        rates, gaps = len(results.rates), len(results.care_gaps)
    with clock.stage("write"), tempfile.TemporaryDirectory() as folder:
        results.write(folder)
    counted = {"people": practice.person_count, "variants": len(results.variants)}
    return {**counted, "outcomes": len(results.outcomes), "rates": rates, "care_gaps": gaps}


def each_alone(clock: Clock, data: str, specs: str, measures: Sequence[str]) -> Mapping[str, int]:
    """The outcomes of each program without the others and without the unified rates; then of all of them together."""
    loaded = loaded_specs(specs)
    practice = mh.read_practice(data)
    chosen = [variant for variant in choose(loaded, YEAR, measures=measures) if variant.program != "canonical"]
    with clock.stage("alone"):
        rows = 0
        for program in loaded.programs.programs:
            own = [variant for variant in chosen if variant.program == program]
            rows += outcomes_of(practice, own, loaded).num_rows
    with clock.stage("together"):
        if outcomes_of(practice, chosen, loaded).num_rows != rows:
            raise SystemExit("Alone, the programs have other outcomes than together.")
    return {"outcomes": rows}


# --- the report ------------------------------------------------------------------------------------------------------


def _report(
    runs: Mapping[str, Sequence[Run]], mixes: Sequence[str], programs: Sequence[int], machine: Mapping[str, Any]
) -> Report:
    people = runs[f"{mixes[0]}, {programs[0]} together"][0]["counts"]["people"]
    events = runs["scan"][0]["counts"]["events"]
    return Report(
        NAME,
        "Programs evaluated together",
        machine,
        [
            f"{people:,} people, {events:,} events, Parquet; all measures for each program, and their unified rates.",
            f"Median of {len(runs['scan'])}; each case in a process of its own, in turn. CPU seconds; one DuckDB scan "
            f"of the events takes {seconds(runs['scan'])['cpu']:.2f}.",
        ],
        ["programs", "versions", "evaluating", "÷ one program", "whole run", "÷ scan", "peak GB", "alone ÷ together"],
        [_row(runs, mix, count, programs[0]) for mix in mixes for count in programs],
        [finding for mix in mixes for finding in _findings(runs, mix, programs)],
        {name: [{**run["counts"], **run["stages"]} for run in those] for name, those in runs.items()},
    )


def _row(runs: Mapping[str, Sequence[Run]], mix: str, count: int, first: int) -> list[str]:
    those = runs[f"{mix}, {count} together"]
    evaluating, whole = seconds(those, "evaluate")["cpu"], seconds(those)["cpu"]
    alone = runs.get(f"{mix}, {count} alone")
    return [
        f"{count}, {mix}",
        f"{those[0]['counts']['variants']:,}",
        f"{evaluating:.1f}",
        f"{evaluating / seconds(runs[f'{mix}, {first} together'], 'evaluate')['cpu']:.2f}",
        f"{whole:.1f}",
        f"{whole / seconds(runs['scan'])['cpu']:.0f}",
        f"{peak_gb(those, 'write'):.2f}",
        f"{seconds(alone, 'alone')['cpu'] / seconds(alone, 'together')['cpu']:.2f}" if alone else "",
    ]


def _findings(runs: Mapping[str, Sequence[Run]], mix: str, programs: Sequence[int]) -> list[str]:
    aims = {10: "; the aim: 1.25", 30: "; the aim: 1.6"}
    one = seconds(runs[f"{mix}, {programs[0]} together"], "evaluate")
    found = []
    for count in programs[1:]:
        many = seconds(runs[f"{mix}, {count} together"], "evaluate")
        ratios = {clock: many[clock] / one[clock] for clock in many}
        found.append(
            f"{mix}: evaluating {count} programs costs {times(ratios['cpu'])} what {programs[0]} costs in CPU time, "
            f"{times(ratios['wall'])} by the wall clock{aims.get(count, '')}."
        )
    return found


if __name__ == "__main__":
    main()
