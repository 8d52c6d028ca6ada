"""Attributed, enrolled and seen are three things; what a roster says, and what speaks against it."""

from __future__ import annotations

from typing import Any

import pytest

from measureharmony.attribution import Attributed
from measureharmony.practice import Practice
from tests.unit.attribution.practices import asked, attributed, practice, rule

LISTED = "2026-01-01 - d1"
ENDING = "2026-01-01 2026-12-31 d1 nochange"
COVERED, LEFT = "2026-01-01 -", "2025-01-01 2026-06-30"
SEEN = "d1 2026-03-01"
BY_RULE = "by rule: 1 of 1 visits, on 2026-03-01"

#: One person for each combination of attributed, enrolled and seen that roster, coverage and visits can make.
EIGHT = {
    "visits": dict.fromkeys(("aes", "as", "es", "s"), SEEN),
    "roster": dict.fromkeys(("aes", "ae", "as", "a"), LISTED),
    "coverage": {**dict.fromkeys(("aes", "ae", "es", "e"), COVERED), **dict.fromkeys(("as", "a", "s", "none"), LEFT)},
}
#: People whom a roster lists in some way or other: what the roster says, and their visits.
ROSTERS = {
    "monthly": "2026-10-01 2026-10-31 d1 new; 2026-11-01 2026-11-30 d1 nochange; 2026-12-01 - d1 nochange",
    "with_gap": "2026-01-01 2026-10-30 d1; 2026-11-01 - d1",
    "moved": "2026-01-01 2026-10-31 d2; 2026-11-01 - d1 changed",
    "coming": "2027-01-01 - d1",
    "ever": "0001-01-01 - d1",
    "twice": "2026-01-01 - d1; 2026-06-01 - d2",
    "nameless": "2026-01-01 - - new",
    "elsewhere": ENDING,
    "unseen": LISTED,
    "dropped": "2026-01-01 2026-06-30 d1 dropped",
    "uncovered": LISTED,
    "sound": "2026-01-01 - d1 new",
}
VISITS = {
    **dict.fromkeys(("nameless", "dropped", "uncovered", "sound", "missed", "missed_uncovered"), SEEN),
    **dict.fromkeys(("twice", "elsewhere"), "d2 2026-03-01"),
    "missed_elsewhere": "other 2026-03-01; other 2026-04-01; d1 2026-05-01",
}


@pytest.fixture(scope="module")
def eight() -> Practice:
    return practice(**EIGHT)


@pytest.fixture(scope="module")
def listed() -> Attributed:
    made = practice(VISITS, ROSTERS, dict.fromkeys(("uncovered", "missed_uncovered"), LEFT))
    return attributed(made, asked("listed", groups=("north", "south")))


def flags(rows: list[dict[str, Any]]) -> dict[str, str]:
    return {row["person_id"]: "".join(f[0] for f in ("attributed", "enrolled", "seen") if row[f]) for row in rows}


def test_each_of_the_eight_combinations_is_counted(eight: Practice) -> None:
    counts = attributed(eight, asked("listed")).counts.to_pylist()
    assert len(counts) == 8
    assert {row["people"] for row in counts} == {1}


def test_everybody_attributed_or_enrolled_has_a_row(eight: Practice) -> None:
    found = flags(attributed(eight, asked("listed")).people.to_pylist())
    assert found == {name: name for name in ("a", "ae", "aes", "as", "e", "es")}


def test_without_a_roster_the_rule_decides(eight: Practice) -> None:
    found = attributed(eight, asked("another")).people.to_pylist()
    assert flags(found) == {"ae": "e", "aes": "aes", "as": "as", "e": "e", "es": "aes", "s": "as"}
    assert {row["rule"] for row in found if row["attributed"]} == {"plain"}
    nobody = next(row for row in found if row["person_id"] == "e")
    assert (nobody["rule"], nobody["provider_id"]) == (None, None)
    assert nobody["evidence"] == "no visit that counts while covered, 2026-01-01 to 2026-12-31"


def test_a_rule_asked_for_outdoes_the_roster(eight: Practice) -> None:
    found = attributed(eight, asked("listed", roster=None))
    assert {row["rule"] for row in found.people.to_pylist()} == {"plain", None}
    assert found.disputes.num_rows == 0


def test_of_several_programs_each_has_its_own_answer_in_the_order_asked(eight: Practice) -> None:
    found = attributed(eight, asked("z"), asked("listed"), asked("b", rule(lookback=[{"months": 1}]))).people
    assert list(dict.fromkeys(found["program"].to_pylist())) == ["z", "listed", "b"]


def row_of(found: Attributed, person: str) -> dict[str, Any]:
    (row,) = [row for row in found.people.to_pylist() if row["person_id"] == person]
    return row


def test_somebody_whose_doctor_is_elsewhere_is_not_the_practices(eight: Practice) -> None:
    made = practice({"ann": VISITS["missed_elsewhere"], "bob": "other 2026-03-01"})
    ours = attributed(made, asked(groups=("north", "south")))
    ann = row_of(ours, "ann")
    assert (ann["provider_id"], ann["group_id"], ann["evidence"]) == (
        "other", "clinic", "elsewhere: 2 of 3 visits, 2026-03-01 to 2026-04-01"
    )  # fmt: skip
    assert flags(ours.people.to_pylist()) == {"ann": "es", "bob": "e"}


# --- rosters


@pytest.mark.parametrize(
    ("person", "since", "provider"),
    [
        ("monthly", "2026-10-01", "d1"),
        ("with_gap", "2026-11-01", "d1"),
        ("moved", "2026-11-01", "d1"),
        ("twice", "2026-06-01", "d2"),
        ("ever", "None", "d1"),
        ("coming", "None", None),
    ],
)
def test_since_when_and_for_whom(listed: Attributed, person: str, since: str, provider: str | None) -> None:
    row = row_of(listed, person)
    assert (str(row["since"]), row["provider_id"], row["attributed"]) == (since, provider, provider is not None)


def test_a_roster_is_evidence(listed: Attributed) -> None:
    assert row_of(listed, "monthly")["evidence"] == "on the roster from 2026-10-01, open (nochange)"
    assert row_of(listed, "ever")["evidence"] == "on the roster, open"
    assert row_of(listed, "coming")["evidence"] == "not on the roster"
    assert row_of(listed, "dropped")["evidence"] == "not on the roster since 2026-07-01"


def test_a_roster_without_clinicians_is_completed_by_the_rule(listed: Attributed) -> None:
    row = row_of(listed, "nameless")
    assert (row["provider_id"], row["group_id"], row["rule"]) == ("d1", "north", "roster, plain")
    words = "on the roster from 2026-01-01, open (new), no clinician named; 1 of 1 visits, on 2026-03-01"
    assert row["evidence"] == words


# --- disputes

NEVER = "on the roster from 2026-01-01, open; no visit that counts in the 12 months to 2026-12-31"
DISPUTES = {
    "elsewhere": ("another_clinician", f"on the roster from 2026-01-01 to 2026-12-31 (nochange); {BY_RULE}"),
    "unseen": ("never_seen", NEVER),
    "missed": ("not_listed", f"covered by acme and not on the roster; {BY_RULE}"),
    "dropped": (
        "dropped_but_covered", f"on the roster until 2026-06-30 (dropped); covered by acme on 2026-12-31; {BY_RULE}"
    ),
    "uncovered": ("not_covered", "on the roster from 2026-01-01, open; not covered by acme on 2026-12-31"),
    "twice": ("listed_twice", "2 spans on 2026-12-31, with d1, d2"),
}  # fmt: skip


@pytest.mark.parametrize("person", DISPUTES)
def test_what_speaks_against_a_roster(listed: Attributed, person: str) -> None:
    found = [row for row in listed.disputes.to_pylist() if row["person_id"] == person]
    assert [(row["dispute"], row["why"]) for row in found] == [DISPUTES[person]]


def test_both_clinicians_are_named(listed: Attributed) -> None:
    (row,) = [row for row in listed.disputes.to_pylist() if row["dispute"] == "another_clinician"]
    assert (row["roster_provider_id"], row["rule_provider_id"]) == ("d1", "d2")


@pytest.mark.parametrize("person", ["sound", "nameless", "missed_elsewhere", "missed_uncovered"])
def test_what_is_in_order_is_no_dispute(listed: Attributed, person: str) -> None:
    assert person not in listed.disputes["person_id"].to_pylist()


def test_what_a_rule_cannot_do_without_is_said() -> None:
    notes = attributed(practice({"ann": "- 2026-03-01"}), asked(by=rule(weigh="amount"))).notes
    assert notes == (
        "No event names a provider, which rules cannot do without. Fill event.provider_id.",
        "No event has an amount, which plain cannot do without. Fill event.amount.",
    )
