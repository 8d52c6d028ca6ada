"""What a contract may say about evidence, and what its author reads when it contradicts itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from measureharmony.payers import read_programs
from measureharmony.payers.evidence import EvidencePolicy
from tests.unit.payers.canonical import VALUE_SETS, canonical, program_yaml

GOOD = """
has: [{sources: [claim], run_out: 90}, {sources: [payer_feed]}]
send: [{sources: [ehr], form: standard_file, by: 2027-02-28, sent: [2026-06-30]}]
counts: {exclusion: [claim, supplemental_standard]}
source: {document: Contract}
"""
BAD = {
    "claim stands twice": (
        "has: [{sources: [claim]}, {sources: [claim]}]",
        "'claim' stands twice under has; say once how it reaches the payer",
    ),
    "had and sent": (
        "send: [{sources: [claim], form: portal}]",
        "the payer is said to have 'claim', and to be sent it; keep it under has or send",
    ),
    "nothing arrives": ("{has: [], send: [], counts: {}}", "no evidence reaches the payer; say what it has"),
    "counts what never arrives": (
        "counts: {numerator: [registry]}",
        "'registry' counts for the numerator, but nothing reaches the payer as that; add it to has",
    ),
    "counts our own words for what is sent": ("counts: {numerator: [ehr]}", "'ehr' counts for the numerator, but"),
    "sent too late": (
        "send: [{sources: [ehr], form: chart, by: 2027-01-15, sent: [2027-01-16]}]",
        "sent on 2027-01-16, after the last day 2027-01-15; correct one of the dates",
    ),
    "a negative run-out": ("has: [{sources: [claim], run_out: -1}]", "greater than or equal to 0"),
    "an unknown source": ("has: [{sources: [fax]}]", "Input should be 'claim', 'ehr'"),
    "an unknown form": ("send: [{sources: [ehr], form: fax}]", "'standard_file', 'portal' or 'chart'"),
    "no sources": ("has: [{sources: []}]", "at least 1 item"),
}


def policy(**changed: Any) -> EvidencePolicy:
    return EvidencePolicy.model_validate({**yaml.safe_load(GOOD), **changed})


def test_a_role_left_out_takes_every_source() -> None:
    assert policy().counts.exclusion == ("claim", "supplemental_standard")
    assert len(policy().counts.numerator) == 8


@pytest.mark.parametrize("case", BAD)
def test_what_contradicts_itself_is_said_with_its_fix(case: str) -> None:
    changed, message = BAD[case]
    with pytest.raises(ValidationError) as found:
        policy(**yaml.safe_load(changed))
    assert message in str(found.value)


PROGRAM = program_yaml("{measure: bcs}", "evidence:\n  source: {document: Contract}\n")


@pytest.mark.parametrize(
    ("evidence", "line", "message"),
    [
        ("  has: [{sources: [fax]}]\n", 11, "fax"),
        ("  send: [{sources: [ehr], form: chart, measures: [col]}]\n", 1, "evidence is sent for 'col', which is not"),
        ("  has: [{sources: [claim]}]\n  takes: everything\n", 12, "takes"),
    ],
)
def test_a_bad_file_is_reported_with_its_line(tmp_path: Path, evidence: str, line: int, message: str) -> None:
    (tmp_path / "contract").mkdir()
    (tmp_path / "contract" / "program.yaml").write_text(PROGRAM + evidence, "utf-8")
    (issue,) = read_programs(tmp_path, canonical(), VALUE_SETS).issues
    assert (issue.line, message in str(issue)) == (line, True), str(issue)
    assert issue.fix
