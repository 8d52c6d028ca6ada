"""Days covered, the kernels alone, against days counted one by one."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from measureharmony.evaluation.coverage_days import (
    Spells,
    counted_day,
    counted_spells,
    covered_days,
    joined,
    spells_of,
)
from measureharmony.evaluation.reference.coverage_days import days_of, used_up

Days = tuple[int, int]
WINDOW = (5, 30)
PEOPLE = 40


def columns(people: list[list[Days]]) -> Spells:
    """The spells of all people, in any order of their days."""
    rows = [(person, *days) for person, spells in enumerate(people) for days in spells]
    return tuple(np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))  # type: ignore[return-value]


def one_by_one(spells: list[Days], left_out: list[Days], *, saved_up: bool) -> Days:
    """How many days of the window are covered, and how many there are."""
    spells, last = sorted(spells), WINDOW[1]
    covered = set(used_up(spells, left_out, last) if saved_up else days_of(spells, last))
    counted = set(range(WINDOW[0], last + 1)) - set(days_of(left_out, last))
    return len(covered & counted), len(counted)


@pytest.mark.parametrize("saved_up", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_days_left_out_exist_neither_for_the_window_nor_for_the_supplies(seed: int, *, saved_up: bool) -> None:
    random = Random(seed)

    def some(most: int, longest: int) -> list[list[Days]]:
        starts = [[random.randrange(-10, 35) for _ in range(random.randrange(most))] for _ in range(PEOPLE)]
        return [[(start, start + random.randrange(longest)) for start in each] for each in starts]

    spells, stays = some(5, 12), some(4, 8)
    left_out = joined([columns(stays), columns(stays)])
    everybody, day = np.arange(PEOPLE), np.full(PEOPLE, 0)
    first, last = (counted_day(everybody, day + n, left_out) for n in (WINDOW[0], WINDOW[1] + 1))
    in_use = spells_of(*counted_spells(columns(spells), left_out, saved_up=saved_up), saved_up=saved_up)
    covered = covered_days(*in_use, first, last - 1)
    expected = [one_by_one(*each, saved_up=saved_up) for each in zip(spells, stays, strict=True)]
    assert list(zip(covered.tolist(), (last - first).tolist(), strict=True)) == expected
