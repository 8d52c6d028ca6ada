"""Reliability, shrinkage and the chance of meeting a target."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measureharmony.statistics import JEFFREYS, Spread, chance_of_meeting, spread_of


@pytest.mark.parametrize(
    ("sd", "people", "reliability"), [(0.08, 20, 0.37), (0.08, 50, 0.60), (0.08, 100, 0.75), (0.05, 200, 0.70)]
)
def test_reliability_at_a_mean_of_69_percent(sd: float, people: int, reliability: float) -> None:
    assert round(Spread(0.69, sd).reliability(people), 2) == reliability


def test_a_beta_distribution_by_mean_and_standard_deviation() -> None:
    # Beta(3, 1): mean 3/4, variance 3 ÷ (4² × 5) = 0.0375.
    spread = Spread(0.75, 0.0375**0.5)
    assert (spread.alpha, spread.beta) == pytest.approx((3, 1))
    assert (JEFFREYS.alpha, JEFFREYS.beta) == pytest.approx((0.5, 0.5))


def test_the_method_of_moments_by_hand() -> None:
    # 10, 14 and 18 of 20: mean 0.7; squares 20 × (0.04 + 0 + 0.04) = 1.6; by chance 0.21 × 3 × 2/3 = 0.42;
    # share (1.6 − 0.42) ÷ (0.21 × (3 × 20 × 2/3 − 2)) = 1.18 ÷ 7.98 = 0.14787; variance 0.21 × 0.14787 = 0.031053.
    spread = spread_of([(10, 20), (14, 20), (18, 20)])
    assert spread is not None
    assert (spread.mean, spread.sd**2) == pytest.approx((0.7, 0.21 * 1.18 / 7.98))
    # alpha + beta = 1 ÷ 0.14787 − 1 = 5.7627: 10 of 20 is drawn to (0.7 × 5.7627 + 10) ÷ 25.7627 = 0.5447.
    assert spread.shrunken(10, 20) == pytest.approx(0.5447, abs=5e-5)


def test_no_more_spread_than_by_chance_is_none_at_all() -> None:
    spread = spread_of([(10, 20), (10, 20), (11, 20)])
    assert spread is not None
    assert (spread.sd, spread.reliability(20), spread.shrunken(11, 20)) == (0.0, 0.0, pytest.approx(31 / 60))
    assert chance_of_meeting(11, 20, 0.5, "at_least", spread) == 1.0


@pytest.mark.parametrize(
    "counts", [[(1, 2), (2, 2)], [(0, 5), (0, 5), (0, 5)], [(5, 5), (5, 5), (5, 5)], [(1, 1), (0, 1), (1, 1)], []]
)
def test_of_too_few_units_or_without_any_difference_nothing_is_known(counts: list[tuple[int, int]]) -> None:
    assert spread_of(counts) is None


def test_the_chance_of_meeting_a_target_is_that_of_the_beta_distribution() -> None:
    # A uniform prior, beta(1, 1), and 3 of 3: beta(4, 1), whose distribution function is x⁴.
    uniform = Spread(0.5, (1 / 12) ** 0.5)
    assert chance_of_meeting(3, 3, 0.7, "at_least", uniform) == pytest.approx(1 - 0.7**4)
    assert chance_of_meeting(3, 3, 0.7, "at_most", uniform) == pytest.approx(0.7**4)
    # 0 of 2: beta(1, 3), 1 − (1 − x)³.
    assert chance_of_meeting(0, 2, 0.2, "at_most", uniform) == pytest.approx(1 - 0.8**3)


@given(above=st.integers(0, 50), more=st.integers(0, 50), bound=st.floats(-0.5, 1.5), mean=st.floats(0.05, 0.95))
def test_probabilities_are_probabilities(above: int, more: int, bound: float, mean: float) -> None:
    prior = Spread(mean, 0.1)
    least = chance_of_meeting(above, above + more, bound, "at_least", prior)
    assert 0 <= least <= 1
    assert least + chance_of_meeting(above, above + more, bound, "at_most", prior) == pytest.approx(1)
    if above + more:
        lowest, highest = sorted((mean, above / (above + more)))
        assert lowest - 1e-9 <= prior.shrunken(above, above + more) <= highest + 1e-9
