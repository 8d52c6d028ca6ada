"""How evidence reaches payers, and what it counts for: every kind of difference in words, none where none is."""

from __future__ import annotations

import yaml

from measureharmony.comparison import Axis, compare
from measureharmony.payers.evidence import EvidencePolicy
from tests.unit.comparison.compared import specs_with

POLICY = """
has:
  - {sources: [claim, pharmacy_claim], run_out: 90}
  - {sources: [payer_feed, supplemental_standard]}
send:
  - {sources: [ehr], form: standard_file, sent: [2026-06-30]}
  - {sources: [registry], form: portal}
  - {sources: [registry], form: chart, by: 2027-01-15, measures: [bcs]}
counts: {exclusion: [claim, pharmacy_claim]}
source: {document: Contract, page: 6}
status: assumed
"""


def said(policy: str) -> list[str]:
    """The sentences of the contract as such."""
    specs = specs_with("bcs", evidence=EvidencePolicy.model_validate(yaml.safe_load(policy)))
    found = compare(specs, "canonical", "contract")
    of_evidence = [one for one in found.of_contract if one.axis is Axis.SOURCE]
    assert {(c.kind, c.document, c.page, c.status) for one in of_evidence for c in one.citations} <= {
        ("evidence", "Contract", "6", "assumed")
    }
    return [one.sentence for one in of_evidence]


def test_ways_and_roles_are_told_once_for_all_measures() -> None:
    assert said(POLICY) == [
        "How the payer gets “claim” and “pharmacy claim”: by itself, within 90 days instead of by itself",
        "How the payer gets “ehr”: sent in the standard file instead of by itself",
        "How the payer gets “registry”: sent through the portal or sent as a chart copy by 15 January 2027 (for bcs) "
        "instead of by itself",
        "How the payer gets “supplemental nonstandard” and “patient reported”: not at all instead of by itself",
        "Sources that count to be left out: “claim” and “pharmacy claim” instead of any",
    ]


def test_a_payer_that_has_everything_at_once_does_not_differ() -> None:
    every = "claim, pharmacy_claim, ehr, supplemental_standard, supplemental_nonstandard, patient_reported, payer_feed"
    assert said(f"{{has: [{{sources: [{every}, registry]}}], source: {{document: Contract, page: 6}}}}") == []
