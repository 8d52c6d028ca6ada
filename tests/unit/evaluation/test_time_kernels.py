"""Vectorised time against tables: exact precision, calendar shifts, ages.

The tables of exact comparisons are those of the shared eCQM logic 2026, section 1, and of the kidney measure CMS951,
whose urine results must lie within four days of each other.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from measureharmony.evaluation.columns import NEVER_ENDS, NO_MS, SINCE_EVER, Times
from measureharmony.evaluation.nodes import Op
from measureharmony.evaluation.time_kernels import age_between, compare, earliest, latest, order_key, shift
from tests.criteria.example import when

START, END = "2026-01-01T00:00:00.000Z", "2026-12-31T23:59:59.999Z"
OPPOSITE: dict[Op, Op] = {"ge": "lt", "gt": "le", "le": "gt", "lt": "ge"}


def times(*texts: str) -> Times:
    """A column of times, as :func:`tests.criteria.example.when` reads them."""
    read = [when(text) for text in texts]
    ms = np.array([NO_MS if t.ms is None else t.ms for t in read], dtype=np.int64)
    return Times(np.array([t.day_lo for t in read]), np.array([t.day_hi for t in read]), ms)


def truth(left: Times, op: Op, right: Times, *, exact: bool) -> bool | None:
    sure, possible = (bool(compare(left, op, right, exact=exact, sure=sure)[0]) for sure in (True, False))
    assert possible or not sure
    return True if sure else None if possible else False


@pytest.mark.parametrize(("left", "op", "right", "expected"), [
    ("2026-12-31", "le", END, None), ("2026-12-31", "gt", END, None), ("2026-12-30", "le", END, True),
    ("2027-01-01", "le", END, False), ("2026-01-01", "ge", START, None), ("2026-01-01", "lt", START, None),
    ("2025-12-31", "ge", START, False), ("2026-01-02", "ge", START, True),
    ("2026-12-31T23:30:00-05:00", "le", END, False), ("2027-01-01T00:30:00+05:00", "le", END, True),
    ("2026-12-31T23:59:59.999Z", "le", END, True), ("2026-12-31T23:59:59.999Z", "lt", END, False),
    ("2026", "le", END, None), ("2025", "le", END, True), ("2027", "le", END, False), ("2026-12", "le", END, None),
    ("2026-11", "le", END, True), ("unknown", "le", END, None), ("never", "gt", END, True), ("ever", "lt", START, True),
    ("2026-03-01", "le", "2026-03-01", True), ("2026-03-01", "lt", "2026-03-01", False),
    ("2026-03", "le", "2026-03-31", True), ("2026-03", "lt", "2026-03-31", None),
])  # fmt: skip
def test_exact_precision(left: str, op: Op, right: str, expected: bool | None) -> None:
    assert truth(times(left), op, times(right), exact=True) is expected


@pytest.mark.parametrize(("left", "op", "right", "expected"), [
    ("2026-12-31T23:30:00-05:00", "le", END, True), ("2027-01-01T00:30:00+05:00", "le", END, False),
    ("2026-12-31", "le", END, True), ("2026-01-01", "ge", START, True), ("2026", "ge", START, True),
    ("2026", "gt", START, None), ("2025", "ge", START, False), ("unknown", "ge", START, None),
])  # fmt: skip
def test_day_precision_takes_days_as_written(left: str, op: Op, right: str, expected: bool | None) -> None:
    assert truth(times(left), op, times(right), exact=False) is expected


EVERY_SHAPE = ("2026-03-01", "2026-03-02", "2026-03-01T12:00:00Z", "2026-03-01T23:30:00-05:00", "2026-03", "2026",
               "unknown", "never", "ever")  # fmt: skip


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("op", OPPOSITE)
def test_a_comparison_and_its_opposite_have_opposite_truths(op: Op, exact: bool) -> None:
    for left, right in product(EVERY_SHAPE, repeat=2):
        found = truth(times(left), op, times(right), exact=exact)
        opposite = truth(times(left), OPPOSITE[op], times(right), exact=exact)
        assert opposite is (None if found is None else not found), (left, right)


@pytest.mark.parametrize(("albumin", "creatinine", "expected"), [
    ("2026-03-05T10:00:00Z", "2026-03-01T10:00:00Z", True), ("2026-03-05T10:00:01Z", "2026-03-01T10:00:00Z", False),
    ("2026-02-25T10:00:00Z", "2026-03-01T10:00:00Z", True), ("2026-02-25T09:59:59Z", "2026-03-01T10:00:00Z", False),
    ("2026-03-05T05:00:00-05:00", "2026-03-01T10:00:00Z", True),
    ("2026-03-05T05:00:01-05:00", "2026-03-01T10:00:00Z", False),
    ("2026-03-05", "2026-03-01", True), ("2026-03-06", "2026-03-01", False),
    ("2026-03-05", "2026-03-01T10:00:00Z", None), ("2026-03-04", "2026-03-01T10:00:00Z", True),
    ("2026-03-06", "2026-03-01T10:00:00Z", False),
])  # fmt: skip
def test_a_pair_of_urine_results_within_four_days(albumin: str, creatinine: str, expected: bool | None) -> None:
    first, last = shift(times(creatinine), -4, "days"), shift(times(creatinine), 4, "days")
    truths = (truth(times(albumin), "ge", first, exact=True), truth(times(albumin), "le", last, exact=True))
    assert (False if False in truths else None if None in truths else True) is expected


@pytest.mark.parametrize(("day", "amount", "unit", "expected"), [
    ("2024-02-29", 2, "years", "2026-02-28"), ("2024-02-29", 4, "years", "2028-02-29"),
    ("2026-03-31", -1, "months", "2026-02-28"), ("2026-01-31", 1, "months", "2026-02-28"),
    ("2026-01-01", -15, "months", "2024-10-01"), ("2026-01-15", -2, "weeks", "2026-01-01"),
    ("2026-01-01", -1, "days", "2025-12-31"), ("1969-12-31", -1, "months", "1969-11-30"),
    ("never", -1, "years", "never"), ("ever", 1, "days", "ever"), ("unknown", 5, "months", "unknown"),
    ("9999-12-30", 1, "months", "never"), ("0001-01-02", -2, "days", "ever"),
    ("2026-01-31T23:30:00-05:00", 1, "months", "2026-02-28T23:30:00-05:00"), ("2026-02", 1, "months", "2026-03"),
])  # fmt: skip
def test_calendar_shifts(day: str, amount: int, unit: str, expected: str) -> None:
    moved, wanted = shift(times(day), amount, unit), times(expected)
    if day == "2026-02":  # 28 February becomes 28 March: the end of a month is not carried along
        wanted = Times(wanted.lo, wanted.hi - 3, wanted.ms)
    assert (moved.lo, moved.hi, moved.ms) == (wanted.lo, wanted.hi, wanted.ms)


@pytest.mark.parametrize(("birth", "at", "years", "months"), [
    ("1976-12-31", "2026-12-31", 50, 600), ("1977-01-01", "2026-12-31", 49, 599), ("2000-02-29", "2026-02-28", 25, 311),
    ("2000-02-29", "2026-03-01", 26, 312), ("2026-01-31", "2026-02-28", 0, 0), ("2026-01-31", "2026-03-01", 0, 1),
    ("1969-12-31", "1970-01-01", 0, 0),
])  # fmt: skip
def test_ages_are_completed_years_and_months(birth: str, at: str, years: int, months: int) -> None:
    for age, in_months in ((years, False), (months, True)):
        for asked, expected in ((age, True), (age + 1, False), (age - 1, False)):
            found = age_between(times(birth), times(at), asked, asked, months=in_months, sure=True)
            assert found.tolist() == [expected]


@pytest.mark.parametrize(("birth", "at"), [
    ("unknown", "2026-12-31"), ("1976", "2026-06-30"), ("1976-01-01", "unknown"), ("1976-01-01", "never"),
    ("1976-01-02", "2026"),
])  # fmt: skip
def test_an_age_that_nobody_knows_is_possible_and_not_sure(birth: str, at: str) -> None:
    found = [age_between(times(birth), times(at), 50, 50, months=False, sure=sure).tolist() for sure in (True, False)]
    assert found == [[False], [True]]


def test_latest_and_earliest() -> None:
    start, end = (
        times("2026-01-01", "2026-01-01", "ever", "unknown"),
        times("2026-02-01", "never", "2026-02-01", "unknown"),
    )
    assert latest(start, end).lo.tolist() == times("2026-02-01", "2026-01-01", "2026-02-01", "unknown").lo.tolist()
    assert earliest(start, end).lo.tolist() == times("2026-01-01", "2026-01-01", "2026-02-01", "unknown").lo.tolist()


def test_moments_order_by_instant_and_a_date_as_the_beginning_of_its_day() -> None:
    texts = ("ever", "2026", "2026-01-01T00:00:00.001Z", "2026-03-01T23:30:00+05:00", "2026-03-01T22:00:00Z",
             "2026-03-02", "2026-03-02T00:00:01Z", "never")  # fmt: skip
    keys = order_key(times(*texts)).tolist()
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_without_any_time_of_day_exact_is_by_day() -> None:
    day = np.array([20_000, 20_001, SINCE_EVER])
    days = Times(day, np.array([20_000, 20_001, NEVER_ENDS]))
    assert compare(days, "ge", days, exact=True, sure=True).tolist() == [True, True, False]
