"""Which outcomes are care gaps, and whether they are open: the mistakes of other engines, one test each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from measureharmony.evaluation.care_gaps import GAP_COLUMNS, care_gap_table
from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers.variant import CANONICAL, OwnCoverage, Variant
from measureharmony.periods import Period
from tests.criteria.example import measure

Line = dict[str, Any]
CALENDAR, FISCAL = Period.calendar_year(2026), Period.starting(dt.date(2025, 7, 1))
IN = ("initial_population", "denominator")


def variant(program: str, period: Period = CALENDAR, direction: str = "higher") -> Variant:
    populations = "{initial_population: {always: true}, numerator: {sex: female}}"
    made = measure("", populations, [{"id": "rate", "title": "Rate", "direction": direction}])
    return Variant(program, made, period, None if program == CANONICAL else OwnCoverage(program))


def outcome(program: str, *populations: str, person: str = "p", member: bool = True, **columns: Any) -> Line:
    line: Line = {
        "program": program,
        "measure": "example",
        "rate": "rate",
        "person_id": person,
        "subject_id": person,
        "member": member,
    }
    shown = {"first_failing": "sex", "evidence_date": None, "evidence_value": None, "evidence_unit": None}
    shown["close_by"] = None
    return line | {name: name in populations for name in POPULATIONS} | shown | {"evidence_values": None} | columns


def gaps(lines: Sequence[Line], variants: Sequence[Variant], as_of: str | None = None) -> list[Line]:
    table = pa.Table.from_pylist(list(lines), schema=_SCHEMA)
    return care_gap_table(table, variants, dt.date.fromisoformat(as_of) if as_of else None).to_pylist()


_SCHEMA = pa.schema([
    *((name, pa.string()) for name in ("program", "measure", "rate", "person_id", "subject_id")),
    ("member", pa.bool_()),
    *((name, pa.bool_()) for name in POPULATIONS), ("first_failing", pa.string()), ("evidence_date", pa.date32()),
    ("close_by", pa.date32()),
    ("evidence_value", pa.float64()), ("evidence_unit", pa.string()), ("evidence_values", pa.string()),
])  # fmt: skip

BLUE = variant("blue")


def test_outside_the_denominator_there_is_no_gap() -> None:
    assert gaps([outcome("blue"), outcome("blue", "initial_population", person="q")], [BLUE]) == []


def test_who_is_excluded_or_excepted_has_no_gap() -> None:
    excluded = outcome("blue", *IN, "denominator_exclusion")
    excepted = outcome("blue", *IN, "denominator_exception", person="q")
    assert gaps([excluded, excepted], [BLUE]) == []


def test_who_meets_the_numerator_has_no_gap() -> None:
    assert gaps([outcome("blue", *IN, "numerator")], [BLUE]) == []


def test_an_unmet_numerator_is_open_until_the_period_ends_and_missed_afterwards() -> None:
    lines = [outcome("blue", *IN)]
    for as_of, status, due, missed in (
        ("2026-06-30", "open", CALENDAR.end, ""), ("2026-12-31", "open", CALENDAR.end, ""),
        ("2027-01-01", "missed", None, "blue"), (None, "missed", None, "blue"),
    ):  # fmt: skip
        (gap,) = gaps(lines, [BLUE], as_of)
        assert (gap["status"], gap["due"], gap["programs"], gap["missed_for"]) == (status, due, "blue", missed)
        assert list(gap) == list(GAP_COLUMNS)


def test_a_gap_whose_own_last_day_is_over_is_missed() -> None:
    lines = [outcome("blue", *IN, close_by=dt.date(2026, 3, 8)), outcome("green", *IN, close_by=dt.date(2026, 3, 15))]
    for as_of, status, due, missed in (
        ("2026-03-08", "open", dt.date(2026, 3, 8), ""), ("2026-03-09", "open", dt.date(2026, 3, 15), "blue"),
        ("2026-03-16", "missed", None, "blue green"),
    ):  # fmt: skip
        (gap,) = gaps(lines, [BLUE, variant("green")], as_of)
        assert (gap["status"], gap["due"], gap["missed_for"]) == (status, due, missed)


def test_a_program_whose_books_close_before_the_period_ends_counts_no_later_care() -> None:
    early = replace(BLUE, cut_off=dt.date(2026, 11, 30))
    (gap,) = gaps([outcome("blue", *IN)], [early], "2026-11-30")
    assert (gap["status"], gap["due"]) == ("open", dt.date(2026, 11, 30))
    (gap,) = gaps([outcome("blue", *IN)], [early], "2026-12-01")
    assert (gap["status"], gap["missed_for"]) == ("missed", "blue")


def test_an_inverse_measure_has_its_gaps_mirrored() -> None:
    inverse = variant("blue", direction="lower")
    met = outcome("blue", *IN, "numerator", first_failing="poor control")
    not_met = outcome("blue", *IN, person="q")
    excluded = outcome("blue", *IN, "denominator_exclusion", person="r")
    (gap,) = gaps([met, not_met, excluded], [inverse])
    assert (gap["person_id"], gap["first_failing"]) == ("p", "poor control")


def test_one_gap_names_every_program_it_counts_for() -> None:
    lines = [outcome(program, *IN) for program in ("green", "blue", CANONICAL)]
    variants = [BLUE, variant("green", FISCAL), variant(CANONICAL)]
    (gap,) = gaps(lines, variants, "2026-06-30")
    assert (gap["programs"], gap["status"], gap["due"], gap["unified"]) == ("blue green", "open", FISCAL.end, True)
    (gap,) = gaps(lines, variants, "2026-07-01")
    assert (gap["status"], gap["due"], gap["missed_for"]) == ("open", CALENDAR.end, "green")
    (gap,) = gaps(lines, variants, "2027-01-01")
    assert (gap["status"], gap["due"], gap["missed_for"]) == ("missed", None, "blue green")


def test_a_gap_of_one_payer_that_the_other_has_closed_names_only_the_one() -> None:
    (gap,) = gaps([outcome("blue", *IN), outcome("green", *IN, "numerator")], [BLUE, variant("green")])
    assert (gap["programs"], gap["unified"]) == ("blue", False)


def test_a_gap_that_only_the_unified_rate_sees_has_no_program() -> None:
    (gap,) = gaps(
        [outcome(CANONICAL, *IN), outcome("blue", *IN, member=False)], [BLUE, variant(CANONICAL)], "2026-06-30"
    )
    assert (gap["programs"], gap["unified"], gap["status"], gap["due"]) == ("", True, "open", CALENDAR.end)


def test_an_open_program_gap_is_not_kept_open_by_the_unified_rate() -> None:
    lines = [outcome("green", *IN), outcome(CANONICAL, *IN)]
    (gap,) = gaps(lines, [variant("green", FISCAL), variant(CANONICAL)], "2026-07-01")
    assert (gap["status"], gap["missed_for"]) == ("missed", "green")


def test_the_evidence_shown_is_a_programs_own_where_there_is_one() -> None:
    own = outcome("blue", *IN, evidence_value=8.0, evidence_unit="%", first_failing="own")
    unified = outcome(CANONICAL, *IN, evidence_value=9.5, evidence_unit="%", first_failing="unified")
    (gap,) = gaps([unified, own], [BLUE, variant(CANONICAL)])
    assert (gap["evidence_value"], gap["first_failing"]) == (8.0, "own")


def test_people_and_rates_have_gaps_of_their_own() -> None:
    lines = [outcome("blue", *IN, person=person) for person in ("b", "a")]
    assert [gap["person_id"] for gap in gaps(lines, [BLUE])] == ["a", "b"]


def test_no_outcomes_no_gaps() -> None:
    assert gaps([], [BLUE]) == []
