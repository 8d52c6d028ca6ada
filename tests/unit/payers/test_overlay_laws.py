"""Laws of overlays, for any set of changes: nothing changed is canonical, inputs stay, order means nothing, no loss."""

from __future__ import annotations

import copy
import itertools
from functools import cache
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measureharmony.errors import SpecError
from measureharmony.measures.bind import bind
from measureharmony.measures.library import read_canonical
from measureharmony.measures.measure import Shared
from measureharmony.payers import Overlay, canonical_variant, resolve
from measureharmony.payers.apply import applied
from measureharmony.payers.change import Change, overlaps
from measureharmony.payers.divergence import divergence
from measureharmony.payers.parts import with_shared_parts
from measureharmony.payers.resolve import changed_measure, resolve_checked
from measureharmony.periods import Period
from measureharmony.spec_files import spec_folder
from tests.unit.payers.canonical import canonical, change, overlay, program

#: Changes of each measure that fit it in any combination, one of every kind that touches a measure.
PALETTE = {
    "bcs": [
        "set_parameter: {name: age_from, to: 50}",
        "set_parameter: {name: mammogram_lookback, to: 12}",
        "set_parameter: {name: frailty.age_from, to: 70}",
        "replace: {section: events, name: mammogram, with: {from: claims.mammogram, when: {end: mammogram}}}",
        "replace: {section: criteria, name: woman, with: {gender: female}}",
        "add_to: {population: denominator_exclusion, criterion: {moment: {point: death, in: period}}}",
        "add_to: {population: denominator, criterion: {enrolled: {window: period, payer: any}}}",
        "add_to: {population: denominator_exception, criterion: {exists: {kind: task, when: {start: period}}}}",
        "drop_from: {population: denominator_exclusion, criterion: palliative.received}",
        "drop_from: {population: initial_population, criterion: visits.adult_outpatient}",
        "replace_population: {population: numerator, with: {all: [screened, {not: hospice.received}]}}",
        "swap_value_set: {value_set: bilateral_mastectomy, with: total_colectomy}",
        'extend_value_set: {value_set: unilateral_mastectomy_left, with: ["CPT|19303"]}',
        "require_enrolment: {window: period, gaps: 1, gap_days: 45, anchor: period.end}",
        "drop_stratum: {stratum: age_42_51}",
        "add_stratum: {id: men, title: Men, criterion: {sex: male}}",
        "set_evidence: {rate: screened}",
    ],
    "gsd": [
        "set_parameter: {name: age_to, to: 80}",
        "set_parameter: {name: good_control_below, to: 7}",
        "replace: {section: criteria, name: diabetes, with: claims.diabetes_by_claims}",
        'extend_value_set: {value_set: hba1c_laboratory_test, with: ["LOINC|4549-2"]}',
        "swap_value_set: {value_set: nutrition_services, with: virtual_encounter}",
        "add_to: {population: numerator, rate: good_control, criterion: {exists: assessments}}",
        "add_to: {population: denominator_exclusion, criterion: {moment: {point: death, in: period}}}",
        "drop_from: {population: denominator_exclusion, criterion: frailty.nursing_home_66}",
        "drop_from: {population: numerator, rate: poor_control, criterion: no_assessment}",
        "require_enrolment: {window: period}",
        "set_direction: {rate: good_control, to: lower}",
    ],
}
PERIOD = Period.calendar_year(2026)


@st.composite
def some_changes(draw: st.DrawFn) -> tuple[str, list[Change]]:
    """A measure and changes of it that touch different things, in any order."""
    key = draw(st.sampled_from(sorted(PALETTE)))
    texts = draw(st.lists(st.sampled_from(PALETTE[key]), unique=True))
    return key, [change(text) for text in texts]


@cache
def untouched_shared() -> dict[str, Shared]:
    """The shared files read again, by nobody else's hand."""
    return dict(read_canonical(spec_folder() / "canonical").shared)


@pytest.mark.parametrize("key", ["bcs", "cbp", "ccs", "col", "gsd"])
def test_no_changes_give_exactly_the_canonical_measure(key: str) -> None:
    library = canonical()
    measure = library.measures[key]
    for without in (None, overlay(key)):
        variant = resolve(program(), without, measure, library.shared, 2026)
        assert variant.measure == canonical_variant(measure, PERIOD).measure
        assert variant.period == PERIOD


@given(some_changes())
def test_resolving_never_alters_its_inputs(drawn: tuple[str, list[Change]]) -> None:
    library, (key, changes) = canonical(), drawn
    contract, own, measure = program(), overlay(key, *changes), library.measures[key]
    before = copy.deepcopy((contract, own, measure))
    resolve(contract, own, measure, library.shared, 2026)
    assert (contract, own, measure) == before
    assert library.shared == untouched_shared()


@given(some_changes(), st.randoms(use_true_random=False))
def test_the_order_of_changes_means_nothing(drawn: tuple[str, list[Change]], chance: Random) -> None:
    library, (key, changes) = canonical(), drawn
    shuffled = list(changes)
    chance.shuffle(shuffled)
    one, other = (
        resolve_checked(program(), overlay(key, *order), library.measures[key], library.shared, 2026)
        for order in (changes, shuffled)
    )
    assert one == other


@given(some_changes())
def test_changes_of_different_things_commute_one_after_another(drawn: tuple[str, list[Change]]) -> None:
    """Applied one by one, in either direction: only the order inside a population's list may differ."""
    library, (key, changes) = canonical(), drawn
    start = with_shared_parts(library.measures[key], library.shared)
    forth, back = start, start
    for one in changes:
        forth = applied(forth, [one])
    for one in reversed(changes):
        back = applied(back, [one])
    assert divergence(forth, back) == ()
    assert divergence(back, forth) == ()


@given(some_changes())
def test_comparing_finds_the_overlays_changes_and_no_others(drawn: tuple[str, list[Change]]) -> None:
    library, (key, changes) = canonical(), drawn
    measure = library.measures[key]
    after = changed_measure(measure, library.shared, tuple(changes))
    found = [difference.path for difference in divergence(with_shared_parts(measure, library.shared), after)]
    # Where a measure has one rate, "every rate" and that rate are the same: overlapping paths name the same place.
    assert all(any(overlaps(path, one.path) for one in changes) for path in found)
    assert all(any(overlaps(path, one.path) for path in found) for one in changes)
    assert len(found) == len(changes)


@pytest.mark.parametrize(("key", "text"), [(key, text) for key, texts in PALETTE.items() for text in texts])
def test_two_changes_of_one_thing_are_an_error(key: str, text: str) -> None:
    library = canonical()
    twice = Overlay(overlay=key, edition=2026, changes=(change(text), change(text)))
    with pytest.raises(SpecError, match="change-conflict"):
        resolve(program(), twice, library.measures[key], library.shared, 2026)


def test_replacing_a_population_conflicts_with_changing_what_is_in_it() -> None:
    whole = change("replace_population: {population: numerator, with: screened}")
    inside = change("drop_from: {population: numerator, rate: screened, criterion: screened}")
    assert overlaps(whole.path, inside.path)
    assert list(overlay("bcs", whole, inside).conflicts()) == [(0, 1)]


def test_no_two_changes_of_the_palette_touch_the_same() -> None:
    for texts in PALETTE.values():
        for one, other in itertools.combinations([change(text) for text in texts], 2):
            assert not overlaps(one.path, other.path)


def test_what_is_bound_has_no_parameters_left() -> None:
    for measure in canonical().measures.values():
        assert "$" not in bind(measure).model_dump_json()
