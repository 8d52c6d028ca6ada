"""The real engine over hand-made records: they become the relations of a practice, then everything is as in a run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from measureharmony.engines import local
from measureharmony.evaluation.compile import compile_plan
from measureharmony.evaluation.outcome import outcome_table
from measureharmony.evaluation.reference.filters import result_type
from measureharmony.evaluation.reference.record import Event, PersonRecord, Span, Time
from measureharmony.evaluation.terminology import Terminology
from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers.variant import Variant
from measureharmony.practice import Practice
from tests.criteria.example import VALUE_SETS, Outcomes

Row = dict[str, Any]

_WORDS = ("status", "intent", "verification", "clinical_status", "source", "unit", "quantity_unit")
_LINKS = ("encounter_id", "parent_id", "based_on_id")


def outcomes(variant: Variant, records: Sequence[PersonRecord], as_of: dt.date | None = None) -> Outcomes:
    """The outcomes of everybody, by person, rate and population."""
    plan = compile_plan([variant], as_of)
    with practice_of(records) as practice:
        evaluated = local.run(practice, plan, Terminology.of(VALUE_SETS), as_of, workers=1)
        rows = outcome_table([variant], evaluated, everybody=True).to_pylist()
    found: Outcomes = {record.person_id: {} for record in records}
    for row in rows:
        found[row["person_id"]][row["rate"]] = {name: row[name] for name in POPULATIONS}
    return found


def practice_of(records: Sequence[PersonRecord]) -> Practice:
    """A practice that holds exactly these records: no defaults are filled in, and nothing is checked.

    Identifiers of events need be unique within a person only; in the practice, they are made unique over all.
    """
    connection = duckdb.connect()
    ordered = sorted(records, key=lambda record: record.person_id)
    tables: dict[str, list[Row]] = {"person": [], "coverage": [], "roster": [], "event": [], "event_code": []}
    for key, record in enumerate(ordered):
        tables["person"].append(_person(key, record))
        tables["coverage"] += [_coverage(key, span) for span in record.coverage]
        for event in record.events:
            tables["event"].append(_event(key, event))
            tables["event_code"] += _codes(key, event)
    for name, rows in tables.items():
        connection.register("arriving", pa.Table.from_pylist(rows, schema=_SCHEMAS[name]))
        connection.execute(f"CREATE TABLE accepted_{name} AS SELECT * FROM arriving")
        connection.unregister("arriving")
    connection.execute("CREATE VIEW listed_program AS SELECT DISTINCT program FROM accepted_roster")
    return Practice(connection, "examples", pa.table({}), pa.table({}))


def _person(key: int, record: PersonRecord) -> Row:
    named = {"person_key": key, "person_id": record.person_id, "sex": record.sex, "gender": record.gender}
    return {**named, **_time("birth", record.birth), **_time("death", record.death)}


def _coverage(key: int, span: Span) -> Row:
    return {
        "person_key": key, "payer": span.payer, "product_line": span.product_line, "benefits": _listed(span.benefits),
        "start_day": span.start_day, "end_day": span.end_day,
    }  # fmt: skip


def _event(key: int, event: Event) -> Row:
    system, code = next(iter(_codings(event, "code")), (None, None))
    row: Row = {
        "person_key": key, "event_id": _unique(key, event.event_id), "kind": event.kind, "type": _listed(event.types),
        "category": _listed(event.categories), "code_system": system, "code": code, "not_done": event.not_done,
        "received_day": event.received_day, "value": event.value, "value_type": result_type(event),
        "quantity": event.quantity, "days_supply": event.days_supply, "refills": event.refills,
        "sequence": event.sequence,
    }  # fmt: skip
    row |= {name: getattr(event, name) for name in _WORDS}
    row |= {name: None if (to := getattr(event, name)) is None else _unique(key, to) for name in _LINKS}
    for name in ("start", "end", "authored", "recorded"):
        row |= _time(name, getattr(event, name))
    return row


def _codes(key: int, event: Event) -> Iterator[Row]:
    for role in event.codes:
        for system, code in _codings(event, role)[1 if role == "code" else 0 :]:
            yield {"event_id": _unique(key, event.event_id), "role": role, "system": system, "code": code}


def _codings(event: Event, role: str) -> list[tuple[str | None, str]]:
    return sorted(event.codes.get(role, ()), key=lambda coding: (coding[0] or "", coding[1]))


def _unique(key: int, event_id: str) -> str:
    """The same length for everybody's prefix, so that the order within a person stays."""
    return f"{key:04}-{event_id}"


def _listed(words: frozenset[str] | None) -> str | None:
    return None if words is None else " ".join(sorted(words))


def _time(name: str, time: Time) -> Row:
    return {f"{name}_lo": time.day_lo, f"{name}_hi": time.day_hi, f"{name}_ms": time.ms}


def _times(*names: str) -> dict[str, pa.DataType]:
    return {f"{n}_{part}": pa.int64() if part == "ms" else pa.int32() for n in names for part in ("lo", "hi", "ms")}


def _texts(*names: str) -> dict[str, pa.DataType]:
    return dict.fromkeys(names, pa.string())


_KEY, _SPAN = {"person_key": pa.int32()}, {"start_day": pa.int32(), "end_day": pa.int32()}
_SCHEMAS = {
    "person": pa.schema({**_KEY, **_texts("person_id", "sex", "gender"), **_times("birth", "death")}),
    "coverage": pa.schema({**_KEY, **_texts("payer", "product_line", "benefits"), **_SPAN}),
    "roster": pa.schema({**_KEY, **_texts("program"), **_SPAN}),
    "event": pa.schema({
        **_KEY, **_texts("event_id", "kind", "type", "category", "code_system", "code", *_WORDS, "value_type", *_LINKS),
        "not_done": pa.bool_(), "received_day": pa.int32(), "sequence": pa.int64(),
        **dict.fromkeys(("value", "quantity", "days_supply", "refills"), pa.float64()),
        **_times("start", "end", "authored", "recorded"),
    }),
    "event_code": pa.schema(_texts("event_id", "role", "system", "code")),
}  # fmt: skip

__all__ = ["outcomes", "practice_of"]
