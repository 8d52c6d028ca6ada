"""Orders and supplies: medications, services, devices, communications and tasks as events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.practice.fhir.batch import Batch, Cells, true_or_null
from measureharmony.practice.fhir.clinical import contained, reasons, recorded
from measureharmony.practice.fhir.coding_columns import EMPTY, NO_TEXT, SEPARATOR, Codings
from measureharmony.practice.fhir.codings import Coding, of_concept, of_concepts
from measureharmony.practice.fhir.dosing import dosing_periods
from measureharmony.practice.fhir.json_shapes import JsonObject, as_number, as_object, as_text, objects
from measureharmony.practice.fhir.profiles import QICORE
from measureharmony.practice.fhir.record import joined
from measureharmony.practice.fhir.supply import Supply, dispense_supply, request_supply
from measureharmony.practice.fhir.times import UNKNOWN
from measureharmony.practice.fhir.values import quantity_cells, supplied

#: The modifier extensions by which a DeviceRequest says that it must not be performed (a misspelt URL says nothing).
DO_NOT_PERFORM = QICORE + "qicore-doNotPerform"
DO_NOT_PERFORM_R5 = "http://hl7.org/fhir/5.0/StructureDefinition/extension-DeviceRequest.doNotPerform"

#: Contract type of a dosing row → what its event_id ends with.
_DOSING_NAMES = {"bounds": "dosing", "bounds-period": "period"}
_BY_REFERENCE = ("medicationReference", "true")


def medication_request(batch: Batch) -> None:
    """Medication orders over their request periods (unknown where not computable), and their dosing periods."""
    order, codings = _order(batch), medication_codings(batch)
    unknown = pa.repeat(UNKNOWN, batch.count)
    nothing: Cells = {"start": unknown, "end": unknown, "days_supply": pa.nulls(batch.count, pa.float64())}
    batch.add(
        "medication_order",
        codings,
        {
            **order,
            **_dosed(batch, nothing, ("dosageInstruction", "dispenseRequest"), request_supply),
            **_dispensed(batch),
        },
    )
    _order_codes(batch)
    _dosing(batch, order, codings)


def _dispensed(batch: Batch) -> Cells:
    """What orders say is to be dispensed."""
    dispenses: list[JsonObject] = [{}] * batch.count
    for row, dispense in batch.having("dispenseRequest"):
        dispenses[row] = as_object(dispense)
    found = [supplied(dispense.get("quantity")) for dispense in dispenses]
    return {
        "quantity": pa.array([cells.get("quantity") for cells in found], pa.float64()),
        "quantity_unit": pa.array([cells.get("quantity_unit") for cells in found], pa.string()),
        "refills": pa.array([_refills(dispense) for dispense in dispenses], pa.int64()),
    }


def _refills(dispense: JsonObject) -> int | None:
    allowed = as_number(dispense.get("numberOfRepeatsAllowed"))
    return int(allowed) if allowed is not None and abs(allowed) < 1e6 else None


def _dosing(batch: Batch, order: Cells, codings: Codings) -> None:
    """When orders say that the drug is to be taken, as events of their own; none of an order no measure sees."""
    typed = batch.types.is_valid().to_pylist()
    seen = (row for row, _ in batch.having("dosageInstruction") if not typed[row])
    found = [(row, word, interval) for row in seen for word, interval in dosing_periods(batch.resources[row])]
    if not found:
        return
    rows = np.array([row for row, _, _ in found], np.int64)
    cells = {name: column.take(pa.array(rows)) for name, column in order.items()} | {
        "type": pa.array([word for _, word, _ in found]),
        "start": pa.array([start for _, _, (start, _) in found]),
        "end": pa.array([end for _, _, (_, end) in found]),
    }
    names = pa.array([_DOSING_NAMES[word] for _, word, _ in found])
    written = batch.add_parts(rows, names, "medication_dosing", codings.repeated(rows), cells)
    marks = [(n, _BY_REFERENCE) for n, row in enumerate(rows) if _drug_reference(batch.resources[row])]
    batch.harvest.add_code_columns(written, "category", Codings.of_pairs(marks))


def medication_dispense(batch: Batch) -> None:
    """Fills; start and end are their dispense period, ``recorded`` is when they were handed over or prepared."""
    handed_over = pc.coalesce(batch.text("whenHandedOver"), batch.text("whenPrepared"))
    batch.add(
        "medication_dispense",
        medication_codings(batch),
        {
            **_dosed(batch, _fills(batch), ("dosageInstruction",), dispense_supply),
            **quantity_cells(batch, "quantity"),
            "not_done": batch.not_done(),
            "category": batch.category(batch.concepts("category")),
            "recorded": pc.coalesce(handed_over, recorded(batch)),
            "encounter_id": batch.link("context", "Encounter"),
            "based_on_id": batch.links("authorizingPrescription", "MedicationRequest"),
            "provider_id": batch.first_provider("performer", "actor"),
        },
    )
    reasons(batch)


def medication_administration(batch: Batch) -> None:
    """Medications given at their effective time."""
    start, end = batch.choice("effective", batch.people)
    batch.add(
        "medication_administration",
        medication_codings(batch),
        {
            "start": start,
            "end": end,
            "not_done": batch.not_done(),
            "category": batch.category(batch.concepts("category")),
            "recorded": recorded(batch),
            "encounter_id": batch.link("context", "Encounter"),
            "based_on_id": batch.link("request", "MedicationRequest"),
        },
    )
    reasons(batch)


def medication_codings(batch: Batch) -> Codings:
    """The drugs' codings: inline, or those of the Medication referred to (in the bundle or contained).

    A drug named by reference is marked with a ``category`` coding, because the 2025 edition does not follow it.
    """
    referring = {row: reference for row, _ in batch.having("medicationReference")
                 if (reference := _drug_reference(batch.resources[row]))}  # fmt: skip
    batch.codes("category", Codings.of_pairs((row, _BY_REFERENCE) for row in referring))
    named = ((row, coding) for row, reference in referring.items() for coding in _named_drug(batch, row, reference))
    return batch.concept("medicationCodeableConcept").followed_by(Codings.of_pairs(named))


def _named_drug(batch: Batch, row: int, reference: str) -> list[Coding]:
    if reference.startswith("#"):
        return of_concept(contained(batch.resources[row], reference).get("code"))
    scope = batch.scopes[row]
    return scope.medications.get(scope.target(reference, "Medication")[1], [])


def _drug_reference(resource: JsonObject) -> str:
    """The reference that alone says which drug it is; empty when the drug is coded inline."""
    if of_concept(resource.get("medicationCodeableConcept")):
        return ""
    return as_text(as_object(resource.get("medicationReference")).get("reference"))


def service_request(batch: Batch) -> None:
    """Orders or referrals for a service, at the time they were written."""
    batch.add("service_request", batch.concept("code"), {**_order(batch), **_written(batch)})
    batch.codes("body_site", batch.few_codings("bodySite", of_concepts))
    _order_codes(batch)


def device_request(batch: Batch) -> None:
    """Orders for a device, at the time they were written."""
    batch.add("device_request", batch.concept("codeCodeableConcept"), {**_order(batch), **_written(batch)})
    _order_codes(batch)


def _written(batch: Batch) -> Cells:
    """An order without a period of its own happens when it is written."""
    authored = pc.fill_null(batch.text("authoredOn"), "")
    return {"start": authored, "end": authored, "quantity": batch.number("quantityQuantity", "value")}


def _order(batch: Batch) -> Cells:
    strict = batch.strict
    forbidden = [row for row, _ in batch.having("modifierExtension") if _forbidden(batch.resources[row])]
    not_done = batch.not_done().is_valid().to_numpy(zero_copy_only=False).copy()
    not_done[[row for row in forbidden if not strict[row]]] = True
    return {
        "intent": batch.text("intent"),
        "category": batch.category(batch.concepts("category")),
        "not_done": true_or_null(not_done),
        "authored": batch.text("authoredOn"),
        "recorded": recorded(batch),
        "encounter_id": batch.link("encounter", "Encounter"),
        "based_on_id": batch.links("basedOn", "ServiceRequest"),
        "provider_id": batch.provider("requester"),
    }


def _order_codes(batch: Batch) -> None:
    """Reasons of orders, and that one says not to perform it (the 2025 edition asks, whatever the profile)."""
    reasons(batch)
    said = {row for row, value in batch.having("doNotPerform") if value is True}
    said |= {row for row, _ in batch.having("modifierExtension") if _modifier(batch.resources[row], DO_NOT_PERFORM)}
    batch.codes("category", Codings.of_pairs((row, ("doNotPerform", "true")) for row in sorted(said)))


def _forbidden(resource: JsonObject) -> bool:
    return _modifier(resource, DO_NOT_PERFORM) or _modifier(resource, DO_NOT_PERFORM_R5)


def _modifier(resource: JsonObject, url: str) -> bool:
    """Whether a modifier extension with exactly this URL is true."""
    return any(
        candidate.get("url") == url and candidate.get("valueBoolean") is True
        for candidate in objects(resource.get("modifierExtension"))
    )


def _fills(batch: Batch) -> Cells:
    """The period and the days of fills without dosage instructions, worked out once for those that say the same."""
    days = {name: batch.text("daysSupply", name) for name in ("comparator", "code", "unit")}
    told = [batch.text("whenHandedOver"), batch.text("whenPrepared"), *days.values()]
    number = batch.number("daysSupply", "value").cast(pa.string())
    keys = pc.binary_join_element_wise(
        pa.array(np.where(batch.strict, "1", "")), *(pc.coalesce(text, EMPTY) for text in (*told, number)), SEPARATOR
    ).dictionary_encode()
    supplies = [_fill(key) for key in keys.dictionary.to_pylist()]
    return {name: column.take(keys.indices) for name, column in _supply_cells(supplies).items()}


def _fill(key: str) -> Supply:
    strict, handed_over, prepared, comparator, code, unit, number = key.split(SEPARATOR)
    value = float(number) if number else None
    days = {"value": value, "comparator": comparator, "code": code, "unit": unit}
    return dispense_supply({"whenHandedOver": handed_over, "whenPrepared": prepared, "daysSupply": days}, bool(strict))


def _supply_cells(supplies: Sequence[Supply]) -> Cells:
    return {
        "start": pa.array([supply.period[0] for supply in supplies], pa.string()),
        "end": pa.array([supply.period[1] for supply in supplies], pa.string()),
        "days_supply": pa.array([supply.days for supply in supplies], pa.float64()),
    }


def _dosed(
    batch: Batch, cells: Cells, elements: Iterable[str], of_resource: Callable[[JsonObject, bool], Supply]
) -> Cells:
    """``cells`` with the supplies of those resources that have any of ``elements``, read one by one."""
    rows = sorted({row for element in elements for row in batch.resources.rows_with(element)})
    if not rows:
        return cells
    mask = np.zeros(batch.count, np.bool_)
    mask[rows] = True
    found = _supply_cells([of_resource(batch.resources[row], bool(batch.strict[row])) for row in rows])
    return {name: pc.replace_with_mask(column, pa.array(mask), found[name]) for name, column in cells.items()}


def communication(batch: Batch) -> None:
    """Messages sent (or recorded as not sent): the topic is the code, the sending the time."""
    sent = pc.fill_null(pc.coalesce(batch.text("sent"), batch.text("received")), "")
    batch.add(
        "communication",
        batch.concept("topic"),
        {
            "category": batch.category(batch.concepts("category")),
            "not_done": batch.not_done(),
            "start": sent,
            "end": sent,
            "recorded": recorded(batch),
            "encounter_id": batch.link("encounter", "Encounter"),
            "based_on_id": batch.links("basedOn", "ServiceRequest"),
        },
    )
    reasons(batch)


def task(batch: Batch) -> None:
    """Tasks over their execution periods, linked to their focus and orders; a rejected one only to what it rejects."""
    start, end = batch.period("executionPeriod")
    focus, orders = (column.to_pylist() for column in (batch.link("focus", "ServiceRequest"), _orders(batch)))
    based_on = (joined([one, *(told or "").split()]) for one, told in zip(focus, orders, strict=True))
    batch.add(
        "task",
        batch.concept("code"),
        {
            "intent": batch.text("intent"),
            "not_done": batch.not_done(),
            "start": start,
            "end": end,
            "authored": batch.text("authoredOn"),
            "recorded": recorded(batch),
            "encounter_id": batch.link("encounter", "Encounter"),
            "based_on_id": pa.array(based_on, pa.string()),
        },
    )
    reasons(batch)


def _orders(batch: Batch) -> pa.StringArray:
    """What tasks are based on, unless they reject it."""
    rejected = pc.fill_null(pc.equal(batch.types, "rejected"), False)
    return pc.if_else(rejected, NO_TEXT, batch.links("basedOn", "ServiceRequest"))
