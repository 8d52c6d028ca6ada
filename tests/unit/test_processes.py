"""Processes that share work: how they begin and how they end."""

from __future__ import annotations

import os
import signal
import sys
import time
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

import pytest

from measureharmony.errors import UsageError
from measureharmony.processes import worker_pool

_told: list[str] = []


def remember(word: str) -> None:
    _told.append(word)


def told() -> list[str]:
    return _told


def wait_for(sign: Path) -> None:
    while not sign.exists():
        time.sleep(0.01)


def be_killed() -> None:
    os.kill(os.getpid(), signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)


def test_workers_are_told_before_they_work() -> None:
    with worker_pool(1, "", remember, "begin") as pool:
        assert pool.submit(told).result() == ["begin"]


def test_a_worker_that_is_ended_from_outside_is_told_with_what_to_do() -> None:
    with (
        pytest.raises(UsageError, match=r"A worker was ended from outside.* Use fewer\."),
        worker_pool(1, "Use fewer.") as pool,
    ):
        pool.submit(be_killed).result()


def test_whoever_leaves_does_not_wait_for_work_that_has_not_begun() -> None:
    with worker_pool(1, "") as pool:
        waiting = [pool.submit(time.sleep, 0.05) for _ in range(200)]
    assert any(one.cancelled() for one in waiting)


def knows_pandas() -> bool:
    import pyarrow as pa

    return len(pa.array(["x"])) == 1 and "pandas" in sys.modules


@pytest.mark.parametrize("pandas", [True, False])
def test_workers_can_do_without_pandas(pandas: bool) -> None:
    with worker_pool(1, "", pandas=pandas) as pool:
        assert pool.submit(knows_pandas).result() is pandas


# The pool's own thread may count its workers while one is added, which Python refuses; it ends then, as it should.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_that_is_ended_while_another_begins_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    begun: list[SpawnProcess] = []
    asked: list[Future[list[str]]] = []
    start = SpawnProcess.start
    another_begins = tmp_path / "another-begins"

    def late(process: SpawnProcess) -> None:
        start(process)
        if begun:
            another_begins.touch()  # not earlier: a first worker that is already idle would be given the second task
            asked[0].result()
            time.sleep(0.3)  # until it has done the other task, too, and waits for more: killed then, it keeps a lock
            begun[0].kill()
            wait([begun[0].sentinel])
        begun.append(process)

    def ask_three_times(pool: ProcessPoolExecutor) -> None:
        asked.append(pool.submit(told))
        asked.append(pool.submit(told))
        pool.submit(told).result()

    monkeypatch.setattr(SpawnProcess, "start", late)
    pool_of_two = worker_pool(2, "", wait_for, another_begins)
    with pytest.raises(UsageError, match="A worker was ended from outside"), pool_of_two as pool:
        ask_three_times(pool)
    assert not any(process.is_alive() for process in begun)
