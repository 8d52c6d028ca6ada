"""Which types of resources become events, and how."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow.compute as pc

from measureharmony.practice.fhir import clinical, orders
from measureharmony.practice.fhir.batch import Batch
from measureharmony.practice.fhir.elements import Objects
from measureharmony.practice.fhir.held import Origins
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


def convert(kind: str, origins: Origins, resources: Objects, harvest: Harvest) -> None:
    """Write the events that resources of one type are, and count the resources."""
    EVENTS[kind](Batch(kind, origins, resources, harvest))
    for found in pc.value_counts(origins.files).to_pylist():
        harvest.accept(Place(found["values"], 0), kind, found["counts"])
