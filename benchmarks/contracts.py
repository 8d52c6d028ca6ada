"""Ten contracts over five measures, as data: overlays for us, parameters for what is written by hand.

They differ as real ones do: age bands, lookbacks, thresholds, enrolment with gaps, whose evidence counts, whether a
visit is asked for, fiscal years.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from programs import enrolled, from_sources, set_parameters, write_program

MEASURES = ("bcs", "col", "ccs", "cbp", "gsd")
YEAR = 2026

_CLAIMS_ONLY = ("claim", "pharmacy_claim")
_NO_CHARTS = ("claim", "pharmacy_claim", "supplemental_standard", "registry")
#: Every source of evidence.
ANY_SOURCE = (
    "claim", "ehr", "supplemental_standard", "supplemental_nonstandard", "patient_reported", "payer_feed", "registry",
    "pharmacy_claim",
)  # fmt: skip

#: The measures' parameters where a contract does not say otherwise.
USUAL: Mapping[str, Mapping[str, int]] = {
    "bcs": {"age_from": 42, "age_to": 74, "mammogram_lookback": 15},
    "col": {
        "age_from": 46, "age_to": 75, "stool_blood_test_lookback": 0, "stool_dna_test_lookback": 2,
        "sigmoidoscopy_lookback": 4, "ct_colonography_lookback": 4, "colonoscopy_lookback": 9,
    },
    "ccs": {"age_from": 24, "age_to": 64, "cytology_lookback": 2, "hpv_lookback": 4, "hpv_age": 30},
    "cbp": {"age_from": 18, "age_to": 85, "diagnosis_months": 6, "systolic_below": 140, "diastolic_below": 90},
    "gsd": {"age_from": 18, "age_to": 75, "poor_control_above": 9, "good_control_below": 8},
}  # fmt: skip
#: The name of the criterion that asks for a visit.
_VISIT = {"bcs": "visits.adult_outpatient", "col": "visits.adult_outpatient", "ccs": "visit",
          "cbp": "visits.adult_outpatient", "gsd": "visit"}  # fmt: skip


@dataclass(frozen=True)
class Contract:
    """What a payer's contract says.

    ``starts``: first month of the measurement year, which is named for the year in which it ends. ``enrolment``: number
    of gaps allowed and their days, with the last day covered; none: not asked for. ``parameters``: those that differ
    from :data:`USUAL`, by measure. ``evidence``: the sources that count for the numerator, by measure.
    """

    program: str
    payer: str
    product_line: str
    parameters: Mapping[str, Mapping[str, int]]
    starts: int = 1
    enrolment: tuple[int, int] | None = None
    visit: bool = True
    exclusions_from: tuple[str, ...] = ANY_SOURCE
    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def period(self) -> tuple[dt.date, dt.date]:
        """First and last day of the measurement year."""
        if self.starts == 1:
            return dt.date(YEAR, 1, 1), dt.date(YEAR, 12, 31)
        return dt.date(YEAR - 1, self.starts, 1), dt.date(YEAR, self.starts, 1) - dt.timedelta(days=1)

    def of(self, measure: str) -> dict[str, int]:
        """All parameters of a measure."""
        return {**USUAL[measure], **self.parameters.get(measure, {})}

    def numerator_from(self, measure: str) -> tuple[str, ...]:
        """The sources that count for a measure's numerator."""
        return self.evidence.get(measure, ANY_SOURCE)


CONTRACTS = (
    Contract("by_age", "bluestone", "commercial", {
        "bcs": {"age_from": 45, "age_to": 70}, "col": {"age_from": 50, "age_to": 70},
        "ccs": {"age_from": 26, "age_to": 60}, "cbp": {"age_from": 21, "age_to": 80},
        "gsd": {"age_from": 21, "age_to": 70},
    }, enrolment=(1, 31)),
    Contract("by_lookback", "harborview", "commercial", {
        "bcs": {"mammogram_lookback": 24},
        "col": {"stool_dna_test_lookback": 3, "colonoscopy_lookback": 10, "sigmoidoscopy_lookback": 5},
        "ccs": {"cytology_lookback": 3, "hpv_lookback": 5}, "cbp": {"diagnosis_months": 12}, "gsd": {"age_to": 80},
    }, enrolment=(0, 0)),
    Contract("strict_goals", "medicare", "medicare_ffs", {
        "bcs": {"mammogram_lookback": 9}, "col": {"colonoscopy_lookback": 7}, "ccs": {"hpv_age": 32},
        "cbp": {"systolic_below": 130, "diastolic_below": 80},
        "gsd": {"poor_control_above": 8, "good_control_below": 7},
    }, starts=10),
    Contract("claims_only", "silver_shield", "medicare_advantage", {
        "cbp": {"systolic_below": 150}, "gsd": {"age_from": 30},
    }, enrolment=(1, 60), exclusions_from=_CLAIMS_ONLY,
        evidence={"bcs": _CLAIMS_ONLY, "col": _NO_CHARTS, "ccs": _NO_CHARTS}),
    Contract("fiscal_year", "state_medicaid", "medicaid", {
        "bcs": {"age_from": 40}, "col": {"age_from": 45}, "ccs": {"age_from": 21},
        "cbp": {"age_to": 75, "diagnosis_months": 9}, "gsd": {"good_control_below": 9},
    }, starts=7, enrolment=(2, 45)),
    Contract("as_published", "medicare", "medicare_ffs", {}),
    Contract("commercial_45", "bluestone", "commercial", {
        "bcs": {"age_from": 50, "mammogram_lookback": 12}, "col": {"age_from": 50}, "ccs": {"hpv_age": 25},
    }, enrolment=(1, 45), exclusions_from=(*_CLAIMS_ONLY, "supplemental_standard")),
    Contract("members_seen_or_not", "silver_shield", "medicare_advantage", {
        "bcs": {"age_from": 52}, "cbp": {"diastolic_below": 85},
    }, enrolment=(1, 45), visit=False),
    Contract("medicaid_monthly", "state_medicaid", "medicaid", {
        "gsd": {"poor_control_above": 10},
    }, enrolment=(1, 31), visit=False),
    Contract("exchange", "harborview", "commercial", {
        "bcs": {"age_from": 50, "age_to": 69}, "col": {"age_to": 70, "colonoscopy_lookback": 8},
        "ccs": {"cytology_lookback": 1}, "cbp": {"age_to": 75}, "gsd": {"poor_control_above": 8},
    }, starts=4, exclusions_from=(*_CLAIMS_ONLY, "registry"), evidence={"col": _NO_CHARTS}),
)  # fmt: skip


def write_contracts(folder: Path, count: int = len(CONTRACTS)) -> None:
    """Write the first ``count`` contracts into ``folder/payers``, as programs with overlays."""
    for contract in CONTRACTS[:count]:
        changes = {measure: list(_changes(contract, measure)) for measure in MEASURES}
        period = {"start": f"{contract.starts:02}-01", "named_for": "start" if contract.starts == 1 else "end"}
        write_program(folder / "payers" / contract.program, contract.payer, contract.product_line, period, changes)


def _changes(contract: Contract, measure: str) -> list[dict[str, Any]]:
    changes = set_parameters(contract.parameters.get(measure, {}))
    if contract.enrolment:
        changes.append(enrolled(*contract.enrolment))
    if not contract.visit:
        changes.append({"drop_from": {"population": "initial_population", "criterion": _VISIT[measure]}})
    if contract.exclusions_from != ANY_SOURCE:
        changes.append(from_sources("denominator_exclusion", contract.exclusions_from))
    if measure in contract.evidence:
        changes.append(from_sources("numerator", contract.evidence[measure]))
    return changes
