"""What each part of a rule does, by hand, on people whose visits can be counted on one's fingers."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from pydantic import ValidationError

from measureharmony.payers.attribution_rule import AttributionTerms
from measureharmony.payers.attribution_rules import shipped_attribution_rules
from measureharmony.practice import Practice
from tests.unit.attribution.practices import asked, attributed, practice, rule, told

PRIMARY_CARE = {"title": "primary care", "clinicians": {"primary_care": True}}
SPECIALISTS = {"title": "specialists", "clinicians": {"primary_care": False, "specialties": "cardiology"}}
TWO_YEARS = [{"months": 12, "weight": 2}, {"months": 12, "weight": 1}]

VISITS = {
    "most": "d1 2026-02-01; d2 2026-03-01; d1 2026-04-01",
    "claimed": "d1 2026-02-01; d1 2026-02-01 90.00 claim; d2 2026-03-01; d2 2026-04-01",
    "cents": "d1 2026-02-01 100.10; d2 2026-03-01 50.05; d2 2026-04-01 50.06",
    "older": "d1 2025-02-01 300; d2 2026-02-01 200",
    "oftener": "d1 2025-02-01; d1 2025-03-01; d1 2025-04-01; d2 2026-02-01; d2 2026-03-01",
    "twice": "d1 2026-02-01; d1 2026-03-01",
    "edge": "d1 2025-12-31; d1 2025-12-30; d2 2026-01-01; d3 2027-01-01",
    "joined": "d1 2026-02-01; d1 2026-03-01; d2 2026-07-01",
    "both": "heart 2026-02-01 500; d1 2026-03-01 10",
    "special": "heart 2026-02-01 500",
    "unknown": "blank 2026-02-01 70",
    "long_ago": "d1 2025-02-01 10",
    "grouped": "d1 2026-02-01; d1 2026-03-01; d2 2026-04-01; d2 2026-05-01; d3 2026-06-01",
    "tied": "d2 2026-01-05 30; d1 2026-02-05 10; d1 2026-03-05 10; d2 2026-04-05 10",
    "equal": "d1 2026-02-05 20; d2 2026-03-05 10; d2 2026-01-05 10",
    "unfit": "d1 2026-02-05 50; d2 2026-03-05 50; d1 2026-01-05",
}
_EVENT = {"kind": "encounter", "provider_id": "d2", "start": "2026-03-01"}
#: What happened to people who were seen by d1 besides, twice.
EVENTS: dict[str, dict[str, str]] = {
    "late": {"received": "2026-05-01"},
    "cancelled": {"status": "cancelled"},
    "undone": {"not_done": "true"},
    "dayless": {"start": "2026-03"},
    "procedure": {"kind": "procedure", "source": "claim"},
    "coded": {"code_system": "CPT", "code": "99213"},
}


@pytest.fixture(scope="module")
def made() -> Practice:
    further = [{**_EVENT, "event_id": name, "person_id": name, **cells} for name, cells in EVENTS.items()]
    visits = {**VISITS, **dict.fromkeys(EVENTS, "d1 2026-02-01; d1 2026-04-01")}
    return practice(visits, coverage={"joined": "2026-06-01 -"}, events=further)


def test_most_visits_win(made: Practice) -> None:
    assert told(made)["most"] == ("d1", "2 of 3 visits, 2026-02-01 to 2026-04-01")


def test_a_visit_and_its_claim_on_the_same_day_are_one_visit(made: Practice) -> None:
    assert told(made)["claimed"] == ("d2", "2 of 3 visits, 2026-03-01 to 2026-04-01")


def test_the_highest_amount_wins_to_the_cent(made: Practice) -> None:
    found = told(made, rule(weigh="amount"))
    assert found["cents"] == ("d2", "100.11 of 200.21 allowed, 2 of 3 visits, 2026-03-01 to 2026-04-01")
    assert found["most"] == (None, "no visit that counts while covered, 2026-01-01 to 2026-12-31")  # no amounts


def test_recent_visits_may_weigh_twice_as_much(made: Practice) -> None:
    assert told(made, rule(weigh="amount", lookback=[{"months": 24}]))["older"][0] == "d1"
    found = told(made, rule(weigh="amount", lookback=TWO_YEARS))  # 300 × 1 against 200 × 2
    assert found["older"] == ("d2", "400.00 of 700.00 weighted allowed, 1 of 2 visits, on 2026-02-01")
    found = told(made, rule(lookback=TWO_YEARS))
    assert found["oftener"] == ("d2", "2 of 5 visits, weighted 4 of 7, 2026-02-01 to 2026-03-01")


def test_a_clinician_must_have_seen_the_person_often_enough(made: Practice) -> None:
    assert told(made, rule(at_least=2))["twice"][0] == "d1"
    assert told(made, rule(at_least=3))["twice"][0] is None


def test_the_lookback_begins_on_its_first_day_and_ends_with_the_day_asked_for(made: Practice) -> None:
    assert told(made)["edge"][1] == "1 of 1 visits, on 2026-01-01"
    assert told(made, day=dt.date(2025, 12, 31))["edge"][1] == "2 of 2 visits, 2025-12-30 to 2025-12-31"


def test_only_visits_while_the_payer_covered_count(made: Practice) -> None:
    assert told(made)["joined"] == ("d2", "1 of 1 visits, on 2026-07-01")
    assert told(made, own=None)["joined"] == ("d1", "2 of 3 visits, 2026-02-01 to 2026-03-01")


def test_with_an_as_of_date_only_what_had_been_received(made: Practice) -> None:
    assert "2 of 2 visits" in told(made, as_of=dt.date(2026, 4, 30))["late"][1]
    assert "2 of 3 visits" in told(made, as_of=dt.date(2026, 5, 1))["late"][1]


@pytest.mark.parametrize("odd", ["cancelled", "undone", "dayless", "procedure"])
def test_what_did_not_happen_is_no_visit_or_has_no_day_does_not_count(made: Practice, odd: str) -> None:
    assert "2 of 2 visits" in told(made)[odd][1]


def test_codes_kinds_and_sources_choose_what_counts(made: Practice) -> None:
    assert told(made, rule(visits={"codes": "CPT|99213"}))["coded"][0] == "d2"
    assert told(made, rule(visits={"codes": "CPT|99214"}))["coded"][0] is None
    assert told(made, rule(visits={"kinds": "procedure"}))["procedure"][0] == "d2"
    assert told(made, rule(visits={"kinds": ["encounter", "procedure"], "sources": "claim"}))["procedure"][0] == "d2"


def test_primary_care_comes_first_and_specialists_only_where_there_is_none(made: Practice) -> None:
    found = told(made, rule(weigh="amount", steps=[PRIMARY_CARE, SPECIALISTS]))
    assert found["both"][0] == "d1"
    assert found["special"] == ("heart", "specialists: 500.00 of 500.00 allowed, 1 of 1 visits, on 2026-02-01")
    assert found["unknown"][0] is None


def test_a_step_may_look_further_back(made: Practice) -> None:
    wider = {**PRIMARY_CARE, "title": "primary care in 24 months", "lookback": [{"months": 24}]}
    found = told(made, rule(steps=[PRIMARY_CARE, wider]))
    assert found["long_ago"] == ("d1", "primary care in 24 months: 1 of 1 visits, on 2025-02-01")
    assert found["special"][0] is None


def test_the_group_may_come_before_the_clinician(made: Practice) -> None:
    south = "group south: 3 of 5 visits, 2026-04-01 to 2026-06-01; in it: 2 of 3 visits, 2026-04-01 to 2026-05-01"
    assert told(made, rule(group_first=True))["grouped"] == ("d2", south)
    assert told(made)["grouped"][0] == "d2"  # the most recent of two


@pytest.mark.parametrize(
    ("ties", "wins", "decides"),
    [
        ("most_recent", "d2", "with d1, the most recent visit decides"),
        ("first_seen", "d2", "with d1, the earliest visit decides"),
        ("most_amount", "d2", "with d1, the allowed amount decides"),
        ("lowest_id", "d1", "with d2, the lowest identifier decides"),
        (["most_visits", "first_seen"], "d2", "with d1, the earliest visit decides"),
        ("most_visits", "d1", "with d2, the lowest identifier decides"),
    ],
)
def test_between_equals_the_rule_decides_and_says_by_what(
    made: Practice, ties: str | list[str], wins: str, decides: str
) -> None:
    provider, evidence = told(made, rule(ties=ties))["tied"]
    assert (provider, evidence.partition("; ")[2]) == (wins, f"as many {decides}")


def test_between_equal_amounts_the_number_of_visits_may_decide(made: Practice) -> None:
    provider, evidence = told(made, rule(weigh="amount", ties=["most_visits"]))["equal"]
    assert (provider, evidence.partition("; ")[2]) == ("d2", "as much with d1, the number of visits decides")


def test_who_does_not_fit_ties_with_nobody(made: Practice) -> None:
    provider, evidence = told(made, rule(weigh="amount", at_least=2))["unfit"]
    assert (provider, ";" in evidence) == ("d1", False)


def test_nothing_depends_on_the_order_of_rows() -> None:
    rng = random.Random(1)
    clinicians, answers = ["d1", "d2", "d3", "heart"], []
    visits = {
        f"p{number}": [f"{rng.choice(clinicians)} 2026-{month:02d}-15 {rng.randint(1, 3)}" for month in range(1, 9)]
        for number in range(20)
    }
    for _ in range(2):
        made = practice({person: "; ".join(lines) for person, lines in visits.items()})
        answers.append(attributed(made, asked(by=rule(weigh="amount"))).people)
        visits = {person: rng.sample(lines, len(lines)) for person, lines in reversed(visits.items())}
    assert answers[0].equals(answers[1])
    assert answers[0].num_rows == 20


# --- rules as data


def test_a_program_may_set_parts_of_a_rule_otherwise() -> None:
    terms = AttributionTerms.model_validate({"rule": "plain", "weigh": "amount", "lookback": [{"months": 6}]})
    changed = rule(ties="lowest_id").changed(terms)
    assert (changed.weigh, changed.months, changed.ties) == ("amount", 6, ("lowest_id",))
    assert rule().changed(AttributionTerms()) == rule()


def test_a_tie_break_is_named_once() -> None:
    with pytest.raises(ValidationError, match="named twice: most_recent; name each once"):
        rule(ties=["most_recent", "most_recent"])


@pytest.mark.parametrize("name", sorted(shipped_attribution_rules()))
def test_shipped_rules_attribute_somebody_who_saw_one_doctor(made: Practice, name: str) -> None:
    anything = shipped_attribution_rules()[name].model_copy(update={"visits": rule().visits})
    assert told(made, anything)["older"][0] in ("d1", "d2")
