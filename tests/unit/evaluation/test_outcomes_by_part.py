"""Outcomes of parts of the people are put together as if all people had been one part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from measureharmony.evaluation.outcome_form import OUTCOME_COLUMNS, RateName
from measureharmony.evaluation.outcomes import Outcomes
from measureharmony.evaluation.outcomes_by_part import Coded, PartOutcomes, Told

RATES = [RateName("one", "bcs", 2026, "screened"), RateName("two", "gsd", 2025, "poor")]
PEOPLE = pa.array(["ann", "ben", "cas", "dan"])
EVIDENCE = {
    "id": pa.string(), "date": pa.date32(), "value": pa.float64(), "unit": pa.string(), "values": pa.string(),
}  # fmt: skip


def part(people: Sequence[int], why: Sequence[int], words: Sequence[str], rows: Sequence[int]) -> PartOutcomes:
    """``why``: places among ``words``, which are all that is told of the people."""
    nobody = np.zeros(len(people), dtype=np.uint8)
    evidence = {f"evidence_{name}": pa.array([], kind) for name, kind in EVIDENCE.items()}
    nothing = pa.table({**evidence, "close_by": pa.array([], pa.date32()), "observation": pa.array([], pa.float64())})
    return PartOutcomes(
        RATES,
        np.array(rows),
        PEOPLE,
        np.array(people, dtype=np.int32),
        nobody == 0,
        nobody,
        {
            "strata": Coded(nobody.astype(np.int32), pa.array([""])),
            "first_failing": Coded(np.array(why, dtype=np.int32), pa.array(words, pa.string())),
        },
        [Told.of(np.empty(0, dtype=np.int64), nothing)],
    )


def test_each_rate_has_the_rows_of_one_part_after_the_other() -> None:
    found = Outcomes(
        [part([0, 1, 1], [1, 0, -1], ["a", "b"], [1, 2]), part([2, 2], [0, 1], ["a", "c"], [1, 1])]
    ).table()
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


def test_words_of_all_parts_are_numbered_in_alphabetical_order() -> None:
    found = Outcomes([part([0], [0], ["b"], [1, 0]), part([2, 2], [1, 0], ["b", "a"], [0, 2])]).table()
    words = found["first_failing"].combine_chunks()
    assert words.dictionary.to_pylist() == ["a", "b"]
    assert words.to_pylist() == ["b", "a", "b"]
    assert found["person_id"].combine_chunks().dictionary.to_pylist() == ["ann", "ben", "cas", "dan"]


def test_subjects_who_are_not_people_have_identifiers_of_their_own() -> None:
    parts = [part([0], [0], ["a"], [1, 0]), part([1], [0], ["a"], [1, 0])]
    for one, subject in zip(parts, ("stay 7", "ben"), strict=True):
        one.words["subject_id"] = Coded(np.zeros(1, dtype=np.int32), pa.array([subject]))
    assert Outcomes(parts).table()["subject_id"].to_pylist() == ["stay 7", "ben"]


def test_parts_in_which_nobody_is_listed_add_nothing() -> None:
    nobody = part([], [], [], [0, 0])
    assert Outcomes([nobody, part([0], [0], ["a"], [0, 1])]).table()["first_failing"].to_pylist() == ["a"]
    assert Outcomes([nobody, nobody]).table().num_rows == 0


def test_where_no_rate_is_asked_for_there_are_no_columns() -> None:
    nobody = np.empty(0, dtype=np.uint8)
    empty = PartOutcomes([], np.empty(0, dtype=np.int64), PEOPLE, nobody.astype(np.int32), nobody == 0, nobody, {}, [])
    assert Outcomes([empty, empty]).table().num_columns == 0


def dated(day: int, people: Sequence[int], rows: Sequence[int]) -> PartOutcomes:
    """The last of the people has a day until when their gap can be closed."""
    found = part(people, [0] * len(people), ["a"], rows)
    told = pa.table({"close_by": pa.array([day], pa.date32())})
    nothing = found.told[0].table.drop_columns("close_by")
    return replace(found, told=[Told.of(np.array([len(people) - 1]), told), Told.of(found.told[0].rows, nothing)])


@pytest.mark.parametrize("start", range(6))
@pytest.mark.parametrize("stop", range(6))
def test_some_rows_are_those_of_the_whole_table(start: int, stop: int) -> None:
    whole = Outcomes([dated(1, [0, 1], [1, 1]), dated(2, [2, 3, 2], [2, 1])])
    assert len(whole) == 5
    if start <= stop:
        assert whole.table(start, stop).equals(whole.table().slice(start, stop - start))


def test_some_rows_of_a_part_keep_what_is_told_of_them() -> None:
    part_of_all = dated(7, [0, 1, 2], [2, 1])
    whole = Outcomes([part_of_all]).table()
    for kept in ([0, 2], [1], [2], []):
        some = Outcomes([part_of_all.some(np.array(kept, dtype=np.int64))]).table()
        assert some.to_pylist() == [whole.to_pylist()[row] for row in kept]
