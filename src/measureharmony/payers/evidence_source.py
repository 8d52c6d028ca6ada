"""Where evidence comes from, as contracts name it."""

from __future__ import annotations

from typing import Literal

#: As the dataset contract names them (``practice.contract.EVENT_SOURCES``; a test keeps the two equal).
EvidenceSource = Literal[
    "claim", "ehr", "supplemental_standard", "supplemental_nonstandard", "patient_reported", "payer_feed", "registry",
    "pharmacy_claim",
]  # fmt: skip

__all__ = ["EvidenceSource"]
