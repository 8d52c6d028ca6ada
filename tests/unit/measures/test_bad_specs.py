"""One smallest bad file for every issue code, with the very words its author gets to read.

``tests/bad_specs/<code>.yaml`` is one file of a canonical folder; where a mistake takes several files,
``tests/bad_specs/<code>/canonical`` is the folder. After changing a message on purpose, rewrite the expected texts with
``REWRITE_EXPECTED=1 python -m pytest tests/unit/measures/test_bad_specs.py`` and read the difference.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from measureharmony.errors import Issue
from measureharmony.measures.library import read_canonical
from tests.unit.expected_text import require_text

TESTS = Path(__file__).resolve().parents[2]
BAD_SPECS = TESTS / "bad_specs"
MEASURES = TESTS.parent / "src" / "measureharmony" / "measures"
CODE = re.compile(r'"((?:spec|hint)-[a-z-]+[a-z])"')
CASES = sorted(
    path.stem for path in BAD_SPECS.iterdir() if path.suffix in ("", ".yaml") and CODE.match(f'"{path.stem}"')
)


def issues_of(code: str, folder: Path) -> list[Issue]:
    canonical = folder / "canonical"
    single = BAD_SPECS / f"{code}.yaml"
    if single.exists():
        canonical.mkdir()
        shutil.copy(single, canonical / "m.yaml")
    else:
        shutil.copytree(BAD_SPECS / code / "canonical", canonical)
    library = read_canonical(canonical, value_sets=["hospice_encounter", "office_visit"], systems=["CPT", "LOINC"])
    return [issue for issue in library.issues if issue.code != "hint-no-people" or code == "hint-no-people"]


@pytest.mark.parametrize("code", CASES)
def test_the_author_reads_what_where_and_how_to_fix_it(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    issues = issues_of(code, tmp_path)
    assert code in {issue.code for issue in issues}
    require_text(BAD_SPECS / f"{code}.expected.txt", issues)


@pytest.mark.parametrize("code", CASES)
def test_every_issue_says_how_to_fix_it(code: str, tmp_path: Path) -> None:
    assert all(issue.fix for issue in issues_of(code, tmp_path) if issue.code == code)


def test_every_code_has_its_bad_file() -> None:
    defined = {code for path in MEASURES.rglob("*.py") for code in CODE.findall(path.read_text("utf-8"))}
    assert defined == set(CASES)
