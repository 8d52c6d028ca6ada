"""What a history of runs says: gaps opened and closed, each with its cause, and rates over time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from measureharmony.errors import UsageError
from measureharmony.harmonize import evaluate
from measureharmony.history import History
from measureharmony.practice import from_tables
from measureharmony.reports.results import Results
from measureharmony.specs import Specs, load_specs
from tests.acceptance.small_practice import Tables, arrow, tables

SPRING, AUTUMN = dt.date(2026, 6, 30), dt.date(2026, 9, 30)


@pytest.fixture(scope="module")
def specs() -> Specs:
    return load_specs()


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with History(tmp_path / "history.duckdb") as made:
        yield made


def run(specs: Specs, as_of: dt.date | None, made: Tables | None = None, year: int | None = None) -> Results:
    practice = from_tables({name: arrow(rows) for name, rows in (made or tables()).items()})
    return evaluate(practice, specs, as_of=as_of, measures=["bcs"], year=year)


def causes(history: History, number: int, program: str = "canonical") -> dict[str, tuple[str, str]]:
    """By person: what changed, and why."""
    rows = history.changes(number, program).to_dicts()
    return {str(row["person_id"]): (str(row["change"]), str(row["cause"])) for row in rows}


def test_the_first_run_changes_nothing(history: History, specs: Specs) -> None:
    assert len(history.record(run(specs, SPRING))) == 0
    assert history.runs().to_dicts()[0] | {"dataset": ""} == {
        "run": 1, "as_of": SPRING, "people": 8, "dataset": "", "opened": 0, "closed": 0, "by_care": 0,
    }  # fmt: skip


def test_gaps_are_closed_by_care_and_by_evidence_that_came_late(history: History, specs: Specs) -> None:
    history.record(run(specs, SPRING))
    history.record(run(specs, AUTUMN))
    assert causes(history, 2) == {"later": ("closed", "care"), "claimed-late": ("closed", "late_evidence")}
    closed = {row["person_id"]: row for row in history.changes(2, "canonical").to_dicts()}
    assert closed["later"]["evidence_date"] == dt.date(2026, 9, 15)
    assert history.runs().to_dicts()[1]["by_care"] == len(history.changes(2)) > 0


def test_who_leaves_is_closed_and_who_falls_back_is_opened(history: History, specs: Specs) -> None:
    before, after = tables(), tables()
    after["person"] = [row for row in after["person"] if row["person_id"] != "missing"]
    for name in ("event", "coverage"):
        after[name] = [row for row in after[name] if row["person_id"] != "missing"]
    after["event"] = [row for row in after["event"] if row["event_id"] != "screened-mammogram"]
    after["event"].append(
        {"event_id": "x", "person_id": "two-payers", "kind": "encounter", "code_system": "CPT", "code": "99377",
         "start": "2026-08-01"}
    )  # fmt: skip
    history.record(run(specs, AUTUMN, before))
    history.record(run(specs, dt.date(2026, 10, 31), after))
    found = causes(history, 2)
    assert found["missing"] == ("closed", "left")
    assert found["screened"] == ("opened", "regression")


def test_a_new_measurement_period_opens_anew(history: History, specs: Specs) -> None:
    later = tables()
    for row in list(later["event"]):
        if row["event_id"].endswith("-visit"):
            later["event"].append({**row, "event_id": f"{row['event_id']}-2027", "start": "2027-03-02"})
    history.record(run(specs, AUTUMN))
    history.record(run(specs, dt.date(2027, 4, 30), later, year=2027))
    assert set(causes(history, 2).values()) == {("opened", "new_period")}


def test_rates_over_time_tell_their_change(history: History, specs: Specs) -> None:
    history.record(run(specs, SPRING))
    history.record(run(specs, AUTUMN))
    rows = [row for row in history.rates("canonical", "bcs").to_dicts() if not row["stratum"]]
    assert [row["change"] for row in rows] == [None, pytest.approx(float(rows[1]["value"]) - float(rows[0]["value"]))]
    assert rows[1]["change"] > 0


def test_a_run_is_recorded_once_and_in_order(history: History, specs: Specs) -> None:
    history.record(run(specs, AUTUMN))
    with pytest.raises(UsageError, match="each day once"):
        history.record(run(specs, AUTUMN))
    with pytest.raises(UsageError, match="in the order of their days"):
        history.record(run(specs, SPRING))


def test_a_run_of_no_day_is_refused(history: History, specs: Specs) -> None:
    with pytest.raises(UsageError, match="as_of"):
        history.record(run(specs, None))


def test_other_files_are_refused(tmp_path: Path) -> None:
    text, other, newer = tmp_path / "text", tmp_path / "other", tmp_path / "newer"
    text.write_text("no database")
    with pytest.raises(UsageError, match="no DuckDB file"):
        History(text)
    duckdb.connect(str(other)).close()
    with pytest.raises(UsageError, match="no history"):
        History(other)
    History(newer).close()
    with duckdb.connect(str(newer)) as connection:
        connection.execute("UPDATE history_file SET layout = 99")
    with pytest.raises(UsageError, match="another version"):
        History(newer)


def test_it_is_read_again(tmp_path: Path, specs: Specs) -> None:
    path = tmp_path / "history.duckdb"
    with History(path) as history:
        history.record(run(specs, SPRING))
    with History(path) as history:
        history.record(run(specs, AUTUMN))
        assert [row["as_of"] for row in history.runs().to_dicts()] == [SPRING, AUTUMN]
        assert repr(history).endswith("2 runs (2026-06-30 to 2026-09-30)")
