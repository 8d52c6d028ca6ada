"""Results as QRDA Category III documents, for CMS electronic measures."""

from measureharmony.reports.qrda.report import Qrda3, ecqm_id, write_qrda3

__all__ = ["Qrda3", "ecqm_id", "write_qrda3"]
