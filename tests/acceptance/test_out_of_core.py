"""Practices larger than memory: in parts, the same is found, and a run that was stopped goes on."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pytest

from measureharmony.engines.matching import Matching
from measureharmony.engines.parts import evaluate_parts, store_of
from measureharmony.errors import UsageError
from measureharmony.evaluation.outcome import Evaluated
from measureharmony.harmonize import demo_practice, evaluate
from measureharmony.out_of_core import BYTES_PER_PROCESS, FEWEST_AT_ONCE, MOST_AT_ONCE, _shares, evaluate_to
from measureharmony.practice import Practice, from_tables
from measureharmony.practice.demo import write_demo
from measureharmony.practice.memory import bytes_of
from measureharmony.preparing import prepare
from measureharmony.reports.remarks import remarks
from measureharmony.reports.results import Results
from measureharmony.reports.stored import StoredResults
from measureharmony.specs import Specs, load_specs
from tests.acceptance.conftest import Command

DAY = dt.date(2026, 10, 31)
#: A measure of people, one of events, one with several rates and payers, one with observations.
MEASURES = ["gsd", "trc_mrp", "ais", "mcc_adm"]
PEOPLE = 90
PATIENCE = 180  # seconds; a busy machine takes long to start a process


@pytest.fixture(scope="module")
def specs() -> Specs:
    return load_specs()


@pytest.fixture(scope="module")
def practice() -> Practice:
    return demo_practice(PEOPLE)


@pytest.fixture(scope="module")
def whole(practice: Practice, specs: Specs) -> Results:
    return evaluate(practice, specs, as_of=DAY, measures=MEASURES)


@pytest.mark.parametrize(("size", "workers"), [(PEOPLE, 1), (41, 1), (30, 2)])
def test_parts_of_any_size_find_what_the_whole_finds(
    tmp_path: Path, practice: Practice, specs: Specs, whole: Results, size: int, workers: int
) -> None:
    found = evaluate_to(tmp_path, practice, specs, as_of=DAY, measures=MEASURES, people_at_once=size, workers=workers)
    assert len(list((tmp_path / "outcomes").iterdir())) == -(-PEOPLE // size)
    assert_same(found, whole)
    assert not (tmp_path / "unfinished").exists()


def test_a_run_that_was_stopped_goes_on_with_what_is_left(
    tmp_path: Path, practice: Practice, specs: Specs, whole: Results
) -> None:
    def run(progress: Callable[[int, int], None]) -> StoredResults:
        return evaluate_to(
            tmp_path, practice, specs, as_of=DAY, measures=MEASURES, people_at_once=30, workers=1, progress=progress
        )

    with pytest.raises(KeyboardInterrupt):
        run(_stop)
    first = tmp_path / "outcomes" / "part-00000.parquet"
    written = first.stat().st_mtime_ns
    done: list[int] = []
    assert_same(run(lambda people, _: done.append(people)), whole)
    assert done == [60, 90]
    assert first.stat().st_mtime_ns == written


def test_nothing_of_another_run_is_kept(tmp_path: Path, practice: Practice, specs: Specs, whole: Results) -> None:
    with pytest.raises(KeyboardInterrupt):
        evaluate_to(tmp_path, practice, specs, measures=MEASURES, people_at_once=30, workers=1, progress=_stop)
    assert_same(
        evaluate_to(tmp_path, practice, specs, as_of=DAY, measures=MEASURES, people_at_once=45, workers=1), whole
    )


def test_a_killed_command_goes_on_when_it_is_given_again(command: Command, tmp_path: Path) -> None:
    data, output = tmp_path / "data", tmp_path / "output"
    write_demo(data, people=90, seed=1, format="parquet")
    asked = ["run", str(data), "-o", str(output), "-m", "bcs", "--as-of", "2026-10-31"]
    asked += ["--memory", "1GB", "--people-at-once", "20"]
    shell = [sys.executable, "-m", "measureharmony", *asked]
    running = subprocess.Popen(shell, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    outcomes = output / "outcomes"
    while running.poll() is None and not list(outcomes.glob("part-*.parquet")):
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.wait()
    done = {path: path.stat().st_mtime_ns for path in outcomes.glob("part-*.parquet")}
    assert done
    assert command(*asked).exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in done} == done
    assert not (output / "unfinished").exists()


def test_a_measure_that_asks_nobody_is_told_of_in_parts_as_in_memory(tmp_path: Path, specs: Specs) -> None:
    child = from_tables({"person": pa.table({"person_id": ["a", "b"], "birth": [dt.date(2020, 1, 1)] * 2})})
    asked: dict[str, Any] = {"as_of": DAY, "measures": ["bcs"]}
    told = list(remarks(evaluate_to(tmp_path, child, specs, people_at_once=1, workers=1, **asked), []))
    assert told == list(remarks(evaluate(child, specs, **asked), []))
    assert told[0].startswith("Nobody is in the denominator of Breast cancer screening: kept out 2 by")


@pytest.mark.parametrize("memory", [bytes_of("1GB"), bytes_of("2GB"), bytes_of("4GB"), bytes_of("64GB")])
@pytest.mark.parametrize("each", [5_000, 90_000])
@pytest.mark.parametrize("cores", [1, 2, 64])
def test_all_processes_together_keep_to_the_memory(memory: int, each: int, cores: int) -> None:
    people, workers = _shares(memory, cores, each)
    assert 1 <= workers <= cores
    assert FEWEST_AT_ONCE <= people <= MOST_AT_ONCE
    assert (workers + 1) * BYTES_PER_PROCESS + workers * people * each <= memory


def test_with_too_little_memory_one_process_evaluates_few_people() -> None:
    assert _shares(bytes_of("500MB"), 8, 90_000) == (500, 1)


def test_a_worker_that_is_ended_from_outside_is_told(tmp_path: Path, practice: Practice, specs: Specs) -> None:
    prepared = prepare(specs, measures=["gsd"])

    def matching() -> Matching:
        return Matching(practice, prepared.plan, prepared.terminology, None)

    store = store_of(tmp_path, prepared.plan, matching, PEOPLE, 30)
    with pytest.raises(UsageError, match="A worker was ended from outside"):
        list(evaluate_parts(store, prepared.plan, _ended, range(store.count), workers=2))


def test_workers_end_with_a_killed_run() -> None:
    script = (
        "from multiprocessing import get_context; from measureharmony.processes import end_with_parent;"
        "worker = get_context('spawn').Process(target=end_with_parent); worker.start();"
        "print(worker.pid, flush=True); worker.join()"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout
        worker = psutil.Process(int(run.stdout.readline()))
        run.kill()
    with suppress(psutil.NoSuchProcess):
        worker.wait(PATIENCE)


def _ended(part: int, evaluated: Evaluated) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("memory", ["4", "much", "4 lumps", "-1GB"])
def test_a_size_of_memory_has_a_unit(memory: str) -> None:
    with pytest.raises(UsageError, match="such as 4GB or 500MB"):
        bytes_of(memory)


@pytest.mark.parametrize(("memory", "wrong"), [("0GB", "little"), ("10KB", "little"), ("999999999TB", "much")])
def test_a_memory_that_cannot_be_kept_to_is_refused(memory: str, wrong: str) -> None:
    with pytest.raises(UsageError, match=f"is too {wrong} memory. Give 1GB or more"):
        bytes_of(memory)


def _stop(done: int, total: int) -> None:
    raise KeyboardInterrupt


def assert_same(found: StoredResults, whole: Results) -> None:
    assert found.rates.arrow.equals(whole.rates.arrow)
    assert found.care_gaps.to_table().equals(whole.care_gaps.arrow)
    assert found.gap_counts == whole.gap_counts
    assert found.programs_with_people == whole.programs_with_people
    assert found.notes == whole.notes
    assert in_order(found.outcomes.to_table()).equals(in_order(whole.outcomes.arrow))


def in_order(outcomes: pa.Table) -> pa.Table:
    """The rows in an order that does not depend on parts, without dictionaries."""
    plain = {
        name: outcomes[name].cast(outcomes[name].type.value_type)
        if pa.types.is_dictionary(outcomes[name].type)
        else outcomes[name]
        for name in outcomes.column_names
    }
    return pa.table(plain).sort_by([(name, "ascending") for name in ("program", "measure", "rate", "subject_id")])
