"""Targets: what counts as reached, and the smallest number of gaps to close. Every number is worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measureharmony.incentives.goals import counts, met, needed, next_level, reaches, rounded, tier_reached
from measureharmony.incentives.standing import Count
from measureharmony.payers.contract import Target
from measureharmony.payers.targets import Rounding
from tests.unit.incentives.contracts import higher, lower, target


@pytest.mark.parametrize(
    ("value", "to", "compared"),
    [
        ("0.725", "whole_percent", "0.73"),  # half a percent is rounded up
        ("0.72499", "whole_percent", "0.72"),
        ("0.7249", "tenth_of_percent", "0.725"),
        ("0.72449", "tenth_of_percent", "0.724"),
        ("0.725", "none", "0.725"),
    ],
)
def test_a_rate_is_rounded_as_the_contract_says(value: str, to: Rounding, compared: str) -> None:
    assert rounded(Fraction(value), to) == Fraction(compared)


@pytest.mark.parametrize(
    ("count", "wanted", "people"),
    [
        # 46 of 66: 72 % of 66 is 47.52, so 48 are needed: 2 more.
        (higher(46, 66), target("0.72"), 2),
        # 72 of 100 is just 72 %: nobody is needed.
        (higher(72, 100), target("0.72"), 0),
        # 71.5 % rounds to 72 %: of 66 that is 47.19, so 48.
        (higher(46, 66), target("0.72", rounded_to="whole_percent"), 2),
        # 143 of 200 = 71.5 % rounds to 72 %; without rounding 144 are needed.
        (higher(140, 200), target("0.72", rounded_to="whole_percent"), 3),
        (higher(140, 200), target("0.72"), 4),
        # Lower is better: 3 of 18 = 16.7 %; 16 % of 18 is 2.88, so 2 may be left: 1 to close.
        (lower(3, 18), target(at_most="0.16"), 1),
        # 16.49 % would round to 16 %: 2 of 18 = 11.1 % still takes one.
        (lower(3, 18), target(at_most="0.16", rounded_to="whole_percent"), 1),
        # 17 of 100 rounds to itself; 16.5 % would round up to 17 %, so 16 are left: 1 to close.
        (lower(17, 100), target(at_most="0.16", rounded_to="whole_percent"), 1),
        # Nobody left is 0 %: all 3 to close.
        (lower(3, 18), target(at_most="0"), 3),
    ],
)
def test_the_people_needed_are_the_fewest_that_do(count: Count, wanted: Target, people: int) -> None:
    assert needed(count, wanted, wanted.bound) == people


def test_a_rate_of_nobody_reaches_nothing() -> None:
    nobody = higher(0, 0)
    assert needed(nobody, target("0"), Fraction(0)) is None
    assert (counts(nobody, target("0")), met(nobody, target("0"))) == (False, False)


def test_too_few_people_do_not_count_however_good_the_rate() -> None:
    wanted = target("0.5", minimum_denominator=30, tiers={"gold": "0.8"})
    assert (met(higher(29, 29), wanted), tier_reached(higher(29, 29), wanted)) == (False, None)
    assert met(higher(30, 30), wanted)


def test_the_highest_tier_reached_and_the_next() -> None:
    wanted = target("0.72", tiers={"silver": "0.72", "gold": "0.80"})
    reached = [tier_reached(higher(above, 100), wanted) for above in (71, 72, 79, 80)]
    assert [tier and tier.id for tier in reached] == [None, "silver", "silver", "gold"]
    following = [next_level(higher(above, 100), wanted) for above in (71, 72, 80)]
    assert [level and level.id for level in following] == ["silver", "gold", None]


def test_the_target_is_a_level_of_its_own_where_no_tier_has_its_bound() -> None:
    wanted = target(at_most="0.20", tiers={"gold": "0.15"})
    following = [next_level(lower(above, 100), wanted) for above in (21, 18, 15)]
    assert [level and level.id for level in following] == ["target", "gold", None]


def test_observed_to_expected_is_compared_as_a_ratio() -> None:
    # 9 observed, 12.5 expected: 0.72. At most 0.60 asks for 7.5, so 7 observed: 2 fewer.
    count = Count(9, 60, "lower", "observed_to_expected", Fraction("12.5"), Fraction("0.72"))
    assert count.value == Fraction(18, 25)
    assert (reaches(count, target(at_most="0.72"), Fraction("0.72")), met(count, target(at_most="0.70"))) == (
        True,
        False,
    )
    assert needed(count, target(at_most="0.60"), Fraction("0.60")) == 2
    unknown = replace(count, number=None)  # what is expected of somebody is not known
    assert (unknown.value, counts(unknown, target(at_most="1"))) == (None, False)


def test_an_average_is_nobodys_to_move() -> None:
    count = Count(0, 10, "higher", "continuous", number=Fraction("41.5"))
    assert needed(count, target("40"), Fraction(40)) == 0
    assert needed(count, target("42"), Fraction(42)) is None


@given(
    above=st.integers(0, 60), more=st.integers(0, 60), bound=st.integers(0, 100), to=st.sampled_from(
        ["none", "whole_percent", "tenth_of_percent"]
    ), inverse=st.booleans(),
)  # fmt: skip
def test_one_person_fewer_is_never_enough(above: int, more: int, bound: int, to: Rounding, inverse: bool) -> None:
    count = lower(above, above + more) if inverse else higher(above, above + more)
    wanted = Target("at_most" if inverse else "at_least", Fraction(bound, 100), "fixed", rounded_to=to)
    people = needed(count, wanted, wanted.bound)
    tried = [reaches(count.after(k), wanted, wanted.bound) for k in range(count.gaps + 1)]
    assert people == (tried.index(True) if True in tried else None)
