"""A practice that is read with what an earlier run knows of its people is the practice that is read without it."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from measureharmony.practice import Practice, file_sums, read_folder, unknown_rows
from measureharmony.practice.accepted_before import NOBODY, AcceptedBefore, accepted_before
from measureharmony.practice.some_people import some_people
from measureharmony.reports.fingerprints import Fingerprints
from measureharmony.reports.reevaluation import Reevaluation
from tests.generative.budget import examples

Row = dict[str, Any]
Tables = dict[str, list[Row]]

#: Whose rows there may be; the last is somebody without a row of their own.
PEOPLE = ("1", "2", "3", "4", "nobody")
#: Few identifiers, so that events of different people have the same.
EVENTS = tuple("abcdefghij")
DAYS = (dt.date(2026, 3, 9), dt.date(2026, 3, 10), None)
SCHEMAS = {
    "person": pa.schema([("person_id", pa.string()), ("birth", pa.date32()), ("sex", pa.string())]),
    "coverage": pa.schema([("person_id", pa.string()), ("payer", pa.string()), ("start", pa.date32())]),
    "event": pa.schema(
        [
            *((name, pa.string()) for name in ("event_id", "person_id", "kind", "type", "code")),
            *((name, pa.date32()) for name in ("start", "end")),
            ("value", pa.float64()),
        ]
    ),
    "event_code": pa.schema([("event_id", pa.string()), ("role", pa.string()), ("code", pa.string())]),
}  # fmt: skip


def row(**cells: st.SearchStrategy[Any]) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries(cells)


one_of = st.sampled_from
person = row(person_id=one_of(PEOPLE[:-1]), birth=one_of(DAYS), sex=one_of(("female", "female", "other word")))
coverage = row(person_id=one_of(PEOPLE), payer=one_of(("blue", None)), start=one_of(DAYS))
event = row(
    event_id=one_of((*EVENTS, None)), person_id=one_of((*PEOPLE, *PEOPLE, None)),
    kind=one_of(("observation", "observation", "procedure", "no kind")), type=one_of(("lab", "other", None)),
    code=one_of(("A1", "A2")), start=one_of(DAYS), end=one_of(DAYS), value=one_of((1.0, 2.0, None, float("inf"))),
)  # fmt: skip
event_code = row(
    event_id=one_of((*EVENTS, None)), role=one_of(("value", "reason", None)), code=one_of(("B1", "B2", None))
)
ROWS = {"person": (person, 4), "coverage": (coverage, 3), "event": (event, 10), "event_code": (event_code, 6)}


@st.composite
def practices(draw: st.DrawFn) -> Tables:
    tables = {name: draw(st.lists(one, max_size=most)) for name, (one, most) in ROWS.items()}
    tables["person"] += [{"person_id": someone, "birth": None, "sex": "male"} for someone in PEOPLE[:3]]
    return tables


@st.composite
def nights(draw: st.DrawFn) -> tuple[Tables, Tables]:
    """A practice, and another day's: some rows gone, some new, all in another order."""
    before = draw(practices())
    after: Tables = {}
    for name, (one, _) in ROWS.items():
        kept = [row for row in before[name] if draw(st.integers(0, 7))]
        after[name] = draw(st.permutations([*kept, *draw(st.lists(one, max_size=1))]))
    after["person"].append({"person_id": PEOPLE[0], "birth": None, "sex": "male"})
    return before, after


#: No rows at all.
_NOBODY: Tables = {name: [] for name in SCHEMAS}


@st.composite
def nights_of_files(draw: st.DrawFn) -> list[list[Tables]]:
    """Three days of a practice in files of which some stay, some go, some come, and some lie in another order."""
    files = [draw(practices()), *({**_NOBODY, **draw(further())} for _ in range(2))]
    days = [files]
    for _ in range(2):
        kept = [one for one in draw(st.permutations(days[-1])) if one["person"] or draw(st.integers(0, 4))]
        days.append([*kept, *({**_NOBODY, **draw(further())} for _ in range(draw(st.integers(0, 2))))])
    return days


@st.composite
def further(draw: st.DrawFn) -> Tables:
    """Further rows of events and codings."""
    return {name: draw(st.lists(ROWS[name][0], max_size=4)) for name in ("event", "event_code")}


def read(folder: Path, files: Tables | list[Tables], before: AcceptedBefore | None = None) -> Practice:
    """The practice of some tables, or of tables in several files each."""
    folder.mkdir(exist_ok=True)
    for number, tables in enumerate(files if isinstance(files, list) else [files]):
        for name, schema in SCHEMAS.items():
            pq.write_table(pa.Table.from_pylist(tables[name], schema=schema), folder / f"{name}-{number}.parquet")
    return read_folder(folder, before=before)


def contents(practice: Practice, *names: str) -> list[list[str]]:
    return [sorted(map(str, practice.connection.sql(f"FROM accepted_{name}").fetchall())) for name in names]


def of(practice: Practice, keys: pa.Array) -> list[list[str]]:
    with some_people(practice, keys) as some:
        return contents(some, *SCHEMAS)


@examples(1 / 25)
@given(nights())
def test_what_is_known_changes_nothing(two: tuple[Tables, Tables]) -> None:
    with tempfile.TemporaryDirectory() as name, mock.patch.object(unknown_rows, "_MOST", 1):
        before = kept(Path(name), two[0])
        same_as_without(Path(name) / "after", two[1], before)


@examples(1 / 25)
@given(nights_of_files(), st.integers(1, 4))
def test_what_is_known_of_some_of_the_files_changes_nothing(days: list[list[Tables]], most_groups: int) -> None:
    with (
        tempfile.TemporaryDirectory() as name,
        mock.patch.object(unknown_rows, "_MOST", 1),
        mock.patch.object(file_sums, "_MOST_GROUPS", most_groups),
    ):
        before = kept(Path(name), days[0])
        for number, files in enumerate(days[1:]):
            same_as_without(Path(name) / f"after-{number}", files, before)
            before = kept(Path(name), files, before)


@examples(1 / 25)
@given(practices())
def test_what_is_known_of_the_same_files_changes_nothing(tables: Tables) -> None:
    with tempfile.TemporaryDirectory() as name, mock.patch.object(unknown_rows, "_MOST", 1):
        same_as_without(Path(name) / "after", tables, kept(Path(name), tables))


def kept(folder: Path, tables: Tables | list[Tables], earlier: AcceptedBefore = NOBODY) -> AcceptedBefore:
    """What a run over some tables leaves in ``folder`` for the next one."""
    shutil.rmtree(folder / "before", ignore_errors=True)
    with read(folder / "before", tables, earlier) as practice:
        (folder / "outcomes.parquet").touch()
        people, sums = practice.person_fingerprints, practice.file_sums
        Fingerprints(people, {}, {}, None, Reevaluation(0, 0), sums).write(folder)
    before = accepted_before(folder)
    assert before.people.num_rows
    return before


def same_as_without(folder: Path, tables: Tables | list[Tables], before: AcceptedBefore) -> None:
    with read(folder, tables) as everything, read(folder, tables, before) as changes:
        assert changes.rejects == everything.rejects
        assert changes.accounts == everything.accounts
        assert contents(changes, *SCHEMAS) == contents(everything, *SCHEMAS)
        now = everything.person_fingerprints
        assert changes.person_fingerprints == now
        assert changes.fingerprint() == everything.fingerprint()
        different = [place for place, one in enumerate(now.to_pylist()) if one not in before.people.to_pylist()]
        for places in (different, range(len(now))):
            keys = pa.array(places, pa.int32())
            assert of(changes, keys) == of(everything, keys)
