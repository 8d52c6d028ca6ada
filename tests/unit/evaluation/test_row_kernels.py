"""Sets of rows put together, whichever way is the cheaper one."""

from __future__ import annotations

import numpy as np
import pytest

from measureharmony.evaluation.columns import Links
from measureharmony.evaluation.row_kernels import in_sorted, linked_pairs, places_in, union


@pytest.mark.parametrize("far", [0, 1_000_000])
def test_a_union_has_each_row_once_ascending(far: int) -> None:
    sets = [np.array(rows, dtype=np.int64) for rows in ([5, 9], [], [2, 5, 5, 11 + far])]
    assert union(sets).tolist() == [2, 5, 9, 11 + far]


def test_a_union_of_nothing_is_empty() -> None:
    assert union([np.empty(0, dtype=np.int64)]).tolist() == []


@pytest.mark.parametrize("far", [0, 1_000_000])
def test_rows_are_found_among_others_whether_near_or_far(far: int) -> None:
    rows, others = np.array([9, 2, 5 + far, 5 + 2 * far]), np.array([2, 4, 5 + far])
    assert in_sorted(rows, others).tolist() == [False, True, True, far == 0]
    assert places_in(rows, others).tolist() == [-1, 0, 2, 2 if far == 0 else -1]


def test_links_join_the_rows_that_both_sets_have() -> None:
    links = Links(pointing=np.array([1, 3, 3, 6]), pointed=np.array([0, 0, 2, 9]))
    this, other = linked_pairs(np.array([1, 3, 5, 6, 8]), np.array([0, 2, 7]), links)
    assert list(zip(this.tolist(), other.tolist(), strict=True)) == [(0, 0), (1, 0), (1, 1)]
    nothing = Links(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
    assert [len(found) for found in linked_pairs(np.array([1]), np.array([0]), nothing)] == [0, 0]
