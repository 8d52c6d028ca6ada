"""FHIR R4 bundles and bulk-export files as a practice dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from measureharmony.first_use import imported_at_first_use

if TYPE_CHECKING:
    from measureharmony.practice.fhir.reader import FhirTables, read_fhir, read_fhir_resources


#: Each is imported when it is first used: the processes that read do without them, and without the database.
__getattr__ = imported_at_first_use(
    __name__, dict.fromkeys(("FhirTables", "read_fhir", "read_fhir_resources"), "measureharmony.practice.fhir.reader")
)

__all__ = ["FhirTables", "read_fhir", "read_fhir_resources"]
