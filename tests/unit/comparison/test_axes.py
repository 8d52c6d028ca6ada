"""Each kind of change is found on its axis and on no other, with its values, its sentence and its source."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from measureharmony import comparison
from measureharmony.comparison import TITLES, Axis, compare
from measureharmony.comparison.version import version_of
from measureharmony.measures.event_set import CHOICES
from measureharmony.measures.measure import SECTIONS, Measure, Rate
from measureharmony.measures.names import Model
from measureharmony.measures.window import RELATIONS
from measureharmony.payers import Programs
from measureharmony.payers.attribution_rule import AttributionTerms
from tests.generative.measures import KEYS
from tests.unit.comparison.compared import differences, specs_with

#: Measure, changes, and what is found: axis, before and after in words, sentence (or its beginning).
CASES: list[tuple[Axis, str, list[str], str]] = [
    (Axis.AGE, "bcs", ["set_parameter: {name: age_from, to: 50}"], "Women of 50 to 74 instead of 42 to 74"),
    (
        Axis.AGE, "gsd", ["replace: {section: criteria, name: age, with: {age: {at: period.end, from: 20}}}"],
        "People of 20 and over instead of 18 to 75",
    ),
    (
        Axis.AGE_AS_OF, "gsd",
        ["replace: {section: criteria, name: age, with: {age: {at: period.start, from: $age_from, to: $age_to}}}"],
        "Age: age is taken on the first day of the period instead of the last day of the period",
    ),
    (
        Axis.SEX, "bcs", ["replace: {section: criteria, name: woman, with: {gender: female}}"],
        "Woman: gender is female instead of sex is female",
    ),
    (
        Axis.PERIOD, "bcs", ["shift_period: {start: 07-01, named_for: end}"],
        "Measured from 1 July 2025 to 30 June 2026 instead of 1 January 2026 to 31 December 2026",
    ),
    (
        Axis.TRIGGER, "cbp", ["replace: {section: criteria, name: hypertension, with: claims.hypertension_two_visits}"],
        "Hypertension: has at least 2 of claims: hypertension visit on different days instead of has hypertension",
    ),
    (
        Axis.VISIT, "bcs", ["drop_from: {population: initial_population, criterion: visits.adult_outpatient}"],
        "Counted also without: visits: adult outpatient",
    ),
    (
        Axis.ENROLMENT, "bcs", ["require_enrolment: {window: period, gaps: 1, gap_days: 45}"],
        "Counted only if also: enrolled with the payer in the period, but for at most 1 gap of at most 45 days",
    ),
    (
        Axis.EXCLUSION, "bcs", ["drop_from: {population: denominator_exclusion, criterion: palliative.received}"],
        "No longer excluded from the denominator: palliative: received",
    ),
    (
        Axis.EXCLUSION, "cbp",
        ["drop_from: {population: denominator_exclusion, criterion: frailty.frailty_66_to_80_or_81}"],
        "No longer excluded from the denominator: frailty: frailty 66 to 80 or 81",
    ),
    (
        Axis.EXCLUSION, "bcs", ["set_parameter: {name: frailty.age_from, to: 70}"], "",
    ),
    (
        Axis.EXCEPTION, "bcs",
        ["add_to: {population: denominator_exception, criterion: {exists: {kind: task, when: {start: period}}}}"],
        "Also an exception: has task; starting in the period",
    ),
    (
        Axis.NUMERATOR, "bcs", ["add_to: {population: numerator, criterion: {exists: claims.mammogram}}"],
        "Also met by: has claims: mammogram",
    ),
    (
        Axis.THRESHOLD, "gsd", ["set_parameter: {name: good_control_below, to: 7}"],
        "Latest below: below 7 % instead of below 8 %",
    ),
    (
        Axis.BOUNDARY, "gsd",
        ['replace: {section: criteria, name: latest_below, with: {exists: {from: latest_assessment, where: '
         '{value: {type: quantity, at_most: $good_control_below, unit: "%"}}}}}'],
        "Latest below: 8 % itself counts",
    ),
    (
        Axis.READING, "gsd",
        ['replace: {section: events, name: latest_assessment, with: {from: assessments, take: [{last_day: latest}, '
         '{highest: value, unit: "%", missing: first}]}}'],
        "",
    ),
    (
        Axis.MISSING_RESULT, "gsd",
        ['replace: {section: events, name: latest_assessment, with: {from: assessments, take: [{last_day: latest}, '
         '{lowest: value, unit: "%", missing: last}]}}'],
        "Latest assessment: one without a number is passed over",
    ),
    (
        Axis.MISSING_RESULT, "gsd",
        ["drop_from: {population: numerator, rate: poor_control, criterion: no_assessment}"],
        "No longer met by: no assessment",
    ),
    (
        Axis.SETTING, "cbp",
        ['replace: {section: events, name: visit_of_acute_class, with: {kind: encounter, role: class, '
         'codes: ["*|EMER"]}}'],
        "Visit of acute class: no longer",
    ),
    (
        Axis.LOOKBACK, "bcs", ["set_parameter: {name: mammogram_lookback, to: 12}"],
        "Mammogram: ending from 12 (instead of 15) months before the first day of the period to the last day of the "
        "period",
    ),
    (
        Axis.VALUE_SET, "gsd", ['extend_value_set: {value_set: hba1c_laboratory_test, with: ["LOINC|4549-2"]}'],
        "Assessments: also LOINC|4549-2",
    ),
    (
        Axis.VALUE_SET, "bcs", ["swap_value_set: {value_set: bilateral_mastectomy, with: total_colectomy}"],
        "Bilateral mastectomy: total colectomy instead of bilateral mastectomy",
    ),
    (
        Axis.RECORD, "bcs",
        ["replace: {section: filters, name: status.diagnostic_study_performed, with: {status: final}}"], "",
    ),
    (
        Axis.SOURCE, "bcs", ["restrict_sources: {population: numerator, sources: [claim]}"],
        "Evidence for the numerator: claim instead of any source",
    ),
    (
        Axis.CUT_OFF, "bcs", ["set_cut_off: {claims: 2027-03-31}"],
        "Last day for claims: 31 March 2027; before, there was none",
    ),
    (Axis.DIRECTION, "bcs", ["set_direction: {to: lower}"], "A lower rate is better instead of a higher one"),
    (
        Axis.DIRECTION, "gsd", ["set_direction: {rate: good_control, to: lower}"],
        "A lower rate of good control is better instead of a higher one",
    ),
    (
        Axis.RATES, "gsd", ["choose_rates: {rates: [good_control]}"],
        "Rates: good control instead of poor control and good control",
    ),
    (Axis.STRATA, "bcs", ["drop_stratum: {stratum: age_42_51}"], "No longer reported by itself: 42 to 51 years"),
    (
        Axis.STRATA, "bcs", ["add_stratum: {id: men, title: Men, criterion: {sex: male}}"],
        "Also reported by itself: Men",
    ),
    (Axis.EVIDENCE, "bcs", ["set_evidence: {rate: screened}"], "Shown as evidence: what the numerator asks for"),
    (
        Axis.TARGET, "bcs", ["set_target: {rate: screened, at_least: 0.62}"],
        "Target of screened: at least 62 %; before, there was none",
    ),
    (
        Axis.PAYMENT, "bcs", ['set_payment: {rate: screened, per_gap: "25.00"}'],
        "Payment of screened: 25.00 USD for each closed gap, annual; before, there was none",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("axis", "measure", "changes", "sentence"), CASES)
def test_a_change_is_found_on_its_axis_and_cited(axis: Axis, measure: str, changes: list[str], sentence: str) -> None:
    found = differences(measure, *changes)
    assert {one.axis for one in found} == {axis}
    assert all(one.sentence.startswith(sentence) for one in found)
    assert all(one.before_words != one.after_words for one in found)
    assert all([cited.document for cited in one.citations] == ["Contract"] for one in found)
    assert all(one.effective for one in found)


def test_how_many_is_an_axis_of_its_own() -> None:
    replaced = "replace: {section: criteria, name: hypertension, with: claims.hypertension_two_visits}"
    parameter = "set_parameter: {name: claims.hypertension_visits, to: 3}"
    once, twice = (specs_with("cbp", *changes) for changes in ([replaced], [replaced, parameter]))
    old, new = (compare(specs, "canonical", "contract").of("cbp") for specs in (once, twice))
    assert [one.axis for one in (*old, *new)] == [Axis.TRIGGER, Axis.TRIGGER]
    assert "at least 3 of claims: hypertension visit" in new[0].sentence
    assert [cited.kind for cited in new[0].citations] == ["replace", "set_parameter"]


def test_a_benefit_is_one_where_both_ask_for_enrolment() -> None:
    asked = "replace: {section: criteria, name: woman, with: {enrolled: {window: period, benefits: [%s]}}}"
    specs = [specs_with("bcs", asked % benefit) for benefit in ("medical", "dental")]
    old, new = (version_of(one, "contract") for one in specs)
    found = compare(specs[1], old, new).of("bcs")
    assert [(one.axis, one.sentence) for one in found] == [(Axis.BENEFIT, "Woman: dental instead of medical")]
    assert len(found[0].citations) == 2


def test_membership_and_product_lines_are_the_contracts() -> None:
    found = compare(specs_with("bcs"), "canonical", "contract")
    assert [one.axis for one in found.of_contract] == [Axis.PRODUCT_LINE, Axis.MEMBERSHIP]
    assert [cited.kind for one in found.of_contract for cited in one.citations] == ["program", "program"]
    assert found.of("bcs") == ()


def test_what_a_program_pays_for_all_measures_together_is_the_contracts() -> None:
    source = {"document": "Contract", "page": 9}
    paid = {"id": "bonus", "flat": "100.00", "source": source}
    gate = {"id": "panel", "needs": {"members_at_least": 10}, "source": source}
    found = compare(specs_with("bcs", payments=[paid], gates=[gate]), "canonical", "contract")
    assert [one.sentence for one in found.of_contract if one.axis == Axis.PAYMENT] == [
        "Gate panel: at least 10 people, else nothing; before, there was none",
        "Payment bonus: 100.00 USD once, annual; before, there was none",
    ]


def test_the_rule_of_attribution_is_the_contracts_too() -> None:
    specs = specs_with("bcs", attribution={"rule": "allowed_amount", "groups": ["north"], "lookback": [{"months": 6}]})
    other = specs.programs.programs["contract"].model_copy(
        update={"program": "other", "attribution": AttributionTerms(groups=("south",))}
    )
    both = Programs({**specs.programs.programs, "other": other}, specs.programs.overlays)
    found = compare(replace(specs, programs=both), "contract", "other").of_contract
    assert [(one.axis, one.subject) for one in found] == [(Axis.MEMBERSHIP, "Attribution")]
    assert found[0].sentence == (
        "Attributed where no roster lists them: by primary care visits "
        "instead of by allowed amount with its own lookback"
    )


def test_a_threshold_and_its_boundary_are_two_differences() -> None:
    at_most = (
        "replace: {section: criteria, name: latest_below, with: {exists: {from: latest_assessment, where: "
        '{value: {type: quantity, at_most: 9, unit: "%"}}}}}'
    )
    found = differences("gsd", at_most)
    assert [(one.axis, one.sentence) for one in found] == [
        (Axis.THRESHOLD, "Latest below: at most 9 % instead of below 8 %"),
        (Axis.BOUNDARY, "Latest below: 9 % itself counts"),
    ]
    assert (found[0].before, found[0].after) == ({"value": 8.0, "unit": "%"}, {"value": 9.0, "unit": "%"})
    assert found[0].populations == ("numerator",)
    assert found[0].rates == ("good_control",)


def test_every_axis_has_a_title() -> None:
    assert set(TITLES) == set(Axis)


#: What says what a measure is called, where it comes from and how it is found: no meaning that could differ.
HEAD = {
    "measure", "title", "edition", "description", "identifiers", "steward", "domain", "aliases", "sources", "updated",
    "id", "min", "max", "narrows", "text", "action",
}  # fmt: skip


@pytest.mark.parametrize("model", [*KEYS, Measure, Rate], ids=lambda model: model.__name__)
def test_every_key_of_the_language_is_looked_at(model: type[Model]) -> None:
    """Whoever adds a key to the language says here what it means when it differs."""
    home = Path(comparison.__file__).parent
    source = "".join(path.read_text("utf-8") for path in sorted(home.glob("*.py")))
    read = {name for name in model.model_fields if re.search(rf'[."]{name}\b', source)}
    # The one choice of a step, and the one relation of a timing, are read by whatever name they have.
    assert set(model.model_fields) - read <= HEAD | {*SECTIONS, *CHOICES, *RELATIONS}
