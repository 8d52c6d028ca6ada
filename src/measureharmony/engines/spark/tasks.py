"""What runs in the tasks: a part of a practice is read, checked and evaluated as the local engine does it."""

from __future__ import annotations

import datetime as dt
import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import pyarrow as pa
from pyspark import TaskContext

from measureharmony.engines.assembling import assemble
from measureharmony.engines.local import evaluated
from measureharmony.engines.matching import Matching, looked_for
from measureharmony.engines.spark.account import PartAccount, account_of
from measureharmony.engines.spark.gathering import Arriving, gathered
from measureharmony.evaluation.outcome import Evaluated
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.terminology import Terminology
from measureharmony.practice import Practice
from measureharmony.practice.reading import from_part

Found = TypeVar("Found")
#: The column that holds what a task says once, after its rows.
SUMMARY = "summary"


@dataclass(frozen=True)
class Finished(Generic[Found]):
    """What was made of the answers about a part: ``found``, and the tables whose rows are handed on to Spark."""

    found: Found
    tables: Mapping[str, pa.Table]


#: What is made of the answers about the people of a part, by its number; nothing is known of a part without people.
Finish = Callable[[int, Evaluated], Finished[Found]]


@dataclass(frozen=True)
class PartSummary(Generic[Found]):
    """A part, when its task is done; ``found`` is empty where it has no people."""

    part: int
    found: Found | None
    account: PartAccount


@dataclass(frozen=True)
class Task(Generic[Found]):
    """Evaluates a plan over the people of a partition.

    ``listed`` names the programs that have a roster anywhere in the practice. ``schema`` is that of the rows handed on:
    a struct for each table of ``finish``, and :data:`SUMMARY`.
    """

    plan: EvaluationPlan
    terminology: Terminology
    listed: frozenset[str]
    tables: Mapping[str, Arriving]
    as_of: dt.date | None
    finish: Finish[Found]
    schema: pa.Schema

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The rows that come of the rows of a partition."""
        pa.set_cpu_count(1)  # other tasks keep the other cores busy
        part = _part()
        rows = gathered(batches, self.tables)
        if not rows:
            return
        with from_part(rows) as practice:
            del rows  # the practice has them
            account = account_of(practice)
            finished: Finished[Found | None] = Finished(None, {})
            if practice.person_count:
                finished = self._finished(part, practice)
        for name, table in finished.tables.items():
            yield from self._handed_on(name, table)
        summary = pickle.dumps(PartSummary(part, finished.found, account))
        yield self._batch(SUMMARY, pa.array([summary], pa.binary()))

    def _finished(self, part: int, practice: Practice) -> Finished[Found | None]:
        with Matching(practice, looked_for(self.plan, self.terminology), self.as_of) as matching:
            found, sought = matching.everybody(), replace(matching.sought, listed=self.listed)
        done = self.finish(part, evaluated(self.plan, assemble(found, sought)))
        return Finished(done.found, done.tables)

    def _handed_on(self, name: str, table: pa.Table) -> Iterator[pa.RecordBatch]:
        kind = self.schema.field(name).type
        plain = table.cast(pa.schema(list(kind)))
        for batch in plain.to_batches(max_chunksize=_AT_ONCE):
            yield self._batch(name, pa.StructArray.from_arrays(batch.columns, fields=list(kind)))

    def _batch(self, name: str, values: pa.Array) -> pa.RecordBatch:
        columns = [values if field.name == name else pa.nulls(len(values), field.type) for field in self.schema]
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)


#: Rows handed on at once.
_AT_ONCE = 10_000


@dataclass(frozen=True)
class Census:
    """Looks at people and rosters before anything is evaluated: which programs have a roster."""

    tables: Mapping[str, Arriving]

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """One row for each program that lists somebody."""
        pa.set_cpu_count(1)
        if rows := gathered(batches, self.tables):
            with from_part(rows) as practice:
                listed = practice.connection.sql("SELECT program::VARCHAR AS program FROM listed_program")
                yield from listed.to_arrow_table().to_batches()


def _part() -> int:
    context = TaskContext.get()
    if context is None:
        raise RuntimeError("a task runs in Spark")
    return context.partitionId()


__all__ = ["SUMMARY", "Census", "Finish", "Finished", "PartSummary", "Task"]
