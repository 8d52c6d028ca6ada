"""What contracts pay: every formula worked by hand, to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from measureharmony.incentives.amounts import Amount, amounts, total
from tests.unit.incentives.contracts import contract, higher, lower, standing, target

TIERS = {"silver": "0.72", "gold": "0.80"}


def only(*args: Any, **kwargs: Any) -> Amount:
    (amount,) = amounts(*args, **kwargs)
    return amount


def test_per_gap_pays_for_every_closed_gap_target_or_not() -> None:
    # 46 closed × 10.00 = 460.00
    amount = only(contract({}, {"bcs.screened": {"per_gap": "10.00"}}), standing(bcs_screened=(46, 66)))
    assert (amount.value, amount.accrues, amount.at_next) == (Decimal("460.00"), True, None)
    assert amount.steps == (
        "bcs.screened: 46 of 66 = 69.70 %.",
        "46 closed gaps × 10.00 USD = 460.00 USD.",
    )


def test_of_an_inverse_rate_closed_are_those_who_do_not_have_what_is_poor() -> None:
    # 18 people, 3 with poor control: 15 closed × 25.00 = 375.00
    amount = only(contract({}, {"gsd.poor": {"per_gap": "25.00"}}), standing(gsd_poor=lower(3, 18)))
    assert amount.value == Decimal("375.00")


@pytest.mark.parametrize(
    ("above", "pays", "paid", "at_next"),
    [
        # One amount, once the target of 72 % is met: 66 people × 4.00 = 264.00.
        (48, {"per_member": "4.00"}, "264.00", None),
        (46, {"per_member": "4.00"}, "0.00", "264.00"),
        # By tier: 48 of 66 = 72.7 % is silver, 66 × 4.00; 53 of 66 = 80.3 % is gold, 66 × 9.50 = 627.00.
        (48, {"per_member": {"silver": "4.00", "gold": "9.50"}}, "264.00", "627.00"),
        (53, {"per_member": {"silver": "4.00", "gold": "9.50"}}, "627.00", None),
        (46, {"per_member": {"silver": "4.00", "gold": "9.50"}}, "0.00", "264.00"),
        # Flat: once for all; a tier without an amount pays what the tier below it pays.
        (48, {"flat": {"silver": "500.00", "gold": "1500.00"}}, "500.00", "1500.00"),
        (53, {"flat": {"silver": "500.00"}}, "500.00", None),
        (46, {"flat": "750.00"}, "0.00", "750.00"),
    ],
)
def test_by_the_target_and_its_tiers(above: int, pays: dict[str, Any], paid: str, at_next: str | None) -> None:
    agreed = contract({"bcs.screened": target("0.72", tiers=TIERS)}, {"bcs.screened": pays})
    amount = only(agreed, standing(bcs_screened=(above, 66)))
    assert (amount.value, amount.accrues) == (Decimal(paid), False)
    assert amount.at_next == (None if at_next is None else Decimal(at_next))


def test_too_few_people_earn_nothing_by_a_target_but_their_closed_gaps() -> None:
    few = target("0.5", minimum_denominator=30)
    pays = {"bcs.screened": {"flat": "750.00"}, "col.screened": {"per_gap": "10.00"}}
    agreed = contract({"bcs.screened": few, "col.screened": few}, pays)
    by_target, per_gap = amounts(agreed, standing(bcs_screened=(29, 29), col_screened=(29, 29)))
    assert (by_target.value, per_gap.value) == (Decimal("0.00"), Decimal("290.00"))
    assert by_target.steps[1] == "29 people are too few to count; at least 30 are asked for."


FOUR = {name: target("0.70") for name in ("bcs.screened", "col.screened", "cbp.controlled", "gsd.controlled")}
#: bcs and cbp meet their targets, col and gsd do not.
NOW = standing(
    250, bcs_screened=(80, 100), col_screened=(60, 100), cbp_controlled=(7, 10), gsd_controlled=(69, 100)
)  # fmt: skip


@pytest.mark.parametrize(
    ("payment", "paid", "at_next"),
    [
        # Two of four are met: nothing is paid for three.
        ({"flat": "5000.00", "needs": {"met": {"count": 3}}}, "0.00", "5000.00"),
        ({"flat": "5000.00", "needs": {"met": {"count": 2}}}, "5000.00", None),
        # Half of those that count.
        ({"flat": "5000.00", "needs": {"met": {"share": 0.5}}}, "5000.00", None),
        # 250 people × 1.50 = 375.00.
        ({"per_member": "1.50"}, "375.00", None),
        ({"per_member": "1.50", "needs": {"members_at_least": 251}}, "0.00", "375.00"),
        # By how many targets are met: 2 reach the step from 2 on; 250 × 2.00.
        (
            {"per_member": {"by": "met", "steps": [{"from": 1, "pays": "1.00"}, {"from": 2, "pays": "2.00"}]}},
            "500.00", None,
        ),
        # 12.5 % of 41,234.57 = 5,154.32125, rounded half up to 5,154.32; the next step is 25 %: 10,308.6425.
        (
            {"pool": {"amount": "41234.57", "share": {"by": "met", "steps": [
                {"from": 2, "pays": 0.125}, {"from": 4, "pays": 0.25}
            ]}}},
            "5154.32", "10308.64",
        ),
        ({"pool": {"amount": "100.00", "share": {"by": "met", "of": ["col.screened"], "steps": [
            {"from": 1, "pays": 0.5}
        ]}}}, "0.00", "50.00"),
        # 1,840,000 − 1,766,400 = 73,600 saved; 2 % of 1,840,000 is 36,800, so it is enough; half is 36,800.
        (
            {"shared_savings": {
                "benchmark": "1840000.00", "spent": "1766400.00", "minimum_savings": 0.02, "share": 0.5
            }},
            "36800.00", None,
        ),
        # 1,840,000 − 1,803,201 = 36,799 is less than 2 %.
        (
            {"shared_savings": {
                "benchmark": "1840000.00", "spent": "1803201.00", "minimum_savings": 0.02, "share": 0.5
            }},
            "0.00", None,
        ),
        ({"shared_savings": {"benchmark": "100.00", "spent": "120.00", "share": 0.5}}, "0.00", None),
        # Half of 73,600 is 36,800, but never more than 30,000.
        (
            {"shared_savings": {"benchmark": "1840000.00", "spent": "1766400.00", "share": 0.5, "cap": "30000.00"}},
            "30000.00", None,
        ),
    ],
)  # fmt: skip
def test_what_the_whole_program_pays(payment: dict[str, Any], paid: str, at_next: str | None) -> None:
    amount = only(contract(FOUR, payments=[{"id": "bonus", **payment}]), NOW)
    assert amount.value == Decimal(paid)
    assert amount.at_next == (None if at_next is None else Decimal(at_next))


def test_a_score_is_the_weighted_mean_of_points() -> None:
    # Without points a met target is 1: (1 × 1 + 0 × 1 + 1 × 3 + 0 × 1) ÷ 6 = 0.667 with weight 3 for blood pressure.
    weights = {"cbp": {"weight": 3}}
    pays = {"by": "score", "steps": [{"from": 0.6, "pays": "100.00"}, {"from": 0.7, "pays": "200.00"}]}
    amount = only(contract(FOUR, payments=[{"id": "bonus", "flat": pays}], measures=weights), NOW)
    assert amount.value == Decimal("100.00")
    assert amount.steps[0] == (
        "Score: (bcs.screened 1 × 1 + col.screened 0 × 1 + cbp.controlled 1 × 3 + gsd.controlled 0 × 1) ÷ 6 = 0.6667."
    )


def test_a_closed_gate_leaves_nothing_of_what_it_stands_before() -> None:
    gate = {"id": "quality", "needs": {"met": {"count": 3}}, "payments": ["bonus"]}
    agreed = contract(
        FOUR, {"bcs.screened": {"per_gap": "10.00"}}, payments=[{"id": "bonus", "flat": "500.00"}], gates=[gate]
    )
    per_gap, bonus = amounts(agreed, NOW)
    assert (per_gap.value, bonus.value, bonus.at_next) == (Decimal("800.00"), Decimal("0.00"), Decimal("500.00"))
    assert bonus.steps[-3:] == (
        "Targets met: 2 of 4 (bcs.screened, cbp.controlled).",
        "3 are asked for.",
        "Gate quality: closed, nothing is paid.",
    )


def test_a_gate_without_payments_stands_before_everything() -> None:
    gate = {"id": "panel", "needs": {"members_at_least": 300}}
    agreed = contract(FOUR, {"bcs.screened": {"per_gap": "10.00"}}, gates=[gate])
    assert total(amounts(agreed, NOW)) == 0


@pytest.mark.parametrize(
    ("needs", "holds"),
    [
        ({"tier": {"rate": "bcs.screened", "tier": "silver"}}, True),
        ({"tier": {"rate": "bcs.screened", "tier": "gold"}}, False),
        ({"score_at_least": 1}, True),
        ({"all": [{"members_at_least": 10}, {"members_at_least": 1000}]}, False),
        ({"any": [{"members_at_least": 10}, {"members_at_least": 1000}]}, True),
    ],
)
def test_conditions(needs: dict[str, Any], holds: bool) -> None:
    agreed = contract(
        {"bcs.screened": target("0.72", tiers=TIERS)}, payments=[{"id": "b", "flat": "1.00", "needs": needs}]
    )
    assert bool(total(amounts(agreed, standing(bcs_screened=(75, 100))))) == holds


def test_reporting_only_counts_for_nothing() -> None:
    # Of the four, only blood pressure and breast screening are met; without colorectal screening it is 2 of 3.
    pays = {"by": "share_met", "steps": [{"from": 0.6, "pays": "100.00"}]}
    half = contract(FOUR, payments=[{"id": "b", "flat": pays}])
    assert total(amounts(half, NOW)) == 0
    two_thirds = contract(FOUR, payments=[{"id": "b", "flat": pays}], measures={"col": {"reporting_only": True}})
    assert total(amounts(two_thirds, NOW)) == Decimal("100.00")


def test_what_a_run_lacks_is_not_computed_rather_than_nothing() -> None:
    wanted = {"met": {"count": 1, "of": ["bcs.screened", "omw.managed"]}}
    amount = only(
        contract({"bcs.screened": target("0.7")}, payments=[{"id": "b", "flat": "1.00", "needs": wanted}]), NOW
    )
    assert amount.value is None
    assert amount.steps == ("Not computed: omw.managed not among the measures or targets.",)


def test_amounts_are_decimal_to_the_last_cent() -> None:
    # 3 × 0.10 is 0.30, which binary numbers miss.
    amount = only(contract({}, {"bcs.screened": {"per_gap": "0.10"}}), standing(bcs_screened=higher(3, 3)))
    assert str(amount.value) == "0.30"
