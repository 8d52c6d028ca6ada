"""Results of observations: ``value[x]`` as the contract's value, unit and value_type."""

from __future__ import annotations

from measureharmony.practice.fhir.json_shapes import JsonObject, as_number, as_object, as_text
from measureharmony.practice.fhir.sheets import Cell

UCUM = "http://unitsofmeasure.org"

#: Forms of value[x] that are a result, but neither a number nor a code.
_OTHER_FORMS = (
    "valueBoolean",
    "valueRange",
    "valueRatio",
    "valueDateTime",
    "valueTime",
    "valuePeriod",
    "valueSampledData",
)


def value_cells(holder: JsonObject) -> dict[str, Cell]:
    """``value``, ``unit`` and ``value_type`` of an observation or component; empty when it has no result.

    A Quantity with a comparator, without a number or with a unit system other than UCUM cannot be compared and
    counts as no result (shared logic 2026, section 1); so does a dataAbsentReason.
    """
    if "valueQuantity" in holder:
        return _quantity(as_object(holder["valueQuantity"]))
    if "valueCodeableConcept" in holder:
        return {"value_type": "coded"} if as_object(holder["valueCodeableConcept"]) else {}
    if "valueInteger" in holder:
        number = as_number(holder["valueInteger"])
        return {} if number is None else {"value": number, "value_type": "integer"}
    if "valueString" in holder:
        return {"value_type": "text"} if as_text(holder["valueString"]) else {}
    if any(holder.get(name) is not None for name in _OTHER_FORMS):
        return {"value_type": "other"}
    return {}


def supplied(quantity: object) -> dict[str, Cell]:
    """``quantity`` and ``quantity_unit`` of what was dispensed, ordered or billed; a comparator leaves both open."""
    given = as_object(quantity)
    amount = as_number(given.get("value"))
    if amount is None or given.get("comparator"):
        return {}
    return {"quantity": amount, "quantity_unit": _unit(given)}


def _unit(quantity: JsonObject) -> str | None:
    return as_text(quantity.get("code")) or as_text(quantity.get("unit")) or None


def _quantity(quantity: JsonObject) -> dict[str, Cell]:
    number = as_number(quantity.get("value"))
    if number is None or quantity.get("comparator") or quantity.get("system") not in (None, "", UCUM):
        return {}
    return {"value": number, "unit": _unit(quantity), "value_type": "quantity"}
