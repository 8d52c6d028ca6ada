"""A few people whose outcomes are written down, not computed, so that each test says what it is about."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import pyarrow as pa

from measureharmony.evaluation.outcome_form import OUTCOME_COLUMNS
from measureharmony.measures.measure import POPULATIONS, Measure
from measureharmony.payers.variant import CANONICAL, OwnCoverage, Variant
from measureharmony.periods import Period
from measureharmony.practice import Practice, from_tables
from measureharmony.reports.results import Results
from measureharmony.value_sets import ValueSets

YEAR = Period(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
OCTOBER = dt.date(2026, 10, 31)
#: Text that breaks JSON, XML, HTML and file names that are put together without care.
HOSTILE = '</td><b onload="x">&amp;\' \\u0000 ]]>'

Row = dict[str, Any]


def measure(key: str, **parts: Any) -> Measure:
    """A measure whose criteria do not matter; ``parts`` replace what it has."""
    whole: dict[str, Any] = {
        "measure": key,
        "title": f"Measure {key}",
        "edition": 2026,
        "description": "…",
        "populations": {
            "initial_population": {"sex": "female"},
            "denominator_exclusion": {"sex": "male"},
            "numerator": {"sex": "female"},
        },
        "rates": [{"id": "met", "title": "Met"}],
    }
    return Measure.model_validate({**whole, **parts})


SCREENING = measure(
    "screening",
    identifiers=[{"system": "CMS eCQM", "id": "CMS999v1", "year": 2026}],
    strata=[
        {"id": "young", "title": "Young", "criterion": {"sex": "female"}},
        {"id": "old", "title": "Old", "criterion": {"sex": "female"}},
    ],
)
SUGAR = measure(
    "sugar",
    direction="lower",
    rates=[{"id": "poor", "title": "Poor control"}, {"id": "good", "title": "Good control", "direction": "higher"}],
)
INVERSE = measure("inverse", direction="lower")
FOLLOW_UP = measure("follow_up", subject={"episodes": "stay"}, events={"stay": {"kind": "encounter"}})
NUMBERS = {"days": {"count": {"of": "stay"}}}


def outcome(person: str, measure: str = "screening", *inside: str, **cells: Any) -> Row:
    """A row of the outcome table: in the populations named; ``cells`` for the rest."""
    row: Row = dict.fromkeys(OUTCOME_COLUMNS)
    row |= {"program": CANONICAL, "measure": measure, "edition": 2026, "rate": "met", "member": True, "strata": ""}
    row |= {name: name in inside for name in POPULATIONS} | {"person_id": person, "subject_id": person}
    return {**row, **cells}


_TYPES = {
    "edition": pa.int16(),
    "observation": pa.float64(),
    "close_by": pa.date32(),
    "evidence_date": pa.date32(),
    "evidence_value": pa.float64(),
    **dict.fromkeys(("member", *POPULATIONS), pa.bool_()),
}


def practice(
    people: list[Row],
    events: list[Row] | None = None,
    coverage: list[Row] | None = None,
    codes: list[Row] | None = None,
) -> Practice:
    """A practice of these rows."""
    tables = {"person": people, "event": events or [], "coverage": coverage or [], "event_code": codes or []}
    return from_tables({name: _text_table(rows) for name, rows in tables.items() if rows})


def results(
    outcomes: list[Row],
    measures: tuple[Measure, ...] = (SCREENING,),
    *,
    where: Practice | None = None,
    as_of: dt.date | None = OCTOBER,
    program: str = "",
) -> Results:
    """Results that say just this; with ``program``, of that program (of payer ``blue``) beside the canonical ones."""
    variants = [Variant(CANONICAL, one, YEAR) for one in measures]
    if program:
        variants += [Variant(program, one, YEAR, own=OwnCoverage("blue")) for one in measures]
    schema = pa.schema([(name, _TYPES.get(name, pa.string())) for name in OUTCOME_COLUMNS])
    table = pa.Table.from_pylist(outcomes, schema=schema)
    return Results(table, variants, where or women(*sorted({row["person_id"] for row in outcomes})), ValueSets(), as_of)


@cache
def women(*person_ids: str) -> Practice:
    """A practice of people of whom nothing else is known; the same one for the same people."""
    people = [{"person_id": p, "birth": "1960-05-04", "sex": "female"} for p in person_ids or ("nobody",)]
    return practice(people)


def _text_table(rows: list[Row]) -> pa.Table:
    columns = dict.fromkeys(column for row in rows for column in row)
    return pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in columns})
