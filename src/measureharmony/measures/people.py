"""Worked people: small named cases beside a measure's spec, with the populations each person is in.

A row is written with the columns of the dataset contract, except that identifiers are made up by the reader, codes are
written as specs write them, and a panel holds its components.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema, create_model, model_validator

from measureharmony.errors import UsageError
from measureharmony.measures.event_set import Role
from measureharmony.measures.measure import Key, Population
from measureharmony.measures.names import CodeRef, Model
from measureharmony.measures.window import listed
from measureharmony.periods import Period
from measureharmony.practice.contract import COVERAGE, EVENT, PERSON, Column, Table

#: The code system under which a value set's name stands for "some code of that set".
VALUE_SET_SYSTEM = "urn:measureharmony:value-set"

Row: TypeAlias = dict[str, str]

_MOMENT = r"^(\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?)?)?|unknown)$"
_DAY = r"^\d{4}-\d\d-\d\d$"
_DONE_BY_READER = ("person_id", "event_id", "code_system", "code", "encounter_id", "parent_id", "based_on_id")


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, (int, dt.date)) and not isinstance(value, bool) else value


#: A moment as the contract writes it: ``2026``, ``2026-03``, ``2026-03-09``, ``2026-03-09T14:30Z``, ``unknown``.
Moment = Annotated[
    str,
    BeforeValidator(_as_text),
    Field(pattern=_MOMENT),
    WithJsonSchema({"title": "Moment", "type": ["string", "integer"], "pattern": _MOMENT}),
]
Day = Annotated[str, BeforeValidator(_as_text), Field(pattern=_DAY)]
CodeRefs = Annotated[tuple[CodeRef, ...], BeforeValidator(listed)]


def _cell(column: Column) -> Any:
    """The type of a contract column's cell in a worked person."""
    if column.type == "word":
        return Literal[column.allowed]
    types: dict[str, Any] = {
        "text": str, "words": str, "date": Day, "time": Moment, "number": int | float, "integer": int, "flag": bool,
    }  # fmt: skip
    return types[column.type]


B = TypeVar("B", bound=Model)


def _row_model(name: str, table: Table, base: type[B]) -> type[B]:
    """A model of a contract table's rows without the columns that the reader fills in."""
    fields: dict[str, Any] = {
        column.name: (
            (_cell(column), Field(description=column.meaning))
            if column.required
            else (_cell(column) | None, Field(None, description=column.meaning))
        )
        for column in table.columns
        if column.name not in _DONE_BY_READER
    }
    return create_model(name, __base__=base, __doc__=table.meaning, **fields)


class Coding(Model):
    """What an event is: a value set's name (some code of that set) or ``SYSTEM|code``, and codes in other roles."""

    code: CodeRef | None = None
    codes: dict[Role, CodeRefs] = Field(default_factory=dict)


class Links(Coding):
    """An event's own ``id``, the ``id`` of the visit it belongs to and of the order it fulfils, and its components."""

    id: Key | None = None
    encounter: Key | None = None
    based_on: Key | None = None
    components: tuple[Component, ...] = ()


class Component(Coding):
    """One part of a panel, such as the systolic pressure; it takes its time and status from the panel."""

    value: int | float | None = None
    unit: str | None = None
    value_type: Literal["quantity", "integer", "coded", "text", "other"] | None = None


if TYPE_CHECKING:  # types made from the contract are out of the type checker's sight; it sees what they add to it
    PersonRow: TypeAlias = Model
    CoverageRow: TypeAlias = Model
    EventCase: TypeAlias = Links
else:
    PersonRow = _row_model("PersonRow", PERSON, Model)
    CoverageRow = _row_model("CoverageRow", COVERAGE, Model)
    EventCase = _row_model("EventCase", EVENT, Links)


class Span(Model):
    """A measurement period written out, both days included."""

    from_: dt.date = Field(alias="from")
    to: dt.date

    @model_validator(mode="after")
    def _in_order(self) -> Span:
        if self.to < self.from_:
            raise ValueError(f"the period ends ({self.to}) before it starts ({self.from_})")
        return self


class WorkedPerson(Model):
    """One person, named by a sentence, with the populations of each rate that the person is in (only those)."""

    name: str = Field(min_length=1)
    person: PersonRow
    coverage: tuple[CoverageRow, ...] = ()
    events: tuple[EventCase, ...] = ()
    expect: dict[Key, tuple[Population, ...]] = Field(min_length=1)

    @property
    def person_id(self) -> str:
        """The name in lower-case letters, digits and hyphens."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")


class PeopleFile(Model):
    """The worked people of one measure: ``canonical/<measure>.people.yaml``."""

    measure: Key
    period: int | Span
    people: tuple[WorkedPerson, ...] = Field(min_length=1)

    @property
    def measurement_period(self) -> Period:
        """The period over which the people are evaluated."""
        if isinstance(self.period, int):
            return Period.calendar_year(self.period)
        return Period(self.period.from_, self.period.to)


def people_tables(file: PeopleFile, systems: Mapping[str, str]) -> dict[str, list[Row]]:
    """The worked people as rows of the contract's ``person``, ``coverage``, ``event`` and ``event_code`` tables.

    ``systems`` gives the URI of each code system's short name; ``UsageError`` when a code names another one. A value
    set's name becomes a code of :data:`VALUE_SET_SYSTEM`: whoever runs the people adds that coding to every value set.
    Cells are text; columns that a row leaves out are empty for it.
    """
    tables: dict[str, list[Row]] = {"person": [], "coverage": [], "event": [], "event_code": []}
    for person in file.people:
        key = {"person_id": person.person_id}
        tables["person"].append(key | _cells(person.person))
        tables["coverage"] += [key | _cells(span) for span in person.coverage]
        for event, codes in _event_rows(person, systems):
            tables["event"].append(event)
            tables["event_code"] += codes
    return tables


def _event_rows(person: WorkedPerson, systems: Mapping[str, str]) -> Iterator[tuple[Row, list[Row]]]:
    """Each event row of a person, components after their panel, with its further codings."""
    for number, event in enumerate(person.events, start=1):
        own_id = _event_id(person, event.id or str(number))
        links = {"encounter_id": event.encounter, "based_on_id": event.based_on}
        row = {"event_id": own_id, "person_id": person.person_id, **_cells(event)}
        row |= {column: _event_id(person, target) for column, target in links.items() if target}
        yield _coded(row, event, systems)
        for position, component in enumerate(event.components, start=1):
            taken_over = {column: row[column] for column in _FROM_PANEL if column in row}
            identity = {"event_id": f"{own_id}-{position}", "person_id": person.person_id, "parent_id": own_id}
            yield _coded({**taken_over, **identity, "type": "component", **_cells(component)}, component, systems)


_FROM_PANEL = (
    "kind",
    "status",
    "start",
    "end",
    "authored",
    "recorded",
    "received",
    "source",
    "encounter_id",
    "not_done",
)


def _event_id(person: WorkedPerson, own: str) -> str:
    return f"{person.person_id}-{own}"


def _coded(row: Row, event: Coding, systems: Mapping[str, str]) -> tuple[Row, list[Row]]:
    """``row`` with its first coding, and the ``event_code`` rows of the other codings."""
    if event.code is not None:
        row["code_system"], row["code"] = _coding(event.code, systems)
    further = []
    for role, codes in event.codes.items():
        for code in codes:
            system, text = _coding(code, systems)
            further.append({"event_id": row["event_id"], "role": role, "system": system, "code": text})
    return row, further


def _coding(code: CodeRef, systems: Mapping[str, str]) -> tuple[str, str]:
    """System URI and code."""
    if not code.is_code:
        return VALUE_SET_SYSTEM, str(code)
    system, _, text = code.partition("|")
    if system == "*":
        return "", text
    if system not in systems:
        raise UsageError(f"the code '{code}' names an unknown code system; known: {', '.join(sorted(systems))}")
    return systems[system], text


def _cells(row: BaseModel) -> Row:
    """The contract columns that a row gives, as text."""
    given = row.model_dump(exclude_none=True, exclude=_NOT_COLUMNS)
    return {column: _cell_text(value) for column, value in given.items()}


_NOT_COLUMNS = {*Links.model_fields}


def _cell_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


__all__ = [
    "VALUE_SET_SYSTEM",
    "Component",
    "CoverageRow",
    "EventCase",
    "PeopleFile",
    "PersonRow",
    "Row",
    "Span",
    "WorkedPerson",
    "people_tables",
]  # fmt: skip
