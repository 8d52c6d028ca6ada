"""The guide's examples are true: every kind of change is shown, and all of them together fit the measure."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from measureharmony.payers import Overlay, Program
from measureharmony.payers.change import CHANGE_KINDS
from measureharmony.payers.check import findings
from measureharmony.payers.context import Context
from tests.unit.payers.canonical import VALUE_SETS, canonical, program

#: Glycemic status has no strata to drop.
OF_OTHER_MEASURES = {"drop_stratum"}
_BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def blocks(repository: Path) -> list[Any]:
    return [yaml.safe_load(text) for text in _BLOCK.findall((repository / "docs" / "payers.md").read_text("utf-8"))]


def test_its_program_is_one(blocks: list[Any]) -> None:
    assert [Program.model_validate(block).program for block in blocks if "program" in block] == ["bluestone_commercial"]


def test_its_overlay_is_one(blocks: list[Any]) -> None:
    assert [len(Overlay.model_validate(block).changes) for block in blocks if "overlay" in block] == [1]


def test_its_changes_are_all_there_are_and_fit_together(blocks: list[Any]) -> None:
    why = {"effective": "2026-01-01", "source": {"document": "Contract"}, "reason": "Test."}
    changes = [{**change, **why} for block in blocks if isinstance(block, list) for change in block]
    shown = Overlay.model_validate({"overlay": "gsd", "edition": 2026, "changes": changes})
    assert {change.kind for change in shown.changes} == {*CHANGE_KINDS} - OF_OTHER_MEASURES
    library = canonical()
    assert findings(shown, Context(library.measures["gsd"], library.shared, program(), VALUE_SETS)) == []
