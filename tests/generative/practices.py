"""Generated practices: few people, and events that collide with each other and with the bounds that specs ask about.

Rows are dictionaries in the dataset contract's layout. The pools below are small and shared with
``tests.generative.measures``, so that codes match, days fall on bounds and conditions hold about half of the time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pyarrow as pa
from hypothesis import strategies as st

from measureharmony.practice import Practice, from_tables
from measureharmony.practice.contract import TABLES
from measureharmony.value_sets import ValueSet, ValueSets

Row = dict[str, str]
#: Rows by name of the contract's table.
Tables = dict[str, list[Row]]

LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
#: Codings as data write them: a system that specs know by another spelling, one without a system, an unknown one.
CODINGS = ((LOINC, "A1"), (LOINC, "A2"), (SNOMED, "A1"), ("urn:oid:2.16.840.1.113883.6.96", "B1"), ("", "A1"),
           ("urn:elsewhere", "B1"), (SNOMED, "C12"), (SNOMED, "C1"))  # fmt: skip
VALUE_SETS = ValueSets((
    ValueSet("alpha", "", "", frozenset({(LOINC, "A1"), (LOINC, "A2")})),
    ValueSet("beta", "", "", frozenset({(LOINC, "A2"), (SNOMED, "B1")})),
    ValueSet("gamma", "", "", frozenset({(SNOMED, "A1")}), patterns=((SNOMED, "C1"),)),
    ValueSet("delta", "", "", frozenset({(LOINC, "never used")})),
))  # fmt: skip

#: Kinds that most events are of, and that specs ask for; the others are rarer in both.
KINDS = ("observation", "observation", "encounter", "condition", "medication_order", "procedure")
RARE_KINDS = ("medication_dispense", "medication_administration", "service_request", "device_request", "immunization",
              "allergy", "adverse_event", "communication", "task", "medication_dosing")  # fmt: skip
ROLES = ("code", "value", "reason")

PAYERS, PROGRAMS, LINES = ("blue", "green"), ("north", "south"), ("medicaid", "commercial")
PERIOD_DAYS = ("2025-12-31", "2026-01-01", "2026-12-31", "2027-01-01", "2026-06-30", "2026-07-01", "2025-07-01")
DAYS = (*PERIOD_DAYS, "2026-03-01", "2026-03-02", "2026-02-28", "2024-02-29", "2024-12-31", "2025-01-01", "2025-10-01",
        "1976-01-01")  # fmt: skip
INSTANTS = ("2026-01-01T00:00:00Z", "2025-12-31T23:59:59.999Z", "2026-12-31T23:30:00-05:00",
            "2027-01-01T00:30:00+05:00", "2026-12-31T23:59:59.999", "2026-03-01T00:00:00.001Z", "2026-03-01T12:00",
            "2026-03-01T12:00:00+02:00", "2026-03-02T12:00:00Z", "2026-06-30T22:00:00-04:00")  # fmt: skip
PARTIAL = ("2026", "2025-12", "2026-03", "2027-01", "2026-12")
#: Twice the days and instants next to which specs set their bounds.
TIMES = (*PERIOD_DAYS, *PERIOD_DAYS, *INSTANTS[:5], *DAYS, *INSTANTS, *PARTIAL)
STARTS = (*TIMES, "", "0001-01-01", "unknown")
ENDS = (*TIMES, "9999-12-31", "unknown")
BIRTHS = ("1976-12-31", "1977-01-01", "1976-01-01", "2000-02-29", "2024-02-29", "1976", "1976-12", "", "2025-12-31",
          "2026-01-01", "1960-06-30")  # fmt: skip

NUMBERS = ("0.09", "9", "9.0000000001", "90", "120", "0", "-1", "100.4")
UNITS = ("%", "1", "", "mg/dL", "g/L", "mm[Hg]", "nonsense", "[degF]", "Cel")
STATUSES = ("final", "active", "draft", "finished")
TYPES = ("lab", "simple", "lab bmi", "none")
CATEGORIES = ("laboratory", "none", "laboratory exam", "imaging")
SOURCES = ("claim", "ehr", "payer_feed")
VALUE_TYPES = ("quantity", "coded", "text")
EVENT_COUNT = 10


def pairs(column: str, values: tuple[str, ...]) -> list[tuple[str, str]]:
    """One optional cell of an event: every value that this column takes."""
    return [(column, value) for value in values]


def event_id(number: int) -> str:
    """From one digit to two, so that the order of identifiers is not that of the alphabet."""
    return str(number + 5)


#: What a supply holds and how long it lasts; a dose needs both, so that they mostly come together.
SUPPLIES: tuple[Row, ...] = (
    {}, {}, {}, {"quantity": "30", "days_supply": "30"}, {"quantity": "60", "days_supply": "30", "quantity_unit": "mL"},
    {"quantity": "15", "days_supply": "30", "quantity_unit": "{tbl}"}, {"quantity": "30", "days_supply": "0"},
    {"quantity": "30", "days_supply": "90", "quantity_unit": "tablet"}, {"quantity": "30"},
)  # fmt: skip

_LINKED = (*map(event_id, range(EVENT_COUNT)), "999")
#: Some cells may name several events.
_SEVERAL = (*_LINKED, f"{event_id(0)} {event_id(1)}", f"999 {event_id(2)}  {event_id(0)}")
#: The cells an event may have beyond kind, code and start. Those of one column exclude each other; the last one wins.
CELLS: tuple[tuple[str, str], ...] = tuple(
    pair
    for column, values in {
        "end": ENDS, "authored": TIMES, "recorded": TIMES, "received": DAYS, "status": STATUSES,
        "intent": ("order", "plan"), "verification": ("confirmed", "refuted"),
        "clinical_status": ("active", "resolved", "remission"), "not_done": ("true",), "type": TYPES,
        "category": CATEGORIES, "source": SOURCES, "value": NUMBERS, "value_type": VALUE_TYPES,
        "days_supply": ("1", "30", "90", "0.5"), "refills": ("0", "1", "2"), "encounter_id": _SEVERAL,
        "parent_id": _LINKED, "based_on_id": _SEVERAL, "sequence": ("1", "2", "3"),
    }.items()
    for pair in pairs(column, values)
)  # fmt: skip


@st.composite
def events(draw: st.DrawFn, number: int, people: int) -> tuple[Row, list[Row]]:
    """One event and its further codings."""
    kind = draw(st.sampled_from((*KINDS, *KINDS, *RARE_KINDS)))
    system, code = draw(st.sampled_from((*CODINGS, ("", ""))))
    row = {
        "event_id": event_id(number), "person_id": person_id(draw(st.integers(0, people - 1))), "kind": kind,
        "code_system": system, "code": code, "start": draw(st.sampled_from(STARTS)),
    }  # fmt: skip
    row |= draw(st.sampled_from(SUPPLIES))
    row |= dict(draw(st.lists(st.sampled_from(CELLS), max_size=4)))
    if "value" in row:
        row["unit"] = draw(st.sampled_from(UNITS))
    coded = draw(st.lists(st.tuples(st.sampled_from(ROLES), st.sampled_from(CODINGS)), max_size=2))
    return row, [{"event_id": row["event_id"], "role": role, "system": s, "code": c} for role, (s, c) in coded]


@st.composite
def people(draw: st.DrawFn, number: int) -> Row:
    """One person; sex, gender and dates may be missing."""
    row = {"person_id": person_id(number), "birth": draw(st.sampled_from(BIRTHS))}
    row["sex"] = draw(st.sampled_from(("female", "male", "")))
    row["gender"] = draw(st.sampled_from(("female", "other", "unknown", "")))
    row["death"] = draw(st.sampled_from(("", "", "2026-12-31", "2026", "2026-12-31T12:00Z", "2027-01-01")))
    row["deceased"] = draw(st.sampled_from(("", "true"))) if not row["death"] else ""
    return row


def person_id(number: int) -> str:
    return f"p{number}"


#: Days on which spans begin and end: whole periods, and gaps of 0, 1, 45 and 46 days after 31 March.
SPAN_STARTS = ("2020-01-01", "2025-07-01", "2026-01-01", "2026-01-02", "2026-04-01", "2026-04-02", "2026-05-16",
               "2026-05-17", "2026-07-01", "2026-02-15")  # fmt: skip
SPAN_ENDS = ("2026-03-31", "2026-06-30", "2026-12-31", "2026-12-30", "2025-12-31", "", "9999-12-31", "2026-05-15")


@st.composite
def spans(draw: st.DrawFn, named: str, names: tuple[str, ...], count: int) -> Row:
    """One span of coverage (``named`` is ``payer``) or of a roster (``program``)."""
    row = {"person_id": person_id(draw(st.integers(0, count - 1))), named: draw(st.sampled_from(names))}
    start, end = draw(st.sampled_from(SPAN_STARTS)), draw(st.sampled_from(SPAN_ENDS))
    row |= {"start": start, "end": end if not end or end >= start else ""}
    if named == "payer":
        row["product_line"] = draw(st.sampled_from((*LINES, "")))
        row["benefits"] = draw(st.sampled_from(("", "", "medical", "medical pharmacy")))
    return row


@st.composite
def practices(draw: st.DrawFn, max_people: int = 4, max_events: int = EVENT_COUNT) -> Tables:
    """The rows of a whole practice. A person's identifier never tells the order of their rows."""
    count = draw(st.integers(1, max_people))
    numbers = draw(st.permutations(range(max_events)))[: draw(st.integers(0, max_events))]
    made = [draw(events(number, count)) for number in numbers]
    return {
        "person": [draw(people(number)) for number in range(count)],
        "coverage": draw(st.lists(spans("payer", PAYERS, count), max_size=3)),
        "roster": draw(st.lists(spans("program", PROGRAMS[:1], count), max_size=1)),
        "event": [row for row, _ in made],
        "event_code": [row for _, codes in made for row in codes],
    }


#: The end of what is known: before, in and after the periods, or everything.
AS_OF = st.sampled_from((None, *map(dt.date.fromisoformat, ("2025-12-31", "2026-06-30", "2026-12-30", "2027-01-01"))))


def arrow_tables(tables: Mapping[str, list[Row]]) -> dict[str, pa.Table]:
    """The rows as tables of text, with all columns of the contract."""
    schemas = {name: pa.schema([(column.name, pa.string()) for column in TABLES[name].columns]) for name in tables}
    return {name: pa.Table.from_pylist(rows, schema=schemas[name]) for name, rows in tables.items()}


def with_numbers(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The same tables with identifiers of events as numbers, not as text."""
    numbered = {}
    for name, table in tables.items():
        for place, column in enumerate(table.column_names):
            if column in ("event_id", "encounter_id", "parent_id", "based_on_id"):
                table = table.set_column(place, column, table[column].cast(pa.int64()))
        numbered[name] = table
    return numbered


def with_one_link(tables: Mapping[str, list[Row]]) -> dict[str, list[Row]]:
    """The same rows with no cell that names several events, which numbers cannot."""
    several = ("encounter_id", "based_on_id")
    return {
        name: [{k: v.split()[0] if k in several and v else v for k, v in row.items()} for row in rows]
        for name, rows in tables.items()
    }


def read(tables: Mapping[str, list[Row]]) -> Practice:
    """The practice that the reader makes of the rows."""
    return from_tables(arrow_tables(tables), origin="generated")


__all__ = [
    "AS_OF",
    "CATEGORIES",
    "DAYS",
    "KINDS",
    "LINES",
    "NUMBERS",
    "PAYERS",
    "PROGRAMS",
    "RARE_KINDS",
    "ROLES",
    "SOURCES",
    "STATUSES",
    "TYPES",
    "UNITS",
    "VALUE_SETS",
    "VALUE_TYPES",
    "Row",
    "Tables",
    "arrow_tables",
    "person_id",
    "practices",
    "read",
    "with_numbers",
]  # fmt: skip
