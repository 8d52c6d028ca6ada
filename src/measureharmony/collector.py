"""Python's cycle collector, and when it has nothing to do."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the cycle collector where much is made that has no cycles and stays: walking it takes up to a quarter.

    What was made meanwhile counts as old, since walking it once afterwards would take as long; unless somebody has
    frozen objects of theirs, which would come to life again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()
            gc.enable()


__all__ = ["collector_paused"]
