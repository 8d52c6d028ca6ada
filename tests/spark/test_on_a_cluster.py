"""On a cluster of several processes, Spark finds what the local engine finds, to the last bit."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession
from typer.testing import CliRunner

import measureharmony as mh
from measureharmony import spark
from measureharmony.cli import app
from measureharmony.engines.spark import repeated
from measureharmony.engines.spark.tasks import Finished
from measureharmony.errors import DataError, UsageError
from measureharmony.evaluation.outcome import Evaluated
from measureharmony.reports.results import Results
from measureharmony.reports.stored import PartWriter
from tests.acceptance.test_out_of_core import in_order
from tests.spark.cluster import PATIENCE, WORKERS, cluster, executors, session_of
from tests.spark.nasty_practice import write_practice

# One cluster for all of them, so all of them run in one process.
pytestmark = pytest.mark.xdist_group("spark")

DAY = dt.date(2026, 10, 31)
#: A measure of people, one of events, one with observations.
MEASURES = ["gsd", "trc_mrp", "mcc_adm"]
PEOPLE = 60
IN_A_PART = 25


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("spark") / "practice"
    write_practice(folder, PEOPLE)
    return folder


@pytest.fixture(scope="module")
def specs() -> mh.Specs:
    return mh.load_specs()


@pytest.fixture(scope="module")
def whole(folder: Path, specs: mh.Specs) -> Results:
    return mh.evaluate(mh.read_practice(folder), specs, as_of=DAY, measures=MEASURES)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    folder = tmp_path_factory.mktemp("cluster")
    with cluster(folder) as address, session_of(address, folder) as session:
        yield session


def test_the_command_line_runs_on_a_cluster(
    tmp_path: Path, session: SparkSession, folder: Path, whole: Results
) -> None:
    asked = ["run", str(folder), "--engine", "spark", "--people-at-once", str(IN_A_PART), "--as-of", str(DAY)]
    measures = [word for measure in MEASURES for word in ("-m", measure)]
    done = CliRunner().invoke(app, [*asked, *measures, "-o", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "wrote outcomes, care_gaps, rates.parquet" in done.output
    assert len(list((tmp_path / "outcomes").iterdir())) == -(-PEOPLE // IN_A_PART)
    assert_same_tables(pq.read_table(tmp_path / "outcomes"), pq.read_table(tmp_path / "care_gaps"), whole)
    assert pq.read_table(tmp_path / "rates.parquet").equals(whole.rates.arrow)
    whole.practice.write_rejects(tmp_path / "whole")
    for name in ("rejects.csv", "accounts.csv"):
        assert lines(tmp_path / name) == lines(tmp_path / "whole" / name)


def test_an_executor_is_killed_and_the_job_ends_right(
    tmp_path: Path,
    session: SparkSession,
    folder: Path,
    specs: mh.Specs,
    whole: Results,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spark, "_Write", Waiting)
    killed: list[int] = []
    killer = Thread(target=kill_the_first, args=(tmp_path, killed))
    killer.start()
    found = spark.evaluate_to(
        tmp_path / "out", session, folder, specs, as_of=DAY, measures=MEASURES, people_at_once=IN_A_PART
    )
    killer.join()
    assert len(killed) == 1
    assert killed[0] not in {one.pid for one in executors()}
    assert {path.name[:5] for path in (tmp_path / "out" / "outcomes").iterdir()} == {"part-"}
    assert_same_tables(found.outcomes.to_table(), found.care_gaps.to_table(), whole)
    assert found.rates.arrow.equals(whole.rates.arrow)
    assert found.gap_counts == whole.gap_counts
    assert found.programs_with_people == whole.programs_with_people
    assert found.practice.person_count == PEOPLE
    assert found.practice.accounts.equals(whole.practice.accounts)
    assert by_place(found.practice.rejects).equals(by_place(whole.practice.rejects))


@dataclass(frozen=True)
class Waiting:
    """Tells that a part is about to be written, and waits until an executor was killed."""

    writer: PartWriter

    def __call__(self, part: int, evaluated: Evaluated) -> Finished[pa.Table]:
        signals = self.writer.folder.parent
        (signals / f"begun-{psutil.Process(os.getppid()).ppid()}").touch()
        awaited(signals, "killed")
        return WRITE(self.writer)(part, evaluated)


WRITE = spark._Write


def kill_the_first(signals: Path, killed: list[int]) -> None:
    """Kill the executor that is the first to have evaluated a part, before the part is written."""
    pid = int(awaited(signals, "begun-*").name.removeprefix("begun-"))
    there = {one.pid for one in executors()}
    assert pid in there
    assert len(there) == WORKERS
    psutil.Process(pid).kill()
    killed.append(pid)
    (signals / "killed").touch()


def awaited(folder: Path, name: str) -> Path:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := sorted(folder.glob(name)):
            return found[0]
        time.sleep(0.02)
    raise AssertionError(f"there is no {name} after {PATIENCE} s")


def test_frames_in_frames_out(session: SparkSession, folder: Path, specs: mh.Specs, whole: Results) -> None:
    names = ("person", "coverage", "roster", "provider", "event_code")
    frames = {name: session.read.parquet(str(folder / f"{name}.parquet")) for name in names}
    frames["event"] = session.read.parquet(str(folder / "event")).coalesce(1)
    found = spark.evaluate(session, frames, specs, as_of=DAY, measures=MEASURES, people_at_once=PEOPLE)
    assert_same_tables(found.outcomes.toArrow(), found.care_gaps.toArrow(), whole)
    assert found.rates.arrow.equals(whole.rates.arrow)
    assert found.gap_counts == whole.gap_counts
    assert found.practice.rejects.num_rows == whole.practice.rejects.num_rows
    with pytest.raises(UsageError, match="stay on the cluster"):
        found.practice.table("person")
    found.release()


def test_columns_are_held_against_the_contract_all_at_once(session: SparkSession, specs: mh.Specs) -> None:
    frames = {
        "person": session.sql("SELECT 'a' AS person_id, 1967 AS birth"),
        "event": session.sql("SELECT 'e' AS event_id, 'encounter' AS kind, array(1) AS code, 1 AS cod"),
        "events": session.sql("SELECT 1 AS one"),
    }
    with pytest.raises(DataError) as raised:
        spark.evaluate(session, frames, specs, measures=["gsd"])
    codes = sorted(issue.code for issue in raised.value.issues)
    assert codes == [
        "data-missing-column", "data-unknown-column", "data-unknown-table", "data-wrong-type", "data-wrong-type",
    ]  # fmt: skip
    assert "Column `birth` has the type INTEGER, which cannot mean a time" in str(raised.value)


def test_a_folder_of_text_is_refused(session: SparkSession, specs: mh.Specs, tmp_path: Path) -> None:
    (tmp_path / "person.csv").write_text("person_id\na\n")
    with pytest.raises(UsageError, match=r"Spark reads Parquet, and .* holds person as CSV"):
        spark.evaluate(session, tmp_path, specs, measures=["gsd"])


def test_too_many_repeated_identifiers_are_refused(
    session: SparkSession, folder: Path, specs: mh.Specs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeated, "MOST", 2)
    events = {"person": session.read.parquet(str(folder / "person.parquet"))}
    events["event"] = session.read.parquet(str(folder / "event"))
    with pytest.raises(DataError, match="data-repeated-events: More than 2 rows of table event"):
        spark.evaluate(session, events, specs, measures=["gsd"])


def assert_same_tables(outcomes: pa.Table, gaps: pa.Table, whole: Results) -> None:
    assert in_order(outcomes).equals(in_order(whole.outcomes.arrow))
    assert by_key(gaps).equals(by_key(whole.care_gaps.arrow))


def lines(path: Path) -> list[str]:
    return sorted(path.read_text().splitlines())


def by_key(gaps: pa.Table) -> pa.Table:
    return gaps.sort_by([(name, "ascending") for name in ("person_id", "subject_id", "measure", "rate")])


def by_place(rejects: pa.Table) -> pa.Table:
    return rejects.sort_by([(name, "ascending") for name in ("table", "file", "row", "column", "rule")])
