"""What is kept of parts: which care gaps still hold on another day, and files that are not what was written."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest

from measureharmony.reports.part_records import SCHEMA, gaps_hold, read_records, write_records

TERMS = {"as_of": "2026-10-31", "lacking": "nothing"}


def records() -> pa.Table:
    """Three parts: of one, a gap is due in November; of another, in December; the third has no open gap."""
    due = [dt.date(2026, 11, 15), dt.date(2026, 12, 31), None]
    rows = [{"name": str(number), "people": 1, "next_due": day} for number, day in enumerate(due)]
    return pa.Table.from_pylist(rows, schema=SCHEMA).replace_schema_metadata(TERMS)


@pytest.mark.parametrize(
    ("terms", "hold"),
    [
        ({}, [True, True, True]),
        ({"as_of": "2026-11-15"}, [True, True, True]),
        ({"as_of": "2026-11-16"}, [False, True, True]),
        ({"as_of": "2027-01-01"}, [False, False, True]),
        ({"as_of": "2026-10-30"}, [False, False, False]),
        ({"as_of": ""}, [False, False, False]),
        ({"lacking": "some codes"}, [False, False, False]),
    ],
)
def test_gaps_hold_until_one_of_them_is_due(terms: dict[str, str], hold: list[bool]) -> None:
    assert gaps_hold(records(), {**TERMS, **terms}).tolist() == hold


def test_gaps_without_a_day_hold_without_one(tmp_path: Path) -> None:
    of_no_day = {**TERMS, "as_of": ""}
    write_records(
        records().set_column(6, SCHEMA.field("next_due"), pa.nulls(3, pa.date32())), tmp_path / "a", of_no_day
    )
    found = read_records(tmp_path / "a")
    assert found is not None
    assert gaps_hold(found, of_no_day).all()
    assert not gaps_hold(found, TERMS).any()


@pytest.mark.parametrize("size", [0, 100, -1])
def test_a_damaged_file_is_noticed(tmp_path: Path, size: int) -> None:
    path = tmp_path / "parts.parquet"
    assert read_records(path) is None
    write_records(records(), path, TERMS)
    assert read_records(path) is not None
    path.write_bytes(path.read_bytes()[:size])
    assert read_records(path) is None
