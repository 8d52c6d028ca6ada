"""FHIR R4 bundles and bulk-export files as a practice dataset."""

from measureharmony.practice.fhir.reader import FhirTables, read_fhir, read_fhir_resources

__all__ = ["FhirTables", "read_fhir", "read_fhir_resources"]
