"""The elements that are read as columns: which of each resource type, and of what shape.

Only what most resources of a type have becomes columns; whatever is rare is read from the parsed resource itself, where
it occurs. A value of another shape than FHIR prescribes reads as absent, and a lone object where a list belongs as
a list of one (see :mod:`measureharmony.practice.fhir.json_shapes`).
"""

from __future__ import annotations

from contextlib import suppress

import pyarrow as pa

from measureharmony.practice.fhir.json_shapes import JsonObject, as_text, objects, texts

TEXT = pa.string()
CODING = pa.struct([("system", TEXT), ("code", TEXT)])
CONCEPT = pa.struct([("coding", pa.list_(CODING))])
PERIOD = pa.struct([("start", TEXT), ("end", TEXT)])
REFERENCE = pa.struct([("reference", TEXT)])
PROFILES = pa.struct([("profile", pa.list_(TEXT))])
#: The number itself is read from the resource: only there ``true`` can be told from 1.
QUANTITY = pa.struct([("comparator", TEXT), ("system", TEXT), ("code", TEXT), ("unit", TEXT)])

_SHAPES: dict[pa.DataType, str] = {
    CONCEPT: "clinicalStatus code codeCodeableConcept event medicationCodeableConcept topic vaccineCode "
    "valueCodeableConcept verificationStatus",
    pa.list_(CONCEPT): "category type",
    CODING: "class",
    PERIOD: "effectivePeriod executionPeriod occurrencePeriod onsetPeriod performedPeriod period",
    REFERENCE: "context encounter focus request requester",
    QUANTITY: "daysSupply quantity valueQuantity",
    PROFILES: "meta",
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
    "MedicationDispense": "status medicationCodeableConcept category whenHandedOver whenPrepared "
    "daysSupply quantity context",
    "MedicationAdministration": "status medicationCodeableConcept category effectiveDateTime effectiveInstant "
    "effectivePeriod context request",
    "ServiceRequest": "status intent code category authoredOn encounter requester",
    "DeviceRequest": "status intent codeCodeableConcept category authoredOn encounter requester",
    "Communication": "status topic category sent received encounter",
    "Task": "status intent code executionPeriod authoredOn encounter focus",
}
#: What only some resources of a type have; all that is asked for by :meth:`batch.Columns.having` besides the columns.
_WHY = "extension reasonCode statusReason statusReasonCodeableConcept doNotPerform"
_VALUES = (
    "valueInteger valueString valueBoolean valueRange valueRatio valueDateTime valueTime valuePeriod valueSampledData"
)
_ORDERED = f"basedOn modifierExtension {_WHY}"
RARE = {
    "Encounter": "basedOn participant reasonCode hospitalization location reasonReference diagnosis doNotPerform",
    "Condition": "bodySite severity onsetAge onsetRange abatementPeriod abatementAge abatementRange abatementTiming "
    "abatementString abatementInstant",
    "Procedure": f"basedOn performer bodySite performedAge performedRange {_WHY}",
    "Observation": f"basedOn performer method bodySite effectiveAge effectiveRange effectiveTiming "
    f"effectiveString {_WHY} {_VALUES}",
    "Observation.component": _VALUES,
    "Immunization": f"performer occurrenceAge occurrenceRange {_WHY}",
    "AllergyIntolerance": "category onsetAge onsetRange onsetTiming onsetString",
    "AdverseEvent": "severity",
    "MedicationRequest": f"medicationReference dosageInstruction dispenseRequest {_ORDERED}",
    "MedicationDispense": f"medicationReference dosageInstruction authorizingPrescription performer {_WHY}",
    "MedicationAdministration": f"medicationReference effectiveAge effectiveRange {_WHY}",
    "ServiceRequest": f"bodySite quantityQuantity {_ORDERED}",
    "DeviceRequest": f"quantityQuantity {_ORDERED}",
    "Communication": f"basedOn {_WHY}",
    "Task": f"basedOn {_WHY}",
}
#: Lists of objects with elements of their own, and the kind of these.
PARTS = {"Observation": {"component": "Observation.component"}}
#: Where each resource type says whose it is; everything else says ``subject``.
_SUBJECT = {
    "AllergyIntolerance": "patient",
    "Immunization": "patient",
    "Claim": "patient",
    "ExplanationOfBenefit": "patient",
    "Coverage": "beneficiary",
    "Task": "for",
}
#: (element, Arrow type) of all that is read as columns, by resource type.
ELEMENTS: dict[str, list[tuple[str, pa.DataType]]] = {
    kind: [(element, _SHAPE_OF.get(element, TEXT)) for element in ("meta", *elements.split())]
    for kind, elements in _READ.items()
}


def subject_of(kind: str) -> str:
    """The element in which a resource of this type says whose it is."""
    return _SUBJECT.get(kind, "subject")


def as_columns(resources: list[JsonObject], kind: str, present: frozenset[str]) -> pa.StructArray:
    """The elements of ``ELEMENTS[kind]`` that are ``present`` in any of the resources, one entry a resource."""
    shape = pa.struct([(element, of) for element, of in ELEMENTS[kind] if element in present])
    if "meta" not in present or not any(map(_has_lone_profile, resources)):
        with suppress(pa.ArrowException, TypeError, ValueError):  # something has another shape than it should have
            return pa.array(resources, shape)
    return pa.array([_in_shape(resource, shape) for resource in resources], shape)


def _has_lone_profile(resource: JsonObject) -> bool:
    """Whether the profile is a text, not a list: Arrow would take it for a list of letters."""
    meta = resource.get("meta")
    return isinstance(meta, dict) and isinstance(meta.get("profile"), str)


def _in_shape(value: object, shape: pa.DataType) -> object:
    """``value``, or of an object or a list whatever in it has ``shape``; None where nothing has."""
    if pa.types.is_struct(shape):
        return {f.name: _in_shape(value.get(f.name), f.type) for f in shape} if isinstance(value, dict) else None
    if shape == PROFILES.field("profile").type:
        return texts(value)
    if pa.types.is_list(shape):
        return [_in_shape(member, shape.value_type) for member in objects(value)]
    return as_text(value)
