"""What is left of the aims that were not reached when everything that could be spared is free.

    python benchmarks/bounds.py              20,000 people, 1,500 FHIR people
    python benchmarks/bounds.py --smoke      300 people, two programs, five measures

Each step is measured by itself, and only what nobody can leave out who gives these answers with these libraries: the
rows of a night's events hashed, and few people's taken out, before anything is compared; FHIR parsed into objects, and
these made Arrow columns, before anything is known of any. How much there is to answer is counted.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
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
#: People who have changed, and what reading them is to take.
CHANGED, NIGHT = 20, "1 × a scan"
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
            rows = run(outcome_rows, data=data, **what)["counts"]
            asked[count] = {"answers": answers, **rows}
        write_ndjson(home / "fhir", fhir_people, min(fhir_people, 250))
        night = run(night_over_new_files, data=data, repeat=options.repeat)["counts"]
        fhir = run(fhir_columns, folder=home / "fhir", repeat=options.repeat)["counts"]
    finished(_report(asked, night, fhir, machine), options.results)


def night_over_new_files(clock: Clock, data: str, repeat: int) -> Counts:
    """Every row of the events hashed, and the hashes added up by person; the events of few people taken out."""
    events, scanned = f"read_parquet('{data}/event/*.parquet')", []
    for _ in range(repeat):
        scan(clock, data)
        scanned.append(clock.stages["scan"]["cpu"])
    columns = ", ".join(f'"{name}"' for name, *_ in duckdb.sql(f"DESCRIBE FROM {events}").fetchall())
    hashed = f"SELECT person_id, sum(hash({columns})) FROM {events} GROUP BY person_id"
    few = f"(SELECT DISTINCT person_id FROM {events} ORDER BY hash(person_id) LIMIT {CHANGED})"
    duckdb.execute(f"CREATE OR REPLACE TABLE changed AS FROM {few}")
    taken = f"FROM {events} SEMI JOIN changed USING (person_id)"
    return {
        "scan": min(scanned),
        "hashed": least(repeat, lambda: duckdb.sql(hashed).to_arrow_table()),
        "taken": least(repeat, lambda: duckdb.sql(taken).to_arrow_table()),
    }


def outcome_rows(_: Clock, data: str, specs: str, measures: Sequence[str]) -> Counts:
    """How many rows of outcomes there are."""
    practice = mh.read_practice(data)
    results = mh.evaluate(practice, loaded_specs(specs), year=YEAR, measures=measures)
    return {"people": practice.person_count, "rows": len(results.outcomes)}


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
    asked: Mapping[int, Counts], night: Counts, fhir: Counts, machine: Mapping[str, str | int | float]
) -> Report:
    one, scanned = asked[min(asked)], night["scan"]
    rows = []
    for count, of in asked.items():
        aim = times(AIMS[count]) if count in AIMS else ""
        rows.append([f"{_programs(count)}: different answers about a person", _of(of, one, "answers"), aim])
        rows.append([f"{_programs(count)}: rows of outcomes", _of(of, one, "rows"), aim])
    bundles = times(fhir["columns"] / fhir["parsed"], 1)
    rows.append(["FHIR bundles: parsed into objects, and these made Arrow columns", bundles, "3 × parsing"])
    both = night["hashed"] + night["taken"]
    steps = {
        "rows of events hashed, and added up by person": night["hashed"],
        f"events of {CHANGED} people taken out": night["taken"],
        "these two": both,
    }
    rows += [[f"night, all files new: {name}", times(took / scanned, 1), NIGHT] for name, took in steps.items()]
    return Report(
        NAME,
        "What cannot be spared",
        machine,
        [
            f"{one['people']:,} people. Each step by itself, the least of several times, CPU; one DuckDB scan of the "
            f"events takes {scanned:.2f} s.",
        ],
        ["", "at least", "the aim for all of it"],
        rows,
        [
            f"A night all of whose files are new takes at least {times(both / scanned, 1)} a scan, "
            "before anything has been compared."
        ],
        {"programs": {str(count): dict(of) for count, of in asked.items()}, "night": night, "fhir": fhir},
    )


def _programs(count: int) -> str:
    return f"{count} program{'s' if count > 1 else ''}"


def _of(many: Counts, one: Counts, what: str) -> str:
    return f"{many[what]:,} ({times(many[what] / one[what])})"


if __name__ == "__main__":
    main()
