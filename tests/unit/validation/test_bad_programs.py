"""One program's folder for each kind of finding, with the very words its analyst gets to read.

After changing a message on purpose, rewrite the expected texts with
``REWRITE_EXPECTED=1 python -m pytest tests/unit/validation/test_bad_programs.py`` and read the difference.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import get_args

import pytest

from measureharmony.payers.program import Decision
from measureharmony.validation.checking import findings
from measureharmony.validation.decisions import QUESTIONS, open_decisions
from measureharmony.validation.program_folder import read_program_folder
from tests.unit.expected_text import require_text
from tests.unit.validation.contracts import EVERY_DECISION

TESTS = Path(__file__).resolve().parents[2]
BAD = TESTS / "bad_specs" / "validation"
VALIDATION = TESTS.parent / "src" / "measureharmony" / "validation"
CASES = sorted(path.name for path in BAD.iterdir() if path.is_dir())
DECISIONS = [case for case in CASES if case.startswith("decision-")]


def found_in(folder: Path) -> list[str]:
    """What is found; contradictions, which take longest, only where they are meant."""
    read = read_program_folder(folder)
    found = open_decisions(read) if folder.resolve().parts[-2].startswith("decision-") else findings(read)
    return [str(finding) for finding in sorted(set(found))]


@pytest.mark.parametrize("case", CASES)
def test_the_analyst_reads_what_where_and_how_to_fix_it(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(BAD / case, tmp_path / case)
    monkeypatch.chdir(tmp_path / case)
    found = found_in(Path("acme"))
    assert re.match(rf"acme(/\w+\.yaml:[1-9]\d*)?: {case}: .*\n    fix: .", found[0])
    require_text(BAD / f"{case}.expected.txt", found)


@pytest.mark.parametrize("case", DECISIONS)
def test_accepting_what_canonical_says_closes_a_decision(case: str, tmp_path: Path) -> None:
    shutil.copytree(BAD / case, tmp_path / case)
    program = tmp_path / case / "acme" / "program.yaml"
    key = case.removeprefix("decision-").replace("-", "_")
    program.write_text(program.read_text("utf-8").replace("decisions: [", f"decisions: [{key}, "), "utf-8")
    assert found_in(program.parent) == []


def test_every_code_has_its_bad_program() -> None:
    code = re.compile(r'"(contradiction-[a-z-]+)"')
    defined = {found for path in VALIDATION.rglob("*.py") for found in code.findall(path.read_text("utf-8"))}
    defined |= {question.code for question in QUESTIONS}
    assert defined == {case for case in CASES if case.startswith(("contradiction-", "decision-"))}


def test_every_decision_is_asked_for_once() -> None:
    assert [question.key for question in QUESTIONS] == list(get_args(Decision)) == list(EVERY_DECISION)
