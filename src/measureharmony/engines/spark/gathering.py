"""All rows of a person in one place: Spark cuts the tables of a practice by people into parts, and hands them over.

Rows travel packed, thousands to a cell: an Arrow table, compressed, of one table's rows about the people of one part.
One shuffle of few large cells brings everything about somebody into one task; no row is written or read by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its customary name

from measureharmony.engines.arrived import LINKS
from measureharmony.engines.spark.sources import FILE, ROW, Source
from measureharmony.evaluation.plan import Columns

#: The column that says whose a row is that does not say so itself.
_OWNER = "_owner"
#: The column that says which part a row belongs to.
_PART = "_part"
#: Columns of events that no rule checks; they travel only where the plan reads them.
_UNCHECKED = ("category", "status", "intent", "verification", "quantity_unit", "provider_id")
#: Where order says which of several rows is the first.
_ORDERED = ("person", "provider")
#: What travels: some rows of a table, all of one part.
_PACKET = "part int, table string, rows binary"
_PACKET_SCHEMA = pa.schema([("part", pa.int32()), ("table", pa.string()), ("rows", pa.binary())])
#: So many rows are packed together, about 100 MB: the more, the fewer and larger packets.
_ROWS_TOGETHER = 500_000
#: So many packets are handed to Spark at once.
_PACKETS_AT_ONCE = 64
_OPTIONS = pa.ipc.IpcWriteOptions(compression="zstd", use_threads=False)


def with_owner(event_code: Source, event: Source | None) -> Source:
    """Further codings, with the person of the event; where there is no such event, they go somewhere by themselves."""
    if event is None:
        return event_code.with_frame(event_code.frame.withColumn(_OWNER, F.lit(None).cast("string")))
    whose = event.frame.select(
        F.col("event_id").cast("string").alias("_event"), F.col("person_id").cast("string").alias(_OWNER)
    ).where("_event IS NOT NULL")
    rows = event_code.frame.join(whose, event_code.text("event_id") == F.col("_event"), "left").drop("_event")
    return event_code.with_frame(rows)


def only_needed(event: Source, needed: Columns) -> Source:
    """Events without what neither the plan nor a rule looks at."""
    unread = [name for name in _UNCHECKED if name not in needed.words]
    links = [LINKS[link] for link in LINKS if link not in needed.links and LINKS[link] in event.columns]
    # Links stay as columns without content: whether identifiers are numbers is read off the types of all of them.
    types = {field.name: field.dataType for field in event.frame.schema}
    empty = {name: F.lit(None).cast(types[name]) for name in links}
    return event.with_frame(event.frame.drop(*unread).withColumns(empty))


@dataclass(frozen=True)
class Arriving:
    """A table as its rows arrive in a task: their columns, and the names of the table's files."""

    schema: pa.Schema
    files: tuple[str, ...]


def arriving(sources: Mapping[str, Source]) -> dict[str, Arriving]:
    """How the rows of :func:`in_parts` arrive."""
    return {name: Arriving(source.frame.limit(0).toArrow().schema, source.files) for name, source in sources.items()}


def in_parts(sources: Mapping[str, Source], parts: int) -> DataFrame:
    """The packed rows of all tables in ``parts`` partitions, each with everything about some people."""
    packed = [_packed(source, parts) for source in sources.values()]
    return reduce(DataFrame.unionAll, packed).repartitionById(parts, "part")


def _packed(source: Source, parts: int) -> DataFrame:
    part = F.pmod(F.xxhash64(_key(source)), F.lit(parts)).cast("int")
    return source.frame.withColumn(_PART, part).mapInArrow(_Packing(source.name), _PACKET)


def _key(source: Source) -> Column:
    """Whose a row is; what is nobody's is spread by its own identifier."""
    if source.name == "event_code":
        return F.coalesce(F.col(_OWNER), F.col("event_id").cast("string"))
    return F.col("provider_id" if source.name == "provider" else "person_id").cast("string")


@dataclass(frozen=True)
class _Packing:
    """In Spark's tasks: packs rows of ``table``."""

    table: str

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Packets of :data:`_PACKET`."""
        pa.set_cpu_count(1)  # other tasks keep the other cores busy
        waiting: list[pa.RecordBatch] = []
        for batch in batches:
            waiting.append(batch)
            if sum(map(len, waiting)) >= _ROWS_TOGETHER:
                yield from self._packets(waiting)
                waiting = []
        if waiting:
            yield from self._packets(waiting)

    def _packets(self, batches: list[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        rows = pa.Table.from_batches(batches)
        part = rows[_PART].to_numpy()
        order = np.argsort(part, kind="stable")
        starts = np.flatnonzero(np.diff(part[order], prepend=-1))
        parts, stops = part[order[starts]], np.append(starts[1:], len(part))
        rows = rows.drop_columns(_PART).take(order)
        for first in range(0, len(parts), _PACKETS_AT_ONCE):
            some = slice(first, first + _PACKETS_AT_ONCE)
            cells = [_cell(rows.slice(a, b - a)) for a, b in zip(starts[some], stops[some], strict=True)]
            names = pa.repeat(pa.scalar(self.table), len(cells))
            yield pa.record_batch([pa.array(parts[some]), names, pa.array(cells, pa.binary())], schema=_PACKET_SCHEMA)


def _cell(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema, options=_OPTIONS) as stream:
        stream.write_table(rows.combine_chunks())
    cell: bytes = sink.getvalue().to_pybytes()
    return cell


def gathered(batches: Iterable[pa.RecordBatch], tables: Mapping[str, Arriving]) -> dict[str, pa.Table]:
    """In a task: the rows of a partition by table, as the readers take them; empty, if nothing at all arrives."""
    found: dict[str, list[pa.Table]] = {name: [one.schema.empty_table()] for name, one in tables.items()}
    for batch in batches:
        for name, cell in zip(batch["table"].to_pylist(), batch["rows"], strict=True):
            found[name].append(pa.ipc.open_stream(cell.as_buffer()).read_all())
    if all(len(several) == 1 for several in found.values()):
        return {}
    return {name: _contract_rows(name, pa.concat_tables(several), tables[name]) for name, several in found.items()}


def _contract_rows(name: str, rows: pa.Table, table: Arriving) -> pa.Table:
    """A table as the readers take it, with the names of its files."""
    if name in _ORDERED:
        rows = rows.sort_by([(FILE, "ascending"), (ROW, "ascending")])
    there = pc.unique(rows[FILE])
    place = pc.index_in(rows[FILE], there).combine_chunks()
    names = pa.DictionaryArray.from_arrays(place, pa.array(table.files, pa.string()).take(there))
    rows = rows.set_column(rows.column_names.index(FILE), FILE, names)
    return rows.drop_columns([_OWNER]) if _OWNER in rows.column_names else rows


__all__ = ["Arriving", "arriving", "gathered", "in_parts", "only_needed", "with_owner"]
