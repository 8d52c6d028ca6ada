"""Orders and supplies: medications, services, devices, communications and tasks as events."""

from __future__ import annotations

from measureharmony.practice.fhir.clinical import reasons, recorded
from measureharmony.practice.fhir.codings import Coding, of_concept, of_concepts
from measureharmony.practice.fhir.dosing import dosing_periods
from measureharmony.practice.fhir.json_shapes import JsonObject, as_number, as_object, as_text, objects
from measureharmony.practice.fhir.profiles import QICORE
from measureharmony.practice.fhir.record import Record, joined
from measureharmony.practice.fhir.sheets import Cell
from measureharmony.practice.fhir.supply import Supply, dispense_supply, request_supply
from measureharmony.practice.fhir.times import choice, period
from measureharmony.practice.fhir.values import supplied

#: The modifier extensions by which a DeviceRequest says that it must not be performed (a misspelt URL says nothing).
DO_NOT_PERFORM = QICORE + "qicore-doNotPerform"
DO_NOT_PERFORM_R5 = "http://hl7.org/fhir/5.0/StructureDefinition/extension-DeviceRequest.doNotPerform"


#: Contract type of a dosing row → what its event_id ends with.
_DOSING_NAMES = {"bounds": "dosing", "bounds-period": "period"}
_BY_REFERENCE = ("medicationReference", "true")


def medication_request(record: Record) -> None:
    """A medication order over its request period (unknown where it cannot be computed), and its dosing periods."""
    resource, order, codings = record.resource, _order(record), medication_codings(record)
    dispense = as_object(resource.get("dispenseRequest"))
    supply = request_supply(resource, strict=record.reading.strict)
    refills = as_number(dispense.get("numberOfRepeatsAllowed"))
    record.add(
        "medication_order",
        codings,
        {
            **order,
            **_supply(supply, dispense.get("quantity")),
            "refills": int(refills) if refills is not None and abs(refills) < 1e6 else None,
        },
    )
    _order_codes(record)
    _dosing(record, order, codings)


def _dosing(record: Record, order: dict[str, Cell], codings: list[Coding]) -> None:
    """When an order says that the drug is to be taken, as events of their own; none of an order no measure sees."""
    if record.reading.type:
        return
    for word, (start, end) in dosing_periods(record.resource):
        cells: dict[str, Cell] = {**order, "type": word, "start": start, "end": end}
        event_id = record.add_part(_DOSING_NAMES[word], "medication_dosing", codings, cells)
        if _drug_reference(record):
            record.harvest.add_codes(event_id, "category", [_BY_REFERENCE], record.place)


def medication_dispense(record: Record) -> None:
    """A fill; start and end are its dispense period, ``recorded`` is when it was handed over or prepared."""
    resource = record.resource
    handed_over = as_text(resource.get("whenHandedOver")) or as_text(resource.get("whenPrepared"))
    supply = dispense_supply(resource, strict=record.reading.strict)
    performers = objects(resource.get("performer"))
    record.add(
        "medication_dispense",
        medication_codings(record),
        {
            **_supply(supply, resource.get("quantity")),
            "not_done": record.not_done(),
            "category": record.category(of_concepts(resource.get("category"))),
            "recorded": handed_over or recorded(record),
            "encounter_id": record.link(resource.get("context"), "Encounter"),
            "based_on_id": record.links("authorizingPrescription", "MedicationRequest"),
            "provider_id": record.provider(performers[0].get("actor")) if performers else None,
        },
    )
    reasons(record)


def medication_administration(record: Record) -> None:
    """A medication given at its effective time."""
    resource = record.resource
    start, end = choice(resource, "effective", record.person.birth)
    record.add(
        "medication_administration",
        medication_codings(record),
        {
            "start": start,
            "end": end,
            "not_done": record.not_done(),
            "category": record.category(of_concepts(resource.get("category"))),
            "recorded": recorded(record),
            "encounter_id": record.link(resource.get("context"), "Encounter"),
            "based_on_id": record.link(resource.get("request"), "MedicationRequest"),
        },
    )
    reasons(record)


def medication_codings(record: Record) -> list[Coding]:
    """The drug's codings: inline, or those of the Medication referred to (in the bundle or contained).

    A drug named by reference is marked with a ``category`` coding, because the 2025 edition does not follow it.
    """
    reference = _drug_reference(record)
    if not reference:
        return record.code_of("medicationCodeableConcept")
    record.codes("category", [_BY_REFERENCE])
    if reference.startswith("#"):
        return of_concept(record.contained(reference).get("code"))
    return record.scope.medications.get(record.scope.target(reference, "Medication")[1], [])


def _drug_reference(record: Record) -> str:
    """The reference that alone says which drug it is; empty when the drug is coded inline."""
    if record.code_of("medicationCodeableConcept"):
        return ""
    return as_text(as_object(record.resource.get("medicationReference")).get("reference"))


def service_request(record: Record) -> None:
    """An order or referral for a service, at the time it was written."""
    record.add("service_request", record.code_of("code"), {**_order(record), **_written(record)})
    record.codes("body_site", of_concepts(record.resource.get("bodySite")))
    _order_codes(record)


def device_request(record: Record) -> None:
    """An order for a device, at the time it was written."""
    record.add("device_request", record.code_of("codeCodeableConcept"), {**_order(record), **_written(record)})
    _order_codes(record)


def _written(record: Record) -> dict[str, Cell]:
    """An order without a period of its own happens when it is written."""
    authored = as_text(record.resource.get("authoredOn"))
    return {
        "start": authored,
        "end": authored,
        "quantity": as_number(as_object(record.resource.get("quantityQuantity")).get("value")),
    }


def _order(record: Record) -> dict[str, Cell]:
    resource = record.resource
    return {
        "intent": as_text(resource.get("intent")) or None,
        "category": record.category(of_concepts(resource.get("category"))),
        "not_done": record.not_done() or (not record.reading.strict and _forbidden(resource)) or None,
        "authored": as_text(resource.get("authoredOn")) or None,
        "recorded": recorded(record),
        "encounter_id": record.link(resource.get("encounter"), "Encounter"),
        "based_on_id": record.links("basedOn", "ServiceRequest"),
        "provider_id": record.provider(resource.get("requester")),
    }


def _order_codes(record: Record) -> None:
    """Reasons of an order, and that it says not to perform it (the 2025 edition asks, whatever the profile)."""
    resource = record.resource
    reasons(record)
    if resource.get("doNotPerform") is True or _modifier(resource, DO_NOT_PERFORM):
        record.codes("category", [("doNotPerform", "true")])


def _forbidden(resource: JsonObject) -> bool:
    return _modifier(resource, DO_NOT_PERFORM) or _modifier(resource, DO_NOT_PERFORM_R5)


def _modifier(resource: JsonObject, url: str) -> bool:
    """Whether a modifier extension with exactly this URL is true."""
    return any(
        candidate.get("url") == url and candidate.get("valueBoolean") is True
        for candidate in objects(resource.get("modifierExtension"))
    )


def _supply(supply: Supply, quantity: object) -> dict[str, Cell]:
    return {
        "start": supply.period[0],
        "end": supply.period[1],
        "days_supply": supply.days,
        **supplied(quantity),
    }


def communication(record: Record) -> None:
    """A message sent (or recorded as not sent): its topic is its code, its sending its time."""
    resource = record.resource
    sent = as_text(resource.get("sent")) or as_text(resource.get("received"))
    record.add(
        "communication",
        record.code_of("topic"),
        {
            "category": record.category(of_concepts(resource.get("category"))),
            "not_done": record.not_done(),
            "start": sent,
            "end": sent,
            "recorded": recorded(record),
            "encounter_id": record.link(resource.get("encounter"), "Encounter"),
            "based_on_id": record.links("basedOn", "ServiceRequest"),
        },
    )
    reasons(record)


def task(record: Record) -> None:
    """A task over its execution period, linked to its focus and its orders; a rejected one only to what it rejects."""
    resource = record.resource
    start, end = period(resource.get("executionPeriod"))
    focus = record.link(resource.get("focus"), "ServiceRequest")
    orders = record.links("basedOn", "ServiceRequest") if record.reading.type != "rejected" else None
    record.add(
        "task",
        record.code_of("code"),
        {
            "intent": as_text(resource.get("intent")) or None,
            "not_done": record.not_done(),
            "start": start,
            "end": end,
            "authored": as_text(resource.get("authoredOn")) or None,
            "recorded": recorded(record),
            "encounter_id": record.link(resource.get("encounter"), "Encounter"),
            "based_on_id": joined([focus, *(orders or "").split()]),
        },
    )
    reasons(record)
