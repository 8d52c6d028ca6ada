"""Comparing moments: the tables behind the precision rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measureharmony.evaluation.reference.record import NEG, NEVER, POS, UNKNOWN, Event, Time
from measureharmony.evaluation.reference.times import before, end_of, moment_of, not_after, shifted, start_of
from measureharmony.evaluation.reference.truth import Truth, negation
from measureharmony.measures.window import Point, Precision
from measureharmony.periods import Period
from tests.criteria.example import when

YEAR = Period.calendar_year(2026)


@pytest.mark.parametrize(("a", "b", "day", "exact"), [
    ("2026-03-01", "2026-03-01", True, True),
    ("2026-03-02", "2026-03-01", False, False),
    ("2026-03", "2026-03-31", True, True),
    ("2026-03", "2026-03-30", None, None),
    ("2026-03", "2026-02-28", False, False),
    ("2026-03-01", "2026-03", True, True),
    ("unknown", "2026-03-01", None, None),
    ("2026-03-01", "unknown", None, None),
    ("ever", "2026-03-01", True, True),
    ("never", "2026-03-01", False, False),
    ("2026-03-01", "never", True, True),
    ("unknown", "never", True, True),
    ("2026-03-01", "2026-03-01T10:00:00Z", True, None),
    ("2026-03-01T10:00:00Z", "2026-03-01", True, None),
    ("2026-02-28", "2026-03-01T10:00:00Z", True, True),
    ("2026-03-02", "2026-03-01T10:00:00Z", False, False),
    ("2026-03-02T10:00:00Z", "2026-03-02T09:59:59.999Z", True, False),
    ("2026-03-01T23:00:00-05:00", "2026-03-01", True, False),
    ("2026-03-01T23:00:00-05:00", "2026-03-02", True, None),
    ("2026-03-02T01:00:00Z", "2026-03-01T23:00:00-05:00", False, True),
])  # fmt: skip
def test_not_after(a: str, b: str, day: Truth, exact: Truth) -> None:
    assert not_after(when(a), when(b), "day") is day
    assert not_after(when(a), when(b), "exact") is exact


def test_the_period_is_exact_to_the_millisecond() -> None:
    assert not_after(when("2026-12-31T23:59:59.999Z"), end_of(YEAR), "exact") is True
    assert not_after(when("2027-01-01T00:00:00Z"), end_of(YEAR), "exact") is False
    assert not_after(start_of(YEAR), when("2026-01-01T00:00:00Z"), "exact") is True
    assert not_after(when("2026-12-31"), end_of(YEAR), "exact") is None


moments = st.one_of(
    st.sampled_from([UNKNOWN, NEVER, Time(NEG, NEG), Time(20000, 20030), Time(20010, 20010)]),
    st.builds(lambda ms: Time(ms // 86_400_000, ms // 86_400_000, ms), st.integers(0, 4 * 10**12)),
    st.builds(lambda day: Time(day, day), st.integers(19_990, 20_040)),
)


@given(moments, moments, st.sampled_from(["day", "exact"]))
def test_before_is_the_opposite_of_not_after_the_other_way_round(a: Time, b: Time, precision: Precision) -> None:
    assert before(a, b, precision) is negation(not_after(b, a, precision))
    if before(a, b, precision) is True:
        assert not_after(a, b, precision) is True


@pytest.mark.parametrize(("written", "shift", "expected"), [
    ("2024-02-29", "+ 1 year", "2025-02-28"),
    ("2026-03-31", "- 1 month", "2026-02-28"),
    ("2026-03-01T23:30:00-05:00", "+ 1 day", "2026-03-02T23:30:00-05:00"),
    ("2024-02-28T23:30:00-05:00", "+ 1 year", "2025-02-28T23:30:00-05:00"),
    ("2024-02", "+ 1 year", "2025-02"),
    ("never", "- 3 years", "never"),
    ("ever", "+ 3 years", "ever"),
    ("unknown", "+ 3 years", "unknown"),
    ("9998-12-31", "+ 2 years", "never"),
])  # fmt: skip
def test_a_shift_keeps_the_day_of_the_month_and_the_time_of_day(written: str, shift: str, expected: str) -> None:
    time = when(written)
    for step in Point.model_validate(f"birth {shift}").shifts:
        time = shifted(time, step)
    assert time == when(expected)


def test_a_shift_by_an_unbound_parameter_says_what_to_do() -> None:
    (shift,) = Point.model_validate("birth + $lookback").shifts
    with pytest.raises(TypeError, match="resolve the variant first"):
        shifted(when("2026-01-01"), shift)


@pytest.mark.parametrize(("start", "end", "latest", "earliest"), [
    ("2026-01-01", "2026-02-01", "2026-02-01", "2026-01-01"),
    ("2026-01-01", "never", "2026-01-01", "2026-01-01"),
    ("2026-01-01", "unknown", "2026-01-01", "2026-01-01"),
    ("ever", "2026-02-01", "2026-02-01", "2026-02-01"),
    ("unknown", "2026-02-01", "2026-02-01", "2026-02-01"),
    ("unknown", "never", "unknown", "never"),
])  # fmt: skip
def test_the_latest_and_the_earliest_moment_of_an_event(start: str, end: str, latest: str, earliest: str) -> None:
    event = Event("e", "condition", start=when(start), end=when(end))
    assert moment_of(event, "latest") == when(latest)
    assert moment_of(event, "earliest") == when(earliest)


def test_sentinels_lie_outside_the_calendar() -> None:
    assert when("0001-01-02").day_lo > NEG
    assert when("9999-12-30").day_hi < POS
