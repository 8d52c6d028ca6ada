"""Until when a gap can be closed, as outcomes say it: by each kind of bound in a numerator, and without one."""

from __future__ import annotations

import datetime as dt

import pytest

from measureharmony.engines import local
from measureharmony.evaluation.compile import compile_plan
from measureharmony.evaluation.outcome import outcome_table
from measureharmony.evaluation.terminology import Terminology
from measureharmony.payers.variant import Variant
from tests.criteria.example import SNOMED, VALUE_SETS, YEAR, event, measure, person
from tests.criteria.kernels import practice_of

VISITS = """
subject: {episodes: visits}
events: {visits: {kind: encounter, codes: office_visit, take: {first: start}}}
"""
TEST = "{kind: observation, codes: mammogram, when: {start: %s}}"
FIRST = "{kind: condition, codes: diabetes, take: {%s: start}}"
#: Born on 2024-05-05; seen on 2026-03-01; glucose on 2026-02-01, and ill since then.
SOMEBODY = person(
    event("seen", "2026-03-01", kind="encounter", code="V-1", system=SNOMED),
    event("sugar", "2026-02-01", code="G-1"),
    event("ill", "2026-02-01", kind="condition", code="D-1", system=SNOMED),
    birth="2024-05-05",
    person_id="p",
)


def close_by(numerator: str, sections: str = "", direction: str = "higher") -> dt.date | None:
    """Until when the gap of somebody can be closed."""
    populations = f"{{initial_population: {{always: true}}, numerator: {numerator}}}"
    rates = [{"id": "rate", "title": "Rate", "direction": direction}]
    asked = Variant("blue", measure(sections, populations, rates), YEAR)
    with practice_of([SOMEBODY]) as practice:
        evaluated = local.run(practice, compile_plan([asked]), Terminology.of(VALUE_SETS), workers=1)
        (row,) = outcome_table([asked], evaluated, everybody=True).to_pylist()
    found: dt.date | None = row["close_by"]
    return found


NEXT_WEEK = TEST % "{from: index.start, to: index.start + 7 days}"
BIRTHDAY = TEST % "{before: birth + 2 years}"


@pytest.mark.parametrize(
    ("numerator", "day"),
    [
        (f"{{exists: {NEXT_WEEK}}}", "2026-03-08"),
        (f"{{count: {{of: {NEXT_WEEK}, at_least: 2}}}}", "2026-03-08"),
        (f"{{exists: {BIRTHDAY}}}", "2026-05-04"),
        (f"{{exists: {TEST % '{to: period.end - 3 months}'}}}", "2026-09-30"),
        (f"{{any: [{{exists: {NEXT_WEEK}}}, {{exists: {BIRTHDAY}}}]}}", "2026-05-04"),
        (f"{{all: [{{exists: {NEXT_WEEK}}}, {{exists: {BIRTHDAY}}}]}}", "2026-03-08"),
        # What somebody has already bounds nothing.
        (f"{{all: [{{exists: {{kind: observation, codes: glucose, when: {{start: {{to: index.start}}}}}}}}, "
         f"{{exists: {BIRTHDAY}}}]}}", "2026-05-04"),
        ("{days_covered: {of: {kind: medication_dispense}, within: {from: index.start, to: index.start + 30 days}, "
         "at_least: 20}}", "2026-03-31"),
        # What has happened cannot be undone.
        ("{not: {exists: {kind: observation, codes: glucose}}}", "2025-12-31"),
        # The period's end, which outcomes do not repeat: no bound, one after it, or one that may still move.
        (f"{{exists: {TEST % 'period'}}}", None),
        (f"{{exists: {TEST % '{to: period.end + 1 month}'}}}", None),
        (f"{{any: [{{exists: {NEXT_WEEK}}}, {{exists: {TEST % 'period'}}}]}}", None),
        ("{not: {exists: {kind: observation, codes: glucose, take: {last: start}, where: {value: {present: false}}}}}",
         None),
    ],
)  # fmt: skip
def test_what_the_numerator_asks_for_bounds_the_closing(numerator: str, day: str | None) -> None:
    assert str(close_by(numerator, VISITS)) == str(day)


@pytest.mark.parametrize(("choice", "day"), [("first", "2026-03-03"), ("last", None)])
def test_a_moment_that_may_still_move_is_no_bound(choice: str, day: str | None) -> None:
    sections = f"anchors: {{ill: {{of: {FIRST % choice}, point: start}}}}"
    assert str(close_by(f"{{exists: {TEST % '{to: ill + 30 days}'}}}", sections)) == str(day)


def test_the_gap_of_an_inverse_rate_is_closed_by_what_ends_it() -> None:
    assert close_by(f"{{not: {{exists: {NEXT_WEEK}}}}}", VISITS, "lower") == dt.date(2026, 3, 8)
    assert close_by("{exists: {kind: observation, codes: glucose}}", "", "lower") == dt.date(2025, 12, 31)
