"""Somebody made up: rows of the dataset contract, made of what the solver chose, and told in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import pyarrow as pa

from measureharmony.evaluation.terminology import STAND_IN_SYSTEM
from measureharmony.periods import EPOCH
from measureharmony.practice import Practice, from_tables
from measureharmony.practice.contract import TABLES

#: Cells of one row of the dataset contract, as text, by column.
Cells: TypeAlias = Mapping[str, str]
#: A further coding of an event: role, system, code.
FurtherCode: TypeAlias = tuple[str, str, str]

_PERSON = "somebody"


@dataclass(frozen=True, eq=False)
class MadeEvent:
    """An event: its cells (without whose it is) and its codings beside the first."""

    cells: Cells
    codes: tuple[FurtherCode, ...] = ()

    @property
    def event_id(self) -> str:
        """Its identifier, unique for the person."""
        return self.cells["event_id"]


@dataclass(frozen=True, eq=False)
class Somebody:
    """A person with coverage and events; ``counted`` is the event that an episode measure counts."""

    person: Cells
    coverage: tuple[Cells, ...] = ()
    events: tuple[MadeEvent, ...] = ()
    counted: str | None = None

    @property
    def size(self) -> int:
        """How many rows there are beside the person's own."""
        return len(self.coverage) + len(self.events)

    @property
    def stand_ins(self) -> tuple[str, ...]:
        """Value sets without any known code, one of whose codes is assumed: in no other set."""
        codings = (coding for event in self.events for coding in _codings(event))
        return tuple(sorted({code for system, code in codings if system == STAND_IN_SYSTEM}))

    def with_less(self) -> Iterator[Somebody]:
        """The same somebody without one row, one further code, or one cell: the greatest losses first."""
        for place in range(len(self.events)):
            if self.events[place].event_id != self.counted:
                yield replace(self, events=_without(self.events, place))
        for place in range(len(self.coverage)):
            yield replace(self, coverage=_without(self.coverage, place))
        for place, event in enumerate(self.events):
            for less in _with_less(event):
                yield replace(self, events=(*self.events[:place], less, *self.events[place + 1 :]))
        for column in sorted(self.person.keys() - {"birth"}):
            yield replace(self, person={name: cell for name, cell in self.person.items() if name != column})

    def common(self, others: Sequence[Somebody]) -> Somebody:
        """What all of the others, each of them with something less, have in common with this one."""
        events = []
        for event in self.events:
            kept = [[e for e in other.events if e.event_id == event.event_id] for other in others]
            if all(kept):
                cells = {c: v for c, v in event.cells.items() if all(c in same[0].cells for same in kept)}
                codes = tuple(code for code in event.codes if all(code in same[0].codes for same in kept))
                events.append(MadeEvent(cells, codes))
        coverage = tuple(span for span in self.coverage if all(span in other.coverage for other in others))
        person = {c: v for c, v in self.person.items() if all(c in other.person for other in others)}
        return replace(self, person=person, coverage=coverage, events=tuple(events))


def _without(rows: tuple, place: int) -> tuple:  # type: ignore[type-arg]  # of whatever they are
    return (*rows[:place], *rows[place + 1 :])


#: Cells that an event is hard to imagine without.
_KEPT = {"event_id", "kind", "start"}


def _with_less(event: MadeEvent) -> Iterator[MadeEvent]:
    for place in range(len(event.codes)):
        yield replace(event, codes=_without(event.codes, place))
    for column in sorted(event.cells.keys() - _KEPT - {"code", "unit"}):
        gone = {column} | ({"code"} if column == "code_system" else {"unit"} if column == "value" else set())
        yield replace(event, cells={name: cell for name, cell in event.cells.items() if name not in gone})


def _codings(event: MadeEvent) -> Iterator[tuple[str, str]]:
    if "code" in event.cells:
        yield event.cells.get("code_system", ""), event.cells["code"]
    yield from ((system, code) for _, system, code in event.codes)


# --- as a practice ---------------------------------------------------------------------------------------------------


@dataclass
class _Tables:
    """The rows of several people, told apart by their number, which rejects name as their row."""

    rows: dict[str, list[dict[str, object]]] = field(
        default_factory=lambda: {"person": [], "coverage": [], "event": [], "event_code": []}
    )

    def add(self, number: int, somebody: Somebody) -> None:
        person = {"person_id": _person_id(number), "_row": number}
        self.rows["person"].append({**person, **somebody.person})
        self.rows["coverage"] += [{**person, **span} for span in somebody.coverage]
        for event in somebody.events:
            cells = {name: _own(number, cell) if name.endswith("_id") else cell for name, cell in event.cells.items()}
            self.rows["event"].append({**person, **cells})
            self.rows["event_code"] += [
                {"event_id": cells["event_id"], "_row": number, "role": role, "system": system, "code": code}
                for role, system, code in event.codes
            ]


def _person_id(number: int) -> str:
    """The identifier of the person of that number; identifiers are in the order of the numbers."""
    return f"{_PERSON}{number:07}"


def number_of(identifier: str) -> int:
    """The number of the person of that identifier."""
    return int(identifier.removeprefix(_PERSON))


def event_id(number: int, own: str) -> str:
    """The identifier, in the practice, of an event of the person of that number."""
    return f"{number}-{own}"


def _own(number: int, cell: str) -> str:
    return " ".join(event_id(number, own) for own in cell.split())


def practice_of(people: Sequence[Somebody]) -> Practice:
    """The people as a practice, checked as any other; rejects say in ``row`` whose rows they are."""
    tables = _Tables()
    for number, somebody in enumerate(people):
        tables.add(number, somebody)
    return from_tables({name: _arrow(name, rows) for name, rows in tables.rows.items() if rows}, "somebody made up")


def _arrow(table: str, rows: list[dict[str, object]]) -> pa.Table:
    columns = [(column.name, pa.string()) for column in TABLES[table].columns]
    return pa.Table.from_pylist(rows, schema=pa.schema([*columns, ("_row", pa.int64())]))


def iso(day: int) -> str:
    """A day number as the contract writes it."""
    return (EPOCH + dt.timedelta(days=day)).isoformat()


__all__ = ["Cells", "FurtherCode", "MadeEvent", "Somebody", "event_id", "iso", "number_of", "practice_of"]
