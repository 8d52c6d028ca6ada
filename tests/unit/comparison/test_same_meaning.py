"""Specs that only read differently show no difference."""

from __future__ import annotations

from random import Random

import pytest

from measureharmony.measures.measure import Measure
from tests.generative.rephrasing import WAYS, Way, rephrased
from tests.unit.comparison.compared import between
from tests.unit.payers.canonical import canonical

MEASURES = ("bcs", "cbp", "ccs", "col", "gsd", "fuh", "pdc_statin", "w30", "aab", "iet_claims")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("key", MEASURES)
def test_each_way_of_saying_it_otherwise_is_no_difference(key: str, way: Way) -> None:
    measure = canonical().measures[key]
    other = way(measure, Random(key))
    assert between(measure, other) == []
    assert between(other, measure) == []


@pytest.mark.parametrize("key", MEASURES)
def test_all_of_them_together_are_none(key: str) -> None:
    measure = canonical().measures[key]
    other = rephrased(measure, Random(key))
    assert other != measure
    assert between(measure, other) == []


def spec(**criteria: object) -> Measure:
    """A small measure whose numerator is what is asked about."""
    return Measure.model_validate(
        {
            "measure": "small", "title": "Small", "edition": 2026, "description": "…",
            "events": {"visits": {"kind": "encounter"}, "tests": {"kind": "observation", "codes": ["a"]},
                       "others": {"kind": "observation", "codes": ["b"]},
                       "either": {"from": ["tests", "others"]}, "both": {"kind": "observation", "codes": ["b", "a"]},
                       "last_day": {"from": "tests", "take": {"last_day": "start"}}},
            "criteria": criteria,
            "populations": {"initial_population": {"always": True}, "numerator": "asked"},
            "rates": [{"id": "small", "title": "Small"}],
        }
    )  # fmt: skip


EQUAL = [
    ({"exists": "tests"}, {"count": {"of": "tests", "at_least": 1}}),
    ({"not": {"exists": "tests"}}, {"count": {"of": "tests", "at_most": 0}}),
    ({"exists": "either"}, {"exists": "both"}),
    ({"exists": {"from": "last_day", "take": {"first": "end"}}},
     {"exists": {"from": "tests", "take": [{"last_day": "start"}, {"first": "end"}]}}),
    ({"at_least": {"n": 1, "of": [{"exists": "tests"}, {"exists": "visits"}]}},
     {"any": [{"exists": "visits"}, {"exists": "tests"}]}),
    ({"at_least": {"n": 2, "of": [{"exists": "tests"}, {"exists": "visits"}]}},
     {"not": {"any": [{"not": {"exists": "visits"}}, {"not": {"exists": "tests"}}]}}),
    ({"age": {"at": "period.end", "from": 2, "to": 5}},
     {"age": {"at": "period.start + 1 year - 1 day", "from": 24, "to": 71, "unit": "months"}}),
    ({"exists": {"from": "tests", "when": {"start": {"after": "period.start - 1 day"}}}},
     {"exists": {"from": "tests", "when": {"start": {"from": "period.start"}}}}),
    ({"exists": {"from": "tests", "where": {"value": {"at_least": 5, "below": 9, "unit": "%"}}}},
     {"exists": {"from": "tests", "where": [{"value": {"below": 9, "unit": "%"}},
                                            {"value": {"at_least": 5, "unit": "%"}}]}}),
    ({"enrolled": {"window": "period", "gap_days": 45}}, {"enrolled": {"window": "period"}}),
    ({"all": [{"exists": "tests"}, {"always": True}]}, {"exists": "tests"}),
    ({"all": [{"exists": "tests"}, {"always": False}]}, {"always": False}),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_two_ways_of_saying_one_thing(one: object, other: object) -> None:
    assert between(spec(asked=one), spec(asked=other)) == []


DIFFERENT = [
    # At exact time, the last instant before a day is not the day before.
    ({"exists": {"from": "tests", "when": {"start": {"after": "period.start - 1 day"}, "precision": "exact"}}},
     {"exists": {"from": "tests", "when": {"start": {"from": "period.start"}, "precision": "exact"}}}),
    # Twelve months back from 29 February is not 365 days back.
    ({"exists": {"from": "tests", "when": {"start": {"from": "period.end - 12 months"}}}},
     {"exists": {"from": "tests", "when": {"start": {"from": "period.end - 365 days"}}}}),
    # Two of three, where one is said twice.
    ({"at_least": {"n": 2, "of": [{"exists": "tests"}, {"exists": "tests"}, {"exists": "visits"}]}},
     {"at_least": {"n": 2, "of": [{"exists": "tests"}, {"exists": "visits"}, {"exists": "visits"}]}}),
    # Choosing, then narrowing, is not narrowing, then choosing.
    ({"exists": {"from": "last_day", "when": {"start": "period"}}},
     {"exists": {"from": "tests", "when": {"start": "period"}, "take": {"last_day": "start"}}}),
    # Supplies of two drugs wait for each other only within one set.
    ({"days_covered": {"of": ["tests", "others"], "within": "period", "shift": True, "at_least": 9}},
     {"days_covered": {"of": "either", "within": "period", "shift": True, "at_least": 9}}),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_looks_alike_but_is_not(one: object, other: object) -> None:
    assert between(spec(asked=one), spec(asked=other)) != []
