"""What each kind of change does to a measure."""

from __future__ import annotations

import pytest

from measureharmony.measures.criterion import CriterionRef
from measureharmony.measures.event_set import EventSet
from measureharmony.measures.measure import Measure
from measureharmony.payers.apply import JOINS, members
from measureharmony.payers.check import findings
from measureharmony.payers.context import Context
from measureharmony.payers.parts import with_shared_parts
from measureharmony.payers.resolve import changed_measure
from tests.unit.payers.canonical import canonical, change, overlay, program


def changed(key: str, *texts: str) -> Measure:
    library = canonical()
    changes = overlay(key, *texts)
    context = Context(library.measures[key], library.shared, program())
    assert findings(changes, context) == []
    return changed_measure(library.measures[key], library.shared, changes.changes)


def population(measure: Measure, name: str, rate: int = 0) -> tuple[CriterionRef, ...]:
    return members(measure.population(measure.rates[rate], name), JOINS[name])


def canonical_population(key: str, name: str, rate: int = 0) -> tuple[CriterionRef, ...]:
    return population(canonical().measures[key], name, rate)


def test_a_parameter_gets_its_value_and_keeps_everything_else() -> None:
    before, after = canonical().measures["bcs"], changed("bcs", "set_parameter: {name: age_from, to: 50}")
    assert after.parameters["age_from"].value == 50
    assert after.parameters["age_from"].text == before.parameters["age_from"].text
    assert after.model_copy(update={"parameters": before.parameters}) == before


def test_replacing_a_part_brings_in_the_shared_parts_it_names() -> None:
    text = "replace: {section: events, name: mammogram, with: {from: claims.mammogram, when: {end: mammogram}}}"
    after = changed("bcs", text)
    assert after.events["mammogram"].from_ == ("claims.mammogram",)
    assert isinstance(after.events["claims.mammogram"], EventSet)
    assert "claims.done" in after.filters
    assert "claims.hba1c_above_9_code" not in after.events


def test_parameters_of_a_shared_part_brought_in_can_be_set() -> None:
    after = changed(
        "cbp",
        "replace: {section: criteria, name: hypertension, with: claims.hypertension_two_visits}",
        "set_parameter: {name: claims.hypertension_visits, to: 3}",
    )
    assert after.parameters["claims.hypertension_visits"].value == 3


def test_a_defined_part_can_be_used_by_other_changes() -> None:
    after = changed(
        "bcs",
        "define: {section: criteria, name: older, with: {age: {at: period.end, from: 70}}}",
        "add_to: {population: denominator_exclusion, criterion: older}",
    )
    assert population(after, "denominator_exclusion")[-1] == "older"
    assert "older" in after.criteria


def test_added_exclusions_join_by_any_and_added_denominators_by_all() -> None:
    extra = "{enrolled: {window: period}}"
    excluded = changed("bcs", f"add_to: {{population: denominator_exclusion, criterion: {extra}}}")
    narrowed = changed("bcs", f"add_to: {{population: initial_population, criterion: {extra}}}")
    assert excluded.populations.denominator_exclusion.any is not None  # type: ignore[union-attr]
    assert narrowed.populations.initial_population.all is not None  # type: ignore[union-attr]


def test_strata_come_and_go_by_their_ids() -> None:
    texts = ["drop_stratum: {stratum: age_42_51}", "add_stratum: {id: men, title: Men, criterion: {sex: male}}"]
    after = changed("bcs", *texts)
    assert [stratum.id for stratum in after.strata] == ["age_52_74", "men"]


def test_a_direction_is_said_of_one_rate_or_of_all() -> None:
    one, every = (changed("gsd", f"set_direction: {{{rate}to: lower}}") for rate in ("rate: good_control, ", ""))
    assert [one.direction_of(rate) for rate in one.rates] == ["lower", "lower"]
    assert [every.direction_of(rate) for rate in every.rates] == ["lower", "lower"]


def test_evidence_is_replaced_or_left_to_the_numerator() -> None:
    shown = changed("gsd", "set_evidence: {rate: poor_control, evidence: [assessments], values: [latest_assessment]}")
    assert (shown.rates[0].evidence, shown.rates[0].values) == (("assessments",), ("latest_assessment",))
    assert changed("bcs", "set_evidence: {rate: screened}").rates[0].evidence == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("set_direction: {to: higher}", "change-no-effect"),
        ("set_direction: {rate: screening, to: lower}", "change-unknown-rate"),
        ("set_evidence: {rate: screened, evidence: [mammogram]}", "change-no-effect"),
        ("set_evidence: {rate: screening}", "change-unknown-rate"),
        ("add_stratum: {id: age_42_51, title: Again, criterion: {sex: male}}", "change-already-defined"),
        ("drop_stratum: {stratum: age_40_49}", "change-nothing-to-drop"),
    ],
)
def test_strata_directions_and_evidence_that_do_not_fit(text: str, code: str) -> None:
    library = canonical()
    context = Context(library.measures["bcs"], library.shared, program())
    assert [found.code for found in findings(overlay("bcs", text), context)] == [code]


def test_a_population_that_was_not_there_is_the_added_criterion() -> None:
    after = changed("bcs", "add_to: {population: denominator_exception, criterion: hospice.received}")
    assert after.populations.denominator_exception == "hospice.received"


def test_dropping_takes_one_criterion_and_leaves_the_others_in_order() -> None:
    before = canonical_population("bcs", "denominator_exclusion")
    after = changed("bcs", "drop_from: {population: denominator_exclusion, criterion: hospice.received}")
    assert population(after, "denominator_exclusion") == before[1:]


def test_a_change_for_every_rate_reaches_the_rates_own_populations() -> None:
    after = changed("gsd", "add_to: {population: numerator, criterion: hospice.received}")
    for rate in (0, 1):
        assert population(after, "numerator", rate) == (
            *canonical_population("gsd", "numerator", rate),
            "hospice.received",
        )


def test_a_change_for_one_rate_leaves_the_other_alone() -> None:
    text = "add_to: {population: denominator_exclusion, rate: good_control, criterion: no_assessment}"
    after = changed("gsd", text)
    assert population(after, "denominator_exclusion", 0) == canonical_population("gsd", "denominator_exclusion")
    assert population(after, "denominator_exclusion", 1)[-1] == "no_assessment"


def test_dropping_all_of_one_rates_population_means_nobody_not_as_the_measure_has_it() -> None:
    drops = [
        f"drop_from: {{population: denominator_exclusion, rate: good_control, criterion: {name}}}"
        for name in canonical_population("gsd", "denominator_exclusion")
    ]
    after = changed("gsd", *drops)
    own = after.rates[1].populations.denominator_exclusion
    assert own is not None
    assert not isinstance(own, str)
    assert own.always is False


def test_swaps_do_not_chain_and_do_not_reach_what_the_overlay_writes() -> None:
    after = changed(
        "col",
        "swap_value_set: {value_set: colonoscopy, with: flexible_sigmoidoscopy}",
        "swap_value_set: {value_set: flexible_sigmoidoscopy, with: ct_colonography}",
        "replace: {section: events, name: stool_dna_test, with: {kind: procedure, codes: [colonoscopy]}}",
    )
    assert after.events["colonoscopy"].codes == ("flexible_sigmoidoscopy",)
    assert after.events["sigmoidoscopy"].codes == ("ct_colonography",)
    assert after.events["stool_dna_test"].codes == ("colonoscopy",)


def test_an_extended_value_set_stands_beside_its_additions() -> None:
    after = changed("gsd", 'extend_value_set: {value_set: diabetes, with: ["ICD10CM|O24.9"]}')
    assert after.events["diabetes"].codes == ("diabetes", "ICD10CM|O24.9")


def test_enrolment_joins_the_initial_population() -> None:
    after = changed("bcs", "require_enrolment: {window: period, gaps: 1, gap_days: 45, anchor: period.end}")
    last = population(after, "initial_population")[-1]
    assert not isinstance(last, str)
    assert last.enrolled is not None
    assert (last.enrolled.gaps, last.enrolled.gap_days, str(last.enrolled.anchor)) == (1, 45, "period.end")
    assert last.enrolled.payer == "own"


def test_chosen_rates_stay_in_the_measures_order() -> None:
    assert [rate.id for rate in changed("gsd", "choose_rates: {rates: good_control}").rates] == ["good_control"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "set_parameter: {name: age_from, to: 52}",
            "Youngest age on the last day of the period: 52 years instead of 42",
        ),
        (
            "require_enrolment: {window: period, gaps: 1, gap_days: 45, anchor: period.end}",
            "Enrolled with the payer in the period, but for at most 1 gap of at most 45 days, and on the last day of "
            "the period",
        ),
        (
            "drop_from: {population: denominator_exclusion, criterion: palliative.received}",
            "No longer excluded from the denominator: palliative: received",
        ),
        ("add_to: {population: numerator, criterion: {exists: {kind: procedure}}}", "Also met by: has procedure"),
        (
            "replace_population: {population: numerator, rate: screened, with: a}",
            "Numerator is now: a (rate screened only)",
        ),
        ("swap_value_set: {value_set: a, with: b}", "Value set a replaced by b"),
        ('extend_value_set: {value_set: a, with: "LOINC|1-8"}', "Beside value set a, also: LOINC|1-8"),
        (
            "restrict_sources: {population: numerator, sources: [claim, supplemental_standard]}",
            "Evidence for the numerator only from: claim, supplemental standard",
        ),
        ("shift_period: {start: 07-01}", "Measured over 12 months from 07-01"),
        ("set_cut_off: {claims: 2027-03-31}", "Last day for claims 2027-03-31"),
        ("choose_rates: {rates: [screened]}", "Only the rates: screened"),
        ("set_direction: {to: lower}", "Lower is better"),
        ("set_direction: {rate: screened, to: lower}", "Lower is better (rate screened only)"),
        ("set_evidence: {rate: screened, evidence: [mammogram]}", "Evidence of screened: mammogram"),
        ("set_evidence: {rate: screened}", "Evidence of screened: what the numerator asks for"),
        ("add_stratum: {id: men, title: Men, criterion: {sex: male}}", "Also reported by itself: Men"),
        ("drop_stratum: {stratum: age_42_51}", "No longer reported by itself: 42 to 51 years"),
        ("set_target: {rate: screened, at_least: 0.62}", "Target for screened: at least 62 %"),
        (
            'set_payment: {rate: screened, per_gap: "25.00"}',
            "Pays 25.00 USD for each closed gap of screened, annual",
        ),
        (
            "define: {section: criteria, name: older, with: {age: {at: period.end, from: 70}}}",
            "Criterion older is new: aged 70 and over on the last day of the period",
        ),
        (
            "define: {section: anchors, name: left, with: {enrolled: {from: period.start, gap_days: 30}}}",
            "Anchor left is new: the last day of coverage with the payer, but for gaps of at most 30 days, continuous "
            "from the first day of the period on",
        ),
        (
            "define: {section: events, name: stays, with: {kind: encounter, take: {chain: last, days: 1}}}",
            "Set of events stays is new: encounter; of these the last of each chain in which one starts within 1 day",
        ),
        (
            "define: {section: windows, name: w, with: {from: birth, to: [period.end, death]}}",
            "Window w is new: from birth to the earliest of the last day of the period and death",
        ),
        (
            "replace: {section: windows, name: w, with: {to: period.end}}",
            "Window w is now until the last day of the period",
        ),
    ],
)
def test_every_change_says_in_words_what_it_does(text: str, sentence: str) -> None:
    library = canonical()
    everything = with_shared_parts(library.measures["bcs"], library.shared)
    assert change(text).sentence(everything) == sentence
