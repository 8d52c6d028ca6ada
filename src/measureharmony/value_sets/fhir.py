"""Value sets from FHIR ValueSet resources: their expansion, completed from ``compose`` where it is cut short."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from measureharmony.value_sets.complaints import Complaints
from measureharmony.value_sets.systems import CodeSystems

Json = dict[str, Any]
Codes = set[tuple[str, str]]

_OID = re.compile(r"\d+(\.\d+)+")


@dataclass(frozen=True)
class FhirValueSet:
    """One ValueSet resource and the file (its complaints) that holds it."""

    url: str
    oid: str
    title: str
    version: str
    resource: Json
    complaints: Complaints


@dataclass(frozen=True)
class Resolved:
    """The codes of a value set; ``missing`` says what could not be listed, and is empty when nothing is missing."""

    codes: Codes
    missing: tuple[str, ...] = ()


def read_resources(complaints: Complaints) -> list[FhirValueSet]:
    """The ValueSet resources of the complaints' file: one resource, or a Bundle of them."""
    try:
        content = orjson.loads(complaints.path.read_bytes())
    except orjson.JSONDecodeError as error:
        what = f"not well-formed JSON at column {error.colno}: {error.msg}"
        complaints.add(error.lineno, "malformed-json", what, "the file may be cut short; fetch or export it again")
        return []
    except OSError as error:
        complaints.add(0, "unreadable", f"the file cannot be read: {error.strerror}", "check its permissions")
        return []
    resources = [r for r in _resources(content) if r.get("resourceType") == "ValueSet"]
    if not resources:
        what = "the JSON holds no FHIR ValueSet"
        complaints.add(0, "not-a-value-set", what, "keep only value sets in this folder, or move the file elsewhere")
    return [_described(resource, complaints) for resource in resources]


def _resources(content: object) -> Iterator[Json]:
    if not isinstance(content, dict):
        return
    if content.get("resourceType") == "Bundle":
        for entry in _dicts(content.get("entry")):
            yield from _resources(entry.get("resource"))
    else:
        yield content


def _dicts(value: object) -> Iterator[Json]:
    """The objects of a JSON list; anything else in its place gives none."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _described(resource: Json, complaints: Complaints) -> FhirValueSet:
    url = _text(resource.get("url")).partition("|")[0]
    return FhirValueSet(
        url=url,
        oid=_oid(url, resource),
        title=_text(resource.get("title")) or _text(resource.get("name")),
        version=_text(resource.get("version")),
        resource=resource,
        complaints=complaints,
    )


def _oid(url: str, resource: Json) -> str:
    """The OID in the url's last segment, else in an identifier; else the segment itself, or the resource's id."""
    last = url.rpartition("/")[2].removeprefix("urn:oid:")
    identifiers = [_text(i.get("value")).removeprefix("urn:oid:") for i in _dicts(resource.get("identifier"))]
    oids = [candidate for candidate in (last, *identifiers) if _OID.fullmatch(candidate)]
    return oids[0] if oids else last or _text(resource.get("id"))


class Resolver:
    """Lists the codes of value sets that may name each other, by url, within one folder."""

    def __init__(self, value_sets: list[FhirValueSet], systems: CodeSystems):
        self._by_url = {value_set.url: value_set for value_set in value_sets}
        self._systems = systems
        self._done: dict[str, Resolved] = {}

    def resolve(self, value_set: FhirValueSet, inside: tuple[str, ...] = ()) -> Resolved:
        """The set's codes; ``inside`` names the sets now being resolved, so that a circle is found."""
        if value_set.url in inside:
            what = f"the value sets include each other in a circle: {' → '.join((*inside, value_set.url))}"
            value_set.complaints.add(0, "cycle", what, "break the circle, or supply an expansion of one of them")
            return Resolved(set(), (f"{value_set.url} includes itself",))
        if value_set.url not in self._done:
            self._done[value_set.url] = self._resolve(value_set, (*inside, value_set.url))
        return self._done[value_set.url]

    def _resolve(self, value_set: FhirValueSet, inside: tuple[str, ...]) -> Resolved:
        """The expansion alone where it is whole, even if member sets hold more; else it and ``compose`` together."""
        expansion = value_set.resource.get("expansion")
        if not isinstance(expansion, dict):
            return self._composed(value_set, inside)
        codes = self._expanded(expansion)
        total = expansion.get("total")
        if not isinstance(total, int) or total <= len(codes):
            return Resolved(codes)
        composed = self._composed(value_set, inside)
        codes |= composed.codes
        return Resolved(codes, () if len(codes) >= total else (f"{len(codes)} of {total} codes", *composed.missing))

    def _expanded(self, expansion: Json) -> Codes:
        """The codes of ``expansion.contains`` at any depth; abstract entries only group others."""
        codes: Codes = set()
        canonical = self._systems.canonical
        levels = [expansion.get("contains")]
        while levels:
            for entry in _dicts(levels.pop()):
                code = entry.get("code")
                if isinstance(code, str) and not entry.get("abstract"):
                    codes.add((canonical(_text(entry.get("system"))), code))
                if "contains" in entry:
                    levels.append(entry["contains"])
        return codes

    def _composed(self, value_set: FhirValueSet, inside: tuple[str, ...]) -> Resolved:
        compose = value_set.resource.get("compose")
        compose = compose if isinstance(compose, dict) else {}
        included = [self._element(element, inside) for element in _dicts(compose.get("include"))]
        excluded = [self._element(element, inside) for element in _dicts(compose.get("exclude"))]
        codes: Codes = set().union(*(part.codes for part in included))
        codes -= set().union(*(part.codes for part in excluded))
        missing = tuple(text for part in (*included, *excluded) for text in part.missing)
        return Resolved(codes, missing if included else ("it lists no codes",))

    def _element(self, element: Json, inside: tuple[str, ...]) -> Resolved:
        """One include or exclude: what its concepts and all its member sets have in common, as FHIR defines it."""
        parts: list[Codes] = []
        missing: list[str] = []
        system = self._systems.canonical(_text(element.get("system")))
        if "concept" in element:
            parts.append({(system, _text(c.get("code"))) for c in _dicts(element["concept"]) if c.get("code")})
        elif system:
            missing.append(f"codes of {self._systems.short_name(system)} by rule, not by list")
        for url in element.get("valueSet", []):
            member = self._by_url.get(_text(url).partition("|")[0])
            if member is None:
                missing.append(f"member set {url} is not in the folder")
                continue
            resolved = self.resolve(member, inside)
            parts.append(resolved.codes)
            missing.extend(resolved.missing)
        return Resolved(set.intersection(*parts) if parts else set(), tuple(missing))
