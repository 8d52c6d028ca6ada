"""What the rows of files add up to is kept by groups of them, and holds where all files of a group are there again."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from measureharmony.practice import Practice, file_sums, unknown_rows
from measureharmony.practice.accepted_before import accepted_before
from measureharmony.practice.checks import CellTable, said_by
from measureharmony.practice.file_sums import SCHEMA, FileGroup, Grouped, KeptSums, grouped
from measureharmony.practice.source import read_practice
from measureharmony.reports.fingerprints import Fingerprints
from measureharmony.reports.reevaluation import Reevaluation


def of_events(*digests: str, before: Grouped | None = None) -> Grouped:
    kept = KeptSums(before.groups, SCHEMA.empty_table()) if before else None
    return grouped({"event": digests}, kept)


def test_at_first_each_file_is_a_group() -> None:
    found = grouped({"event": "ab", "event_code": "a", "person": "p"}, None)
    assert found.groups == (FileGroup("event", ("a",)), FileGroup("event", ("b",)), FileGroup("event_code", ("a",)))
    assert found.of_file == {"event": (0, 1), "event_code": (2,)}
    assert found.hashed == {"event": (0, 1), "event_code": (0,)}


def test_files_that_are_there_again_are_not_hashed_in_whatever_order() -> None:
    found = of_events("c", "a", before=of_events("a", "b"))
    assert (found.earlier, found.hashed["event"]) == ((0, -1), (0,))
    assert found.groups == (FileGroup("event", ("a",)), FileGroup("event", ("c",)))
    assert found.of_file["event"] == (1, 0)


def test_a_file_that_is_there_twice_is_two_files() -> None:
    first = of_events("a", "a")
    assert of_events("a", "a", before=first).hashed["event"] == ()
    assert of_events("a", before=first).earlier == (0, -1)
    assert of_events("a", "a", "a", before=first).hashed["event"] == (0,)


def test_a_table_is_not_taken_for_another() -> None:
    found = grouped({"event_code": "a"}, KeptSums(of_events("a").groups, SCHEMA.empty_table()))
    assert (found.earlier, found.hashed["event_code"]) == ((-1,), (0,))


def test_many_groups_become_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_sums, "_MOST_GROUPS", 2)
    one = of_events("a", "b", "c")
    assert one.groups == (FileGroup("event", ("a", "b", "c")),)
    two = of_events("a", "b", "c", "d", before=one)
    assert (two.earlier, two.hashed["event"], len(two.groups)) == ((0,), (3,), 2)
    again = of_events("a", "b", "c", "d", "e", before=two)
    assert (again.earlier, again.hashed["event"], len(again.groups)) == ((0, 0), (4,), 1)
    assert of_events("b", "c", before=one).hashed["event"] == (0, 1)


def events(path: Path, *rows: tuple[str, str]) -> None:
    ids, people = zip(*rows, strict=True)
    pq.write_table(pa.table({"event_id": ids, "person_id": people, "kind": ["task"] * len(rows)}), path)


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Of data, and of results; people are looked for however many of them are not known."""
    monkeypatch.setattr(unknown_rows, "_MOST", 1)
    data, results = tmp_path / "data", tmp_path / "results"
    data.mkdir()
    results.mkdir()
    return data, results


def keep(practice: Practice, results: Path) -> None:
    """Keep what a later run is to be told."""
    (results / "outcomes.parquet").touch()
    people, sums = practice.person_fingerprints, practice.file_sums
    Fingerprints(people, {}, {}, None, Reevaluation(0, 0), sums).write(results)


def files_of(practice: Practice) -> list[list[int]]:
    """In which groups of files each person has rows."""
    sums = practice.file_sums
    assert sums is not None
    found: list[list[int]] = sums["files"].to_pylist()
    return found


def test_who_has_rows_in_a_new_file_is_not_known_whoever_else_is(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, results = folders
    pq.write_table(pa.table({"person_id": ["ann", "ben", "eve"]}), data / "person.parquet")
    events(data / "event-1.parquet", ("1", "ann"), ("2", "ben"))
    events(data / "event-2.parquet", ("3", "ann"), ("4", "eve"), ("5", "nobody"))
    with read_practice(data, previous=results) as practice:
        assert files_of(practice) == [[0, 1], [0], [1]]
        keep(practice, results)
    before = accepted_before(results).sums
    assert before
    assert before.people["person_id"].to_pylist() == ["ann", "ben", "eve"]
    events(data / "event-3.parquet", ("6", "eve"))
    hashed: list[str] = []

    def noted(table: CellTable, rows: str) -> str:
        hashed.append(rows)
        return said_by(table, rows)

    monkeypatch.setattr(file_sums, "said_by", noted)
    with read_practice(data, previous=results) as practice, read_practice(data) as everything:
        known = practice.with_views("said_before").execute("SELECT person_id FROM said_before ORDER BY ALL").fetchall()
        assert known == [("ann",), ("ben",)]
        assert practice.person_fingerprints == everything.person_fingerprints
        assert practice.rejects == everything.rejects
        assert files_of(practice) == [[0, 1], [0], [1, 2]]
    assert hashed == ["(FROM cells_event WHERE file_no = 2)"]


def test_a_row_that_was_not_accepted_is_told_again_though_its_file_is_not_new(folders: tuple[Path, Path]) -> None:
    data, results = folders
    pq.write_table(pa.table({"person_id": ["ann", "ben"]}), data / "person.parquet")
    events(data / "event-1.parquet", ("1", "ann"), ("1", "ann"), ("2", "ben"))
    with read_practice(data, previous=results) as practice:
        keep(practice, results)
    events(data / "event-2.parquet", ("3", "ben"))
    with read_practice(data, previous=results) as practice, read_practice(data) as everything:
        assert practice.rejects == everything.rejects
        assert practice.rejects["rule"].to_pylist() == ["duplicate"]
        assert practice.accounts == everything.accounts
        assert practice.person_fingerprints == everything.person_fingerprints
