"""The database that a practice lives in, while it is read and as long as it is used."""

from __future__ import annotations

import tempfile
import uuid
from pathlib import Path

import duckdb

from measureharmony.practice import cells, times


def opened(threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A private in-memory database; what does not fit spills into the system's temporary folder.

    ``threads``: how many it may use; left out, one for each core.
    """
    spill = Path(tempfile.gettempdir()) / f"measureharmony-{uuid.uuid4().hex}"
    con = duckdb.connect(":memory:", config={} if threads is None else {"threads": threads})
    con.execute(f"SET temp_directory = '{str(spill).replace(chr(39), chr(39) * 2)}'")
    con.execute("SET enable_progress_bar = false")
    for macro in (*times.MACROS, *cells.MACROS):
        con.execute(macro)
    return con


__all__ = ["opened"]
