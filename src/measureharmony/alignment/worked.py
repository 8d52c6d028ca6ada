"""Worked people of a measure as people made up, to show what the solver's own people do not."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace

from measureharmony.alignment.enrolment import Coverage
from measureharmony.alignment.making import span_cells
from measureharmony.alignment.somebody import Cells, MadeEvent, Somebody
from measureharmony.harmonize import Specs
from measureharmony.measures.measure import Episodes
from measureharmony.measures.people import PeopleFile, Row, people_tables
from measureharmony.measures.reader import read_model
from measureharmony.payers.variant import Variant
from measureharmony.practice.contract import NO_END
from measureharmony.spec_files import spec_folder
from measureharmony.value_sets import shipped_systems

#: So many kinds of coverage are tried with each worked person.
_COVERAGES = 8


def worked_people(specs: Specs, variants: Sequence[Variant], coverages: Sequence[Coverage]) -> list[Somebody]:
    """The people beside a measure's spec, as they are, in each variant's period, and with each of some coverages.

    Of a measure that counts events, each of them comes once for each of their events.
    """
    measure = variants[0].measure.measure
    file = specs.canonical.people.get(measure) or _shipped(measure)
    if file is None:
        return []
    people = _people(file)
    if isinstance(specs.canonical.measures[measure].subject, Episodes):
        people = [replace(one, counted=event.event_id) for one in people for event in one.events]
    starts = dict.fromkeys(variant.period.start - file.measurement_period.start for variant in variants)
    moved = [_moved(one, days) for days in dict.fromkeys((dt.timedelta(0), *starts)) for one in people]
    spans = [tuple(map(span_cells, coverage)) for coverage in coverages[:_COVERAGES]]
    return moved + [replace(one, coverage=coverage) for coverage in spans for one in moved]


def _shipped(measure: str) -> PeopleFile | None:
    """The people of a shipped measure, which are not read with the specs."""
    path = spec_folder() / "canonical" / f"{measure}.people.yaml"
    return read_model(path, PeopleFile).model if path.is_file() else None


def _moved(one: Somebody, days: dt.timedelta) -> Somebody:
    """Everything of theirs so many days later."""
    if not days:
        return one
    person = _later(one.person, days)
    coverage = tuple(_later(span, days) for span in one.coverage)
    return replace(
        one, person=person, coverage=coverage,
        events=tuple(replace(event, cells=_later(event.cells, days)) for event in one.events),
    )  # fmt: skip


_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _later(cells: Cells, days: dt.timedelta) -> dict[str, str]:
    return {column: _later_day(cell, days) for column, cell in cells.items()}


def _later_day(cell: str, days: dt.timedelta) -> str:
    if not _DAY.fullmatch(cell) or cell == NO_END:
        return cell
    return (dt.date.fromisoformat(cell) + days).isoformat()


def _people(file: PeopleFile) -> list[Somebody]:
    tables = people_tables(file, {system.name: system.uri for system in shipped_systems().systems})
    codes: dict[str, list[tuple[str, str, str]]] = {}
    for row in tables["event_code"]:
        codes.setdefault(row["event_id"], []).append((row["role"], row["system"], row["code"]))
    return [
        Somebody(
            _own(person),
            tuple(_own(span) for span in tables["coverage"] if span["person_id"] == person["person_id"]),
            tuple(
                MadeEvent(_own(event), tuple(codes.get(event["event_id"], ())))
                for event in tables["event"]
                if event["person_id"] == person["person_id"]
            ),
        )
        for person in tables["person"]
    ]


def _own(row: Row) -> Row:
    return {column: cell for column, cell in row.items() if column != "person_id"}


__all__ = ["worked_people"]
