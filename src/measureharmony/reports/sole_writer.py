"""Only one run at a time writes into a folder."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from measureharmony.errors import UsageError

#: The file that a run keeps locked while it writes.
_LOCK = ".writing"


@contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Meanwhile nobody else writes into ``folder``, which is made; :class:`UsageError` where somebody does already.

    SQLite has a lock that every system knows, and that goes with the process, however it ends. Where the file system
    has no locks, nobody is kept out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = _locked(folder)
    try:
        yield
    finally:
        if lock:
            with suppress(OSError):  # Windows does not remove what is open
                (folder / _LOCK).unlink(missing_ok=True)
            lock.close()


def _locked(folder: Path) -> sqlite3.Connection | None:
    try:
        lock = sqlite3.connect(folder / _LOCK, timeout=0, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            return None
        raise UsageError(
            f"Another run is writing into {folder}. Wait until it has ended, or give another folder."
        ) from None
    return lock


__all__ = ["sole_writer"]
