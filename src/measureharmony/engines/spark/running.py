"""A plan evaluated on Spark: the order of its jobs, and what goes from one to the next."""

from __future__ import annotations

import datetime as dt
import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import pyarrow as pa
from pyspark import StorageLevel
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from measureharmony.engines.spark.account import PartAccount, PracticeElsewhere
from measureharmony.engines.spark.gathering import arriving, in_parts, only_needed, with_owner
from measureharmony.engines.spark.repeated import settled
from measureharmony.engines.spark.sources import Source, SparkPractice, sources_of
from measureharmony.engines.spark.tasks import SUMMARY, Census, Finish, PartSummary, Task
from measureharmony.errors import UsageError
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.terminology import Terminology
from measureharmony.practice.reading import require_people

Found = TypeVar("Found")
#: Of so many people at once the roster is looked at.
_ROSTER_AT_ONCE = 100_000
_Function = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]


@dataclass(frozen=True)
class Ran(Generic[Found]):
    """What came of all parts: what ``finish`` found, in the parts' order, the practice, and the rows handed on.

    ``rows`` has a struct column for each table that was handed on; it is kept until :meth:`release`.
    """

    found: tuple[Found, ...]
    practice: PracticeElsewhere
    rows: DataFrame

    def table(self, name: str) -> DataFrame:
        """The rows of a table that was handed on."""
        return self.rows.where(f"{name} IS NOT NULL").select(f"{name}.*")

    def release(self) -> None:
        """Let go of the rows."""
        self.rows.unpersist()


def run(  # noqa: PLR0913 - what is computed, then, by name only, how
    session: SparkSession,
    practice: SparkPractice,
    plan: EvaluationPlan,
    terminology: Terminology,
    as_of: dt.date | None,
    finish: Finish[Found],
    *,
    people_at_once: int,
    tables: Mapping[str, pa.Schema],
    origin: str = "spark",
) -> Ran[Found]:
    """Evaluate ``plan`` over everybody, about ``people_at_once`` in each task; ``tables`` are what ``finish`` hands on.

    Raises :class:`DataError` about columns and types before anything is computed, and where nobody is accepted.
    """
    _require_classic(session)
    sources = sources_of(session, practice, origin)
    files = {name: source.files for name, source in sources.items()}
    people = sources["person"].frame.count()
    listed = _listed(session, sources, people)
    needed, left_out = _needed(session, sources, plan)
    schema = pa.schema([*((name, pa.struct(list(one))) for name, one in tables.items()), (SUMMARY, pa.binary())])
    task = Task(plan, terminology, listed, arriving(needed), as_of, finish, schema)
    rows = _mapped(session, in_parts(needed, -(-people // people_at_once) or 1), task, schema)
    if tables:
        rows = rows.persist(StorageLevel.DISK_ONLY)
    told = rows.where(f"{SUMMARY} IS NOT NULL").select(SUMMARY).toArrow()[SUMMARY].to_pylist()
    summaries: list[PartSummary[Found]] = sorted((pickle.loads(one) for one in told), key=lambda one: one.part)
    name = origin if isinstance(practice, Mapping) else str(practice)
    known = PracticeElsewhere(name, files, [left_out, *(summary.account for summary in summaries)])
    require_people(known)
    return Ran(tuple(one.found for one in summaries if one.found is not None), known, rows)


def _listed(session: SparkSession, sources: Mapping[str, Source], people: int) -> frozenset[str]:
    """Which programs have a roster: to be known before anybody is evaluated."""
    if "roster" not in sources:
        return frozenset()
    few = {name: sources[name] for name in ("person", "roster")}
    rows = in_parts(few, -(-people // _ROSTER_AT_ONCE) or 1)
    told = _mapped(session, rows, Census(arriving(few)), pa.schema([("program", pa.string())])).toArrow()
    return frozenset(told["program"].to_pylist())


def _needed(
    session: SparkSession, sources: Mapping[str, Source], plan: EvaluationPlan
) -> tuple[dict[str, Source], PartAccount]:
    """The tables with what tasks need of them, and the account of events left out already."""
    unique = settled(session, sources)
    found = dict(unique.sources)
    if "event_code" in found:
        found["event_code"] = with_owner(found["event_code"], found.get("event"))
    if "event" in found:
        found["event"] = only_needed(found["event"], plan.columns())
    return found, PartAccount(unique.rejects, unique.accounts, {}, {})


def _mapped(session: SparkSession, rows: DataFrame, function: _Function, schema: pa.Schema) -> DataFrame:
    """``function`` applied to each partition; what it carries is sent to each worker once."""
    sent = session.sparkContext.broadcast(function)

    def apply(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from sent.value(batches)

    return rows.mapInArrow(apply, session.createDataFrame(schema.empty_table()).schema)


def _require_classic(session: SparkSession) -> None:
    try:
        _ = session.sparkContext
    except PySparkException:
        raise UsageError(
            "A Spark Connect session cannot send a plan to its workers. Use a session that runs beside its driver."
        ) from None


__all__ = ["Ran", "run"]
