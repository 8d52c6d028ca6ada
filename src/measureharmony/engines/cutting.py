"""Rows are cut into parts by people: each part in files of its own, in one pass, with a part of the rows in memory.

DuckDB could do so by itself (``PARTITION_BY``), at three times the cost and more with every further part.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa

from measureharmony.engines.source_order import stable_order
from measureharmony.evaluation.columns import Ints

#: So many rows are held at once.
ROWS_AT_ONCE = 250_000
#: So many files are written at once; some systems let a process open no more than 256.
_OPEN_FILES = 200
#: What the files are called after: streams of Arrow, which take half as long as Parquet and as much space.
SUFFIX = "arrow"
#: A file without rows, which says what the columns are.
_COLUMNS = f"columns.{SUFFIX}"


def cut(rows: pa.RecordBatchReader, folder: Path, part_of: Ints) -> None:
    """Write ``rows`` into ``folder``, those of each part's people into files of their own.

    ``part_of`` says by ``person_key`` which part somebody is in. The rows of a part keep their order.
    """
    folder.mkdir(parents=True)
    schema = rows.schema
    _writer(folder / _COLUMNS, schema).close()
    writers: dict[int, pa.RecordBatchStreamWriter] = {}
    try:
        for number, batch in enumerate(rows):
            for part, some in _by_part(batch, part_of):
                if part not in writers:
                    if len(writers) == _OPEN_FILES:
                        _close(writers)
                    home = folder / f"part={part}"
                    home.mkdir(exist_ok=True)
                    writers[part] = _writer(home / f"{number}.{SUFFIX}", schema)
                writers[part].write_batch(some)
        _close(writers)
    finally:
        _give_up(writers)


def rows_of(folder: Path, part: int) -> pa.Table:
    """The rows of a part, as :func:`cut` wrote them into ``folder``."""
    files = sorted((folder / f"part={part}").glob(f"*.{SUFFIX}"), key=lambda file: int(file.stem))
    return pa.concat_tables(pa.ipc.open_stream(str(file)).read_all() for file in (*files, folder / _COLUMNS))


def _writer(file: Path, schema: pa.Schema) -> pa.RecordBatchStreamWriter:
    return pa.ipc.new_stream(str(file), schema, options=pa.ipc.IpcWriteOptions(compression="lz4"))


def _by_part(batch: pa.RecordBatch, part_of: Ints) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The rows of each part that ``batch`` has rows of."""
    part = part_of[batch["person_key"].to_numpy()]
    if (part[1:] < part[:-1]).any():
        order = stable_order(part)
        batch, part = batch.take(pa.array(order)), part[order]
    starts = np.flatnonzero(np.diff(part, prepend=-1)).tolist()
    for start, end in zip(starts, [*starts[1:], len(part)], strict=True):
        yield int(part[start]), batch.slice(start, end - start)


def _close(writers: dict[int, pa.RecordBatchStreamWriter]) -> None:
    for writer in writers.values():
        writer.close()
    writers.clear()


def _give_up(writers: dict[int, pa.RecordBatchStreamWriter]) -> None:
    """Close what an error left open; where that fails, too, as on a full disk, the first error says so."""
    for writer in writers.values():
        with suppress(OSError, pa.ArrowException):
            writer.close()


__all__ = ["ROWS_AT_ONCE", "SUFFIX", "cut", "rows_of"]
