"""Claims and explanations of benefit: what payers see of a visit.

Every line becomes an event with source ``claim``; diagnoses and procedures that the claim codes itself become
conditions and procedures with source ``claim``; those it only *refers to* are in the record already and are not
repeated. An ExplanationOfBenefit and the Claim it answers describe one claim: the explanation's lines are used.
``docs/fhir.md`` says how each cell is found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from measureharmony.practice.fhir.codings import Coding, first_code, of_concept, of_concepts
from measureharmony.practice.fhir.facts import ClinicalFacts
from measureharmony.practice.fhir.json_shapes import JsonObject, as_list, as_number, as_object, as_text, objects
from measureharmony.practice.fhir.people import is_uninsured
from measureharmony.practice.fhir.record import Record, joined
from measureharmony.practice.fhir.sheets import Cell, Citation
from measureharmony.practice.fhir.times import Interval, period
from measureharmony.practice.fhir.values import supplied

#: Adjudication categories that hold the allowed amount of a line.
_ALLOWED_AMOUNT = ("eligible", "allowed", "line_alowd_chrg_amt")
_SUPPLY_DAYS = "dayssupply"
_DIAGNOSIS_TYPE = "http://terminology.hl7.org/CodeSystem/ex-diagnosistype"


@dataclass(frozen=True)
class PayerMention:
    """A payer named by a claim on a service date; spans are derived from these where no Coverage exists."""

    person_id: str
    payer: str
    day: str
    file: str
    row: int


class ClaimReader:
    """Reads the claims of one scope, once its clinical record is complete."""

    def __init__(self, records: list[Record], facts: ClinicalFacts):
        self.facts = facts
        self.records = records
        self.claims = {r.event_id: r for r in records if r.resource_type == "Claim"}
        self.told = {r.link(r.resource.get("claim"), "Claim") for r in records if r.resource_type != "Claim"}

    def read(self) -> list[PayerMention]:
        """Write the events of all claims, account for each, and return the payers they name."""
        mentions: list[PayerMention] = []
        for record in self.records:
            resource = record.resource
            if resource.get("status", "active") != "active" or resource.get("use", "claim") != "claim":
                record.harvest.reject(record.place, record.resource_type, "status", "claim-not-active")
                continue
            answered = self.claims.get(record.link(resource.get("claim"), "Claim") or "")
            story = _Story(record, answered, self.facts)
            mentions += story.mentions()
            told = record.resource_type == "Claim" and record.event_id in self.told
            cited = story.cite_diagnoses() if _diagnoses_count(record, told=told) else False
            if told:
                record.harvest.reject(record.place, "Claim", "id", "claim-told-by-eob")
            elif story.write() or cited:
                record.harvest.accept(record.place, record.resource_type)
            else:
                record.harvest.reject(record.place, record.resource_type, "item", "claim-without-new-lines")
        return mentions


def _diagnoses_count(record: Record, *, told: bool) -> bool:
    """Whether visits get the diagnoses of a claim: strictly those of a QI-Core Claim, else of whatever tells it."""
    if record.reading.strict:
        return record.resource_type == "Claim" and record.reading.type != "other"
    return not told


class _Story:
    """One claim: the explanation of benefit (or the claim alone) with what only the answered claim says."""

    def __init__(self, record: Record, answered: Record | None, facts: ClinicalFacts):
        self.record = record
        self.answered = answered.resource if answered else {}
        self.facts = facts
        self.items = self.parts("item")
        self.pharmacy = first_code(record.resource.get("type")) == "pharmacy"
        self.span = self._span()

    def parts(self, element: str) -> list[JsonObject]:
        """A list element of the explanation, or where it has none, of the claim it answers."""
        return objects(self.record.resource.get(element)) or objects(self.answered.get(element))

    def _span(self) -> Interval:
        """Service dates: the claim's billable period, else the explanation's, else the visit's, else ``created``.

        The claim comes first because some sources write a year-long billable period into the explanation.
        """
        for holder in (self.answered, self.record.resource):
            span = period(holder.get("billablePeriod"))
            if span[0]:
                return span
        for item in self.items:
            for visit in self.visits(item):
                span = self.facts.times.get(visit, ("", ""))
                if span[0]:
                    return span
        created = as_text(self.record.resource.get("created"))
        return created, created

    def mentions(self) -> list[PayerMention]:
        """The payer this claim names, if it names one by a display text."""
        resource = self.record.resource
        coverage = as_object(next(iter(self.parts("insurance")), {}).get("coverage"))
        payer = as_text(coverage.get("display")) or as_text(as_object(resource.get("insurer")).get("display"))
        day = self.span[0][:10]
        if not payer or not day or is_uninsured(payer):
            return []
        place = self.record.place
        return [PayerMention(self.record.person.person_id, payer, day, place.file, place.row)]

    def visits(self, item: JsonObject) -> list[str]:
        """The event ids of the visits a line belongs to."""
        links = (self.record.link(reference, "Encounter") for reference in objects(item.get("encounter")))
        return [link for link in links if link]

    def cite_diagnoses(self) -> bool:
        """Name the diagnoses of each line to its visits, the principal ones also as such; False when there are none."""
        citations = self.record.harvest.citations
        before = len(citations)
        for item in self.items:
            visits = self.visits(item)
            for entry in self._pointed_at(item, "diagnosisSequence", "diagnosis") if visits else ():
                condition = self.record.link(entry.get("diagnosisReference"), "Condition")
                codings = tuple(of_concept(entry.get("diagnosisCodeableConcept")))
                roles = ["claim_diagnosis", *(["principal_diagnosis"] if self._is_principal(entry) else [])]
                place = self.record.place
                citations += [Citation(visit, role, place, condition, codings) for visit in visits for role in roles]
        return len(citations) > before

    def _is_principal(self, entry: JsonObject) -> bool:
        systems = {system for system, code in of_concepts(entry.get("type")) if code == "principal"}
        return _DIAGNOSIS_TYPE in systems if self.record.reading.strict else bool(systems)

    def write(self) -> bool:
        """Write the claim's events; False when there is nothing new in it."""
        written = [self._line(item, number) for number, item in enumerate(self.items, start=1)]
        written += [self._diagnosis(entry, n) for n, entry in enumerate(self.parts("diagnosis"), start=1)]
        written += [self._procedure(entry, n) for n, entry in enumerate(self.parts("procedure"), start=1)]
        return any(written)

    def _line(self, item: JsonObject, number: int) -> bool:
        codings = of_concept(item.get("productOrService"))
        if self.pharmacy:
            return self._fill(item, number, codings)
        if not codings or self._restates_diagnosis(item, codings):
            return False
        start, end = self.served(item)
        event_id = f"{self.record.event_id}#{number}"
        self._add(
            event_id,
            self._kind(item, codings),
            codings,
            {
                "start": start,
                "end": end,
                "amount": _allowed_amount(item),
                **supplied(item.get("quantity")),
                "encounter_id": joined(self.visits(item)),
            },
        )
        place = self.record.place
        self.record.harvest.add_codes(event_id, "body_site", of_concept(item.get("bodySite")), place)
        self.record.harvest.add_codes(event_id, "facility", of_concept(item.get("locationCodeableConcept")), place)
        return True

    def _fill(self, item: JsonObject, number: int, codings: list[Coding]) -> bool:
        """A pharmacy line is a fill: of the drug it codes, or of the prescription it refers to."""
        holder = self.record.resource if "prescription" in self.record.resource else self.answered
        order = self.record.link(holder.get("prescription"), "MedicationRequest")
        drug = sorted(self.facts.codes.get(order or "", ())) or codings
        if not drug:
            return False
        start, end = self.served(item)
        self._add(
            f"{self.record.event_id}#{number}",
            "medication_dispense",
            drug,
            {
                "source": "pharmacy_claim",
                "start": start,
                "end": end,
                "days_supply": self._supply_days(item),
                **supplied(item.get("quantity")),
                "amount": _allowed_amount(item),
                "encounter_id": joined(self.visits(item)),
                "based_on_id": order,
            },
        )
        return True

    def _supply_days(self, item: JsonObject) -> float | None:
        for entry in self._pointed_at(item, "informationSequence", "supportingInfo"):
            if first_code(entry.get("category")) == _SUPPLY_DAYS:
                return as_number(as_object(entry.get("valueQuantity")).get("value"))
        return None

    def served(self, item: JsonObject) -> Interval:
        """When a line was served: its own date if that touches the claim's span, else the span.

        A line dated outside its own claim is a slip of the source; the claim is believed.
        """
        moment = as_text(item.get("servicedDate"))
        start, end = (moment, moment) if moment else period(item.get("servicedPeriod"))
        first, last = self.span
        if start and (not first or (start[:10] <= last[:10] and end[:10] >= first[:10])):
            return start, end
        return self.span

    def _kind(self, item: JsonObject, codings: list[Coding]) -> str:
        visits = self.visits(item)
        known = [self.facts.codes.get(visit, set()) for visit in visits] if visits else [self.facts.encounter_codes]
        if not all(visit_codes.isdisjoint(codings) for visit_codes in known):
            return "encounter"
        for entry in self._pointed_at(item, "informationSequence", "supportingInfo"):
            reference = as_text(as_object(entry.get("valueReference")).get("reference"))
            if self.record.scope.target(reference, "")[0] == "Immunization":
                return "immunization"
        return "procedure"

    def _pointed_at(self, item: JsonObject, pointer: str, element: str) -> Iterable[JsonObject]:
        """The entries of ``element`` whose sequence a line's ``pointer`` lists."""
        wanted = [number for number in as_list(item.get(pointer)) if isinstance(number, int)]
        return [entry for entry in self.parts(element) if entry.get("sequence") in wanted] if wanted else []

    def _restates_diagnosis(self, item: JsonObject, codings: list[Coding]) -> bool:
        """Whether a line's code is just that of the condition its diagnosis refers to (no service at all)."""
        for entry in self._pointed_at(item, "diagnosisSequence", "diagnosis"):
            link = self.record.link(entry.get("diagnosisReference"), "Condition")
            if not self.facts.codes.get(link or "", set()).isdisjoint(codings):
                return True
        return False

    def _diagnosis(self, entry: JsonObject, number: int) -> bool:
        """A diagnosis the claim codes itself; in a strict source also one it refers to (a principal diagnosis)."""
        codings = of_concept(entry.get("diagnosisCodeableConcept"))
        strict = self.record.reading.strict
        if not codings and strict:
            link = self.record.link(entry.get("diagnosisReference"), "Condition")
            codings = sorted(self.facts.codes.get(link or "", ()))
        if not codings:
            return False
        sequence = entry.get("sequence")
        item = next((i for i in self.items if sequence in as_list(i.get("diagnosisSequence"))), {})
        start = (self.served(item) if item else self.span)[0]
        event_id = f"{self.record.event_id}#diagnosis{number}"
        self._add(
            event_id,
            "condition",
            codings,
            {
                "type": "claim-diagnosis" if strict else "encounter-diagnosis general",
                "start": start,
                "end": start,
                "encounter_id": joined(self.visits(item)),
            },
        )
        kinds = of_concepts(entry.get("type")) + of_concept(entry.get("onAdmission"))
        self.record.harvest.add_codes(event_id, "category", kinds, self.record.place)
        return True

    def _procedure(self, entry: JsonObject, number: int) -> bool:
        """A procedure the claim codes itself."""
        codings = of_concept(entry.get("procedureCodeableConcept"))
        if not codings:
            return False
        start = as_text(entry.get("date")) or self.span[0]
        visits = joined(self.visits(self.items[0])) if self.items else None
        cells: dict[str, Cell] = {"start": start, "end": start, "encounter_id": visits}
        self._add(f"{self.record.event_id}#procedure{number}", "procedure", codings, cells)
        return True

    def _add(self, event_id: str, kind: str, codings: list[Coding], cells: dict[str, Cell]) -> None:
        record = self.record
        record.harvest.events.append(
            {
                "event_id": event_id,
                "person_id": record.person.person_id,
                "kind": kind,
                # Strict logic finds services by their own resources' profiles, never in a claim's lines.
                "type": "other" if record.reading.strict else None,
                "source": "claim",
                "code_system": codings[0][0],
                "code": codings[0][1],
                "provider_id": record.provider(record.resource.get("provider")),
                "sequence": record.place.row,
                "_file": record.place.file,
                "_row": record.place.row,
                **cells,
            }
        )
        record.harvest.add_codes(event_id, "code", codings[1:], record.place)


def _allowed_amount(item: JsonObject) -> float | None:
    """The allowed amount of a line, else its net amount."""
    for entry in objects(item.get("adjudication")):
        code = first_code(entry.get("category")).rpartition("/")[2]
        if code in _ALLOWED_AMOUNT:
            return as_number(as_object(entry.get("amount")).get("value"))
    return as_number(as_object(item.get("net")).get("value"))
