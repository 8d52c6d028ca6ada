"""The work list as a table: open care gaps, joined to actions, joined to people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.reports.work_list.points import Earnings, Kind, Valued, valued
from measureharmony.reports.work_list.weights import Weights

#: Columns of the work list, with what they hold.
WORK_COLUMNS: Mapping[str, str] = {
    "person_id": "Who.",
    "name": "What staff call the person, as the practice has it.",
    "language": "Preferred language.",
    "phone": "Contact.",
    "provider_id": "The clinician to whom most programs attribute the person.",
    "actions": "What closes the gaps, each once, the most urgent first.",
    "measures": "The measures that the actions are for.",
    "programs": "The programs that count them; empty where only the unified rate asks.",
    "due": "The earliest last day on which closing one of the gaps counts.",
    "last_evidence": "Date of the latest evidence shown for any of them.",
    "gaps": "How many gaps the actions close, each once for all programs.",
    "value": "What closing them all earns beyond what is earned anyway, one at a time, by currency.",
    "priority": "Points: the more, the sooner.",
    "priority_steps": "How the points come about.",
}
_PERSON = ("name", "language", "phone")


def work_list(  # noqa: PLR0913 - what a line of a work list is made of
    gaps: pa.Table,
    people: pa.Table,
    providers: pa.Table,
    earnings: Earnings,
    weights: Weights,
    day: dt.date,
    risk: Mapping[str, float] | None = None,
) -> pa.Table:
    """One row per person with a gap that an action closes, the most urgent first (see :data:`WORK_COLUMNS`).

    ``gaps`` are those of :func:`measureharmony.reports.work_list.gaps.workable`, ``people`` the person table,
    ``providers`` has ``person_id`` and ``provider_id``. ``risk`` are scores by person.
    """
    kinds, kind = _kinds(gaps)
    values = [valued(one, weights, earnings, day) for one in kinds]
    rows = _rows(gaps, values, kind)
    found = _by_person(_by_action(_once_per_measure(rows)), rows)
    found = found.join(people.select(["person_id", "birth", *_PERSON]), "person_id").join(providers, "person_id")
    return _prioritized(found, weights, day, risk or {})


def _kinds(gaps: pa.Table) -> tuple[list[Kind], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """The different kinds of gaps, and of which kind each gap is."""
    text = pc.binary_join_element_wise(
        gaps["measure"], gaps["rate"], gaps["programs"], pc.coalesce(gaps["due"].cast(pa.string()), ""), "\t"
    )
    encoded = text.combine_chunks().dictionary_encode()
    kinds = []
    for one in encoded.dictionary.to_pylist():
        measure, rate, programs, due = one.split("\t")
        kinds.append(Kind(measure, rate, tuple(programs.split()), dt.date.fromisoformat(due) if due else None))
    return kinds, encoded.indices.to_numpy()


def _rows(gaps: pa.Table, values: Sequence[Valued], kind: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pa.Table:
    """What lines are made of: a row for each gap, with its points, its worth and where they come from."""
    tenths = np.array([value.tenths for value in values], dtype=np.int64)
    steps = pa.array([value.steps for value in values], pa.string())
    currencies = sorted({currency for value in values for currency in value.amounts})
    worth = {
        f"worth {currency}": pa.array([value.amounts.get(currency) for value in values], pa.decimal128(18, 2)).take(
            pa.array(kind)
        )
        for currency in currencies
    }
    columns = ("person_id", "action", "measure", "programs", "due", "evidence_date")
    return pa.table(
        {**{name: gaps[name] for name in columns}, "tenths": tenths[kind], "steps": steps.take(pa.array(kind)), **worth}
    )


def _once_per_measure(rows: pa.Table) -> pa.Table:
    """Of several rates of a measure that one action is for, only the one with the most points weighs."""
    order = [("tenths", "descending"), ("steps", "ascending")]
    key = ["person_id", "action", "measure"]
    found = rows.sort_by(order).group_by(key, use_threads=False).aggregate([("tenths", "first"), ("steps", "first")])
    return found.rename_columns([name.removesuffix("_first") for name in found.column_names])


def _by_action(rows: pa.Table) -> pa.Table:
    """One row per person and action, with its points and, in words, those of each measure that it is for."""
    ordered = rows.sort_by([(name, "ascending") for name in ("person_id", "action", "measure")])
    key = ["person_id", "action"]
    found = ordered.group_by(key, use_threads=False).aggregate([("tenths", "sum"), ("steps", "list")])
    order = [("person_id", "ascending"), ("tenths_sum", "descending"), ("action", "ascending")]
    found = found.sort_by(order)
    steps = pc.binary_join_element_wise(found["action"], pc.binary_join(found["steps_list"], " + "), ": ")
    return pa.table({**{name: found[name] for name in key}, "tenths": found["tenths_sum"], "steps": steps})


def _by_person(by_action: pa.Table, rows: pa.Table) -> pa.Table:
    """One row per person."""
    worth = [name for name in rows.column_names if name.startswith("worth ")]
    told = by_action.group_by("person_id", use_threads=False).aggregate(
        [("action", "list"), ("steps", "list"), ("tenths", "sum")]
    )
    found = pa.table(
        {
            "person_id": told["person_id"],
            "actions": pc.binary_join(told["action_list"], "; "),
            "steps": pc.binary_join(told["steps_list"], "; "),
            "tenths": told["tenths_sum"],
        }
    ).join(
        rows.group_by("person_id").aggregate(
            [("due", "min"), ("evidence_date", "max"), ("action", "count"), *((name, "sum") for name in worth)]
        ),
        "person_id",
    )
    for name in ("measure", "programs"):
        found = found.join(_different(rows, name), "person_id")
    return found


def _different(rows: pa.Table, name: str) -> pa.Table:
    """For each person the different words of a column of words, blank-separated, in alphabetical order."""
    words = pc.split_pattern(rows[name].combine_chunks(), " ")
    whose = rows["person_id"].combine_chunks().take(pc.list_parent_indices(words))
    flat = pa.table({"person_id": whose, name: pc.list_flatten(words)})
    flat = flat.filter(pc.not_equal(flat[name], "")).group_by(["person_id", name]).aggregate([])
    flat = flat.sort_by([("person_id", "ascending"), (name, "ascending")])
    listed = flat.group_by("person_id", use_threads=False).aggregate([(name, "list")])
    return pa.table({"person_id": listed["person_id"], name: pc.binary_join(listed[f"{name}_list"], " ")})


def _prioritized(found: pa.Table, weights: Weights, day: dt.date, risk: Mapping[str, float]) -> pa.Table:
    """The table in its order, with what a person's age and risk add."""
    people = found["person_id"].to_pylist()
    tenths, steps = found["tenths"].to_numpy().copy(), found["steps"].to_pylist()
    for place, (person, birth) in enumerate(zip(people, found["birth"].to_pylist(), strict=True)):
        for points, why in _of_person(weights, day, birth, risk.get(person)):
            tenths[place] += points
            steps[place] += f"; {points / 10:.1f} {why}"
    table = pa.table(
        {
            **{name: found[name] for name in ("person_id", *_PERSON, "provider_id", "actions")},
            "measures": found["measure"],
            "programs": pc.coalesce(found["programs"], ""),
            "due": found["due_min"],
            "last_evidence": found["evidence_date_max"],
            "gaps": found["action_count"],
            "value": _amounts(found),
            "priority": pa.array(tenths / 10),
            "priority_steps": pa.array(steps, pa.string()),
        }
    )
    return table.sort_by([("priority", "descending"), ("due", "ascending"), ("person_id", "ascending")])


def _of_person(weights: Weights, day: dt.date, birth: str | None, risk: float | None) -> list[tuple[int, str]]:
    """Tenths of points that a person's age and risk score add, and why."""
    found = []
    age = None if birth is None or len(birth) < len("2000-01-01") else _age(dt.date.fromisoformat(birth[:10]), day)
    if weights.age and age is not None and age >= weights.age.from_:
        found.append((int(weights.age.points * 10), f"for age {age}"))
    if risk is not None and weights.per_risk:
        found.append((round(float(weights.per_risk) * risk * 10), f"for a risk score of {risk:g}"))
    return found


def _age(birth: dt.date, day: dt.date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def _amounts(found: pa.Table) -> pa.Array:
    """Such as ``25.00 USD``; empty where nothing is earned."""
    worth = [name for name in found.column_names if name.startswith("worth ")]
    told: list[str] = []
    for amounts in zip(*(found[name].to_pylist() for name in worth), strict=True) if worth else [()] * len(found):
        named = zip(amounts, worth, strict=True)
        told.append(", ".join(f"{amount} {_currency(name)}" for amount, name in named if amount))
    return pa.array(told, pa.string())


def _currency(column: str) -> str:
    return column.removeprefix("worth ").removesuffix("_sum")


def earnings_of(targets: pa.Table) -> Earnings:
    """What one more closed gap earns, from the table of targets."""
    return {
        (row["program"], row["measure"], row["rate"]): (Decimal(row["value_per_gap"]), row["currency"])
        for row in targets.to_pylist()
        if row["value_per_gap"]
    }


def providers_of(attribution: pa.Table) -> pa.Table:
    """For each person the clinician to whom most programs attribute them; the first in the alphabet among equals."""
    known = attribution.filter(pc.and_(attribution["attributed"], pc.is_valid(attribution["provider_id"])))
    counted = (
        known.select(["person_id", "provider_id", "program"])
        .group_by(["person_id", "provider_id"])
        .aggregate([("program", "count")])
    )
    order = [("person_id", "ascending"), ("program_count", "descending"), ("provider_id", "ascending")]
    ordered = counted.sort_by(order)
    first = ordered.group_by("person_id", use_threads=False).aggregate([("provider_id", "first")])
    return pa.table({"person_id": first["person_id"], "provider_id": first["provider_id_first"]})


__all__ = ["WORK_COLUMNS", "earnings_of", "providers_of", "work_list"]
