"""Risk tables are read whole or not at all, and every message about a bad one is pinned beside the file that earns it.

After changing a message on purpose: ``REWRITE_EXPECTED=1 python -m pytest tests/unit/evaluation/test_risk_tables.py``.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from measureharmony.errors import UsageError
from measureharmony.evaluation import risk_tables
from measureharmony.evaluation.risk_tables import missing_risk_tables, read_risk_tables, with_risk_tables
from measureharmony.measures.number import Risk
from measureharmony.payers.variant import Variant
from measureharmony.periods import Period
from tests.criteria.example import measure
from tests.unit.expected_text import require_text

BAD = Path(__file__).resolve().parents[2] / "bad_specs" / "risk_tables"
RISK = Risk.model_validate({"table": "stays", "features": {"frail": {"always": True}, "aged": {"always": True}}})


@pytest.mark.parametrize("code", sorted(path.name for path in BAD.iterdir()))
def test_the_reader_is_told_what_where_and_how_to_fix_it(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD / code)
    tables, issues = read_risk_tables(Path.cwd(), [RISK])
    assert {issue.code for issue in issues} == {code}
    assert all(issue.fix for issue in issues)
    assert set(tables) == ({"stais"} if code.startswith("hint-") else set())
    require_text(BAD / code / "expected.txt", issues)


def test_every_code_has_its_bad_table() -> None:
    source = Path(str(risk_tables.__file__)).read_text("utf-8")
    codes = set(re.findall(r'_issue\([^,"]+, [^,"]+, "([a-z-]+)"', source))
    assert {path.name.partition("risk-")[2] for path in BAD.iterdir()} == codes


def test_a_right_table_is_read(tmp_path: Path) -> None:
    lines = "\ufefffeature, weight, note\nintercept, -2\n\nfrail,0.5,by claims\naged,1e-1\n"
    (tmp_path / "stays.csv").write_text(lines, "utf-8")
    tables, issues = read_risk_tables(tmp_path, [RISK])
    assert (tables, issues) == ({"stays": {"intercept": -2.0, "frail": 0.5, "aged": 0.1}}, ())


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no folder"):
        read_risk_tables(tmp_path / "nowhere", [RISK])


def test_a_variant_gets_the_tables_it_asks_for_and_says_which_are_missing() -> None:
    sections = "numbers: {expected: {risk: {table: stays, features: {frail: {sex: female}}}}}"
    populations = "{initial_population: {always: true}, numerator: {number: {of: expected, above: 0.5}}}"
    variant = Variant("canonical", measure(sections, populations), Period.calendar_year(2026))
    assert missing_risk_tables(variant) == ["stays"]
    given = with_risk_tables(variant, {"stays": {"intercept": 0.0, "frail": 1.0}, "others": {}})
    assert list(given.risk_tables) == ["stays"]
    assert missing_risk_tables(given) == []
    assert with_risk_tables(variant, {"others": {}}) == variant
