"""The truth table of a proportion, tried whole: once person by person, once as columns."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from measureharmony.evaluation.population_order import counts_above, counts_below, narrowed, populations
from measureharmony.measures.measure import POPULATIONS

EVERY_CASE = [dict(zip(POPULATIONS, truths, strict=True)) for truths in product([False, True], repeat=6)]


@pytest.mark.parametrize("holds", EVERY_CASE)
def test_each_population_is_as_the_table_in_the_spec_language_says(holds: dict[str, bool]) -> None:
    members = populations(holds)
    assert members["initial_population"] == holds["initial_population"]
    assert members["denominator"] == (members["initial_population"] and holds["denominator"])
    assert members["denominator_exclusion"] == (members["denominator"] and holds["denominator_exclusion"])
    eligible = members["denominator"] and not members["denominator_exclusion"]
    assert members["numerator"] == (eligible and holds["numerator"])
    assert members["numerator_exclusion"] == (members["numerator"] and holds["numerator_exclusion"])
    excepted = eligible and not members["numerator"] and holds["denominator_exception"]
    assert members["denominator_exception"] == excepted
    assert all(type(member) is bool for member in members.values())


@pytest.mark.parametrize("holds", EVERY_CASE)
def test_who_counts_above_the_line_counts_below_it(holds: dict[str, bool]) -> None:
    members = populations(holds)
    below = sum((members["denominator"], -members["denominator_exclusion"], -members["denominator_exception"]))
    assert counts_below(members) == (below == 1)
    assert counts_above(members) == (members["numerator"] and not members["numerator_exclusion"])
    assert counts_below(members) or not counts_above(members)


def test_columns_give_what_single_people_give() -> None:
    columns = {name: np.array([holds[name] for holds in EVERY_CASE]) for name in POPULATIONS}
    whole = populations(columns)
    alone = [populations(holds) for holds in EVERY_CASE]
    for name in POPULATIONS:
        assert whole[name].dtype == np.bool_
        assert whole[name].tolist() == [members[name] for members in alone]
    assert counts_below(whole).tolist() == [counts_below(members) for members in alone]


def test_a_missing_denominator_is_the_initial_population_and_other_missing_ones_are_empty() -> None:
    assert populations({"initial_population": True}) == dict.fromkeys(POPULATIONS, False) | {
        "initial_population": True, "denominator": True,
    }  # fmt: skip


def test_a_stratum_narrows_every_population() -> None:
    members = populations({"initial_population": True, "numerator": True})
    assert narrowed(members, False) == dict.fromkeys(POPULATIONS, False)
    assert narrowed(members, True) == members
