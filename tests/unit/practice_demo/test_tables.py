"""The demo practice keeps to the dataset contract, and is the same wherever it is made."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from measureharmony.practice.contract import TABLES, Column
from measureharmony.practice.demo import BROKEN_ROWS, demo_tables, write_demo
from measureharmony.practice.reading import from_tables, read_folder

#: Arrow types that each type of the contract may come as, in the clean tables.
FITTING = {
    "text": (pa.types.is_string, pa.types.is_integer),
    "word": (pa.types.is_string,),
    "words": (pa.types.is_string,),
    "date": (pa.types.is_date32,),
    "time": (pa.types.is_date32,),
    "number": (pa.types.is_float64,),
    "integer": (pa.types.is_int64,),
    "flag": (pa.types.is_boolean,),
}


@pytest.fixture(scope="module")
def clean() -> dict[str, pa.Table]:
    return demo_tables(600, broken=False)


def plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def contents(tables: dict[str, pa.Table]) -> str:
    """SHA-256 of every cell, in order."""
    digest = hashlib.sha256()
    for name in sorted(tables):
        for column in tables[name].column_names:
            digest.update(f"{name}.{column}".encode())
            text = pc.fill_null(plain(tables[name][column]).cast(pa.string()), "\0")
            digest.update("\n".join(text.to_pylist()).encode())
    return digest.hexdigest()


def test_every_table_of_the_contract_is_there(clean: dict[str, pa.Table]) -> None:
    assert set(clean) == set(TABLES)
    assert all(table.num_rows for table in clean.values())


@pytest.mark.parametrize("name", TABLES)
def test_every_column_is_known_and_of_a_fitting_type(clean: dict[str, pa.Table], name: str) -> None:
    for field in clean[name].schema:
        column = TABLES[name].column(field.name)
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        assert any(fits(kind) for fits in FITTING[column.type]), f"{field.name}: {field.type}"


@pytest.mark.parametrize("name", TABLES)
def test_required_columns_are_filled_and_words_are_of_the_list(clean: dict[str, pa.Table], name: str) -> None:
    def check(column: Column) -> None:
        values = plain(clean[name][column.name])
        assert not (column.required and values.null_count), column.name
        if column.allowed:
            assert set(values.drop_null().unique().to_pylist()) <= set(column.allowed), column.name

    for column in TABLES[name].columns:
        if column.name in clean[name].column_names:
            check(column)
        else:
            assert not column.required, column.name


def test_links_lead_to_events_of_the_same_person(clean: dict[str, pa.Table]) -> None:
    event = clean["event"]
    owner = dict(zip(event["event_id"].to_pylist(), event["person_id"].to_pylist(), strict=True))
    assert len(owner) == event.num_rows
    for link in ("encounter_id", "parent_id"):
        pairs = zip(event[link].to_pylist(), event["person_id"].to_pylist(), strict=True)
        assert all(owner[target] == person for target, person in pairs if target is not None)
    assert set(clean["event_code"]["event_id"].to_pylist()) <= set(owner)


def test_claims_arrive_ten_to_a_hundred_and_twenty_days_late(clean: dict[str, pa.Table]) -> None:
    claims = clean["event"].filter(pc.equal(clean["event"]["source"].cast(pa.string()), "claim"))
    late = pc.days_between(pc.coalesce(claims["end"], claims["start"]), claims["received"])
    assert pc.min_max(late).as_py() == {"min": 10, "max": 119}


def test_nothing_happens_after_the_measurement_year_or_before_birth(clean: dict[str, pa.Table]) -> None:
    event = clean["event"]
    assert str(pc.max(event["start"])) == "2026-12-31"
    births = dict(zip(clean["person"]["person_id"].to_pylist(), clean["person"]["birth"].to_pylist(), strict=True))
    pairs = zip(event["person_id"].to_pylist(), event["start"].to_pylist(), strict=True)
    assert all(start >= births[person] for person, start in pairs)


def test_the_same_seed_gives_the_same_rows_for_ever(clean: dict[str, pa.Table]) -> None:
    assert contents(demo_tables(600, broken=False)) == contents(clean)
    assert contents(demo_tables(600, seed=1, broken=False)) != contents(clean)
    # Held so that a change of the demo is made on purpose: worked figures in documents follow from these rows.
    assert contents(clean)[:16] == "2663f1e2c4b6ef8e"


def test_the_reader_accepts_every_clean_row(clean: dict[str, pa.Table]) -> None:
    with from_tables(clean) as practice:
        assert practice.rejects.num_rows == 0
        assert practice.person_count == 600


def test_the_reader_rejects_exactly_the_broken_rows_that_are_listed() -> None:
    with from_tables(demo_tables(50)) as practice:
        rejects = practice.rejects
    by_table = {table: rejects["table"].to_pylist().count(table) for table in BROKEN_ROWS}
    assert by_table == {table: len(rows) for table, rows in BROKEN_ROWS.items()}
    assert rejects.num_rows == sum(len(rows) for rows in BROKEN_ROWS.values()) == 12
    assert sorted(set(rejects["rule"].to_pylist())) == [
        "conflicting-duplicate", "end-before-start", "impossible-date", "missing-value", "not-a-number", "not-a-time",
        "not-in-list", "unknown-person",
    ]  # fmt: skip


@pytest.mark.parametrize("format", ["csv", "parquet"])
@pytest.mark.parametrize("broken", [True, False])
def test_written_practices_read_as_they_were_made(tmp_path: Path, format: str, broken: bool) -> None:
    rows = write_demo(tmp_path / "practice", 60, format=format, broken=broken)  # type: ignore[arg-type]
    with read_folder(tmp_path / "practice") as practice:
        assert practice.rejects.num_rows == (12 if broken else 0)
        assert practice.person_count == 60
        accepted = sum(practice.accounts["accepted"].to_pylist())
    assert accepted == sum(rows.values()) - (12 if broken else 0)


def test_large_practices_are_compact_and_as_dense_as_asked(tmp_path: Path) -> None:
    rows = write_demo(tmp_path, 500, events_per_person=120)
    assert rows["event"] == pytest.approx(500 * 120, rel=0.03)
    schema = pq.read_schema(tmp_path / "event" / "part-0001.parquet")
    assert schema.field("event_id").type == pa.int64()
    assert schema.field("start").type == pa.date32()
    assert pa.types.is_dictionary(schema.field("code").type)


def test_people_of_later_chunks_do_not_depend_on_earlier_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("measureharmony.practice.demo.tables.CHUNK", 40)
    few, more = demo_tables(80, broken=False), demo_tables(120, broken=False)
    assert contents({"event": few["event"]}) == contents({"event": more["event"].slice(0, few["event"].num_rows)})


def test_an_empty_practice_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one person"):
        demo_tables(0)
