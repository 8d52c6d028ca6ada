"""One smallest bad file for every issue code of attribution rules, with the very words its author gets to read.

After changing a message on purpose, rewrite the expected texts with
``REWRITE_EXPECTED=1 python -m pytest tests/unit/attribution/test_bad_files.py`` and read the difference.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from measureharmony.payers import read_programs
from measureharmony.payers.attribution_rules import read_attribution_rules, shipped_attribution_rules
from measureharmony.spec_files import spec_folder
from tests.unit.expected_text import require_text
from tests.unit.payers.canonical import VALUE_SETS, canonical

TESTS = Path(__file__).resolve().parents[2]
BAD = TESTS / "bad_specs" / "attribution"
CASES = sorted(path.stem for path in BAD.glob("*.yaml"))


@pytest.mark.parametrize("case", CASES)
def test_the_author_reads_what_where_and_how_to_fix_it(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "attribution").mkdir()
    shutil.copy(BAD / f"{case}.yaml", tmp_path / "attribution" / "nearest.yaml")
    issues = read_attribution_rules(tmp_path / "attribution", value_sets=VALUE_SETS).issues
    assert case in {issue.code for issue in issues}
    assert all(issue.line > 0 and issue.fix for issue in issues)
    require_text(BAD / f"{case}.expected.txt", issues)


def test_every_code_has_its_bad_file() -> None:
    source = Path(read_attribution_rules.__code__.co_filename).read_text("utf-8")
    assert set(re.findall(r'"(attribution-[a-z-]+[a-z])"', source)) <= set(CASES)


def test_shipped_rules_are_sound() -> None:
    assert read_attribution_rules(spec_folder() / "attribution", value_sets=VALUE_SETS).issues == ()


def test_a_program_that_names_codes_that_do_not_exist_is_told_so(tmp_path: Path) -> None:
    home = tmp_path / "payers" / "mssp_app_plus"
    shutil.copytree(spec_folder() / "payers" / "mssp_app_plus", home)
    text = (home / "program.yaml").read_text("utf-8")
    changed = re.sub("attribution: .*", "attribution: {visits: {codes: [office_visits, 'CTP|1']}}", text)
    (home / "program.yaml").write_text(changed, "utf-8")
    found = read_programs(tmp_path / "payers", canonical(), VALUE_SETS, attribution_rules=shipped_attribution_rules())
    codes = {issue.code: issue.fix for issue in found.issues}
    assert codes.keys() == {"attribution-unknown-value-set", "attribution-unknown-code-system"}
    assert codes["attribution-unknown-value-set"] == "did you mean 'office_visit'?"


def test_own_rules_take_the_place_of_shipped_ones(tmp_path: Path) -> None:
    shipped = (spec_folder() / "attribution" / "allowed_amount.yaml").read_text("utf-8")
    (tmp_path / "allowed_amount.yaml").write_text(shipped.replace("months: 12", "months: 36"), "utf-8")
    rules = read_attribution_rules(spec_folder() / "attribution", tmp_path).rules
    assert rules["allowed_amount"].months == 36
    assert rules.keys() == shipped_attribution_rules().keys()
