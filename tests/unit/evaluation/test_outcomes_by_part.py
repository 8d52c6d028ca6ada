"""Outcomes of parts of the people are put together as if all people had been one part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from measureharmony.evaluation.columns import NEVER_ENDS
from measureharmony.evaluation.outcome_form import OUTCOME_COLUMNS
from measureharmony.evaluation.outcomes_by_part import Numbers, PartOutcomes, RateName, together
from measureharmony.measures.measure import POPULATIONS

RATES = [RateName("one", "bcs", 2026, "screened"), RateName("two", "gsd", 2025, "poor")]
PEOPLE = pa.array(["ann", "ben", "cas"])


def part(people: Sequence[int], why: Sequence[int], words: Sequence[str], rows: Sequence[int]) -> PartOutcomes:
    """``why``: places among ``words``, which are all that is told of the people."""
    nobody, none = np.zeros(len(people), dtype=bool), np.full(len(people), -1, dtype=np.int32)
    nothing = pa.array([], pa.string())
    evidence = {f"evidence_{name}": nothing for name in ("id", "date", "value", "unit")}
    told = {
        "strata": pa.table({"strata": nothing}),
        "first_failing": pa.table({"first_failing": pa.array(words, pa.string())}),
        "evidence": pa.table(evidence),
        "evidence_values": pa.table({"evidence_values": nothing}),
    }
    columns: dict[str, Numbers] = {
        "person_id": np.array(people, dtype=np.int32),
        "member": ~nobody,
        **dict.fromkeys(POPULATIONS, nobody),
        "close_by": np.where(none == -1, NEVER_ENDS, none),
        "observation": np.full(len(people), np.nan),
        **dict.fromkeys(told, none),
    }
    columns["first_failing"] = np.array(why, dtype=np.int32)
    return PartOutcomes(RATES, np.array(rows), PEOPLE, columns, told)


def test_each_rate_has_the_rows_of_one_part_after_the_other() -> None:
    found = together([part([0, 1, 1], [1, 0, -1], ["a", "b"], [1, 2]), part([2, 2], [0, 1], ["a", "c"], [1, 1])])
    assert found.column_names == list(OUTCOME_COLUMNS)
    shown = found.select(["program", "edition", "person_id", "subject_id", "first_failing"]).to_pydict()
    assert shown == {
        "program": ["one", "one", "two", "two", "two"],
        "edition": [2026, 2026, 2025, 2025, 2025],
        "person_id": ["ann", "cas", "ben", "ben", "cas"],
        "subject_id": ["ann", "cas", "ben", "ben", "cas"],
        "first_failing": ["b", "a", "a", None, "c"],
    }
    assert (found["close_by"].null_count, found["observation"].null_count, found["evidence_id"].null_count) == (5, 5, 5)


def test_words_are_numbered_in_the_order_of_their_first_use_and_unused_ones_are_gone() -> None:
    found = together([part([0], [2], ["z", "y", "b"], [1, 0]), part([2, 2], [1, 0], ["b", "a"], [0, 2])])
    words = found["first_failing"].combine_chunks()
    assert words.dictionary.to_pylist() == ["b", "a"]
    assert found["person_id"].combine_chunks().dictionary.to_pylist() == ["ann", "ben", "cas"]


def test_subjects_who_are_not_people_have_identifiers_of_their_own() -> None:
    parts = [part([0], [0], ["a"], [1, 0]), part([1], [0], ["a"], [1, 0])]
    for one, subject in zip(parts, ("stay 7", "ben"), strict=True):
        one.columns["subject_id"] = np.zeros(1, dtype=np.int32)
        one.told["subject_id"] = pa.table({"subject_id": [subject]})
    assert together(parts)["subject_id"].to_pylist() == ["stay 7", "ben"]


def test_parts_in_which_nobody_is_listed_add_nothing() -> None:
    nobody = part([], [], [], [0, 0])
    assert together([nobody, part([0], [0], ["a"], [0, 1])])["first_failing"].to_pylist() == ["a"]
    assert together([part([], [], [], [0, 0]), part([], [], [], [0, 0])]).num_rows == 0


def test_where_no_rate_is_asked_for_there_are_no_columns() -> None:
    empty = [PartOutcomes([], np.empty(0, dtype=np.int64), PEOPLE, {}, {}) for _ in range(2)]
    assert together(empty).num_columns == 0
