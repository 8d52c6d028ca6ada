"""Where the files are those of an earlier run, nobody's rows are hashed: it is known who was accepted."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from measureharmony.practice import Practice, unknown_rows
from measureharmony.practice.accepted_before import NOBODY, accepted_before
from measureharmony.practice.source import read_practice
from measureharmony.reports.fingerprints import Fingerprints
from measureharmony.reports.reevaluation import Reevaluation

DAY = dt.date(2026, 3, 9)
#: Ann's are accepted; of Ben's one is not; one coding is of no event, one event of nobody, and one of somebody unknown.
TABLES = {
    "person": pa.table({"person_id": ["ann", "ben"]}),
    "event": pa.table(
        {
            "event_id": ["1", "2", "3", "4", "5"],
            "person_id": ["ann", "ben", "ben", None, "eve"],
            "kind": ["task", "task", "no kind", "task", "task"],
        }
    ),
    "event_code": pa.table({"event_id": ["1", "2", "9"], "code": ["A", "B", "C"]}),
}


def folder(home: Path, suffix: str) -> Path:
    home.mkdir(parents=True)
    for name, table in TABLES.items():
        write = pq.write_table if suffix == "parquet" else pa_csv.write_csv
        write(table, home / f"{name}.{suffix}")
    return home


def kept(data: Path, results: Path) -> Path:
    """Results of a run over the data, as far as the next reading needs them."""
    results.mkdir()
    with read_practice(data, previous=results) as practice:
        (results / "outcomes.parquet").touch()
        Fingerprints(practice.person_fingerprints, {}, {}, None, Reevaluation(0, 0)).write(results)
    return results


def known(practice: Practice) -> list[str]:
    rows = practice.with_views("said_before").execute("SELECT person_id FROM said_before ORDER BY ALL").fetchall()
    return [person for (person,) in rows]


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_nothing_of_the_same_files_is_hashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    data = folder(tmp_path / "data", suffix)
    results = kept(data, tmp_path / "results")
    moved = data.rename(tmp_path / "moved")
    monkeypatch.setattr(unknown_rows, "_MOST", 1)
    monkeypatch.delattr(unknown_rows, "sums_of")
    with read_practice(moved) as everything, read_practice(moved, previous=results) as practice:
        assert known(practice) == ["ann"]
        assert practice.rejects == everything.rejects
        assert sorted(practice.rejects["rule"].to_pylist()) == [
            "missing-value", "not-in-list", "unknown-event", "unknown-person"
        ]  # fmt: skip
        assert practice.accounts == everything.accounts
        assert practice.person_fingerprints == everything.person_fingerprints
        assert practice.fingerprint() == everything.fingerprint()


def test_another_row_or_file_is_another_source(tmp_path: Path) -> None:
    data = folder(tmp_path / "data", "parquet")
    files = accepted_before(kept(data, tmp_path / "first")).files
    assert files is not None
    assert accepted_before(kept(data, tmp_path / "again")).files == files
    (data / "event.parquet").rename(data / "event-2.parquet")
    pq.write_table(TABLES["event"].slice(0, 0), data / "event-1.parquet")
    assert accepted_before(kept(data, tmp_path / "second")).files != files


def test_without_an_earlier_run_nobody_is_known(tmp_path: Path) -> None:
    assert accepted_before(tmp_path) is NOBODY
    (tmp_path / "fingerprints.parquet").write_bytes(b"PAR1")
    assert accepted_before(tmp_path) is NOBODY
