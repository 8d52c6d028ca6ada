"""FHIR R4 bundles and bulk-export files as a practice dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from measureharmony.practice.fhir.reader import FhirTables, read_fhir, read_fhir_resources


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from measureharmony.practice.fhir import reader  # its processes do without: they need no database

    value: object = getattr(reader, name)
    globals()[name] = value
    return value


__all__ = ["FhirTables", "read_fhir", "read_fhir_resources"]
