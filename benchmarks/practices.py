"""The made-up practices that the benchmarks run over, always the same for the same numbers; git ignores them."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb
from measuring import Clock

import measureharmony as mh
from measureharmony.practice.demo import write_demo

DATA = Path(__file__).resolve().parent / "data"
SEED = 1
YEAR = 2026
EVENTS_PER_PERSON = 100
#: What ``--smoke`` runs over: few people, and only the events that measures look at.
SMOKE_PEOPLE = 300


_specs: dict[str, mh.Specs] = {}


def generated(people: int, events_per_person: float = EVENTS_PER_PERSON) -> Path:
    """The folder of a practice in Parquet, made now unless it is there; memory stays bounded."""
    folder = DATA / f"{people}x{events_per_person:g}"
    if not folder.is_dir():
        print(f"generating {people:,} people …", file=sys.stderr, flush=True)
        DATA.mkdir(exist_ok=True)
        growing = Path(tempfile.mkdtemp(dir=DATA))
        write_demo(growing, people=people, seed=SEED, events_per_person=events_per_person, format="parquet")
        try:
            growing.rename(folder)
        except OSError:  # somebody else was quicker
            shutil.rmtree(growing)
    return folder


def loaded_specs(folder: str) -> mh.Specs:
    """The specs in ``folder``; specs with the same content are read once in a process."""
    content = hashlib.sha256()
    for file in sorted(Path(folder).rglob("*.yaml")):
        content.update(f"{file.relative_to(folder)}\n".encode() + file.read_bytes())
    key = content.hexdigest()
    if key not in _specs:
        _specs[key] = mh.load_specs(folder)
    return _specs[key]


def scan(clock: Clock, data: str) -> Mapping[str, int]:
    """One DuckDB scan of the event files: it sums every column, texts by their length, dates by their days.

    This is the measure of all others: any tool must at least read the data.
    """
    files = f"read_parquet('{data}/event/*.parquet')"
    columns = duckdb.sql(f"DESCRIBE SELECT * FROM {files}").fetchall()
    sums = ", ".join(_sum(f'"{name}"', sql_type) for name, sql_type, *_ in columns)
    with clock.stage("scan"):
        (events, *_) = duckdb.sql(f"SELECT count(*), {sums} FROM {files}").fetchall()[0]
    return {"events": events}


def _sum(column: str, sql_type: str) -> str:
    """SQL that has to look at every value of a column."""
    if sql_type == "VARCHAR":
        return f"sum(length({column}))"
    if sql_type == "DATE":
        return f"sum({column} - DATE '1970-01-01')"
    if sql_type == "BOOLEAN":
        return f"count(*) FILTER (WHERE {column})"
    return f"sum({column})"


def read(clock: Clock, data: str) -> Mapping[str, int]:
    """Reading and validating a practice."""
    with clock.stage("read"):
        practice = mh.read_practice(data)
    return {"people": practice.person_count, "rejects": practice.rejects.num_rows}
