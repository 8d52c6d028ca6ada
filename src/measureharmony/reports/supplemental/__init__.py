"""Supplemental-data files: the evidence that a payer lacks, in the form in which that payer takes it."""

from measureharmony.reports.supplemental.evidence import supplemental_data
from measureharmony.reports.supplemental.profile import PayerProfile, read_payer_profile
from measureharmony.reports.supplemental.write import SupplementalData

__all__ = ["PayerProfile", "SupplementalData", "read_payer_profile", "supplemental_data"]
