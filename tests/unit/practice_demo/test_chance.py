"""Draws of the demo practice: repeats forwards, one choice a person, one row a person, numbers of its own."""

from __future__ import annotations

import numpy as np

from measureharmony.practice.demo.chance import one_a_person, onward, same_for_each
from measureharmony.practice.demo.chunk import random_numbers
from measureharmony.practice.demo.journal import NONE, Choice


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_repeats_go_on_to_each_persons_last_day_at_each_persons_gaps() -> None:
    gap = (ints(10, 10, 30), ints(10, 10, 30))
    person, on = onward(np.random.default_rng(1), ints(100, NONE, 100), gap, ints(125, 500, 160))
    rows = sorted(zip(person.tolist(), on.tolist(), strict=True))
    assert rows == [(0, 100), (0, 110), (0, 120), (2, 100), (2, 130), (2, 160)]


def test_nobody_begins_after_the_last_day() -> None:
    person, on = onward(np.random.default_rng(1), ints(100), (ints(1), ints(2)), ints(99))
    assert person.size == on.size == 0


def test_one_choice_holds_for_all_rows_of_a_person() -> None:
    chosen = same_for_each(ints(4, 2, 4, 4), Choice(ints(0, 1, 1, 0), ("a", "b")))
    assert chosen.index.tolist()[1] == 1
    assert len({chosen.index.tolist()[row] for row in (0, 2, 3)}) == 1
    assert same_for_each(ints(), Choice(ints(), ("a",))).index.size == 0


def test_one_row_of_each_person_is_drawn() -> None:
    person = ints(7, 3, 7, 7, 3, 9)
    for seed in range(20):
        drawn = one_a_person(np.random.default_rng(seed), person)
        assert sorted(person[drawn].tolist()) == [3, 7, 9]


def test_each_name_has_numbers_of_its_own() -> None:
    draws = {name: random_numbers(2026, 1, name).random() for name in ("", "bones", "children")}
    assert len(set(draws.values())) == 3
    assert random_numbers(2026, 1, "bones").random() == draws["bones"]
    assert random_numbers(2026, 10_001, "bones").random() != draws["bones"]
