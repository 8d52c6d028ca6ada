"""Which canonical measure a payer's row means: identifiers first, then names."""

from __future__ import annotations

import pytest

from measureharmony.catalogue import entries
from measureharmony.intake.suggest import Suggester
from measureharmony.specs import Specs


@pytest.fixture(scope="module")
def suggester(specs: Specs) -> Suggester:
    return Suggester(entries(specs), {"LQ-07": "cbp", "Wellness visit": "none"})


@pytest.mark.parametrize(
    ("identifier", "name", "key"),
    [
        ("CMS125v14", "", "bcs"),
        ("CMS125", "", "bcs"),
        ("", "Breast Cancer Screening (BCS-E)", "bcs"),
        ("LQ-07", "whatever they call it", "cbp"),
        ("112", "Breast screening", "bcs"),
        ("", "Colorectal Cancer Screening", "col"),
        ("", "Pap test", "ccs"),
        ("", "HbA1c Control <8%", "gsd"),
        ("", "Diabetes: HbA1c Poor Control (>9%)", "gsd"),
        ("", "Controlling High BP", "cbp"),
        ("", "Diabetic eye exam", "eed"),
        ("", "Kidney Health Evaluation", "ked"),
        ("", "Follow-Up After Hospitalization for Mental Illness - 7 days", "fuh"),
        ("", "Statin therapy for patients with diabetes", "spd"),
        ("", "Statin Use in Persons with Diabetes (SUPD)", "supd"),
        ("", "Child and Adolescent Well-Care Visits", "wcv"),
        ("", "Childhood Immunizations", "cis"),
        ("", "Medication reconciliation post discharge", "trc_mrp"),
    ],
)
def test_measures_are_recognised(suggester: Suggester, identifier: str, name: str, key: str) -> None:
    assert suggester.suggest(identifier, name).key == key


@pytest.mark.parametrize(
    "name", ["Annual Wellness Visit", "Member satisfaction", "Diabetes", "Total", "Well child visits"]
)
def test_what_is_like_none_or_like_several_is_left_to_a_person(suggester: Suggester, name: str) -> None:
    assert suggester.suggest("", name).key is None


def test_a_measure_may_be_said_to_be_none_of_ours(suggester: Suggester) -> None:
    found = suggester.suggest("", "Wellness visit")
    assert found.key is None
    assert found.is_sure


def test_a_number_alone_proves_nothing_against_a_name(suggester: Suggester) -> None:
    found = suggester.suggest("C01", "Colorectal cancer screening")
    assert found.key == "col"
    assert not found.is_sure


def test_an_identifier_that_the_name_contradicts_is_not_sure(suggester: Suggester) -> None:
    found = suggester.suggest("BCS-E", "Colorectal cancer screening")
    assert found.key == "bcs"
    assert not found.is_sure
    assert found.others[0].key == "col"


def test_an_identifier_of_two_measures_needs_the_name(suggester: Suggester) -> None:
    assert suggester.suggest("IET", "").key is None
    assert {one.key for one in suggester.suggest("IET", "").others} == {"iet", "iet_claims"}
