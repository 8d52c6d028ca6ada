"""Intervals against published figures."""

from __future__ import annotations

import sys

import pytest

from measureharmony.errors import UsageError
from measureharmony.statistics import clopper_pearson, wilson

#: R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998) 857-872,
#: table I: methods 3 (Wilson, no continuity correction) and 5 (Clopper-Pearson), 95 %.
NEWCOMBE = [
    (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
    (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
    (0, 20, (0.0000, 0.1611), (0.0000, 0.1684)),
    (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
]


@pytest.mark.parametrize(("above", "below", "score", "exact"), NEWCOMBE)
def test_newcombes_examples(above: int, below: int, score: tuple[float, float], exact: tuple[float, float]) -> None:
    one, two = wilson(above, below), clopper_pearson(above, below)
    assert (round(one.low, 4), round(one.high, 4)) == score
    assert (round(two.low, 4), round(two.high, 4)) == exact


@pytest.mark.parametrize(("above", "below", "low", "high"), [(20, 25, 60.9, 91.1), (160, 200, 73.9, 85.0)])
def test_eighty_percent_of_few_and_of_many(above: int, below: int, low: float, high: float) -> None:
    interval = wilson(above, below)
    assert (round(100 * interval.low, 1), round(100 * interval.high, 1)) == (low, high)


@pytest.mark.parametrize("method", [wilson, clopper_pearson])
def test_of_all_and_of_nobody_the_ends_are_sure(method: object) -> None:
    assert callable(method)
    assert (method(0, 7).low, method(7, 7).high) == (0.0, 1.0)
    mirrored, straight = method(2, 9), method(7, 9)
    assert mirrored.low == pytest.approx(1 - straight.high)
    assert method(7, 9, 0.99).low < straight.low


def test_without_scipy_one_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    with pytest.raises(UsageError, match=r"pip install 'measureharmony\[statistics\]'"):
        clopper_pearson(2, 9)
    assert wilson(2, 9).low > 0  # needs none
