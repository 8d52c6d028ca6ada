"""What is left of the aims that were not reached when everything that could be spared is free.

    python benchmarks/bounds.py              20,000 people, 1,500 FHIR people
    python benchmarks/bounds.py --smoke      300 people, two programs, five measures

Each step is measured by itself, and only what nobody can leave out who gives these answers with these libraries: the
events' columns handed over by DuckDB without a rule, a code or an order; the finished tables written; FHIR parsed into
objects, and these made Arrow columns, before anything is known of any. How much there is to answer is counted.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import orjson
from fhir_files import write_ndjson
from machine import machine_facts
from measuring import Clock, here, least, measured, parser
from practices import SMOKE_PEOPLE, YEAR, generated, loaded_specs, scan
from programs import SMOKE_MEASURES, canonical_measures, write_typical
from reporting import Report, finished, times
from work import work

import measureharmony as mh
from measureharmony.collector import collector_paused
from measureharmony.practice.fhir.shapes import ELEMENTS, as_columns

NAME = "bounds"
PROGRAMS = (1, 10, 30)
FHIR_PEOPLE = 1_500
#: By how many programs: what they should cost in terms of one.
AIMS = {10: 1.25, 30: 1.6}
#: Objects that are held at once, as by the reader.
_HELD = 10_000

Counts = Mapping[str, Any]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and report."""
    options = parser(__doc__, people=20_000).parse_args(arguments)
    run, measures, programs, fhir_people = measured, None, PROGRAMS, FHIR_PEOPLE
    few = generated(SMOKE_PEOPLE, 0)
    data = few if options.smoke else generated(options.people)
    if options.smoke:
        run, measures, programs, fhir_people, options.repeat = here, SMOKE_MEASURES, (1, 2), 20, 1
    machine = machine_facts()
    asked: dict[int, Counts] = {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for count in programs:
            write_typical(home / str(count), count, canonical_measures(measures))
            what = {"specs": home / str(count), "measures": measures or ["all"]}
            answers = run(work, data=few, unshared=False, **what)["counts"]["answers"]
            tables = run(finished_tables, data=data, repeat=options.repeat, **what)["counts"]
            asked[count] = {"answers": answers, **tables}
        write_ndjson(home / "fhir", fhir_people, min(fhir_people, 250))
        events = run(handed_over, data=data, repeat=options.repeat)["counts"]
        fhir = run(fhir_columns, folder=home / "fhir", repeat=options.repeat)["counts"]
    finished(_report(asked, events, fhir, machine), options.results)


def handed_over(clock: Clock, data: str, repeat: int) -> Counts:
    """The events' columns as Arrow, as they lie in the files; beside a scan that sums them."""
    query = f"SELECT * FROM read_parquet('{data}/event/*.parquet')"
    scanned = []
    for _ in range(repeat):
        scan(clock, data)
        scanned.append(clock.stages["scan"]["cpu"])
    columns = least(repeat, lambda: duckdb.sql(query).to_arrow_table())
    return {"scan": min(scanned), "columns": columns}


def finished_tables(_: Clock, data: str, specs: str, measures: Sequence[str], repeat: int) -> Counts:
    """The finished tables written, and a number for each cell of the outcomes put into its place."""
    practice = mh.read_practice(data)
    results = mh.evaluate(practice, loaded_specs(specs), year=YEAR, measures=measures)
    outcomes = results.outcomes.arrow
    numbers, place = np.arange(len(outcomes), dtype=np.int32), np.arange(len(outcomes))
    tables = (results.outcomes, results.rates, results.care_gaps)
    with tempfile.TemporaryDirectory() as folder:
        written = least(repeat, lambda: [table.write(Path(folder), ("parquet",)) for table in tables])
    moved = least(repeat, lambda: [numbers.take(place) for _ in outcomes.column_names])
    return {"people": practice.person_count, "rows": len(outcomes), "written": written, "moved": moved}


def fhir_columns(_: Clock, folder: str, repeat: int) -> Counts:
    """Lines parsed, each let go at once; and parsed, held by the thousands, and made a column for each element."""
    lines = {file.stem: file.read_bytes().splitlines() for file in sorted(Path(folder).iterdir())}
    return {
        "parsed": least(repeat, lambda: _parse(lines)),
        "columns": least(repeat, lambda: _parse_into_columns(lines)),
    }


def _parse(lines: Mapping[str, Sequence[bytes]]) -> None:
    for those in lines.values():
        for line in those:
            orjson.loads(line)


def _parse_into_columns(lines: Mapping[str, Sequence[bytes]]) -> None:
    with collector_paused():
        for kind in lines.keys() & ELEMENTS.keys():
            for first in range(0, len(lines[kind]), _HELD):
                held = [orjson.loads(line) for line in lines[kind][first : first + _HELD]]
                as_columns(held, kind, frozenset().union(*held))


def _report(
    asked: Mapping[int, Counts], events: Counts, fhir: Counts, machine: Mapping[str, str | int | float]
) -> Report:
    one, scanned = asked[min(asked)], events["scan"]
    together = asked[sorted(asked)[1]]
    steps = {
        "the events' columns handed over by DuckDB as they lie": events["columns"],
        "a number for each cell of the outcomes put into its place": together["moved"],
        "the finished outcomes, rates and care gaps written as Parquet": together["written"],
    }
    rows = [[f"whole run: {name}", times(seconds / scanned, 1), ""] for name, seconds in steps.items()]
    rows.append(["whole run: these three", times(sum(steps.values()) / scanned, 1), "20 × a scan"])
    for count, of in asked.items():
        aim = times(AIMS[count]) if count in AIMS else ""
        rows.append([f"{_programs(count)}: different answers about a person", _of(of, one, "answers"), aim])
        rows.append([f"{_programs(count)}: rows of outcomes", _of(of, one, "rows"), aim])
    bundles = times(fhir["columns"] / fhir["parsed"], 1)
    rows.append(["FHIR bundles: parsed into objects, and these made Arrow columns", bundles, "3 × parsing"])
    return Report(
        NAME,
        "What cannot be spared",
        machine,
        [
            f"{together['people']:,} people with {together['rows'] / together['people']:,.0f} outcomes each for "
            f"{sorted(asked)[1]} typical programs. Each step by itself, the least of several times, CPU; one DuckDB "
            f"scan of the events takes {scanned:.2f} s.",
        ],
        ["", "at least", "the aim for all of it"],
        rows,
        [
            f"Of 20 scans, {20 - sum(steps.values()) / scanned:,.1f} are left for checking, matching codes, putting "
            f"rows in order, giving {together['answers']:,} answers a person, and saying why."
        ],
        {"programs": {str(count): dict(of) for count, of in asked.items()}, "events": events, "fhir": fhir},
    )


def _programs(count: int) -> str:
    return f"{count} program{'s' if count > 1 else ''}"


def _of(many: Counts, one: Counts, what: str) -> str:
    return f"{many[what]:,} ({times(many[what] / one[what])})"


if __name__ == "__main__":
    main()
