"""What is measured, one case in a process of its own: ``python benchmarks/cases.py CASE DATA SPECS`` prints JSON.

``scan`` is the measure of all others: DuckDB sums every column of the event files once, numbers as they are, texts by
their length, dates by their days. ``read`` reads and validates the practice; ``evaluate`` does that, evaluates all
measures for the programs in ``SPECS`` down to rates and care gaps, and writes the results; ``divergence`` says of the
same programs whom which of their changes moves.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from programs import MEASURES

import measureharmony as mh

YEAR = 2026


class Clock:
    """Wall and processor seconds of each stage (with several threads, the latter can be the longer), and the most
    memory that the process had until its end.
    """

    def __init__(self) -> None:
        self.stages: dict[str, dict[str, float]] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Times what is done inside."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        seconds = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
        self.stages[name] = {**seconds, "peak_bytes": peak_bytes()}


def scan(clock: Clock, data: Path, _: Path) -> dict[str, int]:
    """One DuckDB scan of the event files."""
    files = f"read_parquet('{data}/event/*.parquet')"
    columns = duckdb.sql(f"DESCRIBE SELECT * FROM {files}").fetchall()
    sums = ", ".join(_sum(f'"{name}"', sql_type) for name, sql_type, *_ in columns)
    with clock.stage("scan"):
        (events, *_) = duckdb.sql(f"SELECT count(*), {sums} FROM {files}").fetchall()[0]
    return {"events": events}


def _sum(column: str, sql_type: str) -> str:
    """SQL that has to look at every value of a column."""
    if sql_type == "VARCHAR":
        return f"sum(length({column}))"
    if sql_type == "DATE":
        return f"sum({column} - DATE '1970-01-01')"
    if sql_type == "BOOLEAN":
        return f"count(*) FILTER (WHERE {column})"
    return f"sum({column})"


def read(clock: Clock, data: Path, _: Path) -> dict[str, int]:
    """Reading and validating the practice."""
    with clock.stage("read"):
        practice = mh.read_practice(data)
    return {"people": practice.person_count, "rejects": practice.rejects.num_rows}


def evaluate(clock: Clock, data: Path, specs: Path) -> dict[str, int]:
    """The whole way: reading, evaluating all measures for the programs of ``specs``, and writing the results."""
    loaded = mh.load_specs(specs)
    with clock.stage("read"):
        practice = mh.read_practice(data)
    with clock.stage("evaluate"):
        results = mh.evaluate(practice, loaded, year=YEAR, measures=MEASURES)
        rates, gaps = len(results.rates), len(results.care_gaps)
    with clock.stage("write"), tempfile.TemporaryDirectory() as folder:
        results.write(folder)
    return {"variants": len(results.variants), "outcomes": len(results.outcomes), "rates": rates, "care_gaps": gaps}


def divergence(clock: Clock, data: Path, specs: Path) -> dict[str, int]:
    """The plain evaluation down to rates and care gaps, then whom which change moves, for the same programs."""
    loaded = mh.load_specs(specs)
    practice = mh.read_practice(data)
    with clock.stage("evaluate"):
        results = mh.evaluate(practice, loaded, year=YEAR)
        rates, gaps = len(results.rates), len(results.care_gaps)
    with clock.stage("divergence"):
        found = mh.divergence(practice, loaded, year=YEAR)
        moved, counts = len(found.people), len(found.counts)
    return {"variants": len(results.variants), "rates": rates, "care_gaps": gaps, "moved": moved, "causes": counts}


CASES: dict[str, Callable[[Clock, Path, Path], dict[str, int]]] = {
    "scan": scan, "read": read, "evaluate": evaluate, "divergence": divergence,
}  # fmt: skip


def peak_bytes() -> int:
    """The most memory this process ever had; Linux counts in kilobytes, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def main() -> None:
    """Run one case and print what was measured."""
    case, data, specs = sys.argv[1:]
    clock = Clock()
    counts = CASES[case](clock, Path(data), Path(specs))
    print(json.dumps({"counts": counts, "stages": clock.stages}))


if __name__ == "__main__":
    main()
