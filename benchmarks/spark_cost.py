"""What a run on Spark costs, by what is done: CPU seconds for 1,000 people, and bytes that go through the shuffle.

``python benchmarks/spark_cost.py benchmarks/data/20000x100`` (a folder of Parquet that ``run.py`` made). Needs the
extra ``spark``. One executor of one core in this machine's own Spark, so that CPU time is what matters, not waiting.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
from pyspark.sql import SparkSession

import measureharmony as mh
from measureharmony import spark
from measureharmony.engines.spark import running, tasks

#: What a task spends its time on, by the function that does it.
PHASES = {
    "receive rows": "gathered",
    "read and check": "from_part",
    "account": "account_of",
    "put into order": "assemble",
    "kernels": "evaluated",
}


@dataclass(frozen=True)
class Timed:
    """A task that leaves a file of CPU seconds by phase."""

    task: tasks.Task[Any]
    folder: Path

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """What the task itself gives."""
        spent: Counter[str] = Counter()
        for phase, name in PHASES.items():
            setattr(tasks, name, timed(getattr(tasks, name), spent, phase))
        finish = timed(self.task.finish, spent, "outcomes, gaps, counts, files")
        begun = time.process_time()
        found = list(replace(self.task, finish=finish)(batches))
        spent["task"] = time.process_time() - begun
        spent["peak MB"] = psutil.Process().memory_info().rss // 2**20
        (self.folder / f"{time.time_ns()}.json").write_text(json.dumps(spent))
        yield from found


def timed(function: Callable[..., Any], spent: Counter[str], phase: str) -> Callable[..., Any]:
    """``function``, adding its CPU time to ``spent``."""
    function = getattr(function, "timed", function)

    def call(*arguments: Any) -> Any:
        begun = time.process_time()
        try:
            return function(*arguments)
        finally:
            spent[phase] += time.process_time() - begun  # type: ignore[assignment]

    call.timed = function  # type: ignore[attr-defined]
    return call


def main(data: Path, people_at_once: int) -> None:
    """Run over some people to be warm, then over all, of which the costs are printed."""
    work = Path(tempfile.mkdtemp())
    (work / "events").mkdir()
    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.driver.memory", "3g").config("spark.ui.enabled", "false")
        .config("spark.eventLog.enabled", "true").config("spark.eventLog.dir", f"file:{work}/events")
        .config("spark.eventLog.compress", "false").config("spark.eventLog.rolling.enabled", "false")
        .config("spark.executorEnv.PYTHONPATH", os.pathsep.join(sys.path))
        .config("spark.pyspark.python", sys.executable).config("spark.sql.shuffle.partitions", "8")
        .getOrCreate()
    )  # fmt: skip
    session.sparkContext.setLogLevel("ERROR")
    plain = running.Task
    for turn in ("cold", "warm"):
        phases = work / turn
        phases.mkdir()
        running.Task = lambda *a, folder=phases: Timed(plain(*a), folder)  # type: ignore[assignment,misc]
        specs, begun, driver = mh.load_specs(), time.time(), time.process_time()
        found = spark.evaluate_to(work / "out", session, data, specs, people_at_once=people_at_once)
        print(f"{turn}: wall {time.time() - begun:.0f} s, driver's Python {time.process_time() - driver:.1f} s CPU")
    people = found.practice.person_count
    session.stop()
    told = Counter[str]()
    for file in (work / "warm").iterdir():
        told.update(json.loads(file.read_text()))
    peak = max(json.loads(file.read_text())["peak MB"] for file in (work / "warm").iterdir())
    print(f"{people} people; peak of a Python worker {peak} MB; CPU seconds for 1,000 people:")
    for phase, seconds in told.items():
        print(f"  {phase:<34} {1000 * seconds / people:7.3f}") if phase != "peak MB" else None
    report_stages(next((work / "events").iterdir()), people)
    print(f"outcomes {size(work / 'out' / 'outcomes') / people:,.0f} bytes a person on disk")
    shutil.rmtree(work)


def report_stages(log: Path, people: int) -> None:
    """Spark's own account of each stage of the second run: JVM CPU, shuffle bytes."""
    stages: dict[int, Counter[str]] = {}
    names: dict[int, str] = {}
    for line in log.read_text().splitlines():
        event = json.loads(line)
        if event["Event"] == "SparkListenerStageCompleted":
            names[event["Stage Info"]["Stage ID"]] = event["Stage Info"]["Stage Name"][:60]
        if event["Event"] == "SparkListenerTaskEnd" and (metrics := event.get("Task Metrics")):
            spent = stages.setdefault(event["Stage ID"], Counter())
            spent["cpu"] += metrics["Executor CPU Time"]
            spent["shuffled"] += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
            spent["rows"] += metrics["Shuffle Write Metrics"]["Shuffle Records Written"]
    for stage in sorted(stages)[len(stages) // 2 :]:
        spent = stages[stage]
        print(
            f"  stage {stage:>3} JVM {spent['cpu'] / 1e6 / people:7.3f} s/1,000  "
            f"shuffled {spent['shuffled'] / people:8.0f} bytes/person  {names.get(stage, '')}"
        )


def size(folder: Path) -> int:
    """Bytes in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    import spark_cost  # under its own name: Spark's workers look functions up by module

    spark_cost.main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10_000)
