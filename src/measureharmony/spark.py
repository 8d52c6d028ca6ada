"""The whole way on Spark, for those who outgrow one machine: the same plan, the same outcomes, computed by a cluster.

Needs PySpark and Java (``pip install 'measureharmony[spark]'``); importing this without PySpark raises a
``UsageError``. What is found is what :func:`measureharmony.harmonize.evaluate` finds, on however many machines.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.engines import local
from measureharmony.engines.spark.account import PracticeElsewhere
from measureharmony.engines.spark.running import Ran, run
from measureharmony.engines.spark.session import session_at
from measureharmony.engines.spark.sources import SparkPractice
from measureharmony.engines.spark.tasks import Finished
from measureharmony.evaluation.care_gaps import care_gap_table
from measureharmony.evaluation.outcome import Evaluated, outcome_table
from measureharmony.payers import Variant
from measureharmony.practice import from_tables
from measureharmony.practice.stretches import Stretches
from measureharmony.preparing import Prepared, Scope, prepare
from measureharmony.reports.finality import Finality
from measureharmony.reports.manifest import manifest
from measureharmony.reports.part_records import SCHEMA, SUMS, rates_of_parts, sums_of
from measureharmony.reports.sole_writer import sole_writer
from measureharmony.reports.stored import IN_PARTS, PartWriter, StoredResults, remove_others
from measureharmony.reports.tables import ResultTable
from measureharmony.specs import Specs

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: How many people a task evaluates, if it is not told: about 1 GB with a hundred events each (measured).
PEOPLE_AT_ONCE = 10_000


@dataclass(frozen=True)
class SparkResults:
    """What a run found: outcomes and care gaps as Spark frames, everything that is small as usual.

    The frames' rows are kept on the cluster's disks until :meth:`release`.
    """

    outcomes: DataFrame
    care_gaps: DataFrame
    rates: ResultTable
    practice: PracticeElsewhere
    manifest: Mapping[str, object]
    variants: tuple[Variant, ...]
    notes: tuple[str, ...]
    gap_counts: tuple[int, int]
    _ran: Ran[pa.Table] = field(repr=False)

    def release(self) -> None:
        """Let go of the outcomes and care gaps; what has been written elsewhere stays."""
        self._ran.release()


def evaluate(
    session: SparkSession,
    practice: SparkPractice,
    specs: Specs,
    *,
    people_at_once: int = PEOPLE_AT_ONCE,
    everybody: bool = False,
    **scope: Unpack[Scope],
) -> SparkResults:
    """Evaluate as :func:`measureharmony.harmonize.evaluate` does, on the cluster of ``session``.

    ``practice`` is frames by name of the contract's tables, or the path of a folder of Parquet files that all machines
    can read. ``people_at_once`` is how many people a task evaluates, which decides the memory it needs. The other
    keywords are those of :func:`measureharmony.harmonize.evaluate`.

    Raises :class:`DataError` with everything that is wrong with columns and types; rows that cannot be accepted are in
    ``practice.rejects`` of what is returned.
    """
    prepared = prepare(specs, **scope)
    variants, as_of, finality = prepared.variants, prepared.as_of, prepared.finality
    finish = _HandOn(variants, finality, as_of, everybody)
    ran = run(
        session, practice, prepared.plan, prepared.terminology, as_of, finish,
        people_at_once=people_at_once, tables=_tables_of(prepared, finish),
    )  # fmt: skip
    sums = pa.concat_tables([SCHEMA.empty_table().select(SUMS), *ran.found])
    return SparkResults(
        outcomes=ran.table("outcomes"),
        care_gaps=ran.table("care_gaps"),
        rates=rates_of_parts(sums, finality, variants),
        practice=ran.practice,
        manifest=manifest(variants, ran.practice, specs.value_sets, as_of),
        variants=variants,
        notes=prepared.notes,
        gap_counts=(pc.sum(sums["gaps"]).as_py() or 0, pc.sum(sums["open_gaps"]).as_py() or 0),
        _ran=ran,
    )


def evaluate_to(
    folder: str | Path,
    session: SparkSession,
    practice: SparkPractice,
    specs: Specs,
    *,
    people_at_once: int = PEOPLE_AT_ONCE,
    everybody: bool = False,
    **scope: Unpack[Scope],
) -> StoredResults:
    """:func:`evaluate`, the tasks writing outcomes and care gaps into ``folder``, which all machines must reach.

    The rows are those of :func:`measureharmony.out_of_core.evaluate_to`, a file for each task. What an earlier run
    wrote is removed.
    """
    prepared = prepare(specs, **scope)
    variants, as_of = prepared.variants, prepared.as_of
    target = Path(folder).resolve()
    writer = PartWriter(target, prepared.finality, variants, as_of, everybody)
    with sole_writer(target):
        writer.clear()
        for name in IN_PARTS:
            (target / name).mkdir(parents=True, exist_ok=True)
        ran = run(
            session, practice, prepared.plan, prepared.terminology, as_of, _Write(writer),
            people_at_once=people_at_once, tables={},
        )  # fmt: skip
        writer.clear_unfinished()
        told = manifest(variants, ran.practice, specs.value_sets, as_of)
        parts = pa.concat_tables([SCHEMA.empty_table(), *ran.found])
        results = StoredResults(
            target, parts, told, variants, ran.practice, prepared.finality, as_of, prepared.notes
        )  # fmt: skip
        results.write(target)
        remove_others(target, parts)
    return results


@dataclass(frozen=True)
class _HandOn:
    """What becomes of the answers about a part: rows for Spark, and the sum of them."""

    variants: tuple[Variant, ...]
    finality: Finality
    as_of: dt.date | None
    everybody: bool

    def __call__(self, part: int, evaluated: Evaluated) -> Finished[pa.Table]:
        outcomes = outcome_table(self.variants, evaluated, everybody=self.everybody)
        gaps = self.finality.of_gaps(care_gap_table(outcomes, self.variants, self.as_of))
        return Finished(sums_of(outcomes, gaps, self.variants), {"outcomes": outcomes, "care_gaps": gaps})


@dataclass(frozen=True)
class _Write:
    """What becomes of the answers about a part: files, and the sum of them."""

    writer: PartWriter

    def __call__(self, part: int, evaluated: Evaluated) -> Finished[pa.Table]:
        everybody = Stretches((f"{part:05}",), (evaluated.partition.people.count,))
        return Finished(self.writer.write(everybody, evaluated), {})


def _tables_of(prepared: Prepared, finish: _HandOn) -> dict[str, pa.Schema]:
    """What the columns of the tables are that ``finish`` hands on: those of a person of whom nothing is known."""
    with from_tables({"person": pa.table({"person_id": ["somebody"]})}) as somebody:
        found = finish(0, local.run(somebody, prepared.plan, prepared.terminology, prepared.as_of)).tables
    return {name: _plain(table.schema) for name, table in found.items()}


def _plain(schema: pa.Schema) -> pa.Schema:
    """``schema`` with words in place of numbers that stand for words, which Spark does not know."""
    types = ((field.name, field.type) for field in schema)
    return pa.schema([(name, kind.value_type if pa.types.is_dictionary(kind) else kind) for name, kind in types])


__all__ = ["PEOPLE_AT_ONCE", "SparkResults", "evaluate", "evaluate_to", "session_at"]
