"""What comes after the answers, step by step, beside the bare calls that no such step can do without.

    python benchmarks/bounds_outputs.py              20,000 people, ten typical programs
    python benchmarks/bounds_outputs.py --smoke      300 people, two programs, five measures

Answers are kept, so that each step is measured by itself. What it is held against are calls of NumPy and Arrow over
as many rows, whose arrays lie ready: nothing is decided, and nothing is put together.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from machine import machine_facts
from measuring import Clock, here, least, measured, parser
from practices import SMOKE_PEOPLE, YEAR, generated, loaded_specs, scan
from programs import SMOKE_MEASURES, canonical_measures, write_typical
from reporting import Report, finished, times

import measureharmony as mh
from measureharmony.engines import local
from measureharmony.evaluation.care_gaps import care_gap_table
from measureharmony.evaluation.outcome import part_outcomes
from measureharmony.evaluation.outcomes import Outcomes
from measureharmony.evaluation.rates import rate_table
from measureharmony.measures.measure import POPULATIONS
from measureharmony.preparing import prepare
from measureharmony.reports.outcome_files import OutcomesToWrite
from measureharmony.reports.tables import ResultTable

NAME = "bounds_outputs"
PROGRAMS = 10
#: Numbers that tell a row of outcomes, besides truth values: who, what is counted, which stratum, why, which event.
_NUMBERS = 5
#: About so many rates are counted.
_RATES = 1_000
PARTS, RATES, GAPS, FILES = "outcomes, as numbers", "rates", "care gaps", "tables of outcomes, written; gaps written"
#: What each step is held against.
BARE: Mapping[str, str] = {
    PARTS: "six truth values and five numbers taken for each row",
    RATES: "a number for each row counted",
    GAPS: "the gaps sorted by two numbers",
    FILES: "the finished tables written by Arrow",
}

Counts = Mapping[str, Any]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and report."""
    options = parser(__doc__, people=20_000).parse_args(arguments)
    run, measures, programs = (here, SMOKE_MEASURES, 2) if options.smoke else (measured, None, PROGRAMS)
    data = generated(SMOKE_PEOPLE, 0) if options.smoke else generated(options.people)
    repeat = 1 if options.smoke else options.repeat
    machine = machine_facts()
    with tempfile.TemporaryDirectory() as specs:
        write_typical(Path(specs), programs, canonical_measures(measures))
        found = run(steps, data=data, specs=specs, measures=measures or ["all"], repeat=repeat)["counts"]
    finished(_report(found, programs, machine), options.results)


def steps(clock: Clock, data: str, specs: str, measures: Sequence[str], repeat: int) -> Counts:
    """The least seconds of each step, and of the calls that it is held against."""
    scan(clock, data)
    prepared = prepare(loaded_specs(specs), YEAR, measures=measures)
    practice, variants = mh.read_practice(data), prepared.variants
    evaluated = local.each_part(practice, prepared.plan, prepared.terminology, None, lambda part: part)
    outcomes = Outcomes([part_outcomes(variants, part) for part in evaluated])
    gaps = ResultTable("care_gaps", care_gap_table(outcomes, variants, None), {})
    with tempfile.TemporaryDirectory() as folder:
        ours: Mapping[str, Callable[[], object]] = {
            PARTS: lambda: [part_outcomes(variants, part) for part in evaluated],
            RATES: lambda: rate_table(outcomes, variants),
            GAPS: lambda: care_gap_table(outcomes, variants, None),
            FILES: lambda: [OutcomesToWrite(outcomes).write(folder, ("parquet",)), gaps.write(folder)],
        }
        bare = _bare(outcomes, gaps, folder)
        seconds = {
            name: {"ours": least(repeat, step), "bare": least(repeat, bare[name])} for name, step in ours.items()
        }
    return {"scan": clock.stages["scan"]["cpu"], "rows": len(outcomes), "gaps": len(gaps), "seconds": seconds}


def _bare(outcomes: Outcomes, gaps: ResultTable, folder: str) -> Mapping[str, Callable[[], object]]:
    """The calls that each step is held against."""
    place, truth = np.arange(len(outcomes), dtype=np.int64), np.zeros(len(outcomes), dtype=bool)
    number, finished_outcomes = place.astype(np.int32), ResultTable("outcomes", outcomes.table(), {})
    key = np.arange(len(gaps))
    return {
        PARTS: lambda: [truth.take(place) for _ in POPULATIONS] + [number.take(place) for _ in range(_NUMBERS)],
        RATES: lambda: np.bincount(place % _RATES),
        GAPS: lambda: np.lexsort([key % _RATES, key]),
        FILES: lambda: [finished_outcomes.write(folder, ("parquet",)), gaps.write(folder)],
    }


def _report(counts: Counts, programs: int, machine: Mapping[str, str | int | float]) -> Report:
    seconds, scanned = counts["seconds"], counts["scan"]
    rows = [
        [step, f"{took['ours']:.2f}", times(took["ours"] / scanned, 1), BARE[step], times(took["bare"] / scanned, 1)]
        for step, took in seconds.items()
    ]
    ours, bare = (sum(took[whose] for took in seconds.values()) for whose in ("ours", "bare"))
    rows.append(["all of it", f"{ours:.2f}", times(ours / scanned, 1), "", times(bare / scanned, 1)])
    return Report(
        NAME,
        "After the answers",
        machine,
        [
            f"{counts['rows']:,} outcomes and {counts['gaps']:,} care gaps for {programs} typical programs. "
            f"The least of several times; one DuckDB scan of the events takes {scanned:.2f} s CPU."
        ],
        ["", "CPU s", "÷ scan", "held against", "÷ scan"],
        rows,
        [f"What comes after the answers takes {times(ours / bare, 1)} what its bare calls take."],
        counts,
    )


if __name__ == "__main__":
    main()
