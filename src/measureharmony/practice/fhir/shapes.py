"""The elements that are read as columns: which of each resource type, and of what shape.

Only what most resources of a type have is listed here; whatever is rare is read from the parsed resource itself, where
it occurs. A value of another shape than FHIR prescribes reads as absent, and a lone object where a list belongs as a
list of one (see :mod:`measureharmony.practice.fhir.json_shapes`).
"""

from __future__ import annotations

import pyarrow as pa

from measureharmony.practice.fhir.json_shapes import JsonObject, as_text, objects

TEXT = pa.string()
CODING = pa.struct([("system", TEXT), ("code", TEXT)])
CONCEPT = pa.struct([("coding", pa.list_(CODING))])
PERIOD = pa.struct([("start", TEXT), ("end", TEXT)])
REFERENCE = pa.struct([("reference", TEXT)])
#: The number itself is read from the resource: only there ``true`` can be told from 1.
QUANTITY = pa.struct([("comparator", TEXT), ("system", TEXT), ("code", TEXT), ("unit", TEXT)])

_SHAPES: dict[pa.DataType, str] = {
    CONCEPT: "clinicalStatus code codeCodeableConcept event medicationCodeableConcept topic vaccineCode "
    "valueCodeableConcept verificationStatus",
    pa.list_(CONCEPT): "category type",
    CODING: "class",
    PERIOD: "effectivePeriod executionPeriod occurrencePeriod onsetPeriod performedPeriod period",
    REFERENCE: "context encounter focus request requester",
    QUANTITY: "valueQuantity",
}
_SHAPE_OF = {element: shape for shape, elements in _SHAPES.items() for element in elements.split()}

_READ = {
    "Encounter": "status type class period",
    "Condition": "status code category clinicalStatus verificationStatus onsetDateTime onsetInstant onsetPeriod "
    "abatementDateTime recordedDate encounter",
    "Procedure": "status code category performedDateTime performedInstant performedPeriod encounter",
    "Observation": "status code category effectiveDateTime effectiveInstant effectivePeriod issued encounter "
    "valueQuantity valueCodeableConcept",
    "Observation.component": "code valueQuantity valueCodeableConcept",
    "Immunization": "status vaccineCode occurrenceDateTime occurrenceInstant occurrencePeriod recorded encounter",
    "AllergyIntolerance": "status code clinicalStatus verificationStatus onsetDateTime onsetInstant onsetPeriod "
    "lastOccurrence recordedDate encounter",
    "AdverseEvent": "status actuality event category date recordedDate encounter",
    "MedicationRequest": "status intent medicationCodeableConcept category authoredOn encounter requester",
    "MedicationDispense": "status medicationCodeableConcept category whenHandedOver whenPrepared context",
    "MedicationAdministration": "status medicationCodeableConcept category effectiveDateTime effectiveInstant "
    "effectivePeriod context request",
    "ServiceRequest": "status intent code category authoredOn encounter requester",
    "DeviceRequest": "status intent codeCodeableConcept category authoredOn encounter requester",
    "Communication": "status topic category sent received encounter",
    "Task": "status intent code executionPeriod authoredOn encounter focus",
}
#: (element, Arrow type) of all that is read as columns, by resource type.
ELEMENTS: dict[str, list[tuple[str, pa.DataType]]] = {
    kind: [(element, _SHAPE_OF.get(element, TEXT)) for element in elements.split()] for kind, elements in _READ.items()
}


def as_columns(resources: list[JsonObject], kind: str, present: frozenset[str]) -> pa.StructArray:
    """The elements of ``ELEMENTS[kind]`` that are ``present`` in any of the resources, one entry a resource."""
    shape = pa.struct([(element, of) for element, of in ELEMENTS[kind] if element in present])
    try:
        return pa.array(resources, shape)
    except (pa.ArrowException, TypeError, ValueError):  # something has another shape than it should have
        return pa.array([_in_shape(resource, shape) for resource in resources], shape)


def _in_shape(value: object, shape: pa.DataType) -> object:
    """``value``, or of an object or a list whatever in it has ``shape``; None where nothing has."""
    if pa.types.is_struct(shape):
        return {f.name: _in_shape(value.get(f.name), f.type) for f in shape} if isinstance(value, dict) else None
    if pa.types.is_list(shape):
        return [_in_shape(member, shape.value_type) for member in objects(value)]
    return as_text(value)
