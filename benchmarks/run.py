"""Shared evaluation: what ten programs cost beside one, and beside one plain scan of the same data.

``make bench`` runs it over 200,000 made-up people with about 20 million events in Parquet. Every case runs in a
process of its own, the cases take turns, and what is reported are medians and their ratios: on a busy machine seconds
mean little.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from programs import MEASURES, ONE, PROGRAMS, write_programs  # noqa: E402 - beside this file, not a package

Report = dict[str, Any]


def main() -> None:
    """Run one case (in a process of its own) or all of them."""
    options = _options()
    if options.case:
        json.dump(CASES[options.case](options), sys.stdout)
        return
    data = options.data or HERE / "data" / f"{options.people}x{options.events_per_person}"
    options.data = _prepared(data, options)
    report = _run_all(options)
    _write(report, options.results)
    sys.stdout.write(_as_markdown(report))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--events-per-person", type=int, default=100)
    parser.add_argument("--data", type=Path, help="a practice in Parquet; made if it is not there")
    parser.add_argument("--repeat", type=int, default=3, help="how often the cases take turns")
    parser.add_argument("--results", type=Path, default=HERE / "results")
    parser.add_argument(
        "--case", choices=["scan", "one", "ten"], help="run this case only, here, and print what it took"
    )
    return parser.parse_args()


def _prepared(data: Path, options: argparse.Namespace) -> Path:
    from measureharmony.practice.demo import write_demo

    if not (data / "event").is_dir():
        sys.stderr.write(f"making up {options.people:,} people in {data} …\n")
        write_demo(data, options.people, seed=1, events_per_person=options.events_per_person, format="parquet")
    return data


# --- the cases -------------------------------------------------------------------------------------------------------


def _scan(options: argparse.Namespace) -> Report:
    """One DuckDB scan of the events: every column summed (texts by their length, days by their number)."""
    import duckdb

    source = f"read_parquet('{options.data}/event/*.parquet')"
    columns = duckdb.sql(f"DESCRIBE SELECT * FROM {source}").fetchall()
    sums = ", ".join(f"sum({_as_number(name, kind)})" for name, kind, *_ in columns)
    took = _timed(lambda: duckdb.sql(f"SELECT count(*), {sums} FROM {source}").fetchall())
    events = duckdb.sql(f"SELECT count(*) FROM {source}").fetchall()[0][0]
    return {"stages": {"scan": took}, "events": events, **_cost()}


def _as_number(name: str, kind: str) -> str:
    if kind == "DATE":
        return f"date_diff('day', DATE '1970-01-01', \"{name}\")"
    return f'length("{name}")' if kind == "VARCHAR" else f'CAST("{name}" AS DOUBLE)'


def _one(options: argparse.Namespace) -> Report:
    """All measures as one program means them, and the unified rates."""
    return _evaluated(options, [ONE])


def _ten(options: argparse.Namespace) -> Report:
    """All measures as ten programs mean them, and the unified rates."""
    return _evaluated(options, list(PROGRAMS))


def _evaluated(options: argparse.Namespace, programs: list[str]) -> Report:
    import measureharmony as mh

    with tempfile.TemporaryDirectory() as folder:
        write_programs(Path(folder), len(PROGRAMS))
        specs = mh.load_specs(folder)
    stages: dict[str, float] = {}
    found: dict[str, Any] = {}

    def stage(name: str, work: Callable[[], object]) -> None:
        stages[name] = _timed(lambda: found.update({name: work()}))

    stage("read and validate", lambda: mh.read_practice(options.data))
    practice = found["read and validate"]
    stage("evaluate", lambda: mh.evaluate(practice, specs, programs=programs, measures=MEASURES))
    results = found["evaluate"]
    stage("rates and care gaps", lambda: (len(results.rates), len(results.care_gaps)))
    return {
        "stages": stages,
        "people": practice.person_count,
        "variants": len(results.variants),
        "outcomes": len(results.outcomes),
        "rates": len(results.rates),
        **_cost(),
    }


CASES: dict[str, Callable[[argparse.Namespace], Report]] = {"scan": _scan, "one": _one, "ten": _ten}


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _cost() -> Report:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"cpu": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss / 1024}


# --- all of them, and the report -----------------------------------------------------------------------------------


def _run_all(options: argparse.Namespace) -> Report:
    runs: dict[str, list[Report]] = {case: [] for case in CASES}
    for turn in range(options.repeat):
        for case in CASES:
            sys.stderr.write(f"turn {turn + 1} of {options.repeat}: {case}\n")
            runs[case].append(_in_its_own_process(case, options))
    cases = {case: _median_of(found) for case, found in runs.items()}
    scan = cases["scan"]["wall"]
    for case in cases.values():
        case["times_a_scan"] = case["wall"] / scan
    return {
        "machine": _machine(),
        "people": cases["one"]["people"],
        "events": cases["scan"]["events"],
        "repeat": options.repeat,
        "cases": cases,
        "ten_times_one": {
            "whole run": cases["ten"]["wall"] / cases["one"]["wall"],
            "evaluate": cases["ten"]["stages"]["evaluate"] / cases["one"]["stages"]["evaluate"],
            "cpu": cases["ten"]["cpu"] / cases["one"]["cpu"],
        },
    }


def _in_its_own_process(case: str, options: argparse.Namespace) -> Report:
    command = [sys.executable, __file__, "--case", case, "--data", str(options.data)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    report: Report = json.loads(done.stdout)
    return report


def _median_of(runs: list[Report]) -> Report:
    stages = {name: statistics.median(run["stages"][name] for run in runs) for name in runs[0]["stages"]}
    whole = statistics.median(sum(run["stages"].values()) for run in runs)
    measured = {name: statistics.median(run[name] for run in runs) for name in ("cpu", "peak_mb")}
    return {**runs[0], **measured, "stages": stages, "wall": whole}


def _machine() -> dict[str, str]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": str(os.cpu_count()),
        "memory": f"{memory:.0f} GB",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: version(name) for name in ("measureharmony", "duckdb", "numpy", "pyarrow")},
    }


def _write(report: Report, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "shared_evaluation.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    (folder / "shared_evaluation.md").write_text(_as_markdown(report), encoding="utf-8")


def _as_markdown(report: Report) -> str:
    names = {"scan": "one scan of the events", "one": "5 measures × 1 program", "ten": "5 measures × 10 programs"}
    lines = [
        "# Shared evaluation",
        "",
        f"{report['people']:,} people, {report['events']:,} events in Parquet; median of {report['repeat']} turns. "
        "Unified rates are evaluated in every case.",
        "",
        "| case | variants | seconds | × scan | CPU seconds | peak MB |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for key, case in report["cases"].items():
        variants = case.get("variants", "")
        lines.append(
            f"| {names[key]} | {variants} | {case['wall']:.1f} | {case['times_a_scan']:.1f} | {case['cpu']:.1f} | "
            f"{case['peak_mb']:,.0f} |"
        )
    lines += ["", "| ten programs ÷ one program | |", "|---|---:|"]
    lines += [f"| {name} | {ratio:.2f} |" for name, ratio in report["ten_times_one"].items()]
    lines += ["", "| seconds by stage | one | ten |", "|---|---:|---:|"]
    one, ten = (report["cases"][case]["stages"] for case in ("one", "ten"))
    lines += [f"| {name} | {one[name]:.1f} | {ten[name]:.1f} |" for name in one]
    lines += ["", ", ".join(f"{name} {value}" for name, value in report["machine"].items()), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
