"""Sheets as small as they can be, taken in against the shipped measures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from measureharmony.intake import Intake, take_in
from measureharmony.specs import Specs, load_specs
from tests.unit.value_sets.workbook import Cell, write_workbook

Taken = Callable[..., Intake]


@pytest.fixture(scope="session")
def specs() -> Specs:
    return load_specs()


@pytest.fixture
def taken(specs: Specs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Taken:
    """Takes in a workbook of one sheet ``S`` with these rows, and checks that its drafts pass ``validate``."""
    monkeypatch.chdir(tmp_path)

    def take(
        rows: Sequence[Sequence[Cell]], *merged: str, profile: str | None = None, has_problems: bool = False
    ) -> Intake:
        path = write_workbook(Path("payer.xlsx"), {"S": rows}, {"S": merged})
        if profile is not None:
            Path("profile.yaml").write_text(profile, "utf-8")
        intake = take_in(path, specs, profile="profile.yaml" if profile else None, program="acme")
        intake.write("drafts", overwrite=True)
        assert bool(intake.problems("drafts", specs)) == has_problems
        return intake

    return take
