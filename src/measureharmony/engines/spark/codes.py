"""Which of a practice's events have codes that a plan looks for: Spark finds the codings, and numbers events' own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - its customary name

from measureharmony.engines.spark.sources import Source
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.terminology import CodeIndex, Coding, Group, Terminology, code_index, groups_of

#: The column that holds the number of a row's coding; null: nobody looks for it.
CODING = "_coding"
#: The parts of a coding, and the column that says its system, by table.
_CODING = ("_role", "_system", "_code")
_SYSTEM = {"event": "code_system", "event_code": "system"}


@dataclass(frozen=True)
class Codes:
    """The groups of codes that a plan looks for, and which of them each numbered coding belongs to."""

    groups: tuple[Group, ...]
    by_coding: tuple[tuple[int, ...], ...]


def numbered(
    session: SparkSession, sources: Mapping[str, Source], plan: EvaluationPlan, terminology: Terminology
) -> tuple[Codes, dict[str, Source]]:
    """The codes that are looked for, and ``sources`` with the :data:`CODING` of each event and further coding.

    Only the different codings come to the driver, where value sets are looked up; the answer is sent to all rows.
    """
    index = code_index(terminology, groups_of(plan.matches()))
    coded = {name: _with_coding(sources[name], system) for name, system in _SYSTEM.items() if name in sources}
    wanted = _wanted(list(coded.values()), index)
    parts = {f"w{name}": pa.array([coding[i] for coding in wanted], pa.string()) for i, name in enumerate(_CODING)}
    table = session.createDataFrame(pa.table({CODING: pa.array(range(len(wanted)), pa.int32()), **parts}))
    same = reduce(and_, (F.col(name).eqNullSafe(F.col(f"w{name}")) for name in _CODING))
    joined = {
        name: sources[name].with_frame(rows.join(F.broadcast(table), same, "left").drop(*_CODING, *parts))
        for name, rows in coded.items()
    }
    return Codes(index.groups, tuple(wanted.values())), {**sources, **joined}


def _with_coding(source: Source, system: str) -> DataFrame:
    """The rows with the parts of their coding as text; what says no role is a ``code``, as in the contract."""
    role = F.coalesce(source.text("role"), F.lit("code"))
    return source.frame.withColumns(dict(zip(_CODING, (role, source.text(system), source.text("code")), strict=True)))


def _wanted(tables: Sequence[DataFrame], index: CodeIndex) -> dict[Coding, tuple[int, ...]]:
    """The different codings that anybody looks for, in an order of their own, with their groups."""
    if not tables:
        return {}
    every = reduce(DataFrame.unionAll, (rows.select(*_CODING) for rows in tables))
    there = every.where("_code IS NOT NULL").distinct().toArrow()
    codings = sorted(
        (Coding(*row.values()) for row in there.to_pylist()), key=lambda one: (one[0], one[1] or "", one[2])
    )
    return {coding: tuple(groups) for coding in codings if (groups := index.groups_of(coding))}


__all__ = ["CODING", "Codes", "numbered"]
