"""Continuous enrolment: gaps, anchors, payers, product lines, benefits and the as-of date."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from measureharmony.evaluation.reference.record import PersonRecord
from measureharmony.payers.variant import OwnCoverage
from tests.criteria.example import Evaluate, Example, person, span

ONE_GAP = "{enrolled: {window: period, gaps: 1, gap_days: 45}}"
STRICT = "{enrolled: {window: period}}"
OWN = OwnCoverage("blue", ("medicaid",))

EXAMPLES = [
    Example("enrolled", STRICT, {
        "the whole window": (person(coverage=(span("2026-01-01", "2026-12-31"),)), True),
        "ongoing": (person(coverage=(span("2020-01-01", "never"),)), True),
        "a day late": (person(coverage=(span("2026-01-02", "never"),)), False),
        "a day short": (person(coverage=(span("2026-01-01", "2026-12-30"),)), False),
        "spans that touch are merged": (person(coverage=(
            span("2026-01-01", "2026-06-30"), span("2026-07-01", "never"))), True),
        "spans that overlap are merged, in whatever order": (person(coverage=(
            span("2026-05-01", "never"), span("2025-01-01", "2026-06-30"), span("2026-02-01", "2026-02-02"))), True),
        "two payers are never merged": (person(coverage=(
            span("2026-01-01", "2026-06-30"), span("2026-07-01", "never", "green"))), False),
        "two product lines of one payer are": (person(coverage=(
            span("2026-01-01", "2026-06-30", "blue", "medicaid"),
            span("2026-07-01", "never", "blue", "commercial"))), True),
        "no coverage": (person(), False),
    }),
    Example("enrolled", "{enrolled: {window: {from: [period.start, birth], to: [period.end, death]}}}", {
        "from birth on": (person(coverage=(span("2026-03-01", "never"),), birth="2026-03-01"), True),
        "from the day after": (person(coverage=(span("2026-03-02", "never"),), birth="2026-03-01"), False),
        "until death": (person(coverage=(span("2020-01-01", "2026-05-05"),), birth="1980", death="2026-05-05"), True),
        "until the day before": (person(coverage=(span("2020-01-01", "2026-05-04"),), birth="1980", death="2026-05-05"),
                                 False),
        "the day of birth is not known": (person(coverage=(span("2020-01-01", "never"),), birth="2026-03"), False),
    }),
    Example("enrolled", ONE_GAP, {
        "one gap of 45 days": (person(coverage=(span("2026-01-01", "2026-03-31"), span("2026-05-16", "never"))), True),
        "one gap of 46 days": (person(coverage=(span("2026-01-01", "2026-03-31"), span("2026-05-17", "never"))), False),
        "two gaps of a day each": (person(coverage=(
            span("2026-01-01", "2026-03-31"), span("2026-04-02", "2026-06-30"), span("2026-07-02", "never"))), False),
        "a late start is a gap": (person(coverage=(span("2026-02-15", "never"),)), True),
        "a late start and an early end are two": (person(coverage=(span("2026-01-02", "2026-12-30"),)), False),
        "gaps outside the window do not count": (person(coverage=(
            span("2024-01-01", "2024-02-01"), span("2025-12-01", "2026-12-31"), span("2027-03-01", "never"))), True),
    }),
    Example("enrolled", "{enrolled: {window: period, gaps: 2, gap_days: 45}}", {
        "it is not the sum that counts": (person(coverage=(
            span("2026-02-15", "2026-06-30"), span("2026-08-14", "2026-12-31"))), True),
    }),
    Example("enrolled", "{enrolled: {window: period, gaps: 1, gap_days: 45, anchor: period.end}}", {
        "covered on the day": (person(coverage=(span("2026-02-01", "2026-12-31"),)), True),
        "the allowed gap lies on the day": (person(coverage=(span("2026-01-01", "2026-12-15"),)), False),
    }),
    Example("enrolled", "{enrolled: {window: period, anchor: period.end + 1 day}}", {
        "the anchor may lie outside the window": (person(coverage=(span("2026-01-01", "2027-01-01"),)), True),
        "and must be covered there": (person(coverage=(span("2026-01-01", "2026-12-31"),)), False),
    }),
    Example("enrolled", STRICT, {
        "own payer and product line": (person(coverage=(span("2026-01-01", "never", "blue", "medicaid"),)), True),
        "another product line": (person(coverage=(span("2026-01-01", "never", "blue", "commercial"),)), False),
        "product line not stated": (person(coverage=(span("2026-01-01", "never", "blue"),)), False),
        "another payer": (person(coverage=(span("2026-01-01", "never", "green", "medicaid"),)), False),
    }, own=OWN),
    Example("enrolled", STRICT, {
        "any product line": (person(coverage=(span("2026-01-01", "never", "blue", "commercial"),)), True),
    }, own=OwnCoverage("blue")),
    Example("enrolled", "{enrolled: {window: period, payer: any}}", {
        "some single payer": (person(coverage=(span("2026-01-01", "never", "green"),)), True),
    }, own=OWN),
    Example("enrolled", "{enrolled: {window: period, benefits: [medical, pharmacy]}}", {
        "both": (person(coverage=(span("2026-01-01", "never", "blue", None, "pharmacy", "medical", "dental"),)), True),
        "one": (person(coverage=(span("2026-01-01", "never", "blue", None, "medical"),)), False),
        "an empty cell offers all": (person(coverage=(span("2026-01-01", "never"),)), True),
        "lost for half of the year": (person(coverage=(
            span("2026-01-01", "2026-06-30"), span("2026-07-01", "never", "blue", None, "medical"))), False),
    }),
    Example("enrolled", "{enrolled: {window: period, anchor: period.end}}", {
        "up to the as-of date": (person(coverage=(span("2026-01-01", "2026-06-30"),)), True),
        "not up to it": (person(coverage=(span("2026-01-01", "2026-06-29"),)), False),
    }, as_of=dt.date(2026, 6, 30)),
    Example("enrolled", "{enrolled: {window: {from: birth, to: birth + 1 month}}}", {
        "known days": (person(birth="2026-01-01", coverage=(span("2026-01-01", "never"),)), True),
        "a partial date gives no days": (person(birth="2026-01", coverage=(span("2020-01-01", "never"),)), False),
        "an unknown date neither": (person(coverage=(span("2020-01-01", "never"),)), False),
    }),
    Example("enrolled", "{enrolled: {window: period, anchor: period.start - 1 year}}", {
        "a span outside the window may cover the anchor": (person(coverage=(
            span("2025-01-01", "2025-01-01"), span("2026-01-01", "never"))), True),
        "but not another payer's": (person(coverage=(
            span("2025-01-01", "2025-01-01", "green"), span("2026-01-01", "never"))), False),
    }),
    Example("enrolled", "{enrolled: {window: period, anchor: birth}}", {
        "an anchor not known to the day": (person(birth="2026-01", coverage=(span("2020-01-01", "never"),)), False),
    }),
    Example("enrolled", "{enrolled: {window: period, gaps: 1, gap_days: 400}}", {
        "however long a gap may be, some day is covered": (person(coverage=(span("2020-01-01", "2020-12-31"),)), False),
        "a day is enough then": (person(coverage=(span("2026-01-01", "2026-01-01"),)), True),
    }),
    Example("enrolled", STRICT, {
        "before the window begins nobody is enrolled": (person(coverage=(span("2020-01-01", "never"),)), False),
    }, as_of=dt.date(2025, 6, 30)),
    Example("enrolled", "{enrolled: {window: {from: period.start}}}", {
        "nobody is covered for ever": (person(coverage=(span("2020-01-01", "never"),)), False),
    }),
    Example("enrolled", "{enrolled: {window: {after: period.start, before: period.end}}}", {
        "without the bounds": (person(coverage=(span("2026-01-02", "2026-12-30"),)), True),
        "a day short": (person(coverage=(span("2026-01-02", "2026-12-29"),)), False),
    }),
]  # fmt: skip


def covered_until(
    last_day: str, enrolled: str, people: dict[str, tuple[PersonRecord, bool | None]], **asked: Any
) -> Example:
    """Whether the anchor falls on ``last_day``; unknown where there is no such coverage."""
    sections = f"anchors: {{left: {{enrolled: {enrolled}}}}}"
    window = f"{{from: {last_day}, to: {last_day}}}"
    return Example("enrolled", f"{{moment: {{point: left, in: {window}}}}}", people, sections, **asked)


END_OF_YEAR, AFTER_30_DAYS = "period.end", "period.start + 29 days"
EXAMPLES += [
    covered_until(END_OF_YEAR, "{from: period.start}", {
        "to the day": (person(coverage=(span("2026-01-01", "2026-12-31"),)), True),
        "longer": (person(coverage=(span("2026-01-01", "2027-01-01"),)), False),
        "without an end": (person(coverage=(span("2026-01-01", "never"),)), False),
        "spans that touch": (person(coverage=(span("2020-01-01", "2026-03-31"), span("2026-04-01", "2026-12-31"))),
                             True),
        "a span inside another": (person(coverage=(span("2020-01-01", "2026-12-31"), span("2026-04-01", "2026-05-31"))),
                                  True),
        "a day open between": (person(coverage=(span("2020-01-01", "2026-03-31"), span("2026-04-02", "2026-12-31"))),
                               False),
        "covered only later": (person(coverage=(span("2026-01-02", "2026-12-31"),)), None),
        "not covered at all": (person(), None),
        "the latest of two payers": (person(coverage=(
            span("2020-01-01", "2026-03-31"), span("2026-01-01", "2026-12-31", "green"))), True),
        "the next payer is another one": (person(coverage=(
            span("2020-01-01", "2026-03-31"), span("2026-04-01", "2026-12-31", "green"))), False),
        "payers that do not cover the day do not count": (person(coverage=(
            span("2020-01-01", "2026-12-31"), span("2026-04-01", "never", "green"))), True),
    }),
    covered_until(END_OF_YEAR, "{from: period.start, gap_days: 45}", {
        "45 days open": (person(coverage=(span("2020-01-01", "2026-03-31"), span("2026-05-16", "2026-12-31"))), True),
        "46 days open": (person(coverage=(span("2020-01-01", "2026-03-31"), span("2026-05-17", "2026-12-31"))), False),
        "the day lies in the gap": (person(coverage=(
            span("2020-01-01", "2025-12-31"), span("2026-01-02", "2026-12-31"))), True),
    }),
    covered_until(AFTER_30_DAYS, "{from: birth}", {
        "the day of birth is not known": (person(coverage=(span("2020-01-01", "2026-01-30"),), birth="2025-12"), None),
        "born covered": (person(coverage=(span("2025-12-12", "2026-01-30"),), birth="2025-12-12"), True),
    }),
    covered_until(END_OF_YEAR, "{from: period.start, benefits: [pharmacy]}", {
        "a span offers everything": (person(coverage=(span("2020-01-01", "2026-12-31"),)), True),
        "then only medical": (person(coverage=(
            span("2020-01-01", "2026-03-31", "blue", None, "pharmacy"),
            span("2026-04-01", "2026-12-31", "blue", None, "medical"))), False),
    }),
    covered_until(END_OF_YEAR, "{from: period.start}", {
        "its own payer and product line": (person(coverage=(
            span("2020-01-01", "2026-12-31", "blue", "medicaid"), span("2020-01-01", "2027-12-31", "green"),
            span("2020-01-01", "2028-12-31", "blue", "commercial"))), True),
    }, own=OWN),
    covered_until(END_OF_YEAR, "{from: period.start, payer: any}", {
        "any payer": (person(coverage=(span("2020-01-01", "2026-12-31", "green"),)), True),
    }, own=OWN),
    covered_until(AFTER_30_DAYS, "{from: period.start}", {
        "coverage goes on, for all that is known by then": (person(coverage=(span("2020-01-01", "never"),)), True),
        "it ended before": (person(coverage=(span("2020-01-01", "2026-01-10"),)), False),
    }, as_of=dt.date(2026, 1, 30)),
    covered_until(AFTER_30_DAYS, "{from: period.end}", {
        "a later day is asked about as of then": (person(coverage=(span("2020-01-01", "2026-03-01"),)), True),
    }, as_of=dt.date(2026, 1, 30)),
]  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_enrolment(evaluate: Evaluate, example: Example) -> None:
    assert example.truths(evaluate) == example.expected
