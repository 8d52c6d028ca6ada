"""Care gaps: who still lacks what a measure asks for, once per subject and rate, naming every program it counts for.

A gap is: in the denominator, not excluded, not excepted, numerator not met (for an inverse measure: met). People
outside the denominator, or excluded, are *not applicable* and have no row. Only proportions have gaps: what is expected
of many, or averaged over them, is nobody's to close. A gap is *open* for a program until its period ends, unless the
program's books close earlier, or the time for what the measure asks for is over earlier (the week after a visit, the
second birthday); afterwards it is *missed*.
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
    "missed_for": "Those of them for which it can no longer be closed.",
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
    gaps = outcomes.filter(is_gap(outcomes, variants))
    table = pa.table(
        {
            **{name: gaps[name].cast(pa.string()) for name in (*_KEY, "program", "first_failing", "evidence_unit")},
            "evidence_date": gaps["evidence_date"],
            "evidence_value": gaps["evidence_value"],
            "evidence_values": gaps["evidence_values"],
            "last_day": closed_until(gaps, variants),
        }
    )
    # Canonical comes last in each group, so that the first row shown is a program's wherever there is one.
    shown = ("first_failing", "evidence_date", "evidence_value", "evidence_unit", "evidence_values")
    order = pc.equal(table["program"], CANONICAL)
    table = table.append_column("canonical", order).sort_by(
        [*((key, "ascending") for key in _KEY), ("canonical", "ascending"), ("program", "ascending")]
    )
    aggregates = [("program", "list"), ("last_day", "list"), *((name, "first") for name in shown)]
    options = pc.ScalarAggregateOptions(skip_nulls=False)
    grouped = table.group_by(_KEY, use_threads=False).aggregate(
        [(name, how, options) if how == "first" else (name, how) for name, how in aggregates]
    )
    # Grouping keeps the order only roughly.
    return _described(grouped.sort_by([(key, "ascending") for key in _KEY]), as_of)


def is_gap(outcomes: pa.Table, variants: Sequence[Variant]) -> pa.ChunkedArray:
    """Which outcomes are gaps."""
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
    return pc.and_(pc.and_(own, counted), pc.invert(met))


def closed_until(gaps: pa.Table, variants: Sequence[Variant]) -> pa.ChunkedArray:
    """The last day on which each of some gaps (rows of outcomes) can be closed for its program."""
    last = {f"{v.program}/{v.measure.measure}": v.last_day for v in variants}
    key = pc.binary_join_element_wise(*(gaps[name].cast(pa.string()) for name in ("program", "measure")), "/")
    place = pc.index_in(key, value_set=pa.array(list(last), pa.string()))
    return pc.min_element_wise(pa.array(last.values(), pa.date32()).take(place), gaps["close_by"])


def _described(grouped: pa.Table, as_of: dt.date | None) -> pa.Table:
    """One description per combination of programs and days that occurs, put against each gap."""
    known: dict[tuple[tuple[str, ...], tuple[dt.date, ...]], dict[str, object]] = {}
    described = []
    for programs, days in zip(grouped["program_list"].to_pylist(), grouped["last_day_list"].to_pylist(), strict=True):
        key = (tuple(programs), tuple(days))
        if key not in known:
            known[key] = _standing(dict(zip(*key, strict=True)), as_of)
        described.append(known[key])
    standing = pa.Table.from_pylist(described, schema=_STANDING)
    renamed = grouped.rename_columns([name.removesuffix("_first") for name in grouped.column_names])
    columns = {name: (standing if name in standing.column_names else renamed)[name] for name in GAP_COLUMNS}
    return pa.table(columns)


def _standing(last_days: Mapping[str, dt.date], as_of: dt.date | None) -> dict[str, object]:
    """Status and due date of a gap that can be closed until ``last_days``, by program that counts it.

    The unified rate decides where no program does.
    """
    own = [program for program in last_days if program != CANONICAL]
    still_open = [last_days[one] for one in own or [CANONICAL] if as_of is not None and as_of <= last_days[one]]
    missed = [program for program in own if not (as_of is not None and as_of <= last_days[program])]
    return {
        "status": "open" if still_open else "missed",
        "due": min(still_open, default=None),
        "programs": " ".join(own),
        "missed_for": " ".join(missed),
        "unified": CANONICAL in last_days,
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

__all__ = ["GAP_COLUMNS", "care_gap_table", "closed_until", "is_gap"]
