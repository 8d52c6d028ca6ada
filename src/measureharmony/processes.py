"""How processes that share work are started, and end."""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from multiprocessing import parent_process
from multiprocessing.context import SpawnContext, SpawnProcess
from threading import Thread
from types import ModuleType
from typing import Any

import pyarrow as pa

from measureharmony.errors import UsageError


@contextmanager
def worker_pool(
    workers: int, fix: str, begin: Callable[..., None] | None = None, *told: object, pandas: bool = True
) -> Iterator[ProcessPoolExecutor]:
    """So many processes, which each call ``begin`` with what they are ``told`` before they take any work.

    They end with the context: whoever leaves it does not wait for work that has not begun. Without ``pandas`` they
    begin in less than half the time: Arrow imports it, where it is installed, as soon as it is given any value, to see
    whether that is one of pandas'. Raises :class:`UsageError` where a process was ended from outside; ``fix`` says what
    to do then.
    """
    first = pickle.dumps((begin, told))  # to be read, which imports what it needs, when pandas has been seen to
    # Forked from here, a worker would inherit the locks of DuckDB's and Arrow's threads, but not the threads.
    context = _Spawning()
    pool = ProcessPoolExecutor(workers, context, _begin, (first, pandas))
    try:
        yield pool
    except BrokenProcessPool:
        for worker in context.workers:
            if worker.is_alive():  # the pool has ended those it knew of, and waits for one that was just starting
                worker.terminate()
                worker.join()
        what = "A worker was ended from outside, most likely because there was not enough memory."
        raise UsageError(f"{what} {fix}") from None
    finally:
        pool.shutdown(cancel_futures=True)


class _Spawning(SpawnContext):
    """Processes that start anew; ``workers`` are those that were asked for here."""

    def __init__(self) -> None:
        self.workers: list[SpawnProcess] = []

    def Process(self, *args: Any, **told: Any) -> SpawnProcess:  # type: ignore[override] # noqa: N802 - Python's name
        """A process that is yet to be started."""
        self.workers.append(SpawnProcess(*args, **told))
        return self.workers[-1]


def _begin(first: bytes, pandas: bool) -> None:
    """What every worker does first: end when its parent has, or at Ctrl-C, and use one thread for Arrow.

    Ctrl-C reaches all processes of a terminal; the parent alone tells of it. The workers already keep all cores busy.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    Thread(target=end_with_parent, daemon=True).start()
    pa.set_cpu_count(1)
    if not pandas:
        sys.meta_path.insert(0, _WithoutPandas())
    begin, told = pickle.loads(first)
    if begin is not None:
        begin(*told)


class _WithoutPandas(MetaPathFinder):
    """Lets imports of pandas fail as if it were not installed."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        """Raises ModuleNotFoundError for pandas; leaves everything else to others."""
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def end_with_parent() -> None:
    """End when the parent has: a worker of a killed run would wait for work for ever."""
    if parent := parent_process():
        parent.join()
        os._exit(1)


@contextmanager
def main_not_imported() -> Iterator[None]:
    """Processes started meanwhile do not import the script that runs, so that it need not guard its main part.

    Python imports it for the sake of what is defined there; of that, nothing may then be sent to them.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
