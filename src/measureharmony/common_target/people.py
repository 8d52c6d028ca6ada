"""Who meets the common targets, who misses them, and whose rates each person satisfies already.

Targets are evaluated as further versions in the same pass as the programs' own, so that what they share with these is
evaluated once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.common_target.joining import COMMON_TARGET
from measureharmony.common_target.targets import CommonTarget
from measureharmony.evaluation.population_order import counts_above, counts_below
from measureharmony.harmonize import outcomes_of
from measureharmony.measures.measure import POPULATIONS
from measureharmony.practice import Practice
from measureharmony.reports.tables import ResultTable
from measureharmony.specs import Specs

#: Columns of the table of common targets, with what they hold.
COLUMNS: Mapping[str, str] = {
    "person_id": "Who.",
    "subject_id": "What the measure counts: the person, or one of their events.",
    "measure": "Key of the measure.",
    "goal": "Which goal: the rate that wants most of those that ask for the same thing.",
    "met": "Whether the common target is met; empty where the programs contradict each other.",
    "programs": "Programs whose rates count the person, blank-separated; empty where only the target itself does.",
    "satisfied": "Those of them whose rates the person satisfies already.",
    "missing_for": "The others.",
    "due": "The earliest last day among the periods of those that are not over.",
    "first_failing": "What the target still lacks: its first condition that does not hold.",
    "evidence_date": "Date of the latest evidence that the target looks at.",
    "evidence_value": "Its number, if any.",
    "evidence_unit": "The number's unit.",
}
_KEY = ["person_id", "subject_id", "measure", "goal"]
_OF_TARGET = ("met", "first_failing", "evidence_date", "evidence_value", "evidence_unit")


def people_of_targets(
    practice: Practice, specs: Specs, targets: Sequence[CommonTarget], *, as_of: dt.date | None = None
) -> ResultTable:
    """One row for each goal and each person (or event) whom a program counts as its own, or the target itself does.

    ``as_of``: with what was known at the end of that day; without it every period is over, and nothing is due.
    """
    versions = [version for target in targets for version in target.versions]
    merged = [target.variant for target in targets if target.variant is not None]
    outcomes = outcomes_of(practice, [*versions, *merged], specs, as_of=as_of)
    if outcomes.num_rows == 0:
        return ResultTable("common_targets", _SCHEMA.empty_table(), COLUMNS)
    counted = _counted(outcomes)
    of_target = pc.equal(counted["program"], COMMON_TARGET)
    met = _of_targets(counted.filter(of_target), targets)
    programs = _of_programs(counted.filter(pc.invert(of_target)), targets)
    table = programs.join(met, keys=_KEY, join_type="full outer")
    return ResultTable("common_targets", _described(table, targets, as_of), COLUMNS)


def _counted(outcomes: pa.Table) -> pa.Table:
    """The outcomes of everybody who counts below the line of a rate of theirs, and whether they are above it."""
    members = {name: outcomes[name].to_numpy() for name in POPULATIONS}
    names = ("program", "measure", "rate", "person_id", "subject_id", "first_failing", "evidence_unit")
    table = pa.table(
        {
            **{name: outcomes[name].cast(pa.string()) for name in names},
            **{name: outcomes[name] for name in ("evidence_date", "evidence_value")},
            "above": pa.array(counts_above(members)),
        }
    )
    return table.filter(pc.and_(outcomes["member"], pa.array(counts_below(members))))


def _of_targets(counted: pa.Table, targets: Sequence[CommonTarget]) -> pa.Table:
    """Who meets the targets, by the measures that these are made for."""
    keys = [(t.variant.measure.measure, t.measure) for t in targets if t.variant is not None]
    names = pa.table({"merged": pa.array([one for one, _ in keys], pa.string()),
                      "of": pa.array([other for _, other in keys], pa.string())})  # fmt: skip
    table = counted.rename_columns([{"measure": "merged", "rate": "goal", "above": "met"}.get(name, name)
                                    for name in counted.column_names])  # fmt: skip
    table = table.join(names, keys="merged", join_type="inner").rename_columns({"of": "measure"})
    return table.select([*_KEY, *_OF_TARGET])


def _of_programs(counted: pa.Table, targets: Sequence[CommonTarget]) -> pa.Table:
    """For each person and goal the programs that count them, and those that are satisfied with all that they ask."""
    rows = [
        {"program": asked.program, "measure": target.measure, "rate": asked.rate.id, "goal": goal.goal.id,
         "inverse": asked.is_inverse}
        for target in targets for goal in target.goals for asked in goal.goal.asked
    ]  # fmt: skip
    asked = pa.Table.from_pylist(rows, schema=_ASKED)
    table = counted.join(asked, keys=["program", "measure", "rate"], join_type="inner")
    table = table.append_column("good", pc.xor(table["above"], table["inverse"]))
    by_program = table.group_by([*_KEY, "program"], use_threads=False).aggregate([("good", "all")])
    by_program = by_program.sort_by([(name, "ascending") for name in (*_KEY, "program")])
    found = _listed(by_program, "programs")
    for name, rows_of in (("satisfied", by_program["good_all"]), ("missing_for", pc.invert(by_program["good_all"]))):
        found = found.join(_listed(by_program.filter(rows_of), name), keys=_KEY, join_type="left outer")
    return found


def _listed(by_program: pa.Table, name: str) -> pa.Table:
    """The programs of each person and goal in one cell, blank-separated."""
    grouped = by_program.group_by(_KEY, use_threads=False).aggregate([("program", "list")])
    return grouped.select(_KEY).append_column(name, pc.binary_join(grouped["program_list"], " "))


def _described(table: pa.Table, targets: Sequence[CommonTarget], as_of: dt.date | None) -> pa.Table:
    """The columns in their order, empty cells for no program, and what is due for each combination of programs."""
    ends = {(one.program, target.measure): one.period.end for target in targets for one in target.deadlines}
    lists = {name: pc.fill_null(table[name], "") for name in ("programs", "satisfied", "missing_for")}
    combinations = pc.binary_join_element_wise(table["measure"], lists["missing_for"], " ").dictionary_encode()
    codes = combinations.combine_chunks()
    due = pa.array([_due(words.as_py().split(), ends, as_of) for words in codes.dictionary], pa.date32())
    columns = {**lists, "due": due.take(codes.indices)}
    described = pa.table({name: columns[name] if name in columns else table[name] for name in COLUMNS}).cast(_SCHEMA)
    return described.sort_by([(name, "ascending") for name in _KEY])


def _due(words: Sequence[str], ends: Mapping[tuple[str, str], dt.date], as_of: dt.date | None) -> dt.date | None:
    """The earliest end among the periods of the programs (after the measure, in ``words``) that are not over."""
    measure, *programs = words
    days = [ends[program, measure] for program in programs]
    return min((day for day in days if as_of is not None and as_of <= day), default=None)


_ASKED = pa.schema(
    [("program", pa.string()), ("measure", pa.string()), ("rate", pa.string()), ("goal", pa.string()),
     ("inverse", pa.bool_())]
)  # fmt: skip
_TYPES = {"met": pa.bool_(), "due": pa.date32(), "evidence_date": pa.date32(), "evidence_value": pa.float64()}
_SCHEMA = pa.schema([(name, _TYPES.get(name, pa.string())) for name in COLUMNS])

__all__ = ["COLUMNS", "people_of_targets"]
