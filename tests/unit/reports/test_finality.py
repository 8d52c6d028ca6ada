"""Whether rates may be called final, and the words in which it is said why not."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from measureharmony.measures.bind import bind
from measureharmony.payers.variant import CANONICAL, Variant
from measureharmony.periods import Period
from measureharmony.reports.finality import Finality, Shortfall
from measureharmony.reports.value_set_states import value_set_states
from measureharmony.value_sets import ValueSet, ValueSets
from tests.unit.measures.specs import measure

SPEC = """
events:
  visit: {kind: encounter, codes: [office_visit, home_visit]}
  test: {kind: observation, codes: [a1c_test]}
  hospice: {kind: encounter, codes: [hospice_stay]}
  palliative: {kind: encounter, codes: [palliative_care]}
populations:
  initial_population: {exists: visit}
  denominator_exclusion: {any: [{exists: hospice}, {exists: palliative}]}
  numerator: {exists: test}
strata: [{id: in_hospice, title: In hospice, criterion: {exists: hospice}}]
"""
YEAR = Period(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
NAMES = ("office_visit", "home_visit", "a1c_test", "hospice_stay", "palliative_care")


def sets(**states: str) -> ValueSets:
    """All value sets of the measure: loaded and complete, or as ``states`` says: ``missing``, ``open``, ``partial``."""
    return ValueSets(tuple(made(name, states.get(name, "complete")) for name in NAMES))


def made(name: str, state: str) -> ValueSet:
    codes = frozenset() if state == "missing" else frozenset({("urn:x", name)})
    source = "shipped" if state in ("missing", "open") else "ours.csv"
    return ValueSet(name, "", name, codes, source=source, completeness="complete" if state == "complete" else "partial")


def variant(program: str = CANONICAL) -> Variant:
    return Variant(program, bind(measure(SPEC)), YEAR)


def why_not(stratum: str = "", as_of: dt.date | None = None, **states: str) -> str:
    return Finality([variant()], sets(**states), as_of).why_not(CANONICAL, "m", "met", stratum)


def test_complete_sets_and_a_period_that_is_over_make_a_rate_final() -> None:
    assert why_not() == ""
    assert why_not(as_of=YEAR.end) == ""


def test_a_period_that_is_not_over_keeps_it_from_being_final() -> None:
    assert why_not(as_of=dt.date(2026, 12, 30)) == "the period ends on 2026-12-31"


@pytest.mark.parametrize(("number", "words"), [(1, "1 disputed change"), (2, "2 disputed changes")])
def test_a_rate_that_rests_on_disputed_changes_is_not_final(number: int, words: str) -> None:
    disputed = Variant("acme", bind(measure(SPEC)), YEAR, disputed={"met": number})
    finality = Finality([variant(), disputed], sets(), YEAR.end)
    assert finality.why_not("acme", "m", "met") == words
    assert finality.why_not(CANONICAL, "m", "met") == ""


def test_sets_without_codes_are_named_with_the_populations_that_need_them() -> None:
    assert why_not(home_visit="missing") == "no codes: home_visit (initial population)"
    assert why_not(a1c_test="missing") == "undecided without codes: numerator; no codes: a1c_test (numerator)"


def test_open_codes_are_counted_and_cut_short_files_are_named() -> None:
    assert why_not(home_visit="open", a1c_test="open") == "open codes only: 2 value sets"
    assert why_not(home_visit="partial", a1c_test="open") == "not all codes: home_visit; open codes only: 1 value set"


def test_one_way_to_an_exclusion_may_be_missing_but_not_every_way() -> None:
    assert why_not(hospice_stay="missing") == ""
    assert why_not(hospice_stay="missing", palliative_care="missing") == (
        "no codes: hospice_stay (denominator exclusion), palliative_care (denominator exclusion)"
    )


def test_a_stratum_needs_what_it_asks_for() -> None:
    assert why_not("in_hospice", hospice_stay="missing") == "no codes: hospice_stay (stratum)"


def test_many_names_are_cut_short() -> None:
    told = str(Shortfall({f"s{number}": ("numerator",) for number in range(8)}))
    assert told.endswith("s4 (numerator) and 3 more")


def test_a_gap_says_what_is_lacking_for_those_it_counts_for() -> None:
    finality = Finality([variant(), variant("acme")], sets(a1c_test="open"), dt.date(2026, 6, 30))
    gaps = pa.table({"measure": ["m", "m"], "rate": ["met", "met"], "programs": ["acme", ""], "unified": [True, True]})
    assert finality.of_gaps(gaps)["not_final_because"].to_pylist() == ["open codes only: 1 value set"] * 2


def test_the_states_of_a_measures_sets() -> None:
    table = value_set_states([variant(), variant("acme")], sets(a1c_test="missing", home_visit="open"))
    rows = {str(row["value_set"]): row for row in table.to_dicts()}
    assert list(rows) == sorted(NAMES)
    test, hospice = rows["a1c_test"], rows["hospice_stay"]
    assert (test["state"], test["codes"], test["indispensable_for"], test["populations"]) == (
        "missing",
        0,
        "met",
        "numerator",
    )
    assert (hospice["state"], hospice["source"], hospice["indispensable_for"]) == ("complete", "ours.csv", "")
    assert test["programs"] == "canonical acme"
    assert set(table.columns) == set(table.to_arrow().column_names)
