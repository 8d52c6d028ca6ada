"""What a run on Spark costs, by what is done: CPU seconds for 1,000 people, and bytes that go through the shuffle.

    python benchmarks/spark_cost.py                     200,000 people, the programs that ship; a quarter of an hour
    python benchmarks/spark_cost.py --people 20000
    python benchmarks/spark_cost.py --smoke             300 people, five measures

Needs the extra ``spark``, and Java. One executor of one core in this machine's own Spark, after a run over fewer people
that lets Java compile what it needs: CPU time is what matters here, not waiting. CPU time of Spark's stages is what
Spark says of them, of the tasks' Python what they say; all processes together are counted by the system.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
from machine import machine_facts
from measuring import Clock, Run, measured, parser
from practices import SMOKE_PEOPLE, YEAR, generated, loaded_specs
from programs import SMOKE_MEASURES
from pyspark.sql import SparkSession
from reporting import Report, finished, times

from measureharmony import read_practice, spark
from measureharmony.engines.spark import running, tasks
from measureharmony.out_of_core import evaluate_to
from measureharmony.spec_files import spec_folder

NAME = "spark_cost"
#: What a task spends its time on, by the function that does it.
PHASES = {
    "receive rows": "gathered",
    "read and check": "from_part",
    "account": "account_of",
    "put into order": "assemble",
    "kernels": "evaluated",
}
OUTCOMES = "outcomes, care gaps, counts, files"


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
        finish = timed(self.task.finish, spent, OUTCOMES)
        begun = time.process_time()
        found = list(replace(self.task, finish=finish)(batches))
        told = {"task": time.process_time() - begun, "peak_bytes": psutil.Process().memory_info().rss, **spent}
        (self.folder / f"{time.time_ns()}.json").write_text(json.dumps(told))
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and report."""
    options = parser(__doc__, people=200_000, repeat=1).parse_args(arguments)
    data = generated(SMOKE_PEOPLE, 0) if options.smoke else generated(options.people)
    warm = None if options.smoke else generated(min(options.people, 10_000))
    asked = {"data": data, "measures": SMOKE_MEASURES if options.smoke else None}
    machine = machine_facts()
    here = measured(locally, **asked)
    there = measured(on_spark, warm=warm, **asked)
    finished(_report(here, there, machine), options.results)


def locally(clock: Clock, data: str, measures: Sequence[str] | None) -> Mapping[str, int]:
    """The same with the local engine, in parts on disk, on one core."""
    specs = loaded_specs(str(spec_folder()))
    with tempfile.TemporaryDirectory() as folder, clock.stage("whole"):
        practice = read_practice(data, "4GB")
        evaluate_to(folder, practice, specs, year=YEAR, measures=measures, workers=1)
    return {"people": practice.person_count, "events": practice.event_count}


def on_spark(clock: Clock, data: str, warm: str | None, measures: Sequence[str] | None) -> Mapping[str, Any]:
    """A run on Spark over ``data``, after one over ``warm`` if there is one."""
    specs = loaded_specs(str(spec_folder()))
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        session = _session(work)
        plain = running.Task
        for turn, practice in (("warm", warm), ("whole", data)):
            if practice is None:
                continue
            phases = work / turn
            phases.mkdir()
            running.Task = lambda *a, folder=phases: Timed(plain(*a), folder)  # type: ignore[assignment,misc]
            begun, before = time.time_ns() // 10**6, _cpu_of_all()
            with clock.stage(turn):
                found = spark.evaluate_to(work / f"{turn}-out", session, practice, specs, year=YEAR, measures=measures)
            spent = _cpu_of_all() - before
        session.stop()
        told = [json.loads(file.read_text()) for file in (work / "whole").iterdir()]
        phases = Counter[str]()
        for task in told:
            phases.update(task)
        return {
            "people": found.practice.person_count,
            "tasks": len(told),
            "peak_bytes": max(task["peak_bytes"] for task in told),
            "phases": {name: phases[name] for name in (*PHASES, OUTCOMES, "task")},
            "stages": _stages(next((work / "events").iterdir()), begun),
            "cpu_of_all": spent,
            "bytes_written": sum(file.stat().st_size for file in (work / "whole-out").rglob("*") if file.is_file()),
        }


def _session(work: Path) -> SparkSession:
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
    return session


def _cpu_of_all() -> float:
    """CPU seconds of this process, of Java, and of all Python that Java has started."""
    total, own = 0.0, psutil.Process()
    for process in (own, *own.children(recursive=True)):
        with suppress(psutil.Error):  # it has just ended
            spent = process.cpu_times()
            total += spent.user + spent.system + (0 if process == own else spent.children_user + spent.children_system)
    return total


def _stages(log: Path, begun: int) -> dict[str, float]:
    """Spark's own account of what began after ``begun`` (ms): CPU seconds of Java in the stages, bytes shuffled."""
    spent: Counter[str] = Counter()
    for line in log.read_text().splitlines():
        event = json.loads(line)
        if event["Event"] != "SparkListenerTaskEnd" or event["Task Info"]["Launch Time"] < begun:
            continue
        metrics = event["Task Metrics"]
        spent["cpu"] += metrics["Executor CPU Time"] / 1e9  # type: ignore[assignment]
        spent["shuffled"] += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
    return dict(spent)


def _report(here: Run, there: Run, machine: Mapping[str, str | int | float]) -> Report:
    counts, people = there["counts"], there["counts"]["people"]
    phases, stages, total = counts["phases"], counts["stages"], counts["cpu_of_all"]
    other = phases["task"] - sum(phases[name] for name in (*PHASES, OUTCOMES))
    spent = {
        "Java: read tables, find repetitions, shuffle, hand rows to Python": stages["cpu"],
        **{f"task: {name}": phases[name] for name in PHASES},
        f"task: {OUTCOMES}": phases[OUTCOMES],
        "task: match codes, and the rest": other,
        "pack rows by part (Python), the driver, Java's own threads": total - stages["cpu"] - phases["task"],
        "all processes together": total,
        "the local engine, in parts on disk": here["stages"]["whole"]["cpu"],
    }
    ratio = total / here["stages"]["whole"]["cpu"]
    return Report(
        NAME,
        "On Spark",
        machine,
        [
            f"{people:,} people, {here['counts']['events']:,} events, Parquet; what the shipped programs list; "
            f"{counts['tasks']} tasks, one core.",
        ],
        ["", "CPU s for 1,000 people"],
        [[name, f"{1000 * seconds / people:.2f}"] for name, seconds in spent.items()],
        [
            f"Spark costs {times(ratio)} what the local engine costs.",
            f"Through the shuffle went {stages['shuffled'] / people:,.0f} bytes a person; "
            f"{counts['bytes_written'] / people:,.0f} bytes a person were written.",
            f"A task's Python took at most {counts['peak_bytes'] / 1e6:,.0f} MB.",
        ],
        {"local": here, "spark": there},
    )


if __name__ == "__main__":
    main()
