"""Which value sets a rate cannot do without, and which populations nothing decides any more."""

from __future__ import annotations

import pickle

import pytest

from measureharmony.measures.meanings import Meanings
from measureharmony.measures.measure import Measure
from measureharmony.measures.value_set_needs import ValueSetNeeds
from measureharmony.measures.without_codes import ALL_HAVE_CODES, WITHOUT_THE_CODELESS, Truth, WithoutCodes
from tests.unit.measures.specs import measure

EVENTS = """
windows: {year: {from: period.start, to: period.end}}
anchors: {first: {of: start_of_care, point: start}}
filters: {after_hours: {coded: {role: category, codes: [after_hours]}}}
events:
  visit: {kind: encounter, codes: [office_visit, home_visit]}
  start_of_care: {kind: encounter, codes: [first_visit]}
  test: {kind: observation, codes: [a1c_test], when: {latest: {from: first, to: period.end}}}
  literal: {kind: observation, codes: ["LOINC|4548-4"]}
  late: {kind: encounter, codes: [office_visit], where: after_hours}
  near: {kind: encounter, codes: [office_visit], where: {with: {events: test}}}
  either: {from: [visit, test]}
  part: {components_of: test, codes: [part_test]}
  hospice: {kind: encounter, codes: [hospice_stay]}
  palliative: {kind: encounter, codes: [palliative_care]}
"""


def made(populations: str, more: str = "") -> Measure:
    return measure(EVENTS + more + f"populations: {populations}\n")


def needed(spec: Measure, *codeless: str) -> dict[str, tuple[str, ...]]:
    needs = ValueSetNeeds(codeless)
    return needs.indispensable(needs.parts(spec, spec.rates[0]))


def test_what_decides_the_two_numbers_is_indispensable_through_every_name() -> None:
    spec = made("{initial_population: {exists: visit}, denominator: known, numerator: {exists: test}}",
                 "criteria: {known: {all: [{age: {at: birth, from: 0}}, {exists: late}]}}\n")  # fmt: skip
    assert needed(spec) == {
        "a1c_test": ("numerator",),
        "after_hours": ("denominator",),
        "first_visit": ("numerator",),
        "home_visit": ("initial_population",),
        "office_visit": ("initial_population", "denominator"),
    }


def test_literal_codes_need_no_value_set() -> None:
    assert needed(made("{initial_population: {always: true}, numerator: {exists: literal}}")) == {}


EXCLUDED = "{initial_population: {always: true}, numerator: {exists: literal}, denominator_exclusion: %s}"


def test_of_several_ways_to_an_exclusion_none_is_indispensable() -> None:
    assert needed(made(EXCLUDED % "{any: [{exists: hospice}, {exists: palliative}]}")) == {}


def test_the_last_way_to_an_exclusion_is() -> None:
    spec = made(EXCLUDED % "{any: [{exists: hospice}, {exists: palliative}]}")
    assert needed(spec, "palliative_care") == {"hospice_stay": ("denominator_exclusion",)}
    assert needed(spec, "palliative_care", "hospice_stay").keys() == {"hospice_stay", "palliative_care"}
    alone = made(EXCLUDED % "{exists: hospice}")
    assert needed(alone) == {"hospice_stay": ("denominator_exclusion",)}


def test_both_conditions_of_an_exclusion_are() -> None:
    spec = made(EXCLUDED % "{all: [{exists: hospice}, {exists: palliative}]}")
    assert set(needed(spec)) == {"hospice_stay", "palliative_care"}


def test_strata_and_evidence_are_not_but_a_stratum_needs_its_own() -> None:
    text = EVENTS + "strata: [{id: s, title: S, criterion: {exists: hospice}}]\n"
    spec, needs = measure(text), ValueSetNeeds()
    parts = needs.parts(spec, spec.rates[0], spec.strata[0].criterion)
    assert "hospice_stay" not in needed(spec)
    assert needs.indispensable(parts)["hospice_stay"] == ("stratum",)


def test_what_is_counted_is_indispensable() -> None:
    assert needed(measure(EVENTS + "subject: {episodes: hospice}\n"))["hospice_stay"] == ("episodes",)


@pytest.mark.parametrize(
    ("criterion", "codeless", "expected"),
    [
        ("{exists: visit}", "office_visit", None),
        ("{exists: visit}", "office_visit home_visit", False),
        ("{not: {exists: visit}}", "office_visit home_visit", True),
        ("{exists: either}", "office_visit home_visit", None),
        ("{exists: either}", "office_visit home_visit a1c_test", False),
        ("{exists: part}", "a1c_test", False),
        ("{exists: part}", "part_test", False),
        ("{exists: late}", "after_hours", False),
        ("{exists: near}", "a1c_test", False),
        ("{exists: {from: visit, where: {without: {events: test}}}}", "a1c_test", None),
        ("{exists: {from: visit, where: {any: [after_hours, {coded: {role: class, codes: x}}]}}}", "after_hours", None),
        ("{exists: {from: visit, where: {not: after_hours}}}", "after_hours", None),
        ("{count: {of: test, at_least: 2}}", "a1c_test", False),
        ("{count: {of: test, at_most: 2}}", "a1c_test", True),
        ("{days_covered: {of: test, within: year, share: 0.8}}", "a1c_test", False),
        ("{at_least: {n: 2, of: [{exists: test}, {exists: hospice}, {sex: female}]}}", "a1c_test", None),
        ("{at_least: {n: 2, of: [{exists: test}, {exists: hospice}, {sex: female}]}}", "a1c_test hospice_stay", False),
        ("{at_least: {n: 1, of: [{always: true}, {exists: test}]}}", "", True),
        ("{any: [{exists: test}, {sex: female}]}", "a1c_test", None),
        ("{all: [{exists: test}, {sex: female}]}", "a1c_test", False),
        ("{exists: literal}", "a1c_test", None),
        ("named", "a1c_test", False),
    ],
)  # fmt: skip
def test_what_is_left_of_a_criterion_without_codes(criterion: str, codeless: str, expected: bool | None) -> None:
    more = "criteria: {named: other, other: {exists: test}}\n"
    spec = made(f"{{initial_population: {{always: true}}, numerator: {criterion}}}", more)
    numerator = Meanings().of_measure(spec).of(spec.populations.numerator)
    *others, last = codeless.split() or [""]
    all_at_once, one_more = WithoutCodes(codeless.split()), WithoutCodes(others)
    assert said(all_at_once.truth(numerator), WITHOUT_THE_CODELESS) is expected
    assert said(one_more.truth(numerator), one_more.case(last)) is expected


def test_with_codes_only_what_never_depends_on_them_is_decided() -> None:
    spec = made("{initial_population: {always: true}, numerator: {exists: test}}")
    meaning, without = Meanings().of_measure(spec).of, WithoutCodes(["a1c_test"])
    assert said(without.truth(meaning(spec.populations.numerator)), ALL_HAVE_CODES) is None
    assert said(without.truth(meaning(spec.populations.initial_population)), ALL_HAVE_CODES) is True


def said(truth: Truth, case: int) -> bool | None:
    """What is said of everybody in a case."""
    return True if truth.yes & case else False if truth.no & case else None


def undecided(spec: Measure, *codeless: str) -> tuple[str, ...]:
    needs = ValueSetNeeds(codeless)
    return needs.undecided(needs.parts(spec, spec.rates[0]))


def test_a_population_is_undecided_when_a_condition_says_the_same_of_everybody() -> None:
    spec = made("{initial_population: {all: [{sex: female}, {all: [{exists: visit}]}]}, numerator: {exists: test}}")
    assert undecided(spec) == ()
    assert undecided(spec, "home_visit") == ()
    assert undecided(spec, "home_visit", "office_visit") == ("initial_population",)
    assert undecided(spec, "a1c_test") == ("numerator",)


def test_what_is_constant_by_itself_is_not_undecided() -> None:
    spec = made("{initial_population: {always: true}, numerator: {any: [{always: true}, {exists: test}]}}")
    assert undecided(spec, "a1c_test") == ()


def test_what_is_known_by_the_number_of_an_object_is_not_sent_to_other_processes() -> None:
    spec, meanings = made("{initial_population: {exists: visit}, numerator: {exists: test}}"), Meanings()
    meanings.of_measure(spec).of(spec.populations)
    assert vars(pickle.loads(pickle.dumps(meanings))) == vars(Meanings())
