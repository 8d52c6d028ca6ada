"""Rules of one's own: by argument, by entry point, and what they must answer."""

from __future__ import annotations

import datetime as dt
from importlib.metadata import EntryPoint
from typing import Any

import pyarrow as pa
import pytest

from measureharmony.attribution import Asked, AttributionFunction, attribute, plug_ins, questions, registered_rule
from measureharmony.errors import UsageError
from measureharmony.evaluation.terminology import Terminology
from measureharmony.payers.attribution_rules import shipped_attribution_rules
from measureharmony.practice import Practice
from measureharmony.value_sets import ValueSets
from tests.unit.attribution.practices import asked, practice
from tests.unit.payers.canonical import program


def last_seen(practice: Practice, visits: pa.Table, asked: Asked) -> pa.Table:
    """Whoever saw the person last."""
    found = {row["person_id"]: row for row in sorted(visits.to_pylist(), key=lambda row: row["day"])}
    return pa.table(
        {
            "person_id": list(found),
            "provider_id": [row["provider_id"] for row in found.values()],
            "since": [row["day"] for row in found.values()],
            "evidence": [f"last seen, {row['amount']:.2f} allowed" for row in found.values()],
        }
    )


@pytest.fixture(scope="module")
def made() -> Practice:
    return practice({"ann": "d1 2026-02-01 10; d1 2026-03-01 20; d2 2026-04-01 30", "bob": "d3 2026-05-01"})


def answers(made: Practice, function: AttributionFunction) -> list[dict[str, Any]]:
    found = attribute(made, [asked(function=function, rule_name="own")], Terminology.of(ValueSets(())))
    rows: list[dict[str, Any]] = found.people.to_pylist()
    return rows


def test_a_function_stands_in_the_place_of_a_rule(made: Practice) -> None:
    ann, bob = answers(made, last_seen)
    assert (ann["provider_id"], ann["group_id"], ann["since"]) == ("d2", "south", dt.date(2026, 4, 1))
    assert (ann["rule"], ann["evidence"], ann["attributed"]) == ("own", "last seen, 30.00 allowed", True)
    assert bob["provider_id"] == "d3"


def test_it_need_not_say_since_when_and_why(made: Practice) -> None:
    ann, _ = answers(made, lambda practice, visits, asked: last_seen(practice, visits, asked).select([0, 1]))
    assert (ann["since"], ann["evidence"]) == (None, "as the rule says")


ANN = {"person_id": ["ann"], "provider_id": ["d1"]}


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (None, "The attribution rule own answers with NoneType, not with a pyarrow table."),
        ({"person_id": ["ann"]}, "has no column provider_id"),
        ({**ANN, "since": ["yesterday"]}, "The column since of the attribution rule own is string, not date32[day]."),
        ({**ANN, "provider_id": pa.nulls(1, pa.string())}, "leaves person_id or provider_id empty"),
        ({"person_id": ["ann", "ann"], "provider_id": ["d1", "d2"]}, "attributes a person twice"),
        ({**ANN, "person_id": ["zoe"]}, "names people who are not in the practice (1 of them)"),
    ],
)
def test_what_is_no_attribution_is_refused_without_quoting_it(made: Practice, answer: Any, complaint: str) -> None:
    with pytest.raises(UsageError) as refused:
        answers(made, lambda practice, visits, asked: None if answer is None else pa.table(answer))  # type: ignore[return-value]
    assert complaint in str(refused.value)
    assert not {"zoe", "yesterday"} & set(str(refused.value).split())


def test_installed_packages_register_rules_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("last_seen", f"{__name__}:last_seen", plug_ins.GROUP)
    monkeypatch.setattr(plug_ins, "entry_points", lambda group: [point] if group == plug_ins.GROUP else [])
    monkeypatch.setattr(EntryPoint, "load", lambda self: last_seen)
    assert registered_rule("last_seen") is last_seen
    assert registered_rule("first_seen") is None
    contract = program(attribution={"rule": "last_seen", "groups": ["north"]})
    whole, own = questions([contract], shipped_attribution_rules(), 2026)
    assert (own.rule_name, own.function, own.groups) == ("last_seen", last_seen, ("north",))
    assert (whole.program, whole.own, whole.function, whole.groups) == ("canonical", None, None, ("north",))


def test_an_unknown_rule_is_named_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match=r"There is no attribution rule nearest. There are: allowed_amount, "):
        questions([], shipped_attribution_rules(), 2026, rule="nearest")


def test_each_program_is_asked_on_its_own_day() -> None:
    fiscal = program(period={"start": "07-01", "named_for": "end"})
    days = [one.day for one in questions([fiscal], shipped_attribution_rules(), 2026, dt.date(2026, 9, 30))]
    assert days == [dt.date(2026, 9, 30), dt.date(2026, 6, 30)]


@pytest.mark.parametrize("rule", ["allowed_amount", shipped_attribution_rules()["allowed_amount"], last_seen])
def test_one_rule_may_be_asked_for_instead_of_all_others(rule: Any) -> None:
    contract = program(attribution={"rule": "group_then_clinician", "weigh": "amount"})
    for one in questions([contract], shipped_attribution_rules(), 2026, rule=rule):
        assert one.roster is None
        assert one.rule_name == (rule if isinstance(rule, str) else getattr(rule, "__name__", "allowed_amount"))
