"""All measures for ten programs over FHIR people of 44 resources each: people a second, reading and evaluating.

    python benchmarks/fhir_people.py               5,000 people read; evaluated, repeated to 100,000
    python benchmarks/fhir_people.py --folder DIR  FHIR files of your own instead of made-up ones
    python benchmarks/fhir_people.py --smoke       20 people, two programs, five measures, once

For scale: the fastest open engine known to us, CQL translated to SQL, evaluates 180 such people a second and measure on
a machine of this kind, and loads 250 a second.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from fhir_files import RESOURCES, write_ndjson
from machine import machine_facts
from measuring import CLOCKS, Clock, Run, here, in_turn, measured, parser, peak_gb, seconds
from practices import YEAR, loaded_specs
from programs import SMOKE_MEASURES, canonical_measures, write_typical
from reporting import Report, finished

import measureharmony as mh
from measureharmony.practice.fhir import read_fhir, read_fhir_resources

NAME = "fhir_people"
PROGRAMS = 10
SMOKE_PEOPLE = 20
#: Columns that hold a person's or an event's id.
_IDS = ("person_id", "event_id", "encounter_id", "parent_id", "based_on_id")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and report."""
    made = parser(__doc__, people=5_000)
    made.add_argument("--folder", type=Path, help="a folder of FHIR files to read instead of made-up ones")
    made.add_argument("--times", type=int, default=20, help="how often the people are repeated to be evaluated")
    made.add_argument("--programs", type=int, default=PROGRAMS)
    options = made.parse_args(arguments)
    run, measures = measured, None
    if options.smoke:
        options.people, options.times, options.programs, options.repeat = SMOKE_PEOPLE, 2, 2, 1
        run, measures = here, SMOKE_MEASURES
    machine = machine_facts()
    with tempfile.TemporaryDirectory() as home:
        files, specs = options.folder or Path(home) / "ndjson", Path(home) / "specs"
        if not options.folder:
            write_ndjson(files, options.people, min(options.people, 250))
        write_typical(specs, options.programs, canonical_measures(measures))
        asked = {"files": files, "specs": specs, "measures": measures or ["all"], "often": options.times}
        cases = {"read": partial(run, read, files=files), "evaluate": partial(run, evaluate, **asked)}
        runs = in_turn(cases, options.repeat)
    told = "People of the user's files" if options.folder else f"Made-up people of {RESOURCES} resources"
    finished(_report(runs, told, options.programs, machine), options.results)


def read(clock: Clock, files: str) -> Mapping[str, int]:
    """Reading and validating."""
    with clock.stage("read"):
        practice = read_fhir(files)
    return {"people": practice.person_count, "events": practice.event_count}


def evaluate(clock: Clock, files: str, specs: str, measures: Sequence[str], often: int) -> Mapping[str, int]:
    """All outcomes, rates and care gaps; once, and then of rows that were put in order once, as in a service."""
    loaded = loaded_specs(specs)
    tables = read_fhir_resources(files).tables
    practice = mh.from_tables({name: repeated(table, often) for name, table in tables.items()})

    def evaluated(stage: str) -> Mapping[str, int]:
        with clock.stage(stage):
            results = mh.evaluate(practice, loaded, year=YEAR, measures=measures)
            counts = {"rates": len(results.rates), "care_gaps": len(results.care_gaps)}
        return {**counts, "variants": len(results.variants), "outcomes": len(results.outcomes)}

    evaluated("once")
    with clock.stage("arrange"):
        mh.arrange(practice)
    evaluated("arranged")
    counts = evaluated("again")
    return {"people": practice.person_count, "events": practice.event_count, **counts}


def repeated(table: pa.Table, often: int) -> pa.Table:
    """The rows so often, each time under other ids."""
    return pa.concat_tables([_renamed(table, f"+{number}") for number in range(often)])


def _renamed(table: pa.Table, ending: str) -> pa.Table:
    for place, name in enumerate(table.column_names):
        if name in _IDS:
            renamed = pc.binary_join_element_wise(table[name].cast(pa.string()), pa.scalar(ending), pa.scalar(""))
            table = table.set_column(place, name, renamed)
    return table


def _report(
    runs: Mapping[str, Sequence[Run]], told: str, programs: int, machine: Mapping[str, str | int | float]
) -> Report:
    read_counts, counts = runs["read"][0]["counts"], runs["evaluate"][0]["counts"]
    lines = {
        "reading and validating": ("read", "read", read_counts["people"]),
        "evaluating, once": ("evaluate", "once", counts["people"]),
        "putting rows in order, for many evaluations": ("evaluate", "arrange", counts["people"]),
        "evaluating, rows in order": ("evaluate", "again", counts["people"]),
    }
    rows: list[list[str]] = []
    speeds: dict[str, float] = {}
    for name, (case, stage, people) in lines.items():
        took = seconds(runs[case], stage)
        speeds[stage] = people / took["wall"]
        times = [f"{took[clock]:.2f}" for clock in CLOCKS]
        numbers = [*times, *(f"{people / took[clock]:,.0f}" for clock in CLOCKS)]
        rows.append([name, f"{people:,}", *numbers, f"{peak_gb(runs[case], stage):.2f}"])
    return Report(
        NAME,
        "FHIR people",
        machine,
        [
            f"{told}, {counts['events'] / counts['people']:.0f} events each; {programs} "
            f"typical programs and the unified rates, {counts['variants']:,} versions of measures together.",
            f"Median of {len(runs['read'])}, each case in a process of its own, in turn.",
        ],
        ["", "people", "wall s", "CPU s", "people/s", "people/CPU s", "peak GB"],
        rows,
        [
            f"Reading: {speeds['read']:,.0f} people a second (the aim: 2,000).",
            f"Evaluating, rows in order: {speeds['again']:,.0f} people a second, all versions together (the aim: "
            "20,000).",
        ],
        {name: [{**run["counts"], **run["stages"]} for run in those] for name, those in runs.items()},
    )


if __name__ == "__main__":
    main()
