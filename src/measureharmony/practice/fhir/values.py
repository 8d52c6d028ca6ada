"""Results of observations: ``value[x]`` as the contract's value, unit and value_type."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.practice.fhir.batch import Cells, Columns
from measureharmony.practice.fhir.coding_columns import NO_TEXT
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
_CODED = (None, "coded")
_FORMS = ("valueCodeableConcept", "valueInteger", "valueString", *_OTHER_FORMS)


def value_cells(columns: Columns) -> Cells:
    """``value``, ``unit`` and ``value_type`` of observations or components; null where there is no result.

    A Quantity with a comparator, without a number or with a unit system other than UCUM cannot be compared and
    counts as no result (shared logic 2026, section 1); so does a dataAbsentReason.
    """
    cells = _quantities(columns)
    rows = {row for form in _FORMS for row in columns.resources.rows_with(form)}
    if not rows:
        return cells
    coded = set(columns.concept("valueCodeableConcept").rows.tolist())
    coded -= set(columns.resources.rows_with("valueQuantity"))
    others = {row: _result(columns.resources[row]) for row in rows - coded}
    return _with_results(cells, {**others, **dict.fromkeys(coded, _CODED)})


def _quantities(columns: Columns) -> Cells:
    """The three cells, of the results that are Quantities."""
    if not columns.has("valueQuantity"):
        return {"value": pa.nulls(columns.count, pa.float64()), "unit": columns.nothing, "value_type": columns.nothing}
    number, system = columns.number("valueQuantity", "value"), columns.text("valueQuantity", "system")
    comparable = pc.and_(
        columns.text("valueQuantity", "comparator").is_null(), pc.fill_null(pc.equal(system, UCUM), True)
    )
    value = pc.if_else(comparable, number, None)
    measured = value.is_valid()
    unit = pc.coalesce(columns.text("valueQuantity", "code"), columns.text("valueQuantity", "unit"))
    return {
        "value": value,
        "unit": pc.if_else(measured, unit, None),
        "value_type": pc.if_else(measured, "quantity", NO_TEXT),
    }


def _with_results(cells: Cells, results: dict[int, tuple[float | None, str | None]]) -> Cells:
    """``cells`` with the results of the observations that have no Quantity."""
    rows = sorted(row for row, (_, kind) in results.items() if kind is not None)
    mask = np.zeros(len(cells["value"]), np.bool_)
    mask[rows] = True
    numbers = pa.array([results[row][0] for row in rows], pa.float64())
    kinds = pa.array([results[row][1] for row in rows], pa.string())
    value = pc.replace_with_mask(cells["value"], pa.array(mask), numbers)
    return {**cells, "value": value, "value_type": pc.replace_with_mask(cells["value_type"], pa.array(mask), kinds)}


def _result(holder: JsonObject) -> tuple[float | None, str | None]:
    """Number and contract word of a result that is no Quantity; (None, None) of an empty one."""
    if "valueQuantity" in holder:
        return None, None
    if "valueCodeableConcept" in holder:
        return None, "coded" if as_object(holder["valueCodeableConcept"]) else None
    if "valueInteger" in holder:
        number = as_number(holder["valueInteger"])
        return number, None if number is None else "integer"
    if "valueString" in holder:
        return None, "text" if as_text(holder["valueString"]) else None
    return None, "other" if any(holder.get(name) is not None for name in _OTHER_FORMS) else None


def quantity_cells(columns: Columns, element: str) -> Cells:
    """``quantity`` and ``quantity_unit`` of what was dispensed; a comparator leaves both open."""
    value = pc.if_else(columns.text(element, "comparator").is_null(), columns.number(element, "value"), None)
    unit = pc.coalesce(columns.text(element, "code"), columns.text(element, "unit"))
    return {"quantity": value, "quantity_unit": pc.if_else(value.is_valid(), unit, NO_TEXT)}


def supplied(quantity: object) -> dict[str, Cell]:
    """``quantity`` and ``quantity_unit`` of what was dispensed, ordered or billed; a comparator leaves both open."""
    given = as_object(quantity)
    amount = as_number(given.get("value"))
    if amount is None or given.get("comparator"):
        return {}
    return {"quantity": amount, "quantity_unit": _unit(given)}


def _unit(quantity: JsonObject) -> str | None:
    return as_text(quantity.get("code")) or as_text(quantity.get("unit")) or None
