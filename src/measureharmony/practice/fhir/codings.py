"""Codings of concepts, and the words a ``category`` column takes from them."""

from __future__ import annotations

from collections.abc import Iterable

from measureharmony.practice.fhir.json_shapes import JsonObject, as_list, objects

Coding = tuple[str, str]
"""(system, code); the system may be empty, the code never is."""


def of_coding(value: object) -> list[Coding]:
    """A lone FHIR Coding as a list of none or one."""
    if not isinstance(value, dict):
        return []
    code, system = value.get("code"), value.get("system")
    if not isinstance(code, str) or not code.strip():
        return []
    return [(system if isinstance(system, str) else "", code)]


def of_concept(value: object) -> list[Coding]:
    """All codings of a CodeableConcept, in order; a concept with only text has none."""
    if not isinstance(value, dict):
        return []
    return [pair for coding in as_list(value.get("coding")) for pair in of_coding(coding)]


def of_concepts(value: object) -> list[Coding]:
    """All codings of a list of CodeableConcepts (or a lone one), in order."""
    if value is None:
        return []
    return [pair for concept in objects(value) for pair in of_concept(concept)]


def words(codings: Iterable[Coding]) -> str:
    """The codes as blank-separated words, each once; a blank inside a code becomes ``_``."""
    return " ".join(dict.fromkeys("_".join(code.split()) for _, code in codings))


def first_code(value: object) -> str:
    """The first code of a CodeableConcept, or empty."""
    found = of_concept(value)
    return found[0][1] if found else ""


def extension(resource: JsonObject, url: str) -> JsonObject:
    """The first extension of ``resource`` with exactly this URL, or an empty object."""
    for candidate in objects(resource.get("extension")):
        if candidate.get("url") == url:
            return candidate
    return {}
