"""One smallest bad file for every issue code of programs and overlays, with the very words its author gets to read.

``tests/bad_specs/payers/<code>.yaml`` is an overlay of breast cancer screening; ``<code>/`` is a folder of programs.
After changing a message on purpose, rewrite the expected texts with
``REWRITE_EXPECTED=1 python -m pytest tests/unit/payers/test_bad_files.py`` and read the difference.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from measureharmony.errors import Issue
from measureharmony.payers import read_programs
from measureharmony.payers.attribution_rules import shipped_attribution_rules
from tests.unit.expected_text import require_text
from tests.unit.payers.canonical import VALUE_SETS, canonical, program_yaml

TESTS = Path(__file__).resolve().parents[2]
BAD = TESTS / "bad_specs" / "payers"
PAYERS = TESTS.parent / "src" / "measureharmony" / "payers"
CASES = sorted(path.stem for path in BAD.iterdir() if path.is_dir() or path.suffix == ".yaml")
#: Files whose mistake is one of the reader's own: what it calls it.
OF_THE_READER = {
    "program-bad-value": "spec-bad-value",
    "program-unknown-key": "spec-unknown-key",
    "change-tiers-out-of-order": "spec-bad-value",
    "change-tiers-overlap": "spec-bad-value",
    "change-tier-on-other-side": "spec-bad-value",
    "change-negative-amount": "spec-bad-value",
    "change-target-against-direction": "change-bad-target",
    "program-gate-unknown-measure": "program-unknown-rate",
    "program-steps-out-of-order": "spec-bad-value",
    "program-k-of-too-few": "spec-bad-value",
    "program-same-id": "spec-bad-value",
    "program-share-of-more-than-all": "spec-bad-value",
    "program-cut-point-without-its-tier": "change-unknown-tier",
    "change-peers-impossible": "spec-bad-value",
    "change-improvement-least": "spec-bad-value",
    "change-tiers-without-bound": "spec-bad-value",
    "program-step-of-half-a-cent": "spec-bad-value",
    "program-step-of-more-than-all": "spec-bad-value",
    "program-baseline-value": "program-table-value",
    "program-baseline-twice": "program-table-order",
    "program-baseline-row": "program-table-row",
    "program-baseline-columns": "program-table-columns",
}


def issues_of(case: str, folder: Path) -> tuple[Issue, ...]:
    home = folder / "payers"
    if (BAD / case).is_dir():
        shutil.copytree(BAD / case, home)
    else:
        text = (BAD / f"{case}.yaml").read_text("utf-8")
        (home / "contract").mkdir(parents=True)
        (home / "contract" / "program.yaml").write_text(program_yaml(), "utf-8")
        (home / "contract" / "bcs.yaml").write_text(text, "utf-8")
    return read_programs(home, canonical(), VALUE_SETS, attribution_rules=shipped_attribution_rules()).issues


@pytest.mark.parametrize("case", CASES)
def test_the_author_reads_what_where_and_how_to_fix_it(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    issues = issues_of(case, tmp_path)
    assert OF_THE_READER.get(case, case) in {issue.code for issue in issues}
    require_text(BAD / f"{case}.expected.txt", issues)


@pytest.mark.parametrize("case", CASES)
def test_every_issue_has_a_fix_and_the_line_where_it_is(case: str, tmp_path: Path) -> None:
    for issue in issues_of(case, tmp_path):
        assert issue.fix
        assert issue.line > 0 or case in ("program-file-missing", "program-table-unreadable")


def test_every_code_has_its_bad_file() -> None:
    code = re.compile(r'"((?:change|overlay|program)-[a-z-]+[a-z])"')
    defined = {found for path in PAYERS.rglob("*.py") for found in code.findall(path.read_text("utf-8"))}
    assert defined == {case for case in CASES if case not in OF_THE_READER and not case.startswith("spec-")}
