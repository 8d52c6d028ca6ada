"""Every message about a bad value set file, word for word, beside the file that earns it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from measureharmony.errors import Issue
from measureharmony.value_sets import ValueSet, ValueSets, read_loaded_value_sets, read_value_sets

BAD = Path(__file__).resolve().parents[2] / "bad_specs" / "value_sets"
CASES = sorted(path.parent.relative_to(BAD).as_posix() for path in BAD.glob("*/*/expected.txt"))

#: What the loaded folders are laid over.
SHIPPED = ValueSets(
    tuple(
        ValueSet(name, oid, name, frozenset({("http://loinc.org", "4548-4")}))
        for name, oid in (("office_visit", "1.2.9.1"), ("diabetes", "1.2.9.2"))
    )
)


def said(issues: Iterable[Issue]) -> str:
    """The issues as text, each file by its bare name."""
    return "".join(f"{Path(i.file).name}:{i.line}: {i.code}: {i.what}\n    fix: {i.fix}\n" for i in issues)


def problems_in(case: str) -> tuple[Issue, ...]:
    if case.startswith("shipped/"):
        return read_value_sets(BAD / case)[1]
    return read_loaded_value_sets(SHIPPED, BAD / case)[1]


@pytest.mark.parametrize("case", CASES)
def test_a_bad_file_is_reported_with_place_reason_and_fix(case: str) -> None:
    issues = problems_in(case)
    assert said(issues) == (BAD / case / "expected.txt").read_text(encoding="utf-8")
    assert f"value-set-{Path(case).name}" in {issue.code for issue in issues}


def test_every_issue_code_in_the_source_has_a_bad_file() -> None:
    source = Path(__file__).resolve().parents[3] / "src" / "measureharmony" / "value_sets"
    text = "\n".join(path.read_text(encoding="utf-8") for path in source.rglob("*.py"))
    shown = {Path(case).name for case in CASES}
    codes = set(re.findall(r'\.add\(\s*[^,"]+,\s*"([a-z-]+)"', text))
    assert codes, "the pattern no longer finds where issues are made"
    assert codes == shown
