"""A practice's rows as the reference interpreter's records."""

from __future__ import annotations

import pandas as pd
import pytest

from measureharmony.evaluation.reference.from_practice import records_from_practice
from measureharmony.evaluation.reference.record import NEVER, UNKNOWN, Span
from measureharmony.practice import Practice, from_tables
from tests.criteria.example import LOINC, SNOMED, when


@pytest.fixture(scope="module")
def practice() -> Practice:
    return from_tables({
        "person": pd.DataFrame({
            "person_id": ["b", "a"], "birth": ["1960-02", "1970-01-02"], "sex": ["female", None],
            "death": ["2026-05-05", None],
        }),
        "coverage": pd.DataFrame({
            "person_id": ["b"], "payer": ["blue"], "start": ["2025-01-01"], "end": [None],
            "benefits": ["medical pharmacy"],
        }),
        "event": pd.DataFrame({
            "event_id": ["e1", "e2"], "person_id": ["b", "b"], "kind": ["observation", "condition"],
            "type": ["lab simple", None], "code_system": [LOINC, None], "code": ["4548-4", None],
            "start": ["2026-03-01T10:00:00-05:00", "2025"], "value": [7.5, None], "unit": ["%", None],
            "received": ["2026-03-09", None], "encounter_id": [None, "e9"],
        }),
        "event_code": pd.DataFrame({
            "event_id": ["e1", "e1", "e2"], "role": [None, "value", "code"], "system": [SNOMED, None, SNOMED],
            "code": ["1", "2", "3"],
        }),
    })  # fmt: skip


def test_people_come_in_order_of_their_identifiers(practice: Practice) -> None:
    assert [record.person_id for record in records_from_practice(practice)] == ["a", "b"]


def test_people_can_be_picked(practice: Practice) -> None:
    assert [record.person_id for record in records_from_practice(practice, ["b", "nobody"])] == ["b"]
    assert list(records_from_practice(practice, [])) == []


def test_a_person_keeps_what_is_not_known_apart_from_what_is(practice: Practice) -> None:
    first, second = records_from_practice(practice)
    assert (first.sex, first.death, first.events, first.coverage) == (None, NEVER, (), ())
    assert (second.birth, second.sex, second.death) == (when("1960-02"), "female", when("2026-05-05"))
    assert second.coverage == (
        Span("blue", None, when("2025-01-01").day_lo, NEVER.day_lo, frozenset({"medical", "pharmacy"})),
    )


def test_an_event_has_all_its_codings_and_the_contracts_defaults(practice: Practice) -> None:
    (record,) = records_from_practice(practice, ["b"])
    result, condition = sorted(record.events, key=lambda event: event.event_id)
    assert result.codes == {"code": {(LOINC, "4548-4"), (SNOMED, "1")}, "value": {(None, "2")}}
    assert (result.value, result.unit, result.value_type, result.status) == (7.5, "%", "quantity", "final")
    assert (result.types, result.categories) == (frozenset({"lab", "simple"}), None)
    assert (result.start, result.end, result.recorded) == (
        when("2026-03-01T10:00:00-05:00"), when("2026-03-01T10:00:00-05:00"), UNKNOWN,
    )  # fmt: skip
    assert result.received_day == when("2026-03-09").day_lo
    assert condition.codes == {"code": {(SNOMED, "3")}}
    assert (condition.start, condition.end, condition.encounter_id) == (when("2025"), NEVER, "e9")
