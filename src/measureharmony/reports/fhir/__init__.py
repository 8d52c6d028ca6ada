"""Results as FHIR R4: measure reports, and gaps in care as the Da Vinci guide (DEQM) says them."""

from measureharmony.reports.fhir.gaps import gaps_in_care
from measureharmony.reports.fhir.guide import GUIDES, Guide
from measureharmony.reports.fhir.measure_report import individual_reports, summary_reports
from measureharmony.reports.fhir.setting import Setting
from measureharmony.reports.fhir.write import write_gaps_in_care, write_measure_reports
from measureharmony.reports.reporter import Reporter

__all__ = [
    "GUIDES", "Guide", "Reporter", "Setting", "gaps_in_care", "individual_reports", "summary_reports",
    "write_gaps_in_care", "write_measure_reports",
]  # fmt: skip
