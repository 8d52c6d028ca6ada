"""Values as payers write them: what is read, and what is refused rather than guessed."""

from __future__ import annotations

import datetime as dt

import pytest

from measureharmony.intake.dates import is_ambiguous, read_days, read_period
from measureharmony.intake.profile import HOLDS
from measureharmony.intake.vocabulary import vocabulary
from measureharmony.intake.written import read_ages, read_bounds, read_durations, read_money, read_share


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("50-74", 50, 74, "years"),
        ("50 – 74 yrs", 50, 74, "years"),
        ("Women 50 through 74", 50, 74, "years"),
        ("≥ 50 and ≤ 74", 50, 74, "years"),
        (">=18 and <76", 18, 75, "years"),
        ("> 17", 18, None, "years"),
        ("18+", 18, None, "years"),
        ("18 years and older", 18, None, "years"),
        ("at least 65", 65, None, "years"),
        ("under 65", None, 64, "years"),
        ("21 and younger", None, 21, "years"),
        ("6-30 months", 6, 30, "months"),
        ("2 years - 30 months", 24, 30, "months"),
    ],
)
def test_ages(text: str, low: int | None, high: int | None, unit: str) -> None:
    ages = read_ages(text)
    assert ages is not None
    assert (ages.low, ages.high, ages.unit) == (low, high, unit)


@pytest.mark.parametrize("text", ["all", "adults", "see manual", ""])
def test_no_age_is_made_up(text: str) -> None:
    assert read_ages(text) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("27 months", [(27, "months")]),
        ("2 yrs", [(2, "years")]),
        ("10-year", [(10, "years")]),
        ("annually", [(1, "years")]),
        ("within one year", [(1, "years")]),
        ("Colonoscopy 10 years; FIT 1 year", [(10, "years"), (1, "years")]),
        ("see manual", []),
    ],
)
def test_lengths_of_time(text: str, found: list[tuple[int, str]]) -> None:
    assert [(one.number, one.unit) for one in read_durations(text)] == found


@pytest.mark.parametrize(
    ("text", "side", "number", "second"),
    [
        ("<8.0 %", "below", 8, None),
        ("≤ 9%", "at_most", 9, None),
        ("HbA1c less than 8", "below", 8, None),
        ("A1c > 9.0 %", "above", 9, None),
        ("at least 80 %", "at_least", 80, None),
        ("80 % or higher", "at_least", 80, None),
        ("not to exceed 9", "at_most", 9, None),
        ("8%", None, 8, None),
        ("< 140/90 mmHg", "below", 140, 90),
        ("190 mg/dL", None, 190, None),
    ],
)
def test_comparisons(text: str, side: str | None, number: float, second: float | None) -> None:
    (bound,) = read_bounds(text)
    assert (bound.side, bound.number, bound.second) == (side, number, second)


@pytest.mark.parametrize(
    ("text", "side", "share"),
    [("72%", None, 0.72), ("0.72", None, 0.72), ("72", None, 0.72), ("≥ 72 %", "at_least", 0.72),
     ("at most 20 percent", "at_most", 0.2), ("100%", None, 1.0)],
)  # fmt: skip
def test_shares(text: str, side: str | None, share: float) -> None:
    assert read_share(text) == (side, share)


@pytest.mark.parametrize("text", ["75th percentile", "top quartile", "101 %", "70-80 %", "+5 points", ""])
def test_what_is_no_share_is_not_taken_for_one(text: str) -> None:
    assert read_share(text) is None


def test_money() -> None:
    assert [str(one.amount) for one in read_money("$25 per closed gap")] == ["25.00"]
    assert [str(one.amount) for one in read_money("USD 1,250.50")] == ["1250.50"]
    assert [(str(one.amount), one.currency) for one in read_money("12.5")] == [("12.50", "USD")]
    assert len(read_money("$10 to $20")) == 2


@pytest.mark.parametrize(
    ("text", "day"),
    [("12/31/2026", dt.date(2026, 12, 31)), ("2026-12-31", dt.date(2026, 12, 31)),
     ("31/12/2026", dt.date(2026, 12, 31)), ("Dec. 31st, 2026", dt.date(2026, 12, 31)),
     ("31 December 2026", dt.date(2026, 12, 31)), ("3/4/26", dt.date(2026, 3, 4)), ("46387", dt.date(2026, 12, 31))],
)  # fmt: skip
def test_days(text: str, day: dt.date) -> None:
    assert read_days(text) == [day]


def test_days_that_no_calendar_has_are_left_out() -> None:
    assert read_days("2/30/2026, 13/45/2026, 31 June 2026") == []


def test_the_day_may_come_first() -> None:
    assert read_days("03/04/2026", day_first=True) == [dt.date(2026, 4, 3)]
    assert is_ambiguous("03/04/2026")
    assert not is_ambiguous("03/31/2026")


@pytest.mark.parametrize(
    ("text", "start", "months", "named_for"),
    [("CY 2026", "01-01", 12, "start"), ("1/1/2026 - 12/31/2026", "01-01", 12, "start"),
     ("7/1/2025 – 6/30/2026", "07-01", 12, "end"), ("7/1/2026 – 6/30/2027", "07-01", 12, "start"),
     ("FY July to June", "07-01", 12, "end"), ("Jan - Jun", "01-01", 6, "start")],
)  # fmt: skip
def test_periods(text: str, start: str, months: int, named_for: str) -> None:
    rule = read_period(text, 2026)
    assert rule is not None
    assert (rule.start, rule.months, rule.named_for) == (start, months, named_for)


def test_a_period_that_ends_within_a_month_is_refused() -> None:
    assert read_period("1/1/2026 - 12/15/2026", 2026) is None
    assert read_period("rolling", 2026) is None


def test_headings_of_the_vocabulary_announce_what_a_profile_knows() -> None:
    known = vocabulary()
    assert {*known.headings, *known.exactly.values()} <= set(HOLDS)


@pytest.mark.parametrize(
    ("heading", "holds"),
    [("Measure ID", "id"), ("Measure Name", "name"), ("Eligible Ages (yrs)", "age"), ("Min. age", "age_from"),
     ("Look-back (months)", "lookback"), ("Continuous Enrollment", "enrolment"), ("2026 Target", "target"),
     ("4 Star cut point", "tier"), ("Incentive per gap", "payment"), ("Claims run-out", "claims_cut_off"),
     ("Exclusions", "exclusions"), ("Comments", "note"), ("Data due", "cut_off")],
)  # fmt: skip
def test_headings(heading: str, holds: str) -> None:
    found = vocabulary().field_of(heading)
    assert found is not None
    assert found[0] == holds


@pytest.mark.parametrize("heading", ["Number of members in the denominator last year", "Zip", "ΔΩ"])
def test_strange_headings_are_not_understood(heading: str) -> None:
    assert vocabulary().field_of(heading) is None
