"""From cells to typed changes: what is written, what equals the canonical measure, what is left to a person."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from measureharmony.intake import Intake
from tests.unit.intake.conftest import Taken

ONE_OF_EACH = ("bcs", "BCS-E", "Breast cancer screening")


def changes(intake: Intake, measure: str) -> list[tuple[str, Mapping[str, object]]]:
    """The changes of a draft: kind and what stands under it."""
    (draft,) = [draft for draft in intake.drafts if draft.key == measure]
    return [(said.change.kind, said.change.payload) for said, _ in draft.changes if said.change]


def result_of(intake: Intake, text: str) -> tuple[str, str]:
    """What became of the cell with this text."""
    (account,) = [account for account in intake.accounts if account.cell.text == text]
    return account.result, account.what


def one(taken: Taken, measure: str, heading: str, text: str | float) -> Intake:
    return taken([["Measure", heading], [measure, text]])


@pytest.mark.parametrize(
    ("measure", "heading", "text", "expected"),
    [
        ("BCS-E", "Age", "50-74", {"name": "age_from", "to": 50, "unit": "years"}),
        ("COL-E", "Minimum age", 45, {"name": "age_from", "to": 45, "unit": "years"}),
        ("COL-E", "Max age", "≤ 80", {"name": "age_to", "to": 80, "unit": "years"}),
        ("BCS-E", "Look-back", "24 months", {"name": "mammogram_lookback", "to": 12, "unit": "months"}),
        (
            "BCS-E",
            "Look-back",
            "24 months before the period",
            {"name": "mammogram_lookback", "to": 24, "unit": "months"},
        ),
        ("BCS-E", "Look-back (months)", 36, {"name": "mammogram_lookback", "to": 24, "unit": "months"}),
        ("COL-E", "Look-back", "FIT-DNA every 2 years", {"name": "stool_dna_test_lookback", "to": 1, "unit": "years"}),
        ("COL-E", "Look-back", "FIT 2 years", {"name": "stool_blood_test_lookback", "to": 1, "unit": "years"}),
        ("CBP", "Threshold", "< 150/90", {"name": "systolic_below", "to": 150, "unit": "mm[Hg]"}),
        ("CBP", "Threshold", "Diastolic below 80", {"name": "diastolic_below", "to": 80, "unit": "mm[Hg]"}),
        ("SPC", "Age", "Men 25-75; women 40-75", {"name": "men_age_from", "to": 25, "unit": "years"}),
        ("PDC-STA", "Threshold", "≥ 85 %", {"name": "adherence.adherent_from", "to": 0.85}),
        ("WCV", "Enrollment", "1 gap of up to 30 days", {"name": "enrolment.gap_days", "to": 30, "unit": "days"}),
        ("CCS-E", "Youngest age at a papillomavirus test", 25, {"name": "hpv_age", "to": 25, "unit": "years"}),
    ],
)
def test_parameters(taken: Taken, measure: str, heading: str, text: str | float, expected: dict[str, object]) -> None:
    intake = one(taken, measure, heading, text)
    assert [(kind, dict(payload)) for kind, payload in changes(intake, intake.drafts[0].key)] == [
        ("set_parameter", expected)
    ]


@pytest.mark.parametrize(
    ("measure", "heading", "text"),
    [
        ("BCS-E", "Age", "42 to 74"),
        ("BCS-E", "Look-back", "27 months"),
        ("COL-E", "Look-back", "Colonoscopy 10 years; FIT annually; sigmoidoscopy 5 years; FIT-DNA 3 years"),
        ("CCS-E", "Look-back", "Pap 3 years; HPV 5 years"),
        ("CBP", "Threshold", "< 140/90 mmHg"),
        ("EED", "Look-back", "measurement year or the year prior"),
        ("WCV", "Enrollment", "Continuous, 1 gap ≤45 days, anchor 12/31"),
        ("BCS-E", "Enrollment", "none"),
        ("PDC-STA", "Threshold", "80%"),
    ],
)
def test_what_equals_the_canonical_measure_is_no_change(taken: Taken, measure: str, heading: str, text: str) -> None:
    intake = one(taken, measure, heading, text)
    assert changes(intake, intake.drafts[0].key) == []
    assert result_of(intake, text)[0] == "equal"


def test_another_boundary_says_the_criterion_anew(taken: Taken) -> None:
    intake = one(taken, "HbA1c good control", "Threshold", "≤ 9 %")
    kinds = dict(changes(intake, "gsd"))
    assert kinds["choose_rates"] == {"rates": ["good_control"]}
    test = {"type": "quantity", "at_most": 9, "unit": "%"}
    expected = {"exists": {"from": "latest_assessment", "where": {"value": test}}}
    assert kinds["replace"] == {"section": "criteria", "name": "latest_below", "with": expected}
    assert "does exactly 9 count?" in intake.files["payers/acme/gsd.yaml"]


def test_a_threshold_in_the_name_chooses_the_rate(taken: Taken) -> None:
    intake = taken([["Measure", "Goal"], ["HbA1c control (<8.0 %)", "60%"]])
    assert changes(intake, "gsd") == [
        ("choose_rates", {"rates": ["good_control"]}), ("set_target", {"rate": "good_control", "at_least": 0.6}),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["HbA1c good control, people over 65 (GSD)", "A1c good control under 18 years (GSD)"])
def test_an_age_in_the_name_is_no_threshold(taken: Taken, name: str) -> None:
    intake = taken([["Measure", "Goal"], [name, "60%"]])
    assert [kind for kind, _ in changes(intake, "gsd")] == ["choose_rates", "set_target"]


def test_rates_of_two_rows_are_one_measure(taken: Taken) -> None:
    rows = [["Measure", "Goal"], ["HbA1c poor control (GSD)", "20 %"], ["HbA1c good control (GSD)", "60 %"]]
    assert changes(taken(rows), "gsd") == [
        ("set_target", {"rate": "poor_control", "at_most": 0.2}),
        ("set_target", {"rate": "good_control", "at_least": 0.6}),
    ]


def test_the_complement_of_a_rate_is_turned_round_and_asked_about(taken: Taken) -> None:
    intake = one(taken, "HbA1c poor control", "Goal", "80 %")
    assert dict(changes(intake, "gsd"))["set_target"] == {"rate": "poor_control", "at_most": 0.2}
    assert "one minus the rate" in intake.files["payers/acme/gsd.yaml"]


def test_an_enrolment_rule(taken: Taken) -> None:
    text = "Measurement year and the year prior; 1 gap ≤45 days; anchor 12/31; medical and pharmacy benefit"
    expected = {
        "window": {"from": "period.start - 1 year", "to": "period.end"}, "gaps": 1, "gap_days": 45,
        "anchor": "period.end", "benefits": ["medical", "pharmacy"],
    }  # fmt: skip
    assert changes(one(taken, "BCS-E", "Enrollment", text), "bcs") == [("require_enrolment", expected)]


def test_an_enrolment_rule_in_several_columns(taken: Taken) -> None:
    rows = [["Measure", "Gaps allowed", "Gap days", "Anchor date"], ["BCS-E", 1, 45, "12/31/2026"]]
    expected = {"window": "period", "gaps": 1, "gap_days": 45, "anchor": "period.end"}
    assert changes(taken(rows), "bcs") == [("require_enrolment", expected)]


def test_targets_tiers_and_smallest_number_are_one_change(taken: Taken) -> None:
    rows = [["Measure", "3 Star", "4 Star", "5 Star", "Min denominator"], ["BCS-E", 0.6, 0.7, "80 %", 30]]
    tiers = [{"id": f"star_{n}", "at_least": share} for n, share in ((3, 0.6), (4, 0.7), (5, 0.8))]
    expected = {"rate": "screened", "at_least": 0.6, "tiers": tiers, "minimum_denominator": 30}
    assert changes(taken(rows), "bcs") == [("set_target", expected)]


def test_payments(taken: Taken) -> None:
    intake = one(taken, "BCS-E", "Incentive", "$25 per closed gap, quarterly")
    expected = {"rate": "screened", "per_gap": "25.00", "frequency": "quarterly"}
    assert changes(intake, "bcs") == [("set_payment", expected)]


def test_last_days_of_most_rows_are_the_programs(taken: Taken) -> None:
    rows = [["Measure", "Claims deadline"], ["BCS-E", "3/31/2027"], ["COL-E", "3/31/2027"], ["CBP", "1/31/2027"]]
    intake = taken(rows)
    assert "cut_offs: {claims: 2027-03-31}" in intake.files["payers/acme/program.yaml"]
    assert changes(intake, "bcs") == []
    assert [kind for kind, _ in changes(intake, "cbp")] == ["set_cut_off"]


def test_another_period_is_a_change_where_most_have_the_usual_one(taken: Taken) -> None:
    rows = [["Measure", "Period"], ["BCS-E", "CY 2026"], ["COL-E", "CY 2026"], ["CBP", "7/1/2026 – 6/30/2027"]]
    assert changes(taken(rows), "cbp") == [("shift_period", {"start": "07-01"})]


def test_a_lookback_reckons_with_the_rows_own_period(taken: Taken) -> None:
    rows = [["Measure", "Look-back", "Period"], ["BCS-E", "27 months", "1/1/2026 – 6/30/2026"]]
    assert ("set_parameter", {"name": "mammogram_lookback", "to": 21, "unit": "months"}) in changes(taken(rows), "bcs")


def test_the_source_is_the_payers_page_where_the_sheet_has_one(taken: Taken) -> None:
    intake = taken([["Measure", "Age", "Page", "Source document"], ["BCS-E", "50-74", 12, "Manual 2026"]])
    text = intake.files["payers/acme/bcs.yaml"]
    assert "source: {document: Manual 2026, page: 12}" in text
    assert "Cell S!B2 (Age) says: 50-74" in text
    assert "status: assumed" in text


def test_an_effective_date_holds_for_its_row(taken: Taken) -> None:
    intake = taken([["Measure", "Age", "Effective date"], ["BCS-E", "50-74", "7/1/2026"]])
    assert "effective: 2026-07-01" in intake.files["payers/acme/bcs.yaml"]


@pytest.mark.parametrize(
    ("measure", "heading", "text", "why"),
    [
        ("BCS-E", "Age", "adults", "no age is found"),
        ("BCS-E", "Age", "50-74 as of January 1", "counts the age on the first day"),
        ("BCS-E", "Age", "left-handed women 42-74", "it also says"),
        ("BCS-E", "Age", "5-74", "was not written: age_from"),
        ("AMM", "Age", "18-64", "the measure bounds only age_from"),
        ("COL-E", "Look-back", "10 years", "it may mean stool_blood_test_lookback or"),
        ("COL-E", "Look-back", "Colonoscopy 30 months", "cannot be said in whole years"),
        ("BCS-E", "Look-back", "6 months", "shorter than the measurement period"),
        ("BCS-E", "Threshold", "< 8 %", "the measure has no parameter for it"),
        ("CBP", "Threshold", "< 8 %", "is not in mm[Hg]"),
        ("BCS-E", "Goal", "75th percentile", "no share between 0 and 100 %"),
        ("FUH", "Goal", "45 %", "which rate is meant: within_7, within_30?"),
        ("BCS-E", "Incentive", "$1.50 PMPM", "not paid for each closed gap"),
        ("BCS-E", "Incentive", "$10 to $20", "2 amounts of money"),
        ("BCS-E", "Claims deadline", "end of March", "no day with its year"),
        ("BCS-E", "Period", "rolling", "no measurement period"),
        ("BCS-E", "Effective date", "soon", "not one day"),
        ("BCS-E", "Enrollment", "30 days after discharge", "not about the measurement period"),
        ("BCS-E", "Enrollment", "1 gap allowed", "does not say how long"),
        ("WCV", "Enrollment", "none", "drop its criterion by hand"),
        ("OMW", "Enrollment", "1 gap of 45 days", "has its own enrolment rule"),
        ("BCS-E", "Data source", "good ones", "no source of evidence"),
        ("BCS-E", "Goal", "#N/A", "a spreadsheet's error"),
        ("BCS-E", "Favourite colour", "red", "no parameter of the measure is like"),
    ],
)
def test_what_cannot_be_placed_is_listed_with_the_reason(
    taken: Taken, measure: str, heading: str, text: str, why: str
) -> None:
    intake = taken([["Measure", heading, "Weight"], [measure, text, "1"]] if "Fav" not in heading else
                   [["Measure", "Age", heading], [measure, "42-74", text]])  # fmt: skip
    result, what = result_of(intake, text)
    assert result in ("not understood", "partly placed")
    assert why in what
    assert text in intake.files[f"payers/acme/{intake.drafts[0].key}.yaml"]


def test_two_cells_that_contradict_each_other(taken: Taken) -> None:
    intake = taken([["Measure", "Age", "Minimum age"], ["BCS-E", "50-74", 45]])
    assert changes(intake, "bcs") == [("set_parameter", {"name": "age_from", "to": 50, "unit": "years"})]
    assert "S!B2 says otherwise" in result_of(intake, "45")[1]


def test_exclusions_are_compared_by_name_and_nothing_is_dropped(taken: Taken) -> None:
    intake = one(taken, "BCS-E", "Exclusions", "Hospice; bilateral mastectomy; left-handedness")
    assert changes(intake, "bcs") == []
    text = intake.files["payers/acme/bcs.yaml"]
    assert "'left-handedness' is like no exclusion" in text
    assert "does not name these canonical exclusions" in text


def test_notes_and_comments_are_kept(taken: Taken) -> None:
    intake = taken([["Measure", "Age", "Comments"], ["BCS-E", "42-74", "2D or 3D"], ["* Subject to change."]])
    assert "under 'Comments': 2D or 3D" in intake.files["payers/acme/bcs.yaml"]
    assert "Subject to change." in intake.files["payers/acme/program.yaml"]


def test_a_note_for_all_measures_is_read_for_each(taken: Taken) -> None:
    rows = [["Measure", "Age"], ["BCS-E", "50-74"], ["COL-E", "50-75"],
            ["All measures require continuous enrollment, no more than one gap of 45 days, Dec 31, medical"],
            ["Claims received by 3/31/2027 and charts by 2/28/2027 count."]]  # fmt: skip
    intake = taken(rows, "A4:B4", "A5:B5")
    assert [kind for kind, _ in changes(intake, "col")] == ["set_parameter", "require_enrolment"]
    assert "cut_offs: {claims: 2027-03-31, supplemental: 2027-02-28}" in intake.files["payers/acme/program.yaml"]
