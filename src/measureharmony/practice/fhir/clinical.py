"""Visits, conditions, procedures, observations, immunizations, allergies and adverse events as events.

Every function takes one :class:`Record` and writes its rows; none can fail, whatever the resource holds.
"""

from __future__ import annotations

from measureharmony.practice.contract import NO_END
from measureharmony.practice.fhir.codings import (
    Coding,
    extension,
    first_code,
    of_coding,
    of_concept,
    of_concepts,
)
from measureharmony.practice.fhir.json_shapes import JsonObject, as_list, as_object, as_text, objects
from measureharmony.practice.fhir.profiles import QICORE, read_profiles, stand_in_type, with_present_codes
from measureharmony.practice.fhir.record import Record, profile_urls
from measureharmony.practice.fhir.sheets import Cell, Citation
from measureharmony.practice.fhir.times import (
    SINCE_EVER,
    UNKNOWN,
    Interval,
    choice,
    form,
    just_before,
    last_day_of_age,
    period,
)
from measureharmony.practice.fhir.values import value_cells

NOT_DONE_REASON = QICORE + "qicore-notDoneReason"
DO_NOT_PERFORM_REASON = QICORE + "qicore-doNotPerformReason"
RECORDED = QICORE + "qicore-recorded"

_REASONS = (
    ("reason", "reasonCode"),
    ("status_reason", "statusReason"),
    ("status_reason", "statusReasonCodeableConcept"),
)
_CLINICAL_SYSTEM = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_ONGOING = ("active", "recurrence", "relapse")


def encounter(record: Record) -> None:
    """A visit: all its types, class, discharge disposition, reasons, diagnoses and the sort of place."""
    resource = record.resource
    start, end = period(resource.get("period"))
    participants = objects(resource.get("participant"))
    record.add(
        "encounter",
        of_concepts(resource.get("type")),
        {
            "start": start,
            "end": end,
            "not_done": record.not_done(),
            "based_on_id": record.links("basedOn", "ServiceRequest"),
            "provider_id": record.provider(participants[0].get("individual")) if participants else None,
        },
    )
    record.codes("class", of_coding(resource.get("class")))
    record.codes("reason", of_concepts(resource.get("reasonCode")))
    hospitalization = as_object(resource.get("hospitalization"))
    record.codes("discharge", of_concept(hospitalization.get("dischargeDisposition")))
    record.codes("facility", _facility(record))
    _cite(record, "reason_condition", objects(resource.get("reasonReference")))
    _cite(record, "diagnosis", [as_object(entry.get("condition")) for entry in objects(resource.get("diagnosis"))])


def _facility(record: Record) -> list[Coding]:
    """The types of the Locations that a visit refers to; a strict source's Location must have the QI-Core profile."""
    codings: list[Coding] = []
    for stay in objects(record.resource.get("location")):
        reference = as_text(as_object(stay.get("location")).get("reference"))
        if reference.startswith("#"):
            location = record.contained(reference)
        else:
            location = record.scope.locations.get(record.scope.target(reference, "Location")[1], {})
        if read_profiles("Location", profile_urls(location), record.person.strict).type != "other":
            codings += of_concepts(location.get("type"))
    return codings


def _cite(record: Record, role: str, references: list[JsonObject]) -> None:
    """Note the conditions that a visit refers to, so that it gets their codes under ``role`` in the end."""
    for reference in references:
        condition = record.link(reference, "Condition")
        if condition:
            record.harvest.citations.append(Citation(record.event_id, role, record.place, condition))


def condition(record: Record) -> None:
    """A condition over its prevalence interval (shared logic 2026, section 4.3)."""
    resource = record.resource
    codings, categories = record.code_of("code"), of_concepts(resource.get("category"))
    start, end = prevalence(record)
    record.add(
        "condition",
        codings,
        {
            **_type(record, categories, codings),
            "category": record.category(categories),
            "verification": first_code(resource.get("verificationStatus")) or None,
            "clinical_status": first_code(resource.get("clinicalStatus")) or None,
            "start": start,
            "end": end,
            "recorded": as_text(resource.get("recordedDate")) or None,
            "encounter_id": record.link(resource.get("encounter"), "Encounter"),
        },
    )
    record.codes("body_site", of_concepts(resource.get("bodySite")))
    record.codes("severity", record.code_of("severity"))
    _note_form(record, "abatement")


def prevalence(record: Record) -> Interval:
    """When a condition was present, as (start, end); both ``unknown`` where the logic gives no interval."""
    resource, birth = record.resource, record.person.birth
    onset, _ = choice(resource, "onset", birth)
    onset_open = not onset and bool(as_object(resource.get("onsetPeriod")).get("end"))
    abatement = abatement_end(record)
    if abatement:
        return onset if onset or onset_open else SINCE_EVER, abatement
    if _is_ongoing(record) and (onset or onset_open):
        return onset, NO_END
    return UNKNOWN, UNKNOWN


def abatement_end(record: Record) -> str:
    """The last moment of a condition; empty when the source gives none. The end of an abatementPeriod is excluded."""
    resource, birth = record.resource, record.person.birth
    if "abatementAge" in resource:
        return last_day_of_age(birth, as_object(resource["abatementAge"]))
    if "abatementRange" in resource:
        return last_day_of_age(birth, as_object(as_object(resource["abatementRange"]).get("high")))
    if "abatementPeriod" in resource:
        end = as_text(as_object(resource["abatementPeriod"]).get("end"))
        return just_before(end) if end else ""
    return as_text(resource.get("abatementDateTime"))


def _is_ongoing(record: Record) -> bool:
    status = of_concept(record.resource.get("clinicalStatus"))
    if not status and not record.reading.strict:
        return True  # most extracts leave the status of a running condition out
    return any(code in _ONGOING and system in (_CLINICAL_SYSTEM, "") for system, code in status)


def procedure(record: Record) -> None:
    """A procedure done, or recorded as not done."""
    resource = record.resource
    start, end = choice(resource, "performed", record.person.birth)
    performers = objects(resource.get("performer"))
    record.add(
        "procedure",
        record.code_of("code"),
        {
            "category": record.category(of_concepts(resource.get("category"))),
            "not_done": record.not_done(),
            "start": start,
            "end": end,
            "recorded": recorded(record),
            "encounter_id": record.link(resource.get("encounter"), "Encounter"),
            "based_on_id": record.links("basedOn", "ServiceRequest"),
            "provider_id": record.provider(performers[0].get("actor")) if performers else None,
        },
    )
    record.codes("body_site", of_concepts(resource.get("bodySite")))
    reasons(record)


def recorded(record: Record) -> str | None:
    """When something, above all something not done, was recorded, by QI-Core's extension."""
    if "extension" not in record.resource:
        return None
    return as_text(extension(record.resource, RECORDED).get("valueDateTime")) or None


def reasons(record: Record) -> None:
    """Why: reason codes, why the status is what it is, and QI-Core's two extensions for what was not done."""
    resource = record.resource
    for role, element in _REASONS:
        if element in resource:
            record.codes(role, of_concepts(resource[element]))
    if "extension" in resource:
        for url in (NOT_DONE_REASON, DO_NOT_PERFORM_REASON):
            record.codes("not_done_reason", of_concept(extension(resource, url).get("valueCodeableConcept")))


def observation(record: Record) -> None:
    """An observation and, as events of their own, its components."""
    resource = record.resource
    codings, categories = record.code_of("code"), of_concepts(resource.get("category"))
    if not record.reading.strict:
        codings = with_present_codes(codings)
    start, end = choice(resource, "effective", record.person.birth)
    cells: dict[str, Cell] = {
        "not_done": record.not_done(),
        "start": start,
        "end": end,
        "recorded": as_text(resource.get("issued")) or None,
        "encounter_id": record.link(resource.get("encounter"), "Encounter"),
        "based_on_id": record.links("basedOn", "ServiceRequest"),
        "provider_id": _first_provider(record, "performer"),
    }
    category = record.category(categories)
    finer = _type(record, categories, codings)
    record.add("observation", codings, {**cells, **finer, "category": category, **value_cells(resource)})
    record.codes("value", record.code_of("valueCodeableConcept"))
    record.codes("method", record.code_of("method"))
    record.codes("body_site", record.code_of("bodySite"))
    _note_form(record, "effective")
    reasons(record)
    _components(record, cells)


def _components(record: Record, cells: dict[str, Cell]) -> None:
    """One event per component: the panel's times and status, the component's own code and value."""
    for number, component in enumerate(objects(record.resource.get("component")), start=1):
        result = value_cells(component)
        codings = of_concept(component.get("code"))
        event_id = record.add_part(number, "observation", codings, {"type": "component", **cells, **result})
        record.harvest.add_codes(event_id, "value", of_concept(component.get("valueCodeableConcept")), record.place)


def immunization(record: Record) -> None:
    """A vaccination given, or recorded as not given; an occurrenceString gives no time."""
    resource = record.resource
    start, end = choice(resource, "occurrence", record.person.birth)
    performers = objects(resource.get("performer"))
    record.add(
        "immunization",
        record.code_of("vaccineCode"),
        {
            "not_done": record.not_done(),
            "start": start,
            "end": end,
            "recorded": as_text(resource.get("recorded")) or recorded(record),
            "encounter_id": record.link(resource.get("encounter"), "Encounter"),
            "provider_id": record.provider(performers[0].get("actor")) if performers else None,
        },
    )
    reasons(record)


def allergy(record: Record) -> None:
    """An allergy or intolerance over its course, and, as an event of its own, its onset where there is one."""
    resource, codings = record.resource, record.code_of("code")
    onset = choice(resource, "onset", record.person.birth)
    categories = [("", word) for word in as_list(resource.get("category")) if isinstance(word, str) and word.strip()]
    cells: dict[str, Cell] = {
        "status": None,
        "category": record.category(categories),
        "verification": first_code(resource.get("verificationStatus")) or None,
        "clinical_status": first_code(resource.get("clinicalStatus")) or None,
        "recorded": as_text(resource.get("recordedDate")) or None,
        "encounter_id": record.link(resource.get("encounter"), "Encounter"),
    }
    start, end = _course(onset[0], as_text(resource.get("lastOccurrence")))
    record.add("allergy", codings, {**cells, "type": record.reading.type or "course", "start": start, "end": end})
    _note_form(record, "onset")
    if any(onset) and not record.reading.type:
        record.add_part("onset", "allergy", codings, {**cells, "type": "onset", "start": onset[0], "end": onset[1]})


def _course(onset: str, last_occurrence: str) -> Interval:
    """From the onset (none: since ever) to the last occurrence (none: without end), as the official engines read it."""
    return onset or SINCE_EVER, last_occurrence or NO_END


def adverse_event(record: Record) -> None:
    """An adverse event at its date, else when it was recorded."""
    resource = record.resource
    date = as_text(resource.get("date")) or as_text(resource.get("recordedDate"))
    record.add(
        "adverse_event",
        record.code_of("event"),
        {
            "status": as_text(resource.get("actuality")) or None,
            "category": record.category(of_concepts(resource.get("category"))),
            "start": date,
            "end": date,
            "recorded": as_text(resource.get("recordedDate")) or None,
            "encounter_id": record.link(resource.get("encounter"), "Encounter"),
        },
    )
    record.codes("severity", record.code_of("severity"))


def _type(record: Record, categories: list[Coding], codings: list[Coding]) -> dict[str, Cell]:
    """The ``type`` cell where the profiles of a lenient source leave it to the stand-ins."""
    if record.reading.strict:
        return {}
    return {"type": stand_in_type(record.resource_type, [code for _, code in categories], codings) or None}


def _first_provider(record: Record, element: str) -> str | None:
    references = objects(record.resource.get(element))
    return record.provider(references[0]) if references else None


def _note_form(record: Record, element: str) -> None:
    """Keep that a time was a Period, an age …: some rules ask for a plain dateTime only."""
    found = form(record.resource, element)
    if found:
        record.codes("category", [(element + "[x]", found)])
