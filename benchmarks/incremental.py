"""What a night costs in which little has changed, in terms of a run over everything: read, evaluate, write.

    python benchmarks/incremental.py              20,000 people, the programs that ship, the measures they list
    python benchmarks/incremental.py --smoke      300 people, five measures

Every run is a process of its own. The nights with changes go on from one first run; each must write the very files
that a full run over the same data and specs writes, to the byte. All of it once with whole files, and once in parts,
where evaluating includes the writing of what has changed.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
from machine import machine_facts
from measuring import Clock, Run, here, measured, parser
from practices import SMOKE_PEOPLE, YEAR, generated, loaded_specs, scan
from programs import SMOKE_MEASURES
from reporting import Report, finished, times

import measureharmony as mh
from measureharmony.out_of_core import evaluate_to
from measureharmony.spec_files import spec_folder

NAME = "incremental"
#: The files that both ways must write alike; the manifest says besides what was evaluated anew.
ALIKE = ("outcomes.parquet", "rates.parquet", "rates.csv", "care_gaps.parquet", "care_gaps.csv")
#: What such runs in parts write, besides the files of the parts.
ALIKE_IN_PARTS = ("parts.parquet", "rates.parquet", "rates.csv")
IN_PARTS = ", in parts"
#: The overlay that is changed, and how.
OVERLAY, OLD, NEW = "bluestone_commercial/gsd.yaml", "gap_days: 45", "gap_days: 60"
STAGES = {"read": "reading", "evaluate": "evaluating, to rates and care gaps", "write": "writing"}


@dataclass(frozen=True)
class Night:
    """Data and specs of one night."""

    data: Path
    specs: Path


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and report."""
    options = parser(__doc__, people=20_000).parse_args(arguments)
    data = generated(SMOKE_PEOPLE, 0) if options.smoke else generated(options.people)
    changed = [SMOKE_PEOPLE // 10] if options.smoke else [options.people // share for share in (1000, 100, 10)]
    machine = machine_facts()
    with tempfile.TemporaryDirectory() as folder:
        nights = _nights(Path(folder), data, changed)
        found = _measured(Path(folder), nights, smoke=options.smoke)
        found |= _measured(Path(folder) / "parts", nights, smoke=options.smoke, in_parts=True)
    scanned = (here if options.smoke else measured)(scan, data=data)
    ratio = {name: _cpu(run) / _cpu(found["full run"]) for name, run in found.items()}
    report = Report(
        NAME,
        "A night in which little has changed",
        machine,
        [f"{found['full run']['counts']['people']:,} people, {found['full run']['counts']['variants']:,} versions."],
        ["", *(f"{stage}, CPU s" for stage in STAGES.values()), "of the full run", "of a scan"],
        [
            [name, *(_told(run, stage) for stage in STAGES), times(ratio[name]), times(_cpu(run) / _cpu(scanned))]
            for name, run in found.items()
        ],
        [
            "Every night wrote the files of a full run, to the byte.",
            "A scan is DuckDB's, over all columns of the events.",
        ],
        {"ratio": ratio, "runs": found},
    )
    finished(report, options.results)


def _nights(home: Path, data: Path, changed: Sequence[int]) -> dict[str, Night]:
    """By what has changed since the first run; ``changed`` says how many people, each in a night of its own."""
    same, other = home / "specs", home / "other-specs"
    for specs in (same, other):
        shutil.copytree(spec_folder() / "payers", specs / "payers")
    overlay = other / "payers" / OVERLAY
    overlay.write_text(overlay.read_text(encoding="utf-8").replace(OLD, NEW), encoding="utf-8")
    nights = {"nothing changed": Night(data, same)}
    for count in changed:
        nights[f"{count:,} people changed"] = Night(_with_changed(data, home / f"data-{count}", count), same)
    return {**nights, "one version changed": Night(data, other)}


def _with_changed(data: Path, folder: Path, count: int) -> Path:
    """The data with other results for ``count`` people, spread over the whole practice."""
    shutil.copytree(data, folder, ignore=shutil.ignore_patterns("event"))
    (folder / "event").mkdir()
    events = f"read_parquet('{data}/event/*.parquet')"
    query = f"SELECT person_id FROM {events} WHERE value IS NOT NULL GROUP BY 1 ORDER BY hash(person_id) LIMIT {count}"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE chosen AS {query}")
        value = "CASE WHEN person_id IN (FROM chosen) THEN value + 1 ELSE value END AS value"
        for path in sorted((data / "event").glob("*.parquet")):
            target = folder / "event" / path.name
            connection.execute(f"COPY (SELECT * REPLACE ({value}) FROM '{path}') TO '{target}' (FORMAT parquet)")
    return folder


def _told(run: Run, stage: str) -> str:
    return f"{run['stages'][stage]['cpu']:.2f}" if stage in run["stages"] else ""


def _measured(home: Path, nights: Mapping[str, Night], *, smoke: bool, in_parts: bool = False) -> dict[str, Run]:
    """The full run, and every night after the same first run."""
    run = here if smoke else measured
    one, how = (night_in_parts, IN_PARTS) if in_parts else (night_run, "")
    asked = {"measures": SMOKE_MEASURES if smoke else None}
    night = nights["nothing changed"]
    found = {f"full run{how}": run(one, data=night.data, specs=night.specs, output=home / "full", **asked)}
    first = home / "first"
    run(one, data=night.data, specs=night.specs, output=first, previous=first, **asked)
    for name, night in nights.items():
        again, output = home / "again", home / "output"
        for folder in (again, output):
            shutil.rmtree(folder, ignore_errors=True)
        if in_parts:  # a night replaces files of the results that it goes on from
            shutil.copytree(first, output)
        previous = output if in_parts else first
        night_found = run(one, data=night.data, specs=night.specs, output=output, previous=previous, **asked)
        run(one, data=night.data, specs=night.specs, output=again, **asked)
        _require_alike(again, output, in_parts=in_parts)
        if night_found["counts"]["evaluated"] == night_found["counts"]["people"]:
            raise SystemExit(f"{name}{how}: everything was evaluated.")
        found[f"{name}{how}"] = night_found
    return found


def _require_alike(full: Path, found: Path, *, in_parts: bool) -> None:
    parts = [str(path.relative_to(full)) for path in full.glob("*/part-*.parquet")]
    for name in (*ALIKE_IN_PARTS, *parts) if in_parts else ALIKE:
        if (full / name).read_bytes() != (found / name).read_bytes():
            raise SystemExit(f"{name} is not what a full run writes.")


def night_run(
    clock: Clock, data: str, specs: str, output: str, previous: str | None = None, measures: Sequence[str] | None = None
) -> Mapping[str, int]:
    """Reading, evaluating down to rates and care gaps, and writing."""
    loaded = loaded_specs(specs)
    with clock.stage("read"):
        practice = mh.read_practice(data, previous=previous)
    with clock.stage("evaluate"):
        results = mh.evaluate(practice, loaded, year=YEAR, measures=measures, previous=previous)
        rates, gaps = len(results.rates), len(results.care_gaps)
    with clock.stage("write"):
        results.write(output)
    told = results.fingerprints.reevaluation.told() if results.fingerprints else {}
    people = told.get("people", {"evaluated": practice.person_count})
    counted = {"people": practice.person_count, "variants": len(results.variants), "rates": rates, "care_gaps": gaps}
    return {**counted, "evaluated": people["evaluated"]}


def night_in_parts(
    clock: Clock, data: str, specs: str, output: str, previous: str | None = None, measures: Sequence[str] | None = None
) -> Mapping[str, int]:
    """Reading, and evaluating to files in parts."""
    loaded = loaded_specs(specs)
    with clock.stage("read"):
        practice = mh.read_practice(data, "4GB", previous)
    with clock.stage("evaluate"):
        results = evaluate_to(output, practice, loaded, year=YEAR, measures=measures, previous=previous, workers=1)
    told = results.manifest.get("incremental", {})
    people = told.get("people", {"evaluated": practice.person_count}) if isinstance(told, dict) else {}
    return {"people": practice.person_count, "variants": len(results.variants), "evaluated": people["evaluated"]}


def _cpu(run: Run) -> float:
    return sum(stage["cpu"] for stage in run["stages"].values())


if __name__ == "__main__":
    main()
