"""What a practice shows of itself."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from measureharmony.errors import UsageError
from measureharmony.practice import from_tables
from measureharmony.practice.contract import TABLES
from measureharmony.practice.rejects import ACCOUNTS_SCHEMA, REJECTS_SCHEMA

PEOPLE = pa.table({"person_id": ["ann", "ben", "cleo"], "sex": ["female", "Male", "female"]})
COVERAGE = pa.table({"person_id": ["ann", "ann"], "payer": ["acme", "acme"], "start": ["2026-01-01"] * 2})


def test_repr_counts_rows() -> None:
    text = repr(from_tables({"person": PEOPLE}, "my <extract>"))
    assert "Practice from my <extract>: 2 people" in text
    assert "3 rows, 2 accepted, 1 rejected" in text
    assert ".rejects" in text


def test_html_is_escaped() -> None:
    html = from_tables({"person": PEOPLE}, "my <extract>")._repr_html_()
    assert "my &lt;extract&gt;: 2 people" in html
    assert "<td style='text-align:right'>3</td>" in html


def test_schemas() -> None:
    practice = from_tables({"person": PEOPLE})
    assert practice.rejects.schema == REJECTS_SCHEMA
    assert practice.accounts.schema == ACCOUNTS_SCHEMA
    for name, table in TABLES.items():
        assert practice.table(name).column_names == [column.name for column in table.columns]
    assert practice.table("person")["person_id"].to_pylist() == ["ann", "cleo"]


def test_an_unknown_table_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match=r"no table 'people'. Tables: person, "):
        from_tables({"person": PEOPLE}).table("people")


def test_rejects_are_written(tmp_path: Path) -> None:
    paths = from_tables({"person": PEOPLE}).write_rejects(tmp_path / "new" / "out")
    assert [path.name for path in paths] == ["rejects.csv", "accounts.csv"]
    assert '"memory",2,"person","sex","not-in-list","text of 4 characters"' in paths[0].read_text()
    assert '"memory","person",3,2,1' in paths[1].read_text()


def test_the_fingerprint_is_about_contents() -> None:
    base = from_tables({"person": PEOPLE, "coverage": COVERAGE}).fingerprint()
    shuffled = from_tables({"person": PEOPLE.take([2, 1, 0]), "coverage": COVERAGE}, "other").fingerprint()
    assert len(base) == 64
    assert shuffled == base
    assert from_tables({"person": PEOPLE, "coverage": COVERAGE.slice(1)}).fingerprint() != base
    assert from_tables({"person": PEOPLE.slice(0, 2), "coverage": COVERAGE}).fingerprint() != base


def test_a_closed_practice_lets_go() -> None:
    with from_tables({"person": PEOPLE}, "extract") as practice:
        pass
    practice.close()
    assert practice.person_count == 2
    assert repr(practice) == "Practice from extract, closed"
    assert "closed" in practice._repr_html_()
    with pytest.raises(UsageError, match="The practice is closed: its data are gone"):
        practice.table("person")
