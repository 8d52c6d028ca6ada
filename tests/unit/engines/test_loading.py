"""Loading gives the same rows, in the same order, however the source has them."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from measureharmony.engines.assembling import Assembled
from measureharmony.engines.loading import load
from measureharmony.engines.source_order import stable_order
from measureharmony.evaluation.coded_rows import CodedRows, codings_of
from measureharmony.evaluation.columns import Words
from measureharmony.evaluation.nodes import Match, Related
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.terminology import Terminology
from measureharmony.practice import from_tables
from measureharmony.value_sets import ValueSet, shipped_systems

LOINC, ICD = "http://loinc.org", "http://hl7.org/fhir/sid/icd-10-cm"
TERMINOLOGY = Terminology(
    {
        "glucose": ValueSet("glucose", "", "", frozenset({(LOINC, "4548-4"), (LOINC, "17856-6")})),
        "diabetes": ValueSet("diabetes", "", "", frozenset(), ((ICD, "E11"),)),
    },
    shipped_systems(),
)
ANY_GLUCOSE = ("glucose",)

Row = dict[str, Any]


def event(
    event_id: str, person: str = "a", code: str | None = "4548-4", system: str | None = LOINC, **more: Any
) -> Row:
    return {
        "event_id": event_id,
        "person_id": person,
        "kind": "observation",
        "code_system": system,
        "code": code,
        **more,
    }


def coding(event_id: str, code: str = "4548-4", system: str = LOINC, role: str = "code") -> Row:
    return {"event_id": event_id, "role": role, "system": system, "code": code}


def told(part: Any) -> Any:
    """All that was loaded, as plain values, whatever the numbers of its words and codings."""
    if isinstance(part, Words):
        return [part.words[code] if code >= 0 else None for code in part.codes]
    if isinstance(part, CodedRows):
        return {group: told(part[group]) for group in part.codings}
    if is_dataclass(part):
        return {field.name: told(getattr(part, field.name)) for field in fields(part)}
    if isinstance(part, dict):
        return {key: told(one) for key, one in part.items()}
    return repr(part.tolist()) if isinstance(part, np.ndarray | pa.Array) else part  # NaN is like NaN


def loaded(
    events: Sequence[Row],
    codings: Sequence[Row] = (),
    codes: tuple[str, ...] | None = ANY_GLUCOSE,
    as_of: dt.date | None = None,
) -> tuple[Assembled, list[str]]:
    """What is loaded, and the identifiers of the events that match, in row order."""
    columns = {"event_id", "person_id", "kind", "code_system", "code", "start", "received", "sequence", "encounter_id"}
    types = {"sequence": pa.int64()}
    tables = {
        "person": pa.table({"person_id": ["b", "a"]}),
        "event": pa.table({name: pa.array([row.get(name) for row in events], types.get(name)) for name in columns}),
        "event_code": pa.Table.from_pylist(list(codings), pa.schema(dict.fromkeys(coding("", ""), pa.string()))),
    }
    plan = EvaluationPlan()
    match = Match((), "code", codes, None)
    rows_node = plan.add(match)
    plan.add(Related(rows_node, rows_node, (), "encounter", distinct=False))
    with from_tables(tables) as practice:
        found = load(practice, plan, TERMINOLOGY, as_of)
        assert told(found) == told(load(practice, plan, TERMINOLOGY, as_of, few_events=0)), "looked up, or matched"
    rows = found.partition.rows_matching(match)
    return found, found.subjects.event_id.take(pa.array(rows)).cast(pa.string()).to_pylist()


def test_rows_go_by_person_then_the_sources_own_order() -> None:
    events = [event("3", "b"), event("2", sequence=2), event("9", sequence=1), event("10"), event("1")]
    assert loaded(events)[1] == ["9", "2", "1", "10", "3"]


@pytest.mark.parametrize("prefix", ["", "event-"], ids=["numbers", "text"])
def test_the_order_of_arrival_does_not_matter(prefix: str) -> None:
    events = [event(f"{prefix}{number}", "ab"[number % 2], sequence=number % 3 or None) for number in range(1, 40)]
    codings = [coding(row["event_id"], "17856-6") for row in events[::4]]
    expected = loaded(events, codings)[1]
    chance = random.Random(5)
    for _ in range(5):
        chance.shuffle(events)
        chance.shuffle(codings)
        assert loaded(events, codings)[1] == expected


def test_an_event_counts_once_however_many_of_its_codings_match() -> None:
    events = [event("1"), event("2", code=None, system=None), event("3", code="no such code")]
    codings = [coding("3"), coding("1", "17856-6"), coding("2"), coding("2"), coding("2", "17856-6")]
    assert loaded(events, codings)[1] == ["1", "2", "3"]


def test_only_what_the_plan_looks_at_is_loaded() -> None:
    found, matching = loaded([event("1"), event("2", code="no such code")], [coding("2", role="reason")])
    assert (found.partition.events.count, matching) == (1, ["1"])


def test_systems_may_be_spelt_differently_and_codes_begin_alike() -> None:
    events = [
        event("1", code="E11.9", system="http://hl7.org/fhir/sid/icd-10-cm"),
        event("2", code="E11", system="urn:oid:2.16.840.1.113883.6.90"),
        event("3", code="E1", system=ICD),
        event("4", code="E11.9", system=LOINC),
        event("5", code="E11.9", system=None),
    ]
    assert loaded(events, codes=("diabetes",))[1] == ["1", "2"]
    assert loaded(events, codes=("*|E11.9",))[1] == ["1", "4", "5"]


def test_as_of_leaves_out_what_was_not_known_yet() -> None:
    events = [
        event("1", start="2026-05-01"),
        event("2", start="2026-05-01", received="2026-07-01"),
        event("3", start="2026-07-01"),
    ]
    assert loaded(events, as_of=dt.date(2026, 6, 30))[1] == ["1"]


def test_links_lead_to_rows_of_the_same_person_only() -> None:
    events = [event("1", encounter_id="2"), event("2"), event("3", "b", encounter_id="2"), event("4", encounter_id="7")]
    found, matching = loaded(events, codes=None)
    assert matching == ["1", "2", "4", "3"]
    links = found.partition.events.links["encounter"]
    assert [a.tolist() for a in (links.pointing, links.pointed)] == [[0], [1]]


@pytest.mark.parametrize("key", [[], [3, 1, 2, 1, 3], [2**62, -(2**62), 0, 2**62]])
def test_stable_order_is_that_of_a_stable_sort(key: list[int]) -> None:
    numbers = np.array(key, dtype=np.int64)
    assert stable_order(numbers).tolist() == np.argsort(numbers, kind="stable").tolist()


def test_a_part_lists_the_rows_of_its_own_people() -> None:
    groups = [("code", ("a",)), ("code", ("b",)), ("code", ("nobody's",))]
    codings = codings_of(groups, [(0,), (0, 1), ()])
    whole = CodedRows.of(np.array([1, 0, 1, 1, 0]), np.array([7, 2, 3, 7, 3]), codings, 9)
    assert [whole[group].tolist() for group in groups] == [[2, 3, 7], [3, 7], []]
    part = whole.between(3, 8)
    assert [part[group].tolist() for group in groups] == [[0, 4], [0, 4], []]
    assert [part.between(1, 5)[group].tolist() for group in groups] == [[3], [3], []]
