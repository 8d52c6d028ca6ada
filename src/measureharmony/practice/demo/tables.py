"""Builds the demo practice: in memory, or written out in chunks of people, at any size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from measureharmony.practice.demo.acute_care import write_acute_care
from measureharmony.practice.demo.airways import write_airways
from measureharmony.practice.demo.bones import write_bones
from measureharmony.practice.demo.broken import with_broken_rows
from measureharmony.practice.demo.children import write_children
from measureharmony.practice.demo.chunk import Chunk, random_numbers
from measureharmony.practice.demo.clinicians import PHYSICIANS, provider_table
from measureharmony.practice.demo.conditions import (
    write_conditions,
    write_everyday_care,
    write_later_conditions,
)
from measureharmony.practice.demo.diabetes_care import write_diabetes_care
from measureharmony.practice.demo.insurance import coverage_table, draw_insurance, roster_table
from measureharmony.practice.demo.journal import Journal
from measureharmony.practice.demo.people import draw_people, person_table
from measureharmony.practice.demo.pharmacy import write_pharmacy
from measureharmony.practice.demo.questions import write_questions
from measureharmony.practice.demo.results import write_blood_pressure, write_glucose
from measureharmony.practice.demo.screenings import write_screenings
from measureharmony.practice.demo.treatments import write_treatments
from measureharmony.practice.demo.vaccines import write_vaccines
from measureharmony.practice.demo.visits import Encounters, write_visits
from measureharmony.practice.demo.womens_health import write_womens_health

Tables = dict[str, pa.Table]
FileFormat = Literal["parquet", "csv"]

#: People are drawn in chunks of this many, each with random numbers of its own: memory stays bounded.
CHUNK = 10_000

_IDS = {"person_id": "p", "event_id": "e", "encounter_id": "e", "parent_id": "e", "based_on_id": "e"}


def demo_tables(people: int = 2000, seed: int = 2026, events_per_person: float = 0, broken: bool = True) -> Tables:
    """The demo practice as Arrow tables of the dataset contract; the same arguments give the same rows.

    The measurement year is 2026, data run from 2016 to its end; claims carry the date they were received, 10 to 120
    days after the event. Payers: ``medicare``, ``silver_shield`` (Medicare Advantage), ``bluestone`` and
    ``harborview`` (commercial), ``state_medicaid``; rosters for ``mssp_app_plus`` and ``ma_stars``. Identifiers are
    text (``p000042``, ``e00000042``). ``events_per_person`` fills up with everyday care to that average; 0 adds none.

    ``broken`` adds twelve rows that a reader must reject, listed in ``BROKEN_ROWS`` and by table: person 3 (a sex
    outside the list, an impossible birth, a repeated id), coverage 2 (end before start, unknown person), roster 1 (no
    start), event 6 (unknown person, end before start, unreadable start, unknown kind, repeated id, value that is no
    number). The columns they touch are text.
    """
    chunks = list(_chunks(people, seed, events_per_person))
    tables = {name: pa.concat_tables([c[name] for c in chunks]).unify_dictionaries() for name in chunks[0]}
    tables = {name: _text_ids(table) for name, table in tables.items()} | {"provider": provider_table()}
    tables = {name: table.combine_chunks() for name, table in tables.items()}
    return with_broken_rows(tables) if broken else tables


def write_demo(
    folder: Path,
    people: int = 2000,
    seed: int = 2026,
    events_per_person: float = 0,
    format: FileFormat = "parquet",
    broken: bool = False,
) -> dict[str, int]:
    """Write the demo practice into ``folder`` (made if absent); returns the number of rows by table.

    Without ``broken`` the files are compact and their number grows with the people: one per table and 10,000 people,
    in a sub-folder a table, identifiers as integers, days as DATE, words dictionary-encoded; memory stays bounded.
    With ``broken`` the tables of :func:`demo_tables` are written, one file each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if broken:
        tables = demo_tables(people, seed, events_per_person)
        for name, table in tables.items():
            _write(table, folder / f"{name}.{format}", format)
        return {name: table.num_rows for name, table in tables.items()}
    rows: dict[str, int] = {}
    _write(provider_table(), folder / f"provider.{format}", format)
    for number, tables in enumerate(_chunks(people, seed, events_per_person), start=1):
        for name, table in tables.items():
            (folder / name).mkdir(exist_ok=True)
            _write(table, folder / name / f"part-{number:04d}.{format}", format)
            rows[name] = rows.get(name, 0) + table.num_rows
    return rows | {"provider": provider_table().num_rows}


def _write(table: pa.Table, path: Path, format: FileFormat) -> None:
    if format == "parquet":
        pq.write_table(table, path, compression="zstd", compression_level=1, row_group_size=500_000)
    else:
        types = [pa.string() if pa.types.is_dictionary(field.type) else field.type for field in table.schema]
        pacsv.write_csv(table.cast(pa.schema(zip(table.column_names, types, strict=True))), path)


def _chunks(people: int, seed: int, events_per_person: float) -> Iterator[Tables]:
    """Tables of consecutive chunks of people; event numbers run through."""
    if people < 1:
        raise ValueError("a practice needs at least one person; give people=1 or more")
    next_event = 1
    for first in range(1, people + 1, CHUNK):
        tables, next_event = _chunk(first, min(CHUNK, people + 1 - first), seed, next_event, events_per_person)
        yield tables


def _chunk(first: int, size: int, seed: int, next_event: int, events_per_person: float) -> tuple[Tables, int]:
    """The tables of ``size`` people numbered from ``first``, and the next free event number."""
    rng = random_numbers(seed, first)
    people = draw_people(rng, random_numbers(seed, first, "later illnesses"), first, size, PHYSICIANS)
    insurance = draw_insurance(rng, people)
    journal = Journal(next_event, first)
    chunk = Chunk(seed, rng, people, insurance, journal)
    encounters = write_visits(chunk)
    write_conditions(chunk, encounters.own)
    write_glucose(chunk)
    write_blood_pressure(chunk, encounters.own)
    write_screenings(chunk)
    write_treatments(chunk)
    _write_later_care(chunk, encounters)
    write_everyday_care(chunk, max(3 * size, round(events_per_person * size) - len(journal)))
    tables = {
        "person": person_table(rng, people),
        "coverage": coverage_table(rng, people, insurance),
        "roster": roster_table(rng, people, insurance),
        "event": journal.event_table(),
        "event_code": journal.event_code_table(),
    }
    return tables, journal.next_event


def _write_later_care(chunk: Chunk, encounters: Encounters) -> None:
    """Care that came to the demo later, each sort with random numbers of its own: nothing written before shifts."""
    write_later_conditions(chunk.with_numbers_of("conditions"), encounters.own)
    write_acute_care(chunk.with_numbers_of("acute care"), encounters)
    write_pharmacy(chunk.with_numbers_of("pharmacy"))
    write_diabetes_care(chunk.with_numbers_of("diabetes care"))
    check_ups = write_children(chunk.with_numbers_of("children"))
    visits = encounters.own.and_then(check_ups)
    write_questions(chunk.with_numbers_of("questions"), visits)
    write_airways(chunk.with_numbers_of("airways"), visits)
    write_bones(chunk.with_numbers_of("bones"))
    write_vaccines(chunk.with_numbers_of("vaccines"))
    write_womens_health(chunk.with_numbers_of("women's health"))


def _text_ids(table: pa.Table) -> pa.Table:
    """Numbers of people and events as text: ``p000042``, ``e00000042``."""
    for name, letter in _IDS.items():
        if name in table.column_names:
            digits = pc.utf8_lpad(table[name].cast(pa.string()), 6 if letter == "p" else 8, "0")
            text = pc.binary_join_element_wise(pa.scalar(letter), digits, pa.scalar(""))
            table = table.set_column(table.column_names.index(name), name, text)
    return table
