"""Which of a practice's events have codes that a plan looks for: Spark finds the codings, and numbers events' own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - its customary name

from measureharmony.engines.spark.sources import Source
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.terminology import CodeIndex, Coding, Group, Terminology

#: The column that holds the number of a row's coding; null: nobody looks for it.
CODING = "_coding"


@dataclass(frozen=True)
class Codes:
    """The groups of codes that a plan looks for, and which of them each numbered coding belongs to."""

    groups: tuple[Group, ...]
    by_coding: tuple[tuple[int, ...], ...]


def numbered(
    session: SparkSession, sources: Mapping[str, Source], plan: EvaluationPlan, terminology: Terminology
) -> tuple[Codes, dict[str, Source]]:
    """The codes that are looked for, and ``sources`` with the :data:`CODING` of each event and further coding.

    Only the different codings come to the driver; where value sets are looked up; the answer is sent to all rows.
    """
    index = CodeIndex(plan.matches(), terminology)
    by_coding: list[tuple[int, ...]] = []
    found = dict(sources)
    for name, system in (("event", "code_system"), ("event_code", "system")):
        if name not in sources:
            continue
        rows = _with_coding(sources[name], system)
        wanted = _wanted(rows, index)
        numbers = range(len(by_coding), len(by_coding) + len(wanted))
        by_coding += wanted.values()
        found[name] = sources[name].with_frame(_joined(session, rows, wanted, numbers))
    return Codes(index.groups, tuple(by_coding)), found


def _with_coding(source: Source, system: str) -> DataFrame:
    """The rows with the parts of their coding as text; what says no role is a ``code``, as in the contract."""
    role = F.coalesce(source.text("role"), F.lit("code"))
    return source.frame.withColumns({"_role": role, "_system": source.text(system), "_code": source.text("code")})


def _wanted(rows: DataFrame, index: CodeIndex) -> dict[Coding, tuple[int, ...]]:
    """The different codings that anybody looks for, in an order of their own, with their groups."""
    there = rows.where("_code IS NOT NULL").select("_role", "_system", "_code").distinct().toArrow()
    codings = [Coding(*row.values()) for row in there.to_pylist()]
    codings.sort(key=lambda one: (one.role, one.system or "", one.code))
    return {coding: tuple(groups) for coding in codings if (groups := index.groups_of(coding))}


def _joined(session: SparkSession, rows: DataFrame, wanted: Iterable[Coding], numbers: Sequence[int]) -> DataFrame:
    names = ("_role", "_system", "_code")
    codings = list(wanted)
    parts = {f"w{name}": pa.array([coding[i] for coding in codings], pa.string()) for i, name in enumerate(names)}
    table = session.createDataFrame(pa.table({CODING: pa.array(numbers, pa.int32()), **parts}))
    same = F.lit(True)
    for name in names:
        same = same & (F.col(name).eqNullSafe(F.col(f"w{name}")))
    return rows.join(F.broadcast(table), same, "left").drop(*names, *parts)


__all__ = ["CODING", "Codes", "numbered"]
