"""How processes that share work are started, and end."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import parent_process
from threading import Thread
from types import ModuleType

import pyarrow as pa


def begin_worker() -> None:
    """What every worker does first: end when its parent has, or at Ctrl-C, and use one thread for Arrow.

    Ctrl-C reaches all processes of a terminal; the parent alone tells of it. The workers already keep all cores busy.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    Thread(target=end_with_parent, daemon=True).start()
    pa.set_cpu_count(1)


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
