"""Reading FHIR files, beside merely parsing the same files with orjson.

python benchmarks/fhir_reading.py                     5,000 people of 44 resources: NDJSON, and a bundle a person
python benchmarks/fhir_reading.py --folder EXPORT     files of your own, such as Synthea's
python benchmarks/fhir_reading.py --smoke             20 people, once
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import orjson
from fhir_files import RESOURCES, write_bundles, write_ndjson
from machine import machine_facts
from measuring import Clock, Run, here, in_turn, measured, parser, peak_gb, seconds
from reporting import Report, finished, times

from measureharmony.practice.fhir import read_fhir, read_fhir_resources

NAME = "fhir_reading"
SMOKE_PEOPLE = 20


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and report."""
    made = parser(__doc__, people=5_000)
    made.add_argument("--folder", type=Path, help="a folder of FHIR files to read instead of made-up ones")
    options = made.parse_args(arguments)
    people = SMOKE_PEOPLE if options.smoke else options.people
    run, machine = (here if options.smoke else measured), machine_facts()
    with tempfile.TemporaryDirectory() as home:
        folders = {"files": options.folder} if options.folder else _written(Path(home), people)
        cases = {
            f"{layout}, {case.__name__}": partial(run, case, folder=folder)
            for layout, folder in folders.items()
            for case in (parsing, tables, practice)
        }
        runs = in_turn(cases, 1 if options.smoke else options.repeat)
    told = "Files of the user's." if options.folder else f"{people:,} made-up people of {RESOURCES} resources each."
    finished(_report(runs, list(folders), told, machine), options.results)


def _written(home: Path, people: int) -> dict[str, Path]:
    folders = {"NDJSON": home / "ndjson", "bundles": home / "bundles"}
    write_ndjson(folders["NDJSON"], people, min(people, 250))
    write_bundles(folders["bundles"], people, min(people, 250))
    return folders


def parsing(clock: Clock, folder: str) -> Mapping[str, int]:
    """Every file parsed, and thrown away."""
    size = 0
    with clock.stage("parsing"):
        for file in sorted(Path(folder).iterdir()):
            content = file.read_bytes()
            size += len(content)
            for line in content.splitlines() if file.suffix == ".ndjson" else [content]:
                orjson.loads(line)
    return {"bytes": size}


def tables(clock: Clock, folder: str) -> Mapping[str, int]:
    """The contract's tables, before validation."""
    with clock.stage("tables"):
        found = read_fhir_resources(folder)
    return {"events": found.tables["event"].num_rows, "people": found.tables["person"].num_rows}


def practice(clock: Clock, folder: str) -> Mapping[str, int]:
    """A practice, ready to be evaluated."""
    with clock.stage("practice"):
        found = read_fhir(folder)
    return {"people": found.person_count, "events": found.event_count, "rejects": found.rejects.num_rows}


_NAMES = {
    "parsing": "parsing with orjson",
    "tables": "reading into tables",
    "practice": "reading and validating, ready to evaluate",
}


def _report(
    runs: Mapping[str, Sequence[Run]], layouts: Sequence[str], told: str, machine: Mapping[str, str | int | float]
) -> Report:
    rows: list[list[str]] = []
    findings: list[str] = []
    for layout in layouts:
        size = runs[f"{layout}, parsing"][0]["counts"]["bytes"] / 1e6
        people = runs[f"{layout}, practice"][0]["counts"]["people"]
        parsed = seconds(runs[f"{layout}, parsing"])["cpu"]
        for case, name in _NAMES.items():
            those = runs[f"{layout}, {case}"]
            took = seconds(those)["cpu"]
            numbers = [f"{took:.2f}", f"{size / took:.0f}", f"{people / took:,.0f}", f"{took / parsed:.1f}"]
            rows.append([f"{layout} ({size:,.0f} MB): {name}", *numbers, f"{peak_gb(those, case):.2f}"])
        ratio = seconds(runs[f"{layout}, tables"])["cpu"] / parsed
        findings.append(f"{layout}: reading into tables takes {times(ratio, 1)} what parsing takes (the aim: 3 ×).")
    return Report(
        NAME,
        "Reading FHIR",
        machine,
        [told, f"Median of {len(next(iter(runs.values())))}; each case in a process of its own, in turn; CPU time."],
        ["", "CPU s", "MB/s", "people/s", "÷ parsing", "peak GB"],
        rows,
        findings,
        {name: [{**run["counts"], **run["stages"]} for run in those] for name, those in runs.items()},
    )


if __name__ == "__main__":
    main()
