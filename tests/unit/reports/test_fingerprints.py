"""What a run leaves for the next one: used where it fits, told where it does not, whole whatever interrupts."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from measureharmony.reports.fingerprints import FILE, UNFINISHED, Earlier, Fingerprints, read_earlier, replacing
from measureharmony.reports.reevaluation import Reevaluation

PEOPLE = pa.table({"person_id": ["a", "b"], "fingerprint": [b"0123456789abcdef", b"fedcba9876543210"]})
OUTCOMES = pa.table({"program": ["canonical"], "person_id": ["a"]})
DAY = dt.date(2026, 10, 31)
KEPT = Fingerprints(PEOPLE, {"canonical/bcs": "1f"}, {"version of the library": "2"}, DAY, Reevaluation(2, 1))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pq.write_table(OUTCOMES, tmp_path / "outcomes.parquet")
    KEPT.write(tmp_path)
    return tmp_path


def test_what_is_written_is_read(folder: Path) -> None:
    earlier = read_earlier(folder)
    assert isinstance(earlier, Earlier)
    assert earlier.outcomes().equals(OUTCOMES)
    assert earlier.people.to_pylist() == PEOPLE.to_pylist()
    assert (earlier.variants, earlier.everything, earlier.as_of) == (KEPT.variants, KEPT.everything, DAY)
    replace(KEPT, as_of=None).write(folder)
    assert replace(earlier, as_of=None) == read_earlier(folder)


def test_nothing_about_people_but_their_identifiers_is_written(folder: Path) -> None:
    assert pq.read_schema(folder / FILE).names == ["person_id", "fingerprint"]


def test_without_fingerprints_nothing_is_kept(tmp_path: Path) -> None:
    pq.write_table(OUTCOMES, tmp_path / "outcomes.parquet")
    assert read_earlier(tmp_path) == "there are no results of a run that kept fingerprints"
    assert read_earlier(tmp_path / "nowhere") == "there are no results of a run that kept fingerprints"


def test_other_outcomes_are_noticed(folder: Path) -> None:
    pq.write_table(OUTCOMES.slice(1), folder / "outcomes.parquet")
    assert read_earlier(folder) == f"outcomes.parquet is not the one that {FILE} was written for"
    (folder / "outcomes.parquet").unlink()
    assert read_earlier(folder) == f"outcomes.parquet is not the one that {FILE} was written for"


@pytest.mark.parametrize("damaged", [b"", b"PAR1", b"no Parquet at all"])
def test_a_damaged_file_is_noticed(folder: Path, damaged: bytes) -> None:
    (folder / FILE).write_bytes(damaged)
    assert read_earlier(folder) == f"{FILE} is damaged"


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_a_file_cut_short_is_noticed(folder: Path, place: float) -> None:
    whole = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(whole[: int(len(whole) * place)])
    assert read_earlier(folder) == f"{FILE} is damaged"


@pytest.mark.parametrize(
    "other",
    [
        PEOPLE,
        PEOPLE.replace_schema_metadata({"measureharmony": b"[]"}),
        PEOPLE.replace_schema_metadata({"measureharmony": b'{"variants": {}}'}),
        pa.table({"person_id": [1]}, metadata={"measureharmony": b'{"beside": {}, "variants": {}, "everything": {}}'}),
    ],
)
def test_a_file_of_another_kind_is_noticed(folder: Path, other: pa.Table) -> None:
    pq.write_table(other, folder / FILE)
    assert read_earlier(folder) == f"{FILE} is damaged"


def test_a_changed_byte_of_a_fingerprint_is_noticed(folder: Path) -> None:
    whole = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(whole.replace(b"0123456789abcdef", b"0123456789abcdeF"))
    assert read_earlier(folder) == f"{FILE} is damaged"


def test_an_interruption_while_writing_leaves_the_earlier_results(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(KeyboardInterrupt):
        _write_half(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_what_a_killed_run_left_is_removed(folder: Path) -> None:
    (folder / UNFINISHED).mkdir()
    (folder / UNFINISHED / "care_gaps.csv").write_text("of a run that was killed")
    with replacing(folder) as half:
        (half / "rates.csv").write_text("whole")
    assert sorted(path.name for path in folder.iterdir()) == [FILE, "outcomes.parquet", "rates.csv"]


def test_a_run_killed_while_files_are_moved_is_noticed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = OUTCOMES.set_column(1, "person_id", pa.array(["b"]))
    moved: list[str] = []
    move = Path.replace

    def until_the_last(path: Path, target: Path) -> Path:
        if path.name == FILE:
            raise KeyboardInterrupt
        moved.append(path.name)
        return move(path, target)

    monkeypatch.setattr(Path, "replace", until_the_last)
    with pytest.raises(KeyboardInterrupt):
        _write(folder, other)
    assert moved == ["outcomes.parquet"]
    assert read_earlier(folder) == f"outcomes.parquet is not the one that {FILE} was written for"


def _write_half(folder: Path) -> None:
    with replacing(folder) as half:
        (half / "outcomes.parquet").write_text("half of them")
        raise KeyboardInterrupt


def _write(folder: Path, outcomes: pa.Table) -> None:
    with replacing(folder) as half:
        pq.write_table(outcomes, half / "outcomes.parquet")
        KEPT.write(half)


def test_what_was_found_anew_is_told_in_words() -> None:
    everything = Reevaluation(5, 3, why="there is another version of the library")
    assert everything.sentence() == "Everything was evaluated: there is another version of the library."
    assert everything.told() == {
        "people": {"evaluated": 5, "of": 5},
        "variants": {"evaluated": 3, "of": 3},
        "everything_because": "there is another version of the library",
    }
    some = Reevaluation(1200, 3, new=1, changed=2, gone=4, anew=("canonical/bcs",))
    assert some.sentence() == (
        "Evaluated anew: 3 of 1,200 people (2 changed, 1 new, 4 gone) and 1 of 3 variants; the other outcomes are "
        "those of the earlier run."
    )
    assert some.told() == {
        "people": {"evaluated": 3, "of": 1200, "new": 1, "changed": 2, "gone": 4, "moved": 0},
        "variants": {"evaluated": 1, "of": 3, "anew": ["canonical/bcs"]},
    }
    moved = replace(some, moved=1000)
    assert "1,003 of 1,200 people (2 changed, 1 new, 4 gone, 1,000 moved by the day)" in moved.sentence()
    assert moved.told()["people"] == {"evaluated": 1003, "of": 1200, "new": 1, "changed": 2, "gone": 4, "moved": 1000}
