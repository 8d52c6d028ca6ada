"""The tables of targets and payments, and what-if: one standing read in several ways."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from measureharmony.errors import UsageError
from measureharmony.evaluation.rates import RATE_SCHEMA
from measureharmony.incentives import (
    PAYMENT_COLUMNS,
    TARGET_COLUMNS,
    WHAT_IF_COLUMNS,
    closings,
    payment_table,
    standings,
    target_table,
    what_if_table,
)
from measureharmony.incentives.what_if import Wish, chosen_gaps
from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers.variant import Variant
from measureharmony.periods import Period
from tests.criteria.example import measure
from tests.unit.incentives.contracts import contract, higher, lower, standing, target

#: A rate of which less is better.
POOR = measure(
    "measure: gsd",
    "{initial_population: {always: true}, numerator: {always: true}}",
    [{"id": "poor", "title": "Poor control", "direction": "lower"}],
)
#: Ten for each mammogram; 1,000 once both targets are met.
AGREED = contract(
    {"bcs.screened": target("0.72", tiers={"silver": "0.72", "gold": "0.80"}), "gsd.poor": target(at_most="0.16")},
    {"bcs.screened": {"per_gap": "10.00"}},
    payments=[{"id": "bonus", "title": "Both goals", "flat": "1000.00", "needs": {"met": {"count": 2}}}],
)
#: Two mammograms and one glucose result short.
NOW = standing(bcs_screened=(46, 66), gsd_poor=lower(3, 18))
CONTRACTS, STANDING = {"contract": AGREED}, {"contract": NOW}


def _outcome(
    person: str, *, numerator: bool = True, member: bool = True, close_by: dt.date | None = None
) -> dict[str, Any]:
    inside = {**dict.fromkeys(POPULATIONS, False), "initial_population": True, "denominator": True}
    named = {"program": "contract", "measure": "gsd", "rate": "poor", "person_id": person, "member": member}
    return {**named, **inside, "numerator": numerator, "close_by": close_by}


def rows(table: pa.Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = table.to_pylist()
    return found


def test_every_column_is_explained() -> None:
    assert target_table(CONTRACTS, STANDING).column_names == list(TARGET_COLUMNS)
    assert payment_table(CONTRACTS, STANDING).column_names == list(PAYMENT_COLUMNS)
    assert what_if_table(CONTRACTS, STANDING, {}).column_names == list(WHAT_IF_COLUMNS)


def test_targets_say_how_far_it_is_and_what_the_next_gap_earns() -> None:
    mammogram, glucose = rows(target_table(CONTRACTS, STANDING))
    assert (mammogram["met"], mammogram["tier"], mammogram["next_tier"]) == (False, None, "silver")
    assert (mammogram["people_to_target"], mammogram["people_to_next"], mammogram["open_gaps"]) == (2, 2, 20)
    # One more mammogram is worth its 10.00; one more good result meets the second target only, so it earns nothing.
    assert (mammogram["value_per_gap"], glucose["value_per_gap"]) == (Decimal("10.00"), Decimal("0.00"))
    assert (glucose["side"], glucose["people_to_target"], glucose["reachable"]) == ("at_most", 1, True)


def test_the_gap_that_opens_a_bonus_is_worth_the_bonus() -> None:
    there = {"contract": standing(bcs_screened=(48, 66), gsd_poor=lower(3, 18))}
    mammogram, glucose = rows(target_table(CONTRACTS, there))
    assert (mammogram["value_per_gap"], glucose["value_per_gap"]) == (Decimal("10.00"), Decimal("1000.00"))
    assert glucose["value_of_next"] == Decimal("1000.00")


def test_a_tier_that_the_open_gaps_do_not_suffice_for_is_not_reachable() -> None:
    few = replace(higher(46, 66), open_gaps=1)
    mammogram = rows(target_table(CONTRACTS, {"contract": standing(bcs_screened=few, gsd_poor=lower(3, 18))}))[0]
    assert (mammogram["people_to_next"], mammogram["reachable"], mammogram["value_of_next"]) == (2, False, None)


def test_earned_is_what_no_later_day_decides() -> None:
    met = standing(bcs_screened=(48, 66), gsd_poor=lower(2, 18))
    per_gap, bonus = rows(payment_table(CONTRACTS, {"contract": met}))
    assert (per_gap["earned"], per_gap["projected"]) == (Decimal("480.00"), Decimal("480.00"))
    assert (bonus["earned"], bonus["projected"]) == (Decimal("0.00"), Decimal("1000.00"))
    over = {rate: replace(count, period_over=True, open_gaps=0) for rate, count in met.counts.items()}
    per_gap, bonus = rows(payment_table(CONTRACTS, {"contract": replace(met, counts=over)}))
    assert bonus["earned"] == Decimal("1000.00")
    assert (per_gap["value_per_gap"], per_gap["if_all_open_gaps_close"]) == (None, Decimal("480.00"))


def test_everything_closed_is_66_mammograms_and_the_bonus() -> None:
    per_gap, bonus = rows(payment_table(CONTRACTS, STANDING))
    assert (per_gap["if_all_open_gaps_close"], bonus["if_all_open_gaps_close"]) == (
        Decimal("660.00"),
        Decimal("1000.00"),
    )


@pytest.mark.parametrize(
    ("wishes", "closed", "more"),
    [
        ({"bcs.screened": 1}, "bcs.screened +1", "10.00"),
        ({"bcs.screened": 2, "gsd.poor": 1}, "bcs.screened +2, gsd.poor +1", "1020.00"),
        ({"bcs.screened": "gold"}, "bcs.screened +7", "70.00"),  # 80 % of 66 is 52.8: 53
        ({"contract:gsd.poor": "target"}, "gsd.poor +1", "0.00"),
        ({"bcs.screened": 500}, "bcs.screened +20", "200.00"),  # no more than are open
    ],
)
def test_what_if(wishes: dict[str, Wish], closed: str, more: str) -> None:
    found = rows(what_if_table(CONTRACTS, STANDING, closings(CONTRACTS, STANDING, wishes)))
    assert {row["closed"] for row in found} == {closed}
    assert sum(row["difference"] for row in found) == Decimal(more)


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        ({"bcs.screening": 1}, "No program measures a rate 'bcs.screening'; did you mean 'bcs.screened'?"),
        ({"contrast:bcs.screened": 1}, "There is no program 'contrast' in these results; did you mean 'contract'?"),
        (
            {"bcs.screened": "golden"},
            "The target of bcs.screened in contract has no tier 'golden'; did you mean 'gold'?",
        ),
    ],
)
def test_what_is_not_there_cannot_be_wished_for(wishes: dict[str, Wish], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        closings(CONTRACTS, STANDING, wishes)
    assert str(caught.value) == message


def test_a_tier_out_of_reach_is_said_to_be() -> None:
    few = {"contract": standing(bcs_screened=replace(higher(46, 66), open_gaps=1), gsd_poor=lower(3, 18))}
    with pytest.raises(UsageError, match=r"cannot reach gold: it takes 7 gaps, and 1 are open"):
        closings(CONTRACTS, few, {"bcs.screened": "gold"})


GAPS = pa.Table.from_pylist([
    {"person_id": "a", "subject_id": "a", "measure": "bcs", "rate": "screened", "status": "open",
     "programs": "contract other", "missed_for": ""},
    {"person_id": "b", "subject_id": "b", "measure": "bcs", "rate": "screened", "status": "open",
     "programs": "contract other", "missed_for": "contract"},
    {"person_id": "c", "subject_id": "c", "measure": "gsd", "rate": "poor", "status": "missed",
     "programs": "contract", "missed_for": "contract"},
])  # fmt: skip


def test_a_persons_gap_closes_in_every_program_that_still_counts_it() -> None:
    rows_named = [{"person_id": name, "measure": "bcs", "rate": "screened"} for name in ("a", "b")]
    both = {"contract": AGREED, "other": AGREED}
    found = closings(both, {"contract": NOW, "other": NOW}, {}, chosen_gaps(GAPS, rows_named))
    assert found == {"contract": {("bcs", "screened"): 1}, "other": {("bcs", "screened"): 2}}


def test_rows_that_name_no_open_gap_are_counted_not_quoted() -> None:
    named = [
        {"person_id": "c", "measure": "gsd", "rate": "poor"},
        {"person_id": "a", "measure": "bcs", "rate": "screened"},
    ]
    with pytest.raises(UsageError, match=r"1 of 2 rows name no open gap\."):
        chosen_gaps(GAPS, named)
    with pytest.raises(UsageError, match="person_id, measure and rate"):
        chosen_gaps(GAPS, [{"person_id": "a"}])


def test_standings_are_read_off_the_rate_and_outcome_tables() -> None:
    empty = dict.fromkeys(RATE_SCHEMA.names)
    rate = {
        **empty, "program": "contract", "measure": "gsd", "rate": "poor", "stratum": "", "direction": "lower",
        "above": 3, "below": 18, "scoring": "proportion", "value": 3 / 18, "period_end": dt.date(2026, 12, 31),
    }  # fmt: skip
    rates = pa.Table.from_pylist([rate, {**rate, "stratum": "older"}, {**rate, "program": "canonical"}], RATE_SCHEMA)
    variant = Variant("contract", POOR, Period.calendar_year(2026))
    outcomes = pa.Table.from_pylist([
        _outcome("a"), _outcome("a", numerator=False), _outcome("b", close_by=dt.date(2026, 10, 31)),
        _outcome("b", close_by=dt.date(2026, 10, 30)), _outcome("c", member=False),
    ])  # fmt: skip
    (found,) = standings(rates, outcomes, [variant], ["contract"], dt.date(2026, 10, 31)).values()
    assert (found.members, found.counts["gsd", "poor"].open_gaps, found.over) == (2, 2, False)
    (found,) = standings(rates, outcomes, [variant], ["contract"], None).values()
    assert (found.counts["gsd", "poor"].open_gaps, found.over) == (0, True)
