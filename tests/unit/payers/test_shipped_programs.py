"""The programs that ship: they fit the canonical measures, and say what their documents say."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from measureharmony.measures.schema import schema_text
from measureharmony.payers import Programs, read_programs, variants
from measureharmony.payers.changes_of_contract import EvidenceSource
from measureharmony.payers.divergence import divergence
from measureharmony.payers.parts import with_shared_parts
from measureharmony.payers.program import ProductLine
from measureharmony.payers.resolve import changed_measure, in_force
from measureharmony.payers.schema import MODELS
from measureharmony.practice.contract import EVENT_SOURCES, PRODUCT_LINES
from measureharmony.spec_files import spec_folder
from tests.unit.payers.canonical import VALUE_SETS, canonical

#: What says nothing about the measure's meaning.
BESIDE_THE_MEASURE = {"targets", "payments", "sources", "period", "cut_offs"}


@pytest.fixture(scope="module")
def shipped() -> Programs:
    return read_programs(spec_folder() / "payers", canonical(), VALUE_SETS)


def test_they_have_no_issues(shipped: Programs) -> None:
    assert shipped.issues == ()
    assert set(shipped.programs) == {
        "mssp_app_plus", "ma_stars", "medicaid_adult_core", "medicaid_child_core", "bluestone_commercial",
        "harborview_advantage_plus",
    }  # fmt: skip


def test_canonical_comes_first_and_every_listed_measure_once(shipped: Programs) -> None:
    found = variants(shipped, canonical(), 2026)
    ids = [variant.id for variant in found]
    measures = list(canonical().measures)
    assert ids[: len(measures)] == [f"canonical/{key}" for key in measures]
    listed = [f"{key}/{entry.measure}" for key, one in shipped.programs.items() for entry in one.measures]
    assert ids[len(measures) :] == listed
    assert len(set(ids)) == len(ids)


def test_invented_payers_are_said_to_be_invented(shipped: Programs) -> None:
    for key, one in shipped.programs.items():
        text = f"{one.title} {one.notes}"
        assert one.fictional == (key in {"bluestone_commercial", "harborview_advantage_plus"})
        assert ("fictional" in text or "invented" in text) == (
            one.payer in {"bluestone", "harborview", "silver_shield"}
        )


def test_every_divergence_is_exactly_what_the_overlay_says(shipped: Programs) -> None:
    library = canonical()
    for (key, name), own in shipped.overlays.items():
        measure = library.measures[name]
        changes = in_force(shipped.programs[key], own, 2026)
        after = changed_measure(measure, library.shared, changes)
        found = {difference.path for difference in divergence(with_shared_parts(measure, library.shared), after)}
        assert found == {one.path for one in changes if one.path[0] not in BESIDE_THE_MEASURE}, f"{key}/{name}"


def test_together_they_show_the_catalogue_of_divergences(shipped: Programs) -> None:
    used = {one.kind for own in shipped.overlays.values() for one in own.changes}
    assert used >= {
        "set_parameter", "replace", "define", "drop_from", "restrict_sources", "require_enrolment", "choose_rates",
        "set_target", "set_payment",
    }  # fmt: skip
    assert {str(variant.period) for variant in variants(shipped, canonical(), 2026)} == {
        "2026-01-01..2026-12-31",
        "2025-07-01..2026-06-30",
    }


def test_words_are_those_of_the_dataset_contract() -> None:
    assert get_args(ProductLine) == PRODUCT_LINES
    assert get_args(EvidenceSource) == EVENT_SOURCES


@pytest.mark.parametrize("name", sorted(MODELS))
def test_committed_schemas_are_current(name: str, repository: Path) -> None:
    committed = repository / "measure_specs" / "schema" / f"{name}.schema.json"
    assert committed.read_text("utf-8") == schema_text(MODELS[name]), "run python -m measureharmony.payers.schema"
