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
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pytest

from measureharmony.engines.cutting import rows_of
from measureharmony.engines.matching import Matching, PeopleRows, looked_for
from measureharmony.engines.parts import evaluate_parts, store_of
from measureharmony.errors import UsageError
from measureharmony.evaluation.outcome import Evaluated
from measureharmony.harmonize import demo_practice, evaluate
from measureharmony.out_of_core import BYTES_PER_PROCESS, FEWEST_AT_ONCE, MOST_AT_ONCE, _shares, evaluate_to
from measureharmony.practice import Practice, from_tables, stretches
from measureharmony.practice.demo import write_demo
from measureharmony.practice.memory import bytes_of
from measureharmony.preparing import prepare
from measureharmony.reports.part_records import files_of, read_records
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


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "PEOPLE", 10)


@pytest.mark.usefixtures("small_parts")
def test_parts_find_what_the_whole_finds_and_their_files_do_not_depend_on_how(
    tmp_path: Path, practice: Practice, specs: Specs, whole: Results
) -> None:
    files = []
    for size, workers in ((PEOPLE, 1), (30, 1), (45, 2)):
        folder = tmp_path / f"{size} by {workers}"
        found = evaluate_to(folder, practice, specs, as_of=DAY, measures=MEASURES, people_at_once=size, workers=workers)
        assert_same(found, whole)
        assert not (folder / "unfinished").exists()
        files.append({path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")})
    assert len(list((folder / "outcomes").iterdir())) > 5
    assert files[0] == files[1] == files[2]


@pytest.mark.usefixtures("small_parts")
def test_a_run_that_was_stopped_goes_on_with_what_is_left(
    tmp_path: Path, practice: Practice, specs: Specs, whole: Results
) -> None:
    def run(progress: Callable[[int, int], None]) -> StoredResults:
        return evaluate_to(
            tmp_path, practice, specs, as_of=DAY, measures=MEASURES, people_at_once=30, workers=1, progress=progress
        )

    with pytest.raises(KeyboardInterrupt):
        run(_stop)
    first = list((tmp_path / "unfinished" / "results" / "outcomes").iterdir())
    written = [path.stat().st_mtime_ns for path in first]
    done: list[int] = []
    assert_same(run(lambda people, _: done.append(people)), whole)
    assert done[0] > 30
    assert done[-1] == PEOPLE
    assert [(tmp_path / "outcomes" / path.name).stat().st_mtime_ns for path in first] == written


@pytest.mark.usefixtures("small_parts")
def test_nothing_of_another_run_is_kept(tmp_path: Path, practice: Practice, specs: Specs, whole: Results) -> None:
    with pytest.raises(KeyboardInterrupt):
        evaluate_to(tmp_path, practice, specs, measures=MEASURES, people_at_once=30, workers=1, progress=_stop)
    assert_same(
        evaluate_to(tmp_path, practice, specs, as_of=DAY, measures=MEASURES, people_at_once=45, workers=1), whole
    )


def test_a_killed_command_goes_on_when_it_is_given_again(command: Command, tmp_path: Path) -> None:
    data, output = tmp_path / "data", tmp_path / "output"
    write_demo(data, people=300, seed=1, format="parquet")
    asked = ["run", str(data), "-o", str(output), "-m", "bcs", "--as-of", "2026-10-31"]
    asked += ["--memory", "1GB", "--people-at-once", "1"]
    shell = [sys.executable, "-m", "measureharmony", *asked]
    running = subprocess.Popen(shell, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    unfinished = output / "unfinished"

    def written() -> list[str]:
        records = [found for path in unfinished.glob("done-*.parquet") if (found := read_records(path))]
        return [part["name"] for found in records for part in files_of(found)]

    while running.poll() is None and not written():
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.wait()
    names = written()
    done = {name: (unfinished / "results" / "outcomes" / f"part-{name}.parquet").stat().st_mtime_ns for name in names}
    assert done
    assert command(*asked).exit_code == 0
    assert {name: (output / "outcomes" / f"part-{name}.parquet").stat().st_mtime_ns for name in done} == done
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


def _overwritten(store: Path, content: bytes) -> None:
    (store / "cut.json").write_bytes(content)


def _cut_off(store: Path) -> None:
    file = next(store.glob("event/part=1/*.arrow"))
    file.write_bytes(file.read_bytes()[:-9])


def _gone(store: Path) -> None:
    next(store.glob("person/part=2/*.arrow")).unlink()


def _without_coding(row: dict[str, Any]) -> str:
    return repr({name: cell for name, cell in row.items() if name != "coding"})


@pytest.mark.parametrize(
    "damage", [_cut_off, _gone, *(partial(_overwritten, content=one) for one in (b"", b"{", b"[]", b"\xff"))]
)
def test_a_damaged_store_is_written_anew(
    tmp_path: Path, practice: Practice, specs: Specs, damage: Callable[[Path], None]
) -> None:
    prepared = prepare(specs, measures=["gsd"])
    asked: list[None] = []

    def matching() -> Matching:
        asked.append(None)
        return Matching(practice, looked_for(prepared.plan, prepared.terminology), None)

    def found() -> list[dict[str, list[str]]]:
        """The rows of each part; DuckDB hands them over, and numbers the codings found, in any order."""
        store = store_of(tmp_path, prepared.plan, matching, [30, 30, 30])
        names = [field.name for field in fields(PeopleRows)]
        parts = [{name: rows_of(store.folder / name, part) for name in names} for part in range(3)]
        return [{name: sorted(map(_without_coding, rows.to_pylist())) for name, rows in part.items()} for part in parts]

    rows = found()
    assert found() == rows
    assert len(asked) == 1
    damage(tmp_path)
    assert found() == rows
    assert len(asked) == 2


def test_a_worker_that_is_ended_from_outside_is_told(tmp_path: Path, practice: Practice, specs: Specs) -> None:
    prepared = prepare(specs, measures=["gsd"])

    def matching() -> Matching:
        return Matching(practice, looked_for(prepared.plan, prepared.terminology), None)

    store = store_of(tmp_path, prepared.plan, matching, [30, 30, 30])
    with pytest.raises(UsageError, match="A worker was ended from outside"):
        list(evaluate_parts(store, prepared.plan, _ended, range(3), workers=2))


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
