"""Dates that decide what another as-of day answers: of each kind of question, and nothing else in a plan."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from measureharmony.choosing import choose
from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.columns import NEVER_ENDS, SINCE_EVER
from measureharmony.evaluation.compile import compile_plan
from measureharmony.evaluation.deciding_dates import AsOfDays, asking_until_when_covered, deciding_dates
from measureharmony.evaluation.time_kernels import shift_days
from measureharmony.payers.variant import Membership, OwnCoverage, Variant
from measureharmony.periods import day_number
from measureharmony.specs import load_specs
from tests.criteria.example import YEAR, measure

Found = dict[str, list[tuple[int, int]]]
VISITS = """
subject: {episodes: visits}
events: {visits: {kind: encounter, codes: office_visit}}
"""
LEAVING = """
anchors: {left: {enrolled: {from: period.start}}}
windows: {treatment: {to: left}}
"""


def number(day: str) -> int:
    return day_number(dt.date.fromisoformat(day))


JUNE_30, JULY_1 = number("2026-06-30"), number("2026-07-01")


def deciding(
    criterion: str, sections: str = "", days: tuple[int, int] = (JUNE_30, JULY_1), member: Membership | None = None
) -> Found:
    """The deciding days of a measure's initial population, by ``table.column``."""
    asked = [Variant("blue", measure(sections, _populations(criterion)), YEAR, membership=member)]
    found = deciding_dates(compile_plan(asked), asked, AsOfDays(*days))
    return {".".join(column): sorted(map(tuple, some)) for column, some in found.items()}


def _populations(initial: str) -> str:
    return f"{{initial_population: {initial}, numerator: {{always: true}}}}"


def test_nothing_decides_where_nobody_asks_for_coverage() -> None:
    assert deciding("{exists: {kind: encounter, codes: office_visit}}") == {}


def test_coverage_that_begins_or_ends_between_the_days_and_gaps_that_grow_too_long() -> None:
    assert deciding("{enrolled: {window: period, gaps: 1, gap_days: 45}}") == {
        "coverage.start_day": [(JULY_1, JULY_1)],
        "coverage.end_day": [(JUNE_30 - 45, JUNE_30 - 45), (JUNE_30, JUNE_30)],
    }


@pytest.mark.parametrize("days", [("2027-01-01", "2027-01-02"), ("2026-12-31", "2027-06-30")])
def test_nothing_decides_after_the_window(days: tuple[str, str]) -> None:
    over = number(days[0]), number(days[1])
    assert deciding("{enrolled: {window: period, anchor: period.end}}", days=over) == {}
    assert deciding("{always: true}", days=over, member=Membership("blue", True, OwnCoverage("blue"))) == {}


def test_a_day_to_be_covered_may_come_after_the_window() -> None:
    over = number("2027-01-01"), number("2027-01-02")
    found = deciding("{enrolled: {window: period, anchor: period.end + 1 months}}", days=over)
    assert found["coverage.start_day"] == [(over[1], over[1])]


def test_members_are_listed_or_covered_on_the_day() -> None:
    days = [(JULY_1, JULY_1)], [(JUNE_30, JUNE_30)]
    found = deciding("{always: true}", member=Membership("blue", True, OwnCoverage("blue")))
    assert found == {
        f"{table}.{name}": one
        for table in ("coverage", "roster")
        for name, one in zip(("start_day", "end_day"), days, strict=True)
    }


def test_no_day_at_all_is_the_last_one() -> None:
    found = deciding("{enrolled: {window: {from: birth, to: birth + 1 years}}}", days=(JUNE_30, NEVER_ENDS))
    assert found["coverage.start_day"] == [(JULY_1, NEVER_ENDS - 1)]
    assert found["person.birth_lo"] == [(JULY_1, NEVER_ENDS - 1)]


def test_of_a_window_that_begins_between_the_days_all_coverage_decides() -> None:
    found = deciding("{enrolled: {window: {from: period.start + 6 months, to: period.end}}}")
    assert (SINCE_EVER, JULY_1) in found["coverage.start_day"]


def test_windows_about_events_begin_with_any_event() -> None:
    found = deciding("{enrolled: {window: {from: index.latest - 30 days, to: index.end}}}", VISITS)
    assert found["event.start_lo"] == found["event.end_lo"] == [(JULY_1 + 30, JULY_1 + 30)]


@pytest.mark.parametrize("shifts", ["+ 1 months", "- 1 months + 3 days", "+ 1 years + 91 days", "- 2 years - 2 weeks"])
def test_every_birth_with_which_a_window_begins_decides(shifts: str) -> None:
    """Over four years, so that every length of a month is there."""
    amounts = [(int(sign + amount), unit) for sign, amount, unit in zip(*[iter(shifts.split())] * 3, strict=True)]
    births = np.arange(JULY_1 - 1_500, JULY_1 + 1_500)
    begins = shift_days(births, amounts)
    for sooner in range(number("2026-02-26"), number("2026-03-03")):
        found = deciding(f"{{enrolled: {{window: {{from: birth {shifts}, to: death}}}}}}", days=(sooner, sooner + 1))
        ((first, last),) = found["person.birth_lo"]
        assert {*births[begins == sooner + 1]} <= {*range(first, last + 1)}
        assert last - first < 20


@pytest.mark.parametrize("subject", ["", VISITS])
def test_variants_that_ask_until_when_somebody_is_covered_are_named(subject: str) -> None:
    treated = _populations("{exists: {kind: encounter, codes: office_visit, when: {start: treatment}}}")
    plain = _populations("{always: true}")
    asked = [Variant(name, measure(subject + LEAVING, one), YEAR) for name, one in (("a", plain), ("b", treated))]
    assert asking_until_when_covered(compile_plan(asked)) == {1}


def test_nothing_else_in_a_plan_carries_the_day() -> None:
    """Not sharing equal nodes, plans of two days have the same nodes, but for those that the dates are told of."""
    chosen = [
        one for one in choose(load_specs(), 2026) if one.measure.measure in ("cis", "fuh", "gsd", "pdc_ras", "w30")
    ]
    plans = [compile_plan(chosen, dt.date(2026, month, 15), shared=False).plans() for month in (5, 6)]
    others = set()
    for one, other in zip(*plans, strict=True):
        assert one.rates == other.rates
        others |= {type(a) for a, b in zip(one.nodes, other.nodes, strict=True) if a != b}
    assert others == {n.EnrolledOver, n.ListedOn, n.CoveredUntil}
