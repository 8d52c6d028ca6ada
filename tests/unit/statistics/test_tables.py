"""The tables of statistics: small numbers, pooled people, groups."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pyarrow as pa
import pytest

from measureharmony.errors import UsageError
from measureharmony.evaluation.rates import rate_table
from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers.contract import Contract, Target
from measureharmony.payers.targets import Peers
from measureharmony.payers.variant import CANONICAL, OwnCoverage, Variant
from measureharmony.periods import Period
from measureharmony.statistics import group_table, same_definition, statistics_table
from measureharmony.statistics.tables import Precision
from tests.criteria.example import measure
from tests.unit.incentives.contracts import contract

YEAR = Period.calendar_year(2026)
RATE = ("example", "rate")


def variant(program: str, age: int = 50) -> Variant:
    populations = f"{{initial_population: {{age: {{at: period.end, from: {age}}}}}, numerator: {{sex: female}}}}"
    made = measure("", populations, [{"id": "rate", "title": "Rate"}])
    return Variant(program, made, YEAR, None if program == CANONICAL else OwnCoverage(program))


def outcomes(people: dict[str, dict[str, bool]]) -> pa.Table:
    """Who is in the denominator of which program, and whether in the numerator: ``{"blue": {"ann": True}}``."""
    lines: list[dict[str, Any]] = [
        {"program": program, "measure": "example", "edition": 2026, "rate": "rate", "person_id": person,
         "subject_id": person, "member": True, "strata": "", "observation": None,
         **{name: name in ("initial_population", "denominator", met and "numerator") for name in POPULATIONS}}
        for program, found in people.items() for person, met in found.items()
    ]  # fmt: skip
    texts = ("program", "measure", "rate", "person_id", "subject_id", "strata")
    schema = pa.schema([(name, pa.string()) for name in texts] + [("edition", pa.int64()), ("member", pa.bool_())])
    for name in POPULATIONS:
        schema = schema.append(pa.field(name, pa.bool_()))
    return pa.Table.from_pylist(lines, schema.append(pa.field("observation", pa.float64())))


def statistics(
    people: dict[str, dict[str, bool]],
    variants: list[Variant],
    contracts: dict[str, Contract] | None = None,
    precision: Precision | None = None,
    aligned: Any = None,
) -> dict[str, dict[str, Any]]:
    found = outcomes(people)
    table = statistics_table(
        rate_table(found, variants), found, variants, contracts or {}, aligned or same_definition(variants),
        precision or Precision(),
    )  # fmt: skip
    return {row["program"]: row for row in table.to_pylist()}


def group_of(number: int, met: int, prefix: str = "p") -> dict[str, bool]:
    return {f"{prefix}{i}": i < met for i in range(number)}


def test_somebody_with_two_payers_counts_once_in_the_pooled_rate() -> None:
    blue, green = {"ann": True, "bea": False}, {"bea": False, "cleo": True, "dora": True}
    found = statistics({CANONICAL: {**blue, **green}, "blue": blue, "green": green}, [
        variant(CANONICAL), variant("blue"), variant("green"),
    ])  # fmt: skip
    for program in ("blue", "green"):
        assert (found[program]["pooled_above"], found[program]["pooled_below"]) == (3, 4)
        assert (found[program]["pooled_value"], found[program]["pooled_programs"]) == (0.75, "blue green")
    assert found["blue"]["value"] == 0.5  # the rate of the program alone stays beside it
    assert found[CANONICAL]["pooled_value"] is None


def test_what_is_defined_otherwise_is_not_counted_together_unless_it_is_proved_to_be_the_same() -> None:
    people = {"blue": {"ann": True}, "green": {"bea": False}}
    variants = [variant("blue"), variant("green", age=60)]
    assert statistics(people, variants)["blue"]["pooled_value"] is None
    told = statistics(people, variants, aligned=lambda *of: True)
    assert told["blue"]["pooled_value"] == 0.5
    unknown = statistics(people, variants, aligned=lambda *of: None)
    assert unknown["blue"]["pooled_value"] is None


def test_other_periods_and_other_evidence_are_other_definitions() -> None:
    alike = same_definition([
        variant("blue"), variant("green"), Variant("fiscal", variant("x").measure, Period.calendar_year(2025)),
        Variant("claims", variant("x").measure, YEAR, sources={"numerator": ("claim",)}),
    ])  # fmt: skip
    assert [alike("blue", other, *RATE) for other in ("green", "fiscal", "claims", "nobody")] == [
        True, False, False, None,
    ]  # fmt: skip


def test_small_is_what_the_contract_says_or_else_what_is_asked_for() -> None:
    agreed = contract({"example.rate": Target("at_least", Fraction(1, 2), "fixed", minimum_denominator=10)})
    people, variants = {"blue": group_of(20, 10), "green": group_of(20, 10)}, [variant("blue"), variant("green")]
    found = statistics(people, variants, {"blue": agreed})
    assert [(found[key]["small"], found[key]["minimum_denominator"]) for key in ("blue", "green")] == [
        (False, 10), (True, 30),
    ]  # fmt: skip
    assert statistics(people, variants, precision=Precision(minimum=20))["green"]["small"] is False


def test_how_far_rates_lie_apart_is_the_contracts_word_or_estimated_over_aligned_programs() -> None:
    people = {"blue": group_of(20, 10, "b"), "green": group_of(20, 14, "g"), "red": group_of(20, 18, "r")}
    variants = [variant(program) for program in people]
    found = statistics(people, variants)["blue"]
    # By hand in test_spread: 0.031053 ÷ (0.031053 + 0.21 ÷ 20) = 0.747.
    assert (found["spread_from"], round(found["reliability"], 3)) == ("programs", 0.747)
    assert round(found["shrunken"], 4) == 0.5447
    target = Target("at_least", Fraction(1, 2), "fixed", peers=Peers(mean=0.69, sd=0.08))
    told = statistics(people, variants, {"blue": contract({"example.rate": target})})["blue"]
    assert (told["spread_from"], round(told["reliability"], 2)) == ("peers", 0.37)
    alone = statistics({"blue": group_of(20, 10)}, [variant("blue")])["blue"]
    assert (alone["spread_from"], alone["reliability"], alone["shrunken"]) == (None, None, None)


def test_the_chance_of_meeting_a_target_knows_of_rounding() -> None:
    people, variants = {"blue": group_of(20, 14)}, [variant("blue")]
    exact = Target("at_least", Fraction(72, 100), "fixed")
    lenient = Target("at_least", Fraction(72, 100), "fixed", rounded_to="whole_percent")
    same = Target("at_least", Fraction(715, 1000), "fixed")
    chances = [
        statistics(people, variants, {"blue": contract({"example.rate": target})})["blue"]["p_meets_target"]
        for target in (exact, lenient, same)
    ]
    assert chances[0] < chances[1] == chances[2]
    # Jeffreys' prior and 14 of 20: beta(14.5, 6.5), of which 0.4074 lies from 0.72 on (summed up in 200,000 steps).
    assert round(chances[0], 4) == 0.4074


def test_groups_are_counted_and_compared_with_each_other() -> None:
    found = outcomes({"blue": {**group_of(20, 10, "b"), **group_of(20, 14, "g"), **group_of(20, 18, "r")}})
    whose = [{"person_id": f"{who}{i}", "group": f"Dr. {who.upper()}"} for who in "bgr" for i in range(20)]
    nobody = [{"person_id": "elsewhere", "group": "Dr. N"}]
    rows = group_table(found, pa.Table.from_pylist([*whose, *whose[:5], *nobody]), Precision()).to_pylist()
    assert [(row["group"], row["above"], row["below"]) for row in rows] == [
        ("Dr. B", 10, 20), ("Dr. G", 14, 20), ("Dr. R", 18, 20),
    ]  # fmt: skip
    assert round(rows[0]["shrunken"], 4) == 0.5447
    theirs = pa.Table.from_pylist([{**row, "program": "green"} for row in whose])
    assert group_table(found, theirs, Precision()).num_rows == 0


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"confidence": 95}, "A confidence of 95 is not between 0 and 1. Write 95 % as 0.95."),
        ({"interval": "wald"}, "There is no interval 'wald'. There are: wilson, clopper_pearson."),
        ({"minimum": 0}, "A minimum of 0 people leaves nothing out. Give 1 or more."),
    ],
)
def test_what_cannot_be_asked(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        Precision(**asked)
    assert str(caught.value) == message


def test_groups_need_their_columns() -> None:
    with pytest.raises(UsageError, match="no column group"):
        group_table(outcomes({"blue": {"ann": True}}), pa.table({"person_id": ["ann"]}), Precision())
