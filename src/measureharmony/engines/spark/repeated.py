"""Events whose identifier another event has, too: nobody's task sees both, so it is settled beforehand which counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - its customary name

from measureharmony.engines.spark.sources import FILE, ROW, Source
from measureharmony.errors import DataError, Issue
from measureharmony.practice.reading import from_part
from measureharmony.practice.rejects import ACCOUNTS_SCHEMA, REJECTS_SCHEMA, Account, accounts_table

#: So many rows of events with an identifier that others have are looked at; a dataset with more is refused.
MOST = 1_000_000


@dataclass(frozen=True)
class Settled:
    """``sources``, events with an identifier of their own each; the account of those left out, with why they are."""

    sources: Mapping[str, Source]
    rejects: pa.Table
    accounts: pa.Table


def settled(session: SparkSession, sources: Mapping[str, Source]) -> Settled:
    """Which events count, by the rules of :mod:`measureharmony.practice.checks`, applied to those in question."""
    nobody = Settled(sources, REJECTS_SCHEMA.empty_table(), ACCOUNTS_SCHEMA.empty_table())
    if "event" not in sources:
        return nobody
    event = sources["event"]
    identifier = F.xxhash64(event.text("event_id"))
    repeated = (
        event.frame.where(event.text("event_id").isNotNull())
        .groupBy(identifier.alias("_hash")).count().where("count > 1").select("_hash").limit(MOST + 1).toArrow()
    )  # fmt: skip
    if not len(repeated):
        return nobody
    hashes = F.broadcast(session.createDataFrame(repeated))
    within = event.frame.withColumn("_hash", identifier)
    suspects = within.join(hashes, "_hash", "left_semi").drop("_hash").limit(MOST + 1).toArrow()
    _require_few(len(suspects), event)
    rejects = _rejected(session, sources["person"], event, suspects)
    lost = _places(rejects, event)
    kept = suspects.filter(pc.invert(pc.is_in(_place(suspects), _place(lost))))
    # Rows of frames have no lasting place by which Spark could leave some out, so that those that count are put back.
    others = within.join(hashes, "_hash", "left_anti").drop("_hash")
    counted = [Account(event.files[one["values"]], "event", one["counts"], one["counts"])
               for one in pc.value_counts(lost[FILE]).to_pylist()]  # fmt: skip
    unique = others.unionByName(_back(session, kept, event.frame))
    return Settled({**sources, "event": event.with_frame(unique)}, rejects, accounts_table(counted))


def _rejected(session: SparkSession, person: Source, event: Source, suspects: pa.Table) -> pa.Table:
    """What is wrong with the events in question: their people's rows decide, too."""
    names = pc.drop_null(pc.unique(suspects["person_id"].cast(pa.string())))
    whose = session.createDataFrame(pa.table({"_person": names}))
    people = person.frame.join(F.broadcast(whose), person.text("person_id") == F.col("_person"), "left_semi").toArrow()
    with from_part({"person": _located(people, person), "event": _located(suspects, event)}) as practice:
        return practice.rejects.filter(pc.equal(practice.rejects["table"], "event"))


def _located(rows: pa.Table, source: Source) -> pa.Table:
    """``rows`` in the files' order, which says which of several is the first, with the files' names."""
    rows = rows.sort_by([(FILE, "ascending"), (ROW, "ascending")])
    names = pa.array(source.files, pa.string()).take(rows[FILE].combine_chunks())
    return rows.set_column(rows.column_names.index(FILE), FILE, names)


def _place(rows: pa.Table) -> pa.ChunkedArray:
    """File and row as one number."""
    return pc.add(pc.shift_left(rows[FILE].cast(pa.int64()), 40), rows[ROW])


def _places(rejects: pa.Table, event: Source) -> pa.Table:
    """Where rejected rows are, each once."""
    file = pc.index_in(rejects["file"], pa.array(event.files, pa.string())).cast(pa.int32())
    return pa.table({FILE: file, ROW: rejects["row"]}).group_by([FILE, ROW]).aggregate([])


def _back(session: SparkSession, rows: pa.Table, like: DataFrame) -> DataFrame:
    """``rows`` as a frame with the columns and types of ``like``."""
    return session.createDataFrame(rows.select(like.columns)).select(
        *(F.col(field.name).cast(field.dataType).alias(field.name) for field in like.schema)
    )


def _require_few(count: int, event: Source) -> None:
    if count <= MOST:
        return
    place = event.files[0] if len(event.files) == 1 else f"{event.files[0]}, …"
    what = f"More than {MOST:,} rows of table event have an event_id that other rows have, too."
    fix = "Give every event an event_id of its own; perhaps the same extract is there twice."
    raise DataError([Issue(place, 0, "data-repeated-events", what, fix)])


__all__ = ["MOST", "Settled", "settled"]
