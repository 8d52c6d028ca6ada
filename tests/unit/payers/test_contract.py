"""From overlays, the program's own file and its tables to the contract of a year."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from measureharmony.payers import Programs, read_programs, variants
from measureharmony.payers.contract import Contract, contracts, improved_bound
from measureharmony.payers.payments import ProgramPayment
from measureharmony.payers.targets import Improvement, Side
from tests.unit.payers.canonical import canonical, day, program, program_yaml

SOURCE = {"document": "Contract"}
PROGRAM = program_yaml(
    "{measure: bcs, overlay: true, weight: 3}, {measure: gsd, overlay: true}",
    "minimum_denominator: 20\nrates_rounded_to: whole_percent\n",
)
CHANGE = "  - {change}\n    effective: {day}\n    source: {{document: Contract}}\n    reason: Test.\n"


def agreed(folder: Path, bcs: str, gsd: str, tables: dict[str, str], on: str | None = None) -> Contract:
    home = folder / "payers" / "contract"
    home.mkdir(parents=True)
    (home / "program.yaml").write_text(PROGRAM, "utf-8")
    for measure, change in (("bcs", bcs), ("gsd", gsd)):
        head = f"overlay: {measure}\nedition: 2026\nchanges:\n"
        (home / f"{measure}.yaml").write_text(head + CHANGE.format(change=change, day="2026-07-01"), "utf-8")
    for name, text in tables.items():
        (home / name).write_text(text, "utf-8")
    programs = read_programs(folder / "payers", canonical())
    assert programs.issues == ()
    chosen = [one for one in variants(programs, canonical(), 2026) if one.program != "canonical"]
    return contracts(programs, chosen, 2026, day(on) if on else None)["contract"]


CUT_POINTS = """\
measure,rate,tier,at_least,at_most,points
bcs,screened,star_3,0.7100,,3
bcs,screened,star_4,0.79,,4
gsd,poor_control,star_4,,0.16,4
"""


def test_cut_points_of_a_table_are_tiers_and_one_of_them_the_target(tmp_path: Path) -> None:
    cut = "set_target: {{rate: {}, cut_points: {{file: stars.csv, target: star_4}}}}"
    found = agreed(tmp_path, cut.format("screened"), cut.format("poor_control"), {"stars.csv": CUT_POINTS})
    mammogram, glucose = found.targets["bcs", "screened"], found.targets["gsd", "poor_control"]
    assert (mammogram.side, mammogram.bound, mammogram.bound_from) == ("at_least", Fraction("0.79"), "cut_points")
    assert [(tier.id, tier.bound, tier.points) for tier in mammogram.tiers] == [
        ("star_3", Decimal("0.71"), Decimal(3)), ("star_4", Decimal("0.79"), Decimal(4)),
    ]  # fmt: skip
    assert (glucose.side, glucose.bound) == ("at_most", Fraction("0.16"))
    assert (mammogram.minimum_denominator, mammogram.rounded_to) == (20, "whole_percent")
    assert (found.weight(("bcs", "screened")), found.weight(("gsd", "poor_control"))) == (3, 1)


BASELINE = """\
program,measure,rate,stratum,above,below
contract,bcs,screened,,38,60
contract,bcs,screened,age_42_51,1,60
other,bcs,screened,,1,60
contract,gsd,poor_control,,30,100
"""


def test_improvement_is_enough_where_it_asks_for_less_than_the_goal(tmp_path: Path) -> None:
    # bcs: 38 of 60 = 63.3 %, a quarter of the way to 78 % is 3.67 points: 67 %.
    bcs = "set_target: {rate: screened, at_least: 0.78, minimum_denominator: 30, rounded_to: none, improvement: {baseline: last.csv, share_of_gap: 0.25, least: 0.02}}"  # noqa: E501
    # gsd: 30 % less two points is 28 %; the goal of 29 % is easier.
    gsd = "set_target: {rate: poor_control, at_most: 0.29, improvement: {baseline: last.csv, points: 0.02}}"
    found = agreed(tmp_path, bcs, gsd, {"last.csv": BASELINE})
    mammogram, glucose = found.targets["bcs", "screened"], found.targets["gsd", "poor_control"]
    assert (mammogram.bound, mammogram.bound_from) == (Fraction("0.67"), "improvement")
    assert (mammogram.minimum_denominator, mammogram.rounded_to) == (30, "none")
    assert (glucose.bound, glucose.bound_from) == (Fraction("0.29"), "fixed")


@pytest.mark.parametrize(
    ("improvement", "baseline", "goal", "side", "bound"),
    [
        # A tenth of the 20 points to the goal is 2 points.
        ({"share_of_gap": 0.1}, "0.60", "0.80", "at_least", "0.62"),
        ({"share_of_gap": 0.1, "least": 0.03}, "0.60", "0.80", "at_least", "0.63"),
        # Beyond the goal already: nothing is left of the gap, the least improvement remains.
        ({"share_of_gap": 0.1, "least": 0.01}, "0.85", "0.80", "at_least", "0.86"),
        ({"share_of_gap": 0.5}, "0.30", "0.20", "at_most", "0.25"),
        ({"points": 0.03}, "0.60", None, "at_least", "0.63"),
        ({"points": 0.03}, "0.30", None, "at_most", "0.27"),
    ],
)
def test_improvement(improvement: dict[str, float], baseline: str, goal: str | None, side: Side, bound: str) -> None:
    asked = Improvement.model_validate({"baseline": "last.csv", **improvement})
    goal_bound = None if goal is None else Fraction(goal)
    assert improved_bound(asked, Fraction(baseline), goal_bound, side) == Fraction(bound)


def test_a_baseline_may_give_values(tmp_path: Path) -> None:
    bcs = "set_target: {rate: screened, improvement: {baseline: last.csv, points: 0.05}}"
    gsd = "set_target: {rate: poor_control, at_most: 0.29}"
    found = agreed(tmp_path, bcs, gsd, {"last.csv": "measure,rate,value\nbcs,screened,0.60\n"})
    assert found.targets["bcs", "screened"].bound == Fraction("0.65")


def test_what_is_not_in_force_yet_is_no_target(tmp_path: Path) -> None:
    bcs, gsd = "set_target: {rate: screened, at_least: 0.7}", 'set_payment: {rate: poor_control, per_gap: "5.00"}'
    found = agreed(tmp_path, bcs, gsd, {}, on="2026-06-30")
    assert (found.targets, found.payments) == ({}, {})


@pytest.mark.parametrize(
    ("payment", "words"),
    [
        ({"flat": "2500.00", "needs": {"met": {"count": 4}}}, "2500.00 USD once, annual, if 4 targets met"),
        (
            {"per_member": {"by": "score", "steps": [{"from": 3.5, "pays": "12.00"}, {"from": 4, "pays": "24.00"}]}},
            "by score (from 3.5 on 12.00, from 4 on 24.00) USD for each member, annual",
        ),
        (
            {"pool": {"amount": "60000.00", "share": 0.1}, "needs": {"any": [
                {"tier": {"rate": "bcs.screened", "tier": "gold"}}, {"score_at_least": 4}
            ]}},
            "0.1 of 60000.00 USD, annual, if bcs.screened at gold or better, or a score of at least 4",
        ),
        (
            {
                "shared_savings": {
                    "benchmark": "100.00", "spent": "90.00", "minimum_savings": 0.02, "share": 0.5, "cap": "4.00"
                },
                "needs": {"all": [{"members_at_least": 10}, {"met": {"share": 0.5, "of": ["bcs.screened"]}}]},
            },
            "0.5 of what is saved of 100.00 USD, if at least 0.02 of it, at most 4.00 USD, annual, "
            "if at least 10 people, and 50.0 % of the targets met of bcs.screened",
        ),
    ],
)  # fmt: skip
def test_payments_of_programs_in_words(payment: dict[str, Any], words: str) -> None:
    made = ProgramPayment.model_validate({"id": "bonus", "source": {"document": "Contract"}, **payment})
    assert made.words == words


def test_payments_and_gates_of_the_program_count_from_their_day_on() -> None:
    raised = {"flat": "900.00", "effective": "2026-10-01"}
    met = {"id": "quality", "needs": {"met": {"count": 1}}, "source": SOURCE}
    agreed_on = program(
        payments=[
            {"id": "bonus", "flat": "500.00", "source": SOURCE}, {"id": "bonus", **raised, "source": SOURCE},
            {"id": "late", "flat": "1.00", "effective": "2027-01-01", "source": SOURCE},
        ],
        gates=[{**met, "effective": "2026-07-01"}],
    )  # fmt: skip
    for on, amount, gates in ((None, "900.00", 1), ("2026-09-30", "500.00", 1), ("2026-06-30", "500.00", 0)):
        programs = Programs({"contract": agreed_on}, {})
        chosen = [one for one in variants(programs, canonical(), 2026) if one.program != "canonical"]
        found = contracts(programs, chosen, 2026, day(on) if on else None)["contract"].program
        assert [(one.id, str(one.flat)) for one in found.payments] == [("bonus", amount)]
        assert len(found.gates) == gates
