"""Which types of resources become events, and how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from measureharmony.practice.fhir import clinical, orders
from measureharmony.practice.fhir.batch import Batch, Held
from measureharmony.practice.fhir.elements import Objects
from measureharmony.practice.fhir.sheets import Harvest, Place

#: What becomes an event, and how.
EVENTS: dict[str, Callable[[Batch], None]] = {
    "Encounter": clinical.encounter,
    "Condition": clinical.condition,
    "Procedure": clinical.procedure,
    "Observation": clinical.observation,
    "Immunization": clinical.immunization,
    "AllergyIntolerance": clinical.allergy,
    "AdverseEvent": clinical.adverse_event,
    "MedicationRequest": orders.medication_request,
    "MedicationDispense": orders.medication_dispense,
    "MedicationAdministration": orders.medication_administration,
    "ServiceRequest": orders.service_request,
    "DeviceRequest": orders.device_request,
    "Communication": orders.communication,
    "Task": orders.task,
}


def convert(kind: str, held: Held, resources: Objects, harvest: Harvest) -> None:
    """Write the events that resources of one type are, and count the resources."""
    EVENTS[kind](Batch(kind, held, resources, harvest))
    for file, count in Counter(held.files).items():
        harvest.accept(Place(file, 0), kind, count)
