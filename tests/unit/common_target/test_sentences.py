"""What is said of several conditions about one thing is enough for each of them."""

from __future__ import annotations

import datetime as dt

import pytest

from measureharmony.common_target.dated import DatedWording, Span
from measureharmony.common_target.phrases import Phrase
from measureharmony.common_target.sentences import sentence
from measureharmony.measures.criterion import Criterion
from measureharmony.measures.measure import Measure
from measureharmony.periods import Period

YEAR = Period.calendar_year(2026)
EVENTS = {
    "test": {"kind": "observation", "when": {"latest": "period"}},
    "early_test": {"kind": "observation", "when": {"latest": {"from": "period.start", "to": "period.start + 1 month"}}},
    "last_test": {"from": "test", "take": {"last": "latest"}},
    "first_test": {"from": "test", "take": {"first": "latest"}},
}
MEASURE = Measure.model_validate(
    {
        "measure": "made", "title": "Made", "edition": 2026, "description": "Made.", "events": EVENTS,
        "populations": {"initial_population": {"always": True}, "numerator": {"always": True}},
        "rates": [{"id": "one", "title": "One"}],
    }
)  # fmt: skip


def said(*conditions: object) -> str:
    words = DatedWording.of(MEASURE, YEAR, {("events", "early_test"): "test"})
    return sentence([Criterion.model_validate(one) for one in conditions], words)


def result(events: str, **bounds: float) -> dict[str, object]:
    return {"exists": {"from": events, "where": {"value": {**bounds, "unit": "%"}}}}


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ([result("test", below=8), result("test", at_most=9)], "Test below 8 % in 2026."),
        ([result("test", below=8), result("test", at_most=8)], "Test below 8 % in 2026."),
        ([result("test", above=5), result("test", below=8)], "Test below 8 % and above 5 % in 2026."),
        (
            [result("test", below=8), result("early_test", at_most=9)],
            "Test below 8 % from 1 January to 1 February 2026.",
        ),
        ([result("last_test", below=8), {"not": result("last_test", above=7)}], "Last test at most 7 % in 2026."),
        ([result("test", below=8), {"not": result("test", above=7)}], "Test below 8 % and no test above 7 % in 2026."),
        ([{"not": result("test", above=7)}], "No test above 7 % in 2026."),
        (
            [{"not": {"exists": "test"}}, {"not": {"exists": "early_test"}}],
            "No test in 2026 and from 1 January to 1 February 2026.",
        ),
        (
            [{"exists": "test"}, {"not": {"exists": "early_test"}}],
            "Test in 2026; no test from 1 January to 1 February 2026.",
        ),
        (
            [{"count": {"of": "test", "at_least": 10}}, {"count": {"of": "early_test", "at_least": 9}}],
            "At least 10 test from 1 January to 1 February 2026.",
        ),
        (
            [{"count": {"of": "test", "at_least": 2}}, {"count": {"of": "early_test", "at_most": 1}}],
            "At least 2 test in 2026; at most 1 test from 1 January to 1 February 2026.",
        ),
        (
            [result("first_test", below=8), result("test", below=7)],
            "Test below 7 % and first test below 8 % in 2026.",
        ),
        (
            [{"any": [{"exists": "test"}, {"sex": "male"}]}, {"any": [{"exists": "early_test"}, {"sex": "female"}]}],
            "Test from 1 January to 1 February 2026.",
        ),
    ],
)  # fmt: skip
def test_one_sentence_is_enough_for_all_conditions(conditions: list[object], expected: str) -> None:
    assert said(*conditions) == expected


def test_days_that_do_not_meet_are_empty() -> None:
    one, other = Span(last=dt.date(2026, 1, 31)), Span(first=dt.date(2026, 2, 1))
    assert one.common(other).is_empty
    assert not one.is_empty


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (Span(), "at any time"),
        (Span(first=dt.date(2026, 1, 5)), "from 5 January 2026 on"),
        (Span(last=dt.date(2026, 1, 5)), "until 5 January 2026"),
        (Span(dt.date(2026, 1, 5), dt.date(2026, 1, 5)), "on 5 January 2026"),
        (Span(dt.date(2026, 1, 1), dt.date(2026, 12, 31)), "in 2026"),
        (Span(dt.date(2025, 12, 1), dt.date(2026, 1, 31)), "from 1 December 2025 to 31 January 2026"),
    ],
)
def test_days_as_people_say_them(span: Span, expected: str) -> None:
    assert str(span) == expected


def test_what_must_not_be_joins_nothing() -> None:
    assert not Phrase("test", absent=True).can_join
    assert not Phrase("test", at_most=3).can_join
    assert Phrase("test", absent=True, bounds={("above", "%"): 9}).mirrored() is None
