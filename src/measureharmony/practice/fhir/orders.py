"""Orders and supplies: medications, services, devices, communications and tasks as events."""

from __future__ import annotations

from measureharmony.practice.fhir.clinical import RECORDED, not_done_reasons
from measureharmony.practice.fhir.codings import Coding, extension, of_concept, of_concepts
from measureharmony.practice.fhir.json_shapes import JsonObject, as_number, as_object, as_text, objects
from measureharmony.practice.fhir.profiles import QICORE
from measureharmony.practice.fhir.record import Record
from measureharmony.practice.fhir.sheets import Cell
from measureharmony.practice.fhir.supply import Supply, dispense_supply, request_supply
from measureharmony.practice.fhir.times import choice, period

#: The modifier extensions by which a DeviceRequest says that it must not be performed (a misspelt URL says nothing).
DO_NOT_PERFORM = QICORE + "qicore-doNotPerform"
DO_NOT_PERFORM_R5 = "http://hl7.org/fhir/5.0/StructureDefinition/extension-DeviceRequest.doNotPerform"


def medication_request(record: Record) -> None:
    """A medication order; start and end are its request period, unknown where it cannot be computed."""
    resource = record.resource
    dispense = as_object(resource.get("dispenseRequest"))
    supply = request_supply(resource, strict=record.reading.strict)
    refills = as_number(dispense.get("numberOfRepeatsAllowed"))
    record.add(
        "medication_order",
        medication_codings(record),
        {
            **_order(record),
            **_supply(supply, dispense.get("quantity")),
            "refills": int(refills) if refills is not None and abs(refills) < 1e6 else None,
            "provider_id": record.provider(resource.get("requester")),
        },
    )
    _order_codes(record)


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
            "recorded": handed_over or None,
            "encounter_id": record.link(resource.get("context"), "Encounter"),
            "based_on_id": record.first_link("authorizingPrescription", "MedicationRequest"),
            "provider_id": record.provider(performers[0].get("actor")) if performers else None,
        },
    )
    not_done_reasons(record)


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
            "encounter_id": record.link(resource.get("context"), "Encounter"),
            "based_on_id": record.link(resource.get("request"), "MedicationRequest"),
        },
    )
    record.codes("reason", of_concepts(resource.get("reasonCode")))
    not_done_reasons(record)


def medication_codings(record: Record) -> list[Coding]:
    """The drug's codings: inline, or those of the Medication referred to (in the bundle or contained).

    A drug named by reference is marked with a ``category`` coding, because the 2025 edition does not follow it.
    """
    inline = record.code_of("medicationCodeableConcept")
    reference = as_text(as_object(record.resource.get("medicationReference")).get("reference"))
    if inline or not reference:
        return inline
    record.codes("category", [("medicationReference", "true")])
    if reference.startswith("#"):
        return of_concept(record.contained(reference).get("code"))
    return record.scope.medications.get(record.scope.target(reference, "Medication")[1], [])


def service_request(record: Record) -> None:
    """An order or referral for a service, at the time it was written."""
    record.add("service_request", record.code_of("code"), {**_order(record), **_written(record.resource)})
    record.codes("body_site", of_concepts(record.resource.get("bodySite")))
    _order_codes(record)


def device_request(record: Record) -> None:
    """An order for a device, at the time it was written."""
    record.add("device_request", record.code_of("codeCodeableConcept"), {**_order(record), **_written(record.resource)})
    _order_codes(record)


def _written(resource: JsonObject) -> dict[str, Cell]:
    """An order without a period of its own happens when it is written."""
    authored = as_text(resource.get("authoredOn"))
    return {
        "start": authored,
        "end": authored,
        "recorded": as_text(extension(resource, RECORDED).get("valueDateTime")) or None,
        "quantity": as_number(as_object(resource.get("quantityQuantity")).get("value")),
    }


def _order(record: Record) -> dict[str, Cell]:
    resource = record.resource
    return {
        "intent": as_text(resource.get("intent")) or None,
        "category": record.category(of_concepts(resource.get("category"))),
        "not_done": record.not_done() or (not record.reading.strict and _forbidden(resource)) or None,
        "authored": as_text(resource.get("authoredOn")) or None,
        "encounter_id": record.link(resource.get("encounter"), "Encounter"),
        "based_on_id": record.first_link("basedOn", "ServiceRequest"),
        "provider_id": record.provider(resource.get("requester")),
    }


def _order_codes(record: Record) -> None:
    """Reasons of an order, and that it says not to perform it (the 2025 edition asks, whatever the profile)."""
    resource = record.resource
    record.codes("reason", of_concepts(resource.get("reasonCode")))
    not_done_reasons(record)
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
        "quantity": as_number(as_object(quantity).get("value")),
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
            "recorded": as_text(extension(resource, RECORDED).get("valueDateTime")) or None,
            "encounter_id": record.link(resource.get("encounter"), "Encounter"),
            "based_on_id": record.first_link("basedOn", "ServiceRequest"),
        },
    )
    record.codes("reason", of_concepts(resource.get("reasonCode")))
    not_done_reasons(record)


def task(record: Record) -> None:
    """A task over its execution period; a rejected task is linked to what it rejects, another to its order."""
    resource = record.resource
    start, end = period(resource.get("executionPeriod"))
    focus = record.link(resource.get("focus"), "ServiceRequest")
    order = record.first_link("basedOn", "ServiceRequest")
    rejects = record.reading.type == "rejected"
    record.add(
        "task",
        record.code_of("code"),
        {
            "intent": as_text(resource.get("intent")) or None,
            "not_done": record.not_done(),
            "start": start,
            "end": end,
            "authored": as_text(resource.get("authoredOn")) or None,
            "encounter_id": record.link(resource.get("encounter"), "Encounter"),
            "based_on_id": (focus or order) if rejects else (order or focus),
        },
    )
    record.codes("reason", of_concepts(resource.get("reasonCode")))
    not_done_reasons(record)
