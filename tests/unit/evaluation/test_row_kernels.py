"""Sets of rows put together, whichever way is the cheaper one."""

from __future__ import annotations

import numpy as np
import pytest

from measureharmony.evaluation.row_kernels import union


@pytest.mark.parametrize("far", [0, 1_000_000])
def test_a_union_has_each_row_once_ascending(far: int) -> None:
    sets = [np.array(rows, dtype=np.int64) for rows in ([5, 9], [], [2, 5, 5, 11 + far])]
    assert union(sets).tolist() == [2, 5, 9, 11 + far]


def test_a_union_of_nothing_is_empty() -> None:
    assert union([np.empty(0, dtype=np.int64)]).tolist() == []
