"""Care gaps: who still lacks what a measure asks for, once per subject and rate, naming every program it counts for.

A gap is: in the denominator, not excluded, not excepted, numerator not met (for an inverse measure: met). People
outside the denominator, or excluded, are *not applicable* and have no row. Only proportions have gaps: what is expected
of many, or averaged over them, is nobody's to close. Until a program's period ends the gap is
*open*, and closing it counts until that day; afterwards it is *missed*.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.evaluation.population_order import counts_above, counts_below
from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers.variant import CANONICAL, Variant

#: Columns of the care gap table, with what they hold.
GAP_COLUMNS: Mapping[str, str] = {
    "person_id": "Whose gap.",
    "subject_id": "What the measure counts: the person, or one of their events.",
    "measure": "Key of the measure.",
    "rate": "Which rate of the measure.",
    "status": "`open` while some program still counts it, else `missed`.",
    "due": "The earliest last day on which closing it counts, among the programs for which it is open.",
    "programs": "Programs it counts for, blank-separated; empty when only the unified rate asks for it.",
    "missed_for": "Those of them whose period is over.",
    "unified": "Whether the practice's unified (canonical) rate asks for it too.",
    "first_failing": "Why it is a gap: the first criterion that is not met (for an inverse rate: that is).",
    "evidence_date": "Date of the latest evidence there is.",
    "evidence_value": "Its number, if any.",
    "evidence_unit": "The number's unit.",
    "evidence_values": "Numbers to be read together, such as systolic/diastolic.",
}

_KEY = ["person_id", "subject_id", "measure", "rate"]


def care_gap_table(outcomes: pa.Table, variants: Sequence[Variant], as_of: dt.date | None) -> pa.Table:
    """The care gaps in ``outcomes``, by subject, measure and rate. Without ``as_of`` every period counts as over."""
    gaps = _gaps(outcomes, variants)
    table = pa.table(
        {
            **{name: gaps[name].cast(pa.string()) for name in (*_KEY, "program", "first_failing", "evidence_unit")},
            "evidence_date": gaps["evidence_date"],
            "evidence_value": gaps["evidence_value"],
            "evidence_values": gaps["evidence_values"],
        }
    )
    # Canonical comes last in each group, so that the first row shown is a program's wherever there is one.
    shown = ("first_failing", "evidence_date", "evidence_value", "evidence_unit", "evidence_values")
    order = pc.equal(table["program"], CANONICAL)
    table = table.append_column("canonical", order).sort_by(
        [*((key, "ascending") for key in _KEY), ("canonical", "ascending"), ("program", "ascending")]
    )
    aggregates = [("program", "list"), *((name, "first") for name in shown)]
    options = pc.ScalarAggregateOptions(skip_nulls=False)
    grouped = table.group_by(_KEY, use_threads=False).aggregate(
        [(name, how, options) if how == "first" else (name, how) for name, how in aggregates]
    )
    # Grouping keeps the order only roughly.
    return _described(grouped.sort_by([(key, "ascending") for key in _KEY]), variants, as_of)


def _gaps(outcomes: pa.Table, variants: Sequence[Variant]) -> pa.Table:
    """The outcomes that are gaps."""
    members = {name: outcomes[name].to_numpy() for name in POPULATIONS}
    counted = pa.array(counts_below(members))
    proportions = [
        (f"{v.program}/{v.measure.measure}/{rate.id}", v.measure.direction_of(rate))
        for v in variants
        for rate in v.measure.rates
        if v.measure.scoring == "proportion"
    ]
    lower = pa.array([name for name, direction in proportions if direction == "lower"], pa.string())
    key = pc.binary_join_element_wise(*(outcomes[n].cast(pa.string()) for n in ("program", "measure", "rate")), "/")
    met = pc.xor(pc.is_in(key, value_set=lower), pa.array(counts_above(members)))
    own = pc.and_(outcomes["member"], pc.is_in(key, value_set=pa.array([name for name, _ in proportions], pa.string())))
    return outcomes.filter(pc.and_(pc.and_(own, counted), pc.invert(met)))


def _described(grouped: pa.Table, variants: Sequence[Variant], as_of: dt.date | None) -> pa.Table:
    """One description per combination of programs that occurs, put against each gap."""
    ends = {(v.program, v.measure.measure): v.period.end for v in variants}
    known: dict[tuple[str, tuple[str, ...]], dict[str, object]] = {}
    described = []
    for measure, programs in zip(grouped["measure"].to_pylist(), grouped["program_list"].to_pylist(), strict=True):
        key = (measure, tuple(programs))
        if key not in known:
            known[key] = _standing(measure, key[1], ends, as_of)
        described.append(known[key])
    standing = pa.Table.from_pylist(described, schema=_STANDING)
    renamed = grouped.rename_columns([name.removesuffix("_first") for name in grouped.column_names])
    columns = {name: (standing if name in standing.column_names else renamed)[name] for name in GAP_COLUMNS}
    return pa.table(columns)


def _standing(
    measure: str, programs: tuple[str, ...], ends: Mapping[tuple[str, str], dt.date], as_of: dt.date | None
) -> dict[str, object]:
    """Status and due date of a gap that counts for these programs. The unified rate decides where none does."""
    own = [program for program in programs if program != CANONICAL]
    deciding = own or [CANONICAL]
    due = {program: ends[program, measure] for program in deciding}
    still_open = [day for day in due.values() if as_of is not None and as_of <= day]
    missed = [program for program in own if not (as_of is not None and as_of <= due[program])]
    return {
        "status": "open" if still_open else "missed",
        "due": min(still_open, default=None),
        "programs": " ".join(own),
        "missed_for": " ".join(missed),
        "unified": CANONICAL in programs,
    }


_STANDING = pa.schema(
    [
        ("status", pa.string()),
        ("due", pa.date32()),
        ("programs", pa.string()),
        ("missed_for", pa.string()),
        ("unified", pa.bool_()),
    ]
)

__all__ = ["GAP_COLUMNS", "care_gap_table"]
