"""The whole run, stage by stage, beside the bare calls that no such stage can do without.

    python benchmarks/bounds_run.py              100,000 people; 50,000 FHIR people; ten typical programs
    python benchmarks/bounds_run.py --smoke      300 people, 40 FHIR people, two programs, five measures

What a stage is held against are calls of DuckDB, NumPy and Arrow over as many rows, whose arrays lie ready: nothing is
checked, looked up, decided or put together. Each stage is measured by itself, with what it needs kept.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from bounds_answers import kernels_beside_primitives
from fhir_files import write_ndjson
from fhir_people import repeated
from machine import machine_facts
from measuring import Clock, here, least, measured, parser, seconds
from practices import SMOKE_PEOPLE, YEAR, generated, loaded_specs, scan
from programs import SMOKE_MEASURES, canonical_measures, write_typical
from reporting import Report, finished, times
from scaling import in_memory

import measureharmony as mh
from measureharmony.engines import local
from measureharmony.engines.loading import load
from measureharmony.engines.matching import event_columns, word_columns
from measureharmony.evaluation.care_gaps import care_gap_table
from measureharmony.evaluation.outcome import part_outcomes
from measureharmony.evaluation.outcomes import Outcomes
from measureharmony.evaluation.rates import rate_table
from measureharmony.evaluation.terminology import Coding, code_index, groups_of
from measureharmony.measures.measure import POPULATIONS
from measureharmony.practice.fhir import read_fhir_resources
from measureharmony.preparing import Prepared, prepare
from measureharmony.reports.outcome_files import OutcomesToWrite
from measureharmony.reports.tables import ResultTable

NAME = "bounds_run"
PROGRAMS = 10
#: FHIR people that are read, and how often they are repeated.
FHIR_PEOPLE, OFTEN = 2_500, 20
#: What the whole run is to take, in scans; and what evaluating FHIR people is to take: 20,000 a second on two cores.
SCANS, FHIR_MS = 20, 100
#: Numbers that tell a row of outcomes, besides truth values: who, what is counted, which stratum, why, which event.
_NUMBERS = 5
#: About so many rates are counted.
_RATES = 1_000
SPECS, READING, LOADING, ANSWERS = "specs, versions, plan", "reading and checking", "matching, ordering", "answers"
PARTS, RATES, GAPS, FILES = "outcomes, as numbers", "rates", "care gaps", "tables of outcomes, and files"
#: What each stage is held against.
BARE: Mapping[str, str] = {
    SPECS: "nothing",
    READING: "one scan of the events; hashes of their identifiers sorted",
    LOADING: "needed columns of events with a wanted code handed over, words as numbers; put into another order",
    ANSWERS: "the primitive of each kernel, as below",
    PARTS: "six truth values and five numbers taken for each row",
    RATES: "a number for each row counted",
    GAPS: "the gaps sorted by two numbers",
    FILES: "the finished tables written by Arrow",
}
#: The stages that evaluating consists of, after reading.
EVALUATING = (LOADING, ANSWERS, PARTS, RATES, GAPS)

Counts = Mapping[str, Any]
#: CPU seconds of a stage as it is (``ours``), and of its bare calls (``bare``).
Stages = Mapping[str, Mapping[str, float]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and report."""
    options = parser(__doc__, people=100_000, repeat=2).parse_args(arguments)
    run, measures, programs, fhir = measured, None, PROGRAMS, (FHIR_PEOPLE, OFTEN)
    if options.smoke:
        run, measures, programs, fhir, options.repeat = here, SMOKE_MEASURES, 2, (20, 2), 1
    data = generated(SMOKE_PEOPLE, 0) if options.smoke else generated(options.people)
    machine = machine_facts()
    with tempfile.TemporaryDirectory() as home:
        specs, fhir_data = Path(home) / "specs", Path(home) / "fhir"
        write_typical(specs, programs, canonical_measures(measures))
        run(write_fhir_practice, folder=fhir_data, people=fhir[0], often=fhir[1])
        asked = {"specs": specs, "measures": measures or ["all"]}
        stages = {folder: _stages(run, options.repeat, data=folder, **asked) for folder in (data, fhir_data)}
        scanned = min(seconds([run(scan, data=data)])["cpu"] for _ in range(options.repeat))
        whole = run(in_memory, data=data, **asked)
    counts = {"scan": scanned, "whole": seconds([whole], "whole")["cpu"], "events": whole["counts"]["events"]}
    found = {**counts, "practice": stages[data], "fhir": stages[fhir_data], "fhir_people": fhir[0] * fhir[1]}
    finished(_report(found, whole["counts"]["people"], programs, machine), options.results)


def _stages(run: Callable[..., Any], repeat: int, **asked: object) -> Stages:
    """All stages over one practice."""
    before = run(before_answers, repeat=repeat, **asked)["counts"]
    answers = run(kernels_beside_primitives, **asked)["counts"]
    after = run(after_answers, repeat=repeat, **asked)["counts"]
    return {**before, ANSWERS: {"ours": answers["everything"], "bare": sum(answers["least"].values())}, **after}


def write_fhir_practice(_: Clock, folder: str, people: int, often: int) -> Counts:
    """FHIR people as a practice of Parquet files."""
    with tempfile.TemporaryDirectory() as home:
        write_ndjson(Path(home) / "ndjson", people, min(people, 250))
        tables = read_fhir_resources(Path(home) / "ndjson").tables
    for name, table in tables.items():
        (Path(folder) / name).mkdir(parents=True)
        rows = repeated(table.drop_columns(["_file", "_row"]), often)
        pq.write_table(rows, Path(folder) / name / "all.parquet")
    return {"people": people * often}


# --- before the answers ----------------------------------------------------------------------------------------------


def before_answers(_: Clock, data: str, specs: str, measures: Sequence[str], repeat: int) -> Stages:
    """Specs, reading and loading."""
    prepared = _prepared(specs, measures)
    practice = mh.read_practice(data)
    steps: Mapping[str, tuple[Callable[[], object], Callable[[], object]]] = {
        SPECS: (lambda: _prepared(specs, measures), lambda: None),
        READING: (lambda: mh.read_practice(data), lambda: _scanned(data)),
        LOADING: (
            lambda: load(practice, prepared.plan, prepared.terminology, None),
            partial(_handed_over, data, _needed_columns(data, prepared), _wanted(data, prepared)),
        ),
    }
    return {name: {"ours": least(repeat, ours), "bare": least(repeat, bare)} for name, (ours, bare) in steps.items()}


def _prepared(specs: str, measures: Sequence[str]) -> Prepared:
    """Versions and plan, made anew from the files."""
    prepared = prepare(mh.load_specs(specs), YEAR, measures=measures)
    assert prepared.plan.nodes
    return prepared


def _events(data: str) -> str:
    return f"read_parquet('{data}/event/*.parquet')"


def _scanned(data: str) -> None:
    """Every cell of the events looked at once, and which identifiers there are."""
    scan(Clock(), data)
    np.sort(duckdb.sql(f"SELECT hash(event_id) AS hash FROM {_events(data)}").to_arrow_table()["hash"].to_numpy())


def _needed_columns(data: str, prepared: Prepared) -> str:
    """SQL: the columns of events that the plan needs; words, and times that are text, as numbers."""
    lying = {name: of for name, of, *_ in duckdb.sql(f"DESCRIBE FROM {_events(data)}").fetchall()}
    needed = prepared.plan.columns()
    words, times = word_columns(needed), needed.times
    as_number = {name: f"CAST(hash(e.{name}) % 256 AS UTINYINT) AS {name}" for name in words}
    as_number |= {name: f"hash(e.{name}) AS {name}" for name in ("person_id", *times) if lying[name] == "VARCHAR"}
    every = (*event_columns(needed), "person_id", *times)
    return ", ".join(as_number.get(name, f"e.{name}") for name in dict.fromkeys(every) if name in lying)


def _wanted(data: str, prepared: Prepared) -> pa.Table:
    """The codings of events that some measure looks for."""
    index = code_index(prepared.terminology, groups_of(prepared.plan.matches()))
    codings = duckdb.sql(f"SELECT DISTINCT code_system, code FROM {_events(data)} WHERE code IS NOT NULL").fetchall()
    wanted = [coding for coding in codings if index.groups_of(Coding("code", *coding))]
    return pa.table({"system": [system for system, _ in wanted], "code": [code for _, code in wanted]})


def _handed_over(data: str, columns: str, wanted: pa.Table) -> None:
    """The needed columns of events with a wanted code; a number a row sorted, and the columns taken in that order."""
    # DuckDB finds the table by the name of the argument.
    rows = duckdb.sql(
        f"SELECT {columns} FROM {_events(data)} e "
        "JOIN wanted w ON e.code = w.code AND e.code_system IS NOT DISTINCT FROM w.system"
    ).to_arrow_table()
    place = np.arange(len(rows))
    np.sort(place)
    for column in rows.columns:
        if not pa.types.is_string(column.type):
            column.to_numpy().take(place)


# --- after the answers -----------------------------------------------------------------------------------------------


def after_answers(_: Clock, data: str, specs: str, measures: Sequence[str], repeat: int) -> Stages:
    """Outcomes, rates, gaps and files; the answers are kept."""
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
        return {name: {"ours": least(repeat, step), "bare": least(repeat, bare[name])} for name, step in ours.items()}


def _bare(outcomes: Outcomes, gaps: ResultTable, folder: str) -> Mapping[str, Callable[[], object]]:
    """The calls that each stage is held against."""
    place, truth = np.arange(len(outcomes), dtype=np.int64), np.zeros(len(outcomes), dtype=bool)
    number, finished_outcomes = place.astype(np.int32), ResultTable("outcomes", outcomes.table(), {})
    key = np.arange(len(gaps))
    return {
        PARTS: lambda: [truth.take(place) for _ in POPULATIONS] + [number.take(place) for _ in range(_NUMBERS)],
        RATES: lambda: np.bincount(place % _RATES),
        GAPS: lambda: np.lexsort([key % _RATES, key]),
        FILES: lambda: [finished_outcomes.write(folder, ("parquet",)), gaps.write(folder)],
    }


# --- the report ------------------------------------------------------------------------------------------------------


def _report(counts: Counts, people: int, programs: int, machine: Mapping[str, str | int | float]) -> Report:
    scans, per_fhir = 1 / counts["scan"], 1e6 / counts["fhir_people"]
    practice, fhir = counts["practice"], counts["fhir"]
    rows = [
        [stage, *_pair(practice, [stage], scans), *_pair(fhir, [stage], per_fhir, EVALUATING), BARE[stage]]
        for stage in BARE
    ]
    rows.append(["all of them", *_pair(practice, BARE, scans), *_pair(fhir, EVALUATING, per_fhir, EVALUATING), ""])
    rows.append(["the aim", f"{SCANS}", "", f"{FHIR_MS}", "", "20 scans; 20,000 people a second, on two cores"])
    ours, bare = (_sum(practice, BARE, whose) * scans for whose in ("ours", "bare"))
    fhir_ours, fhir_bare = (_sum(fhir, EVALUATING, whose) * per_fhir for whose in ("ours", "bare"))
    return Report(
        NAME,
        "The whole run, and its bare calls",
        machine,
        [
            f"{people:,} people with {counts['events']:,} events, as scans of these ({counts['scan']:.2f} s CPU); and "
            f"{counts['fhir_people']:,} FHIR people of 44 resources, as CPU ms for 1,000 of them; all measures for "
            f"{programs} typical programs. Each stage by itself; the least of several times.",
        ],
        ["", "whole run", "its bare calls", "FHIR people", "their bare calls", "held against"],
        rows,
        [
            f"The whole run: bare calls {bare:.1f} of {SCANS} scans; the stages {ours:.1f}, {times(ours / bare, 1)} "
            f"theirs; in one go {counts['whole'] * scans:.1f}.",
            f"FHIR people: bare calls {fhir_bare:.0f} of {FHIR_MS} ms; the stages {fhir_ours:.0f}, "
            f"{times(fhir_ours / fhir_bare, 1)} theirs.",
        ],
        counts,
    )


def _sum(stages: Stages, some: Iterable[str], whose: str) -> float:
    return sum(stages[name][whose] for name in some)


def _pair(stages: Stages, some: Iterable[str], unit: float, told: Iterable[str] = BARE.keys()) -> list[str]:
    """What some stages take, and their bare calls; nothing where they are not among those ``told``."""
    if not {*some} <= {*told}:
        return ["", ""]
    return [f"{_sum(stages, some, whose) * unit:.1f}" for whose in ("ours", "bare")]


if __name__ == "__main__":
    main()
