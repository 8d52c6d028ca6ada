"""Continuous enrolment, the kernel alone, on the traps that open implementations fell into."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from measureharmony.evaluation.columns import NEVER_ENDS, Spans, Words
from measureharmony.evaluation.enrolment import counted, enrolled
from tests.criteria.example import when

Span = tuple[str, str, str]
YEAR = ("2026-01-01", "2026-12-31")


def holds(
    *people: list[Span], gaps: int = 0, gap_days: int = 0, anchor: str | None = None, window: tuple[str, str] = YEAR
) -> list[bool]:
    """Who is enrolled; a span is (payer, first day, last day or ``never``), in any order."""
    rows = [(person, *span) for person, spans in enumerate(people) for span in spans]
    payers = sorted({payer for _, payer, _, _ in rows})
    empty = np.full(len(rows), -1)
    spans = Spans(
        person=np.array([row[0] for row in rows], dtype=np.int64),
        name=Words(np.array([payers.index(row[1]) for row in rows], dtype=np.int64), tuple(payers)),
        product_line=Words(empty, ()), benefits=Words(empty, ()),
        start=np.array([when(row[2]).day_lo for row in rows], dtype=np.int64),
        end=np.array([when(row[3]).day_lo for row in rows], dtype=np.int64),
    )  # fmt: skip
    first, last = (np.full(len(people), when(day).day_lo) for day in window)
    anchors = None if anchor is None else np.full(len(people), when(anchor).day_lo)
    return enrolled(counted(spans, np.ones(len(rows), dtype=bool)), (first, last), anchors, (gaps, gap_days)).tolist()


def test_one_gap_is_not_the_sum_of_gaps() -> None:
    one_of_45 = [("a", "2026-01-01", "2026-03-31"), ("a", "2026-05-16", "never")]
    one_of_46 = [("a", "2026-01-01", "2026-03-31"), ("a", "2026-05-17", "never")]
    two_of_20 = [("a", "2026-01-21", "2026-06-30"), ("a", "2026-07-21", "never")]
    assert holds(one_of_45, one_of_46, two_of_20, gaps=1, gap_days=45) == [True, False, False]
    assert holds(one_of_45, one_of_46, two_of_20, gaps=2, gap_days=45) == [True, False, True]


def test_contained_and_overlapping_spans_leave_no_gap() -> None:
    contained = [("a", "2026-01-01", "2026-12-31"), ("a", "2026-02-01", "2026-02-10")]
    # Comparing each span with the one before it alone would see a gap after 10 February.
    overlapping = [("a", "2026-01-01", "2026-11-30"), ("a", "2026-02-01", "2026-02-10"), ("a", "2026-12-01", "never")]
    touching = [("a", "2026-01-01", "2026-06-30"), ("a", "2026-07-01", "2026-12-31")]
    twice = [("a", *YEAR), ("a", *YEAR)]
    assert holds(contained, overlapping, touching, twice) == [True] * 4


def test_spans_of_different_payers_are_never_merged() -> None:
    halves = [("a", "2026-01-01", "2026-06-30"), ("b", "2026-07-01", "never")]
    filled = [("a", "2026-01-01", "2026-05-31"), ("b", "2026-06-01", "2026-06-30"), ("a", "2026-07-01", "never")]
    whole_beside = [("a", "2026-01-01", "2026-06-30"), ("b", *YEAR)]
    assert holds(halves, filled, whole_beside) == [False, False, True]
    assert holds(filled, gaps=1, gap_days=30) == [True]


def test_gaps_at_the_edges_are_gaps() -> None:
    late, early, both = (
        [("a", "2026-02-15", "never")],
        [("a", "2020-01-01", "2026-11-16")],
        [("a", "2026-01-02", "2026-12-30")],
    )
    assert holds(late, early, both, gaps=1, gap_days=45) == [True, True, False]
    assert holds([("a", "2026-02-16", "never")], [("a", "2020-01-01", "2026-11-15")], gaps=1, gap_days=45) == [
        False,
        False,
    ]


def test_the_anchor_day_must_be_covered_by_the_same_payer() -> None:
    covered, not_that_day = [("a", "2026-01-01", "2026-12-31")], [("a", "2026-01-01", "2026-12-30")]
    others = [*not_that_day, ("b", "2026-12-31", "never")]
    allowed = {"gaps": 1, "gap_days": 45}
    assert holds(covered, not_that_day, others, anchor="2026-12-31", **allowed) == [True, False, False]  # type: ignore[arg-type]
    before = [("a", "2025-12-31", "2025-12-31"), ("a", *YEAR)]
    assert holds(before, covered, anchor="2025-12-31") == [True, False]


def test_somebody_without_a_covered_day_is_not_enrolled_however_long_gaps_may_be() -> None:
    long_ago = [("a", "2020-01-01", "2020-12-31")]
    assert holds([], long_ago, [("a", "2026-06-30", "2026-06-30")], gaps=2, gap_days=1000) == [False, False, True]


def test_a_window_of_no_days_holds_for_nobody() -> None:
    assert holds([("a", "2020-01-01", "never")], window=("2026-01-01", "2025-12-31")) == [False]


def test_nobody_has_any_coverage() -> None:
    assert holds([], []) == [False, False]


def test_ongoing_spans_end_with_the_window() -> None:
    assert when("never").day_lo == NEVER_ENDS
    assert holds([("a", "2026-01-01", "never")], [("a", "2026-01-02", "never")]) == [True, False]


@pytest.mark.parametrize("seed", range(20))
def test_as_many_days_counted_one_by_one(seed: int) -> None:
    random, length = Random(seed), 12
    days = [f"2026-01-{n + 1:02}" for n in range(length)]
    people = []
    for _ in range(200):
        pairs = [sorted(random.choices(range(length), k=2)) for _ in range(random.randint(0, 4))]
        people.append([(random.choice("ab"), days[first], days[last]) for first, last in pairs])
    window, gaps, gap_days = (days[2], days[9]), random.randint(0, 2), random.randint(0, 3)
    anchor = random.choice([None, *days])
    found = holds(*people, gaps=gaps, gap_days=gap_days, anchor=anchor, window=window)
    assert found == [_by_days(spans, days, window, (gaps, gap_days), anchor) for spans in people]


def _by_days(
    spans: list[Span], days: list[str], window: tuple[str, str], allowed: tuple[int, int], anchor: str | None
) -> bool:
    """The same question, asked of each day on its own."""
    for payer in "ab":
        covered = "".join("x" if any(p == payer and s <= d <= e for p, s, e in spans) else "." for d in days)
        inside = covered[days.index(window[0]) : days.index(window[1]) + 1]
        open_stretches = [stretch for stretch in inside.split("x") if stretch]
        few = len(open_stretches) <= allowed[0] and all(len(s) <= allowed[1] for s in open_stretches)
        if "x" in inside and few and (anchor is None or covered[days.index(anchor)] == "x"):
            return True
    return False
