"""What a warm call about one person consists of: calls, counted by what is called, and the least such a call takes.

    python benchmarks/calls.py             all measures for ten programs
    python benchmarks/calls.py --smoke     two programs, five measures

One person has few rows: not they take time, but every single call does. What DuckDB does is timed, and what is called
meanwhile is not counted. Operators and indices of arrays are no calls to Python, nor is most of what Arrow does, so
that the sum is too small rather than too great.
"""

from __future__ import annotations

import sys
import tempfile
import time
import timeit
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any
from unittest.mock import patch

import numpy as np
from latency import AIM_CALL, PROGRAMS, of_one_person
from machine import machine_facts
from measuring import Clock, here, measured, parser
from practices import YEAR, loaded_specs
from programs import SMOKE_MEASURES, canonical_measures, write_typical
from reporting import Report, finished

import measureharmony as mh
from measureharmony.practice import few_rows

NAME = "calls"
_FIVE = np.arange(5)
#: What is called, and the cheapest there is of its sort.
LEAST: Mapping[str, Callable[[], object]] = {
    "functions of NumPy and Arrow": lambda: _FIVE.take(_FIVE),
    "functions written in Python": lambda: None,
    "built-in functions": lambda: len(_FIVE),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Count and report."""
    options = parser(__doc__, people=1, repeat=15).parse_args(arguments)
    run, measures, programs = (here, SMOKE_MEASURES, 2) if options.smoke else (measured, None, PROGRAMS)
    machine = machine_facts()
    with tempfile.TemporaryDirectory() as specs:
        write_typical(Path(specs), programs, canonical_measures(measures))
        counts = run(one_person, specs=specs, measures=measures or ["all"], repeat=options.repeat)["counts"]
    finished(_report(counts, programs, machine), options.results)


def one_person(_: Clock, specs: str, measures: Sequence[str], repeat: int) -> Mapping[str, Any]:
    """A warm call timed, and counted; seconds are the least of ``repeat`` times."""
    loaded, tables = loaded_specs(specs), of_one_person()
    in_duckdb: list[float] = []
    counting = _Counting()

    def read(*arguments: Any) -> Any:
        with counting.paused():
            began = time.process_time()
            rows = accepted(*arguments)
            in_duckdb.append(time.process_time() - began)
        return rows

    def call() -> float:
        began = time.process_time()
        results = mh.evaluate(mh.from_tables(tables), loaded, year=YEAR, measures=measures)
        _ = results.rates, results.care_gaps  # what is told of them is made when it is asked for
        return time.process_time() - began

    accepted = few_rows.accepted
    with patch.object(few_rows, "accepted", read):
        took = min([call() for _ in range(repeat + 1)][1:])
        with counting:
            call()
    least = {name: min(timeit.repeat(one, number=10_000)) / 10_000 for name, one in LEAST.items()}
    return {"all": took, "duckdb": min(in_duckdb), "calls": dict(counting.counts), "least": least}


class _Counting:
    """Counts what is called while it is entered, by the names of :data:`LEAST`; not what is called in a pause."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._entered = False

    def __enter__(self) -> None:
        self._entered = True
        sys.setprofile(self._count)

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        self._entered = False

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing is counted inside."""
        sys.setprofile(None)
        yield
        if self._entered:
            sys.setprofile(self._count)

    def _count(self, _: FrameType, event: str, called: Any) -> None:
        arrays, python, built_in = LEAST
        if event == "call":
            self.counts[python] += 1
        elif event == "c_call":
            owner = getattr(called, "__module__", None) or type(called.__self__).__module__
            self.counts[arrays if owner.startswith(("numpy", "pyarrow")) else built_in] += 1


def _report(counts: Mapping[str, Any], programs: int, machine: Mapping[str, str | int | float]) -> Report:
    calls, least = counts["calls"], counts["least"]
    steps = {name: calls[name] * least[name] for name in LEAST}
    rows = [["rows read and checked by DuckDB", "", "", _milliseconds(counts["duckdb"])]]
    rows += [
        [name, f"{calls[name]:,}", f"{least[name] * 1e9:,.0f}", _milliseconds(took)] for name, took in steps.items()
    ]
    total = counts["duckdb"] + sum(steps.values())
    rows.append(["these", f"{sum(calls.values()):,}", "", _milliseconds(total)])
    rows.append(["all of it", "", "", _milliseconds(counts["all"])])
    return Report(
        NAME,
        "What a call about one person consists of",
        machine,
        [
            f"All measures for {programs} typical programs, and the unified rates. Calls of one warm call, which took "
            f"{_milliseconds(counts['all'])} ms at least; what each sort takes is that of its cheapest."
        ],
        ["", "calls", "at least, ns each", "CPU ms"],
        rows,
        [f"So many calls, each the cheapest of its sort, take {total / AIM_CALL:.1f} × the aim of 20 ms."],
        counts,
    )


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"


if __name__ == "__main__":
    main()
