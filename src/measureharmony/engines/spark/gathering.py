"""All rows of a person in one place: Spark cuts the tables of a practice by people into parts, and hands them over.

The tables travel together, in rows that hold one table's columns as a struct and nothing of the others, so that one
shuffle brings everything about somebody into one task.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its customary name

from measureharmony.engines.matching import LINKS
from measureharmony.engines.spark.codes import CODING
from measureharmony.engines.spark.sources import FILE, ROW, Source
from measureharmony.evaluation.plan import Columns

#: The column that says whose a row is that does not say so itself.
_OWNER = "_owner"
#: Columns of events that no rule checks; they travel only where the plan reads them.
_UNCHECKED = ("category", "code_system", "code", "status", "intent", "verification", "quantity_unit", "provider_id")
#: Where order says which of several rows is the first.
_ORDERED = ("person", "provider")


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


def in_parts(sources: Mapping[str, Source], parts: int | None = None) -> DataFrame:
    """The rows of all tables in ``parts`` partitions (or as Spark likes), each with everything about some people."""
    names = list(sources)
    frames = []
    for name, source in sources.items():
        own = F.struct(*source.frame.columns).alias(name)
        others = {n: F.lit(None).cast(one.frame.select(F.struct(*one.frame.columns)).schema[0].dataType).alias(n)
                  for n, one in sources.items() if n != name}  # fmt: skip
        frames.append(source.frame.select(*(own if n == name else others[n] for n in names)))
    whose = F.coalesce(*(_key(source).cast("string") for source in sources.values()))
    together = reduce(DataFrame.unionAll, frames)
    return together.repartition(whose) if parts is None else together.repartition(parts, whose)


def _key(source: Source) -> Column:
    """Whose a row is; what is nobody's is spread by its own identifier."""
    if source.name == "event_code":
        return F.coalesce(F.col(f"event_code.{_OWNER}"), F.col("event_code.event_id").cast("string"))
    return F.col(f"{source.name}.{'provider_id' if source.name == 'provider' else 'person_id'}")


def gathered(batches: Iterator[pa.RecordBatch]) -> dict[str, pa.Table]:
    """In a task: the rows of a partition, by table, as they came."""
    found: dict[str, list[pa.RecordBatch]] = {}
    for batch in batches:
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            there = found.setdefault(name, [])
            if not there or column.null_count < len(column):
                rows = column if column.null_count == 0 else column.drop_null()
                there.append(pa.RecordBatch.from_struct_array(rows))
    tables = {name: pa.Table.from_batches(rows) for name, rows in found.items()}
    return {name: _in_order(rows) if name in _ORDERED else rows for name, rows in tables.items()}


def _in_order(rows: pa.Table) -> pa.Table:
    return rows.sort_by([(FILE, "ascending"), (ROW, "ascending")])


def contract_rows(rows: pa.Table, files: tuple[str, ...]) -> pa.Table:
    """In a task: a table as the readers take it, with the names of its files."""
    there = pc.unique(rows[FILE])
    place = pc.index_in(rows[FILE], there).combine_chunks()
    names = pa.DictionaryArray.from_arrays(place, pa.array(files, pa.string()).take(there))
    rows = rows.set_column(rows.column_names.index(FILE), FILE, names)
    return rows.drop_columns([name for name in (CODING, _OWNER) if name in rows.column_names])


__all__ = ["contract_rows", "gathered", "in_parts", "only_needed", "with_owner"]
