"""What a report says beside the results: who reports, on which day, under which addresses; and small parts of FHIR."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from measureharmony.payers.variant import Variant
from measureharmony.reports.fhir.guide import (
    GUIDES,
    IDENTIFIER_TYPES,
    NPI,
    RESOURCE_TYPE,
    TIN,
    GapStatus,
    Guide,
)
from measureharmony.reports.manifest import fingerprint
from measureharmony.reports.measure_ids import MeasureIds
from measureharmony.reports.reporter import Reporter
from measureharmony.reports.results import Results

#: A resource, or a part of one, as JSON has it.
Json: TypeAlias = dict[str, Any]
#: Where our own measures and identifiers live until a user gives an address of theirs (RFC 2606: nobody's address).
BASE = "https://measureharmony.example/fhir"


@dataclass(frozen=True)
class Setting:
    """How reports are written.

    ``base`` is where resources, measures and identifiers of our own live. ``made_on`` is the reports' date; left out,
    the as-of date of the results, else the last day of the period: nothing asks the clock. ``while_open`` is what an
    unmet gap is called until its period ends.
    """

    reporter: Reporter = field(default_factory=Reporter)
    base: str = BASE
    guide: Guide = GUIDES["stu5"]
    made_on: dt.date | None = None
    ids: MeasureIds = field(default_factory=MeasureIds)
    while_open: GapStatus = "prospective-gap"

    def date(self, results: Results, period_end: dt.date) -> str:
        """The date of a report about a period."""
        return (self.made_on or results.as_of or period_end).isoformat()

    def measure(self, variant: Variant, unchanged: bool) -> str:
        """The measure's canonical URL and version.

        The official one, where it is known and the version is the measure itself (``unchanged``); else one of our own,
        whose version changes with whatever the results depend on.
        """
        official = self.ids.of_measure(variant.measure, "fhir_canonical") if unchanged else None
        own = f"{self.base}/Measure/{variant.program}-{variant.measure.measure}"
        return official or f"{own}|{variant.measure.edition}.{fingerprint(variant)[:12]}"

    def person(self, person_id: str) -> Json:
        """A reference to somebody, by resource and by the practice's identifier."""
        return {
            "reference": f"Patient/{resource_id('person', person_id)}",
            "identifier": {"system": f"{self.base}/person", "value": person_id},
        }

    def event(self, event_id: str, kind: str | None) -> Json:
        """A reference to an event of the practice, by its identifier."""
        reference: Json = {"identifier": {"system": f"{self.base}/event", "value": event_id}}
        return {"type": RESOURCE_TYPE[kind], **reference} if kind else reference

    @property
    def organization_id(self) -> str:
        """The id of the reporter's resource."""
        return resource_id("organization", self.reporter.name, self.reporter.npi, self.reporter.tin)

    def organization(self) -> Json:
        """The reporter as a resource."""
        numbers = ((NPI, "NPI", self.reporter.npi), (TIN, "TAX", self.reporter.tin))
        identifiers = [
            {"type": codeable(IDENTIFIER_TYPES, kind), "system": system, "value": value}
            for system, kind, value in numbers
            if value
        ]
        return {
            "resourceType": "Organization",
            "id": self.organization_id,
            **({"identifier": identifiers} if identifiers else {}),
            "active": True,
            "name": self.reporter.name,
        }


def resource_id(*parts: str) -> str:
    """An id for a resource: the same parts, the same id; never what the parts say."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]


def codeable(system: str, code: str, display: str = "") -> Json:
    """A CodeableConcept of one coding."""
    return {"coding": [{"system": system, "code": code, **({"display": display} if display else {})}]}


__all__ = ["BASE", "Json", "Setting", "codeable", "resource_id"]
