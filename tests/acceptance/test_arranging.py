"""A practice that was put in order once says what it says when its rows are found anew for each evaluation."""

from __future__ import annotations

import datetime as dt

import pytest

import measureharmony as mh
from measureharmony.engines import loading
from measureharmony.engines.arranging import EVERY
from measureharmony.evaluation.compile import compile_plan
from measureharmony.practice import Practice, from_tables
from measureharmony.practice.demo import demo_tables
from measureharmony.preparing import prepare

TABLES = demo_tables(people=150, seed=5)
#: Some events were received after it.
EARLIER = dt.date(2026, 6, 30)
MEASURES = ["bcs", "cbp", "gsd", "pdc_ras", "fmc"]


def practice() -> Practice:
    return from_tables(TABLES)


@pytest.fixture
def matched(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One entry for each time that the rows of a practice were found anew."""
    found: list[object] = []
    for name in ("look_up", "Matching"):
        way = getattr(loading, name)
        monkeypatch.setattr(loading, name, lambda *asked, way=way: found.append(asked) or way(*asked))
    return found


@pytest.mark.parametrize("as_of", [None, EARLIER, dt.date(2027, 12, 31)])
def test_results_are_the_same(specs: mh.Specs, as_of: dt.date | None, matched: list[object]) -> None:
    arranged = practice()
    mh.arrange(arranged)
    for some in (MEASURES, MEASURES[:2]):
        expected = mh.evaluate(practice(), specs, measures=some, as_of=as_of)
        matched.clear()
        found = mh.evaluate(arranged, specs, measures=some, as_of=as_of)
        for table in ("outcomes", "rates", "care_gaps"):
            assert getattr(found, table).to_arrow().equals(getattr(expected, table).to_arrow())
        assert bool(matched) == (as_of == EARLIER)  # not all was known by then


def test_a_closed_practice_keeps_nothing(specs: mh.Specs) -> None:
    closed = practice()
    mh.arrange(closed)
    closed.close()
    assert closed.arranged is None
    with pytest.raises(mh.UsageError, match="closed"):
        mh.evaluate(closed, specs, measures=["bcs"])


def test_every_column_that_shipped_measures_read_is_kept(specs: mh.Specs) -> None:
    read = compile_plan(prepare(specs, 2026, measures=["all"]).variants, EARLIER).columns()
    for family in ("words", "times", "numbers", "links"):
        assert {*getattr(read, family)} <= {*getattr(EVERY, family)}
