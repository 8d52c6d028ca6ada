"""Measures functions, each call in a process of its own, so that none warms up or burdens another.

A case is a function ``case(clock, **arguments)`` of some module here. It marks what is to be measured with
``clock.stage(...)`` and gives back what it counted. ``python benchmarks/measuring.py MODULE:CASE ARGUMENTS`` runs one.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import Any

import psutil

#: What one call measured: ``counts``, and ``stages`` by name with ``wall`` and ``cpu`` seconds and ``peak_bytes``.
Run = Mapping[str, Any]
Case = Callable[..., Mapping[str, Any]]
CLOCKS = ("wall", "cpu")


class Clock:
    """Wall and processor seconds of each stage, and the most memory that the process had until its end.

    Processor seconds are those of all threads, and of the worker processes that ended within the stage.
    """

    def __init__(self) -> None:
        self.stages: dict[str, dict[str, float]] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Times what is done inside."""
        wall, cpu = time.perf_counter(), _cpu_seconds()
        yield
        seconds = {"wall": time.perf_counter() - wall, "cpu": _cpu_seconds() - cpu}
        self.stages[name] = {**seconds, "peak_bytes": peak_bytes()}


def _cpu_seconds() -> float:
    of_workers = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + of_workers.ru_utime + of_workers.ru_stime


def peak_bytes(who: int = resource.RUSAGE_SELF) -> int:
    """The most memory this process ever had; with ``RUSAGE_CHILDREN``, the largest of those it started and ended.

    Linux counts in kilobytes, macOS in bytes.
    """
    peak = resource.getrusage(who).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


@contextmanager
def peak_of_all() -> Iterator[list[int]]:
    """Looks how many bytes this process and those it started have together, while the context lasts; each look."""
    looks, done = [_bytes_of_all()], Event()

    def look() -> None:
        while not done.wait(0.1):
            looks.append(_bytes_of_all())

    looking = Thread(target=look)
    looking.start()
    try:
        yield looks
    finally:
        done.set()
        looking.join()


def _bytes_of_all() -> int:
    """What lies in memory of this process and of those it started."""
    total, own = 0, psutil.Process()
    for process in (own, *own.children(recursive=True)):
        with suppress(psutil.Error):  # it has just ended
            total += process.memory_info().rss
    return total


def measured(case: Case, **arguments: object) -> Run:
    """What ``case`` measures, in a process of its own; what it complains of goes where ours goes."""
    told = _told(arguments)
    command = [sys.executable, __file__, f"{Path(case.__code__.co_filename).stem}:{case.__name__}", told]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: Run = json.loads(answer.stdout.splitlines()[-1])
    return found


def here(case: Case, **arguments: object) -> Run:
    """What ``case`` measures in this very process: quicker, and good for nothing but seeing that it runs."""
    clock = Clock()
    return {"counts": case(clock, **json.loads(_told(arguments))), "stages": clock.stages}


def _told(arguments: Mapping[str, object]) -> str:
    return json.dumps(arguments, default=str)


def in_turn(cases: Mapping[str, Callable[[], Run]], repetitions: int) -> dict[str, list[Run]]:
    """What each case measured, repetition by repetition; they take turns, so that a busy minute hits them all."""
    runs: dict[str, list[Run]] = {name: [] for name in cases}
    for repetition in range(repetitions):
        for name, case in cases.items():
            print(f"{repetition + 1} of {repetitions}: {name}", file=sys.stderr, flush=True)
            runs[name].append(case())
    return runs


def least(repeat: int, step: Callable[[], object]) -> float:
    """The least CPU seconds that ``step`` took."""
    found = []
    for _ in range(repeat):
        began = time.process_time()
        step()
        found.append(time.process_time() - began)
    return min(found)


def seconds(runs: Sequence[Run], *stages: str) -> dict[str, float]:
    """By clock, the median over the runs of the sums over ``stages``; without any, over all stages."""
    return {
        clock: median(sum(run["stages"][stage][clock] for stage in stages or run["stages"]) for run in runs)
        for clock in CLOCKS
    }


def peak_gb(runs: Sequence[Run], stage: str) -> float:
    """The median over the runs of the most memory had until the end of ``stage``, in gigabytes."""
    return median(run["stages"][stage]["peak_bytes"] for run in runs) / 1e9


def parser(doc: str | None, people: int, repeat: int = 3) -> argparse.ArgumentParser:
    """The options that all tables have."""
    made = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--people", type=int, default=people)
    made.add_argument("--repeat", type=int, default=repeat, help="how often the cases take turns; medians count")
    made.add_argument("--results", type=Path, default=Path(__file__).resolve().parent / "results")
    made.add_argument("--smoke", action="store_true", help="few people, once: does it run at all?")
    return made


def main() -> None:
    """Run one case and print what was measured."""
    where, told = sys.argv[1:]
    module, _, name = where.partition(":")
    clock = Clock()
    counts = getattr(import_module(module), name)(clock, **json.loads(told))
    print(json.dumps({"counts": counts, "stages": clock.stages}))


if __name__ == "__main__":
    main()
