"""Visits, conditions, procedures, observations, immunizations, allergies and adverse events as events.

Every function takes one :class:`Batch` and writes its rows; none can fail, whatever the resources hold.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.practice.contract import NO_END
from measureharmony.practice.fhir.batch import NO_CODINGS, Batch, Cells, Columns, Intervals, replaced
from measureharmony.practice.fhir.coding_columns import SEPARATOR, Codings, looked_up
from measureharmony.practice.fhir.codings import Coding, extension, of_concept, of_concepts
from measureharmony.practice.fhir.held import Mask
from measureharmony.practice.fhir.json_shapes import JsonObject, as_list, as_object, as_text, objects
from measureharmony.practice.fhir.profiles import (
    CODES_OF_EARLIER_RELEASES,
    LOINC,
    QICORE,
    TYPE_OF_LOINC,
    present_codings,
    read_profiles,
    stand_in_type,
)
from measureharmony.practice.fhir.record import profile_urls
from measureharmony.practice.fhir.sheets import Citation
from measureharmony.practice.fhir.times import (
    FORMS,
    SINCE_EVER,
    UNKNOWN,
    Interval,
    choice,
    form,
    just_before,
    last_day_of_age,
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
_LOINC_CODES = pa.array(TYPE_OF_LOINC)
#: Elements that make the interval of a condition one to be computed, not just copied.
_COMPUTED = ("onsetAge", "onsetRange", "onsetPeriod", "abatementAge", "abatementRange", "abatementPeriod")


def encounter(batch: Batch) -> None:
    """Visits: all their types, class, discharge disposition, reasons, diagnoses and the sort of place."""
    start, end = batch.period("period")
    batch.add(
        "encounter",
        batch.concepts("type"),
        {
            "start": start,
            "end": end,
            "not_done": batch.not_done(),
            "based_on_id": batch.links("basedOn", "ServiceRequest"),
            "provider_id": batch.first_provider("participant", "individual"),
        },
    )
    batch.codes("class", batch.coding("class"))
    batch.codes("reason", batch.few_codings("reasonCode", of_concepts))
    batch.codes("discharge", batch.few_codings("hospitalization", _disposition))
    facilities = ((row, coding) for row, stays in batch.having("location") for coding in _facility(batch, row, stays))
    batch.codes("facility", Codings.of_pairs(facilities))
    for row, reasons_given in batch.having("reasonReference"):
        _cite(batch, row, "reason_condition", objects(reasons_given))
    for row, diagnoses in batch.having("diagnosis"):
        _cite(batch, row, "diagnosis", [as_object(entry.get("condition")) for entry in objects(diagnoses)])


def _disposition(hospitalization: object) -> list[Coding]:
    return of_concept(as_object(hospitalization).get("dischargeDisposition"))


def _facility(batch: Batch, row: int, stays: object) -> list[Coding]:
    """The types of the Locations that a visit refers to; a strict source's Location must have the QI-Core profile."""
    codings: list[Coding] = []
    scope = batch.scopes[row]
    for stay in objects(stays):
        reference = as_text(as_object(stay.get("location")).get("reference"))
        if reference.startswith("#"):
            location = contained(batch.resources[row], reference)
        else:
            location = scope.locations.get(scope.target(reference, "Location")[1], {})
        if read_profiles("Location", profile_urls(location), batch.people[row].strict).type != "other":
            codings += of_concepts(location.get("type"))
    return codings


def contained(resource: JsonObject, reference: str) -> JsonObject:
    """The contained resource that ``#id`` names, or an empty object."""
    for candidate in objects(resource.get("contained")):
        if reference == "#" + as_text(candidate.get("id")):
            return candidate
    return {}


def _cite(batch: Batch, row: int, role: str, references: list[JsonObject]) -> None:
    """Note the conditions that a visit refers to, so that it gets their codes under ``role`` in the end."""
    for reference in references:
        found = batch.link_of(row, reference, "Condition")
        if found:
            origins = batch.origins
            batch.harvest.citations.append(Citation(origins.event_ids[row].as_py(), role, origins.place(row), found))


def condition(batch: Batch) -> None:
    """Conditions over their prevalence intervals (shared logic 2026, section 4.3)."""
    codings, categories = batch.concept("code"), batch.concepts("category")
    start, end = _prevalence(batch)
    batch.add(
        "condition",
        codings,
        {
            "type": _types(batch, categories, NO_CODINGS),
            "category": batch.category(categories),
            "verification": batch.concept("verificationStatus").first(batch.count)[1],
            "clinical_status": batch.concept("clinicalStatus").first(batch.count)[1],
            "start": start,
            "end": end,
            "recorded": batch.text("recordedDate"),
            "encounter_id": batch.link("encounter", "Encounter"),
        },
    )
    batch.codes("body_site", batch.few_codings("bodySite", of_concepts))
    batch.codes("severity", batch.few_codings("severity", of_concept))
    _note_form(batch, "abatement")


def _prevalence(batch: Batch) -> Intervals:
    """When conditions were present; both ``unknown`` where the logic gives no interval."""
    onset, abatement, ongoing = batch.moment("onset"), batch.text("abatementDateTime"), _ongoing(batch)
    over = abatement.is_valid()
    known = pc.or_(over, pc.and_(onset.is_valid(), pa.array(ongoing)))
    start = pc.if_else(known, pc.coalesce(onset, SINCE_EVER), UNKNOWN)
    end = pc.if_else(known, pc.coalesce(abatement, NO_END), UNKNOWN)
    rows = {row for element in _COMPUTED for row, _ in batch.having(element)}
    computed = {r: _computed_prevalence(batch.resources[r], batch.people[r].birth, bool(ongoing[r])) for r in rows}
    return replaced((start, end), computed)


def _computed_prevalence(resource: JsonObject, birth: str, ongoing: bool) -> Interval:
    onset, _ = choice(resource, "onset", birth)
    onset_open = not onset and bool(as_object(resource.get("onsetPeriod")).get("end"))
    abatement = abatement_end(resource, birth)
    if abatement:
        return onset if onset or onset_open else SINCE_EVER, abatement
    if ongoing and (onset or onset_open):
        return onset, NO_END
    return UNKNOWN, UNKNOWN


def abatement_end(resource: JsonObject, birth: str) -> str:
    """The last moment of a condition; empty when the source gives none. The end of an abatementPeriod is excluded."""
    if "abatementAge" in resource:
        return last_day_of_age(birth, as_object(resource["abatementAge"]))
    if "abatementRange" in resource:
        return last_day_of_age(birth, as_object(as_object(resource["abatementRange"]).get("high")))
    if "abatementPeriod" in resource:
        end = as_text(as_object(resource["abatementPeriod"]).get("end"))
        return just_before(end) if end else ""
    return as_text(resource.get("abatementDateTime"))


def _ongoing(batch: Batch) -> Mask:
    """Whether conditions go on; most extracts leave the status of a running condition out."""
    statuses = batch.concept("clinicalStatus")
    told = np.bincount(statuses.rows, minlength=batch.count) > 0
    word = pc.is_in(statuses.codes, pa.array(_ONGOING))
    known = statuses.where(pc.and_(word, pc.is_in(statuses.systems, pa.array([_CLINICAL_SYSTEM, ""]))))
    ongoing = ~told & ~batch.strict
    ongoing[known.rows] = True
    return ongoing


def procedure(batch: Batch) -> None:
    """Procedures done, or recorded as not done."""
    start, end = batch.choice("performed", batch.people)
    batch.add(
        "procedure",
        batch.concept("code"),
        {
            "category": batch.category(batch.concepts("category")),
            "not_done": batch.not_done(),
            "start": start,
            "end": end,
            "recorded": recorded(batch),
            "encounter_id": batch.link("encounter", "Encounter"),
            "based_on_id": batch.links("basedOn", "ServiceRequest"),
            "provider_id": batch.first_provider("performer", "actor"),
        },
    )
    batch.codes("body_site", batch.few_codings("bodySite", of_concepts))
    reasons(batch)


def recorded(batch: Batch) -> pa.StringArray:
    """When something, above all something not done, was recorded, by QI-Core's extension."""
    return batch.where_given(
        (row, as_text(extension(batch.resources[row], RECORDED).get("valueDateTime")) or None)
        for row, _ in batch.having("extension")
    )


def reasons(batch: Batch) -> None:
    """Why: reason codes, why the status is what it is, and QI-Core's two extensions for what was not done."""
    for role, element in _REASONS:
        batch.codes(role, batch.few_codings(element, of_concepts))
    for url in (NOT_DONE_REASON, DO_NOT_PERFORM_REASON):
        found = ((row, extension(batch.resources[row], url)) for row, _ in batch.having("extension"))
        pairs = ((row, coding) for row, one in found for coding in of_concept(one.get("valueCodeableConcept")))
        batch.codes("not_done_reason", Codings.of_pairs(pairs))


def observation(batch: Batch) -> None:
    """Observations and, as events of their own, their components."""
    codings, categories = _present_codings(batch), batch.concepts("category")
    start, end = batch.choice("effective", batch.people)
    cells: Cells = {
        "not_done": batch.not_done(),
        "start": start,
        "end": end,
        "recorded": batch.text("issued"),
        "encounter_id": batch.link("encounter", "Encounter"),
        "based_on_id": batch.links("basedOn", "ServiceRequest"),
        "provider_id": batch.first_provider("performer"),
    }
    finer = {"type": _types(batch, categories, codings), "category": batch.category(categories)}
    batch.add("observation", codings, {**cells, **finer, **value_cells(batch)})
    batch.codes("value", batch.concept("valueCodeableConcept"))
    batch.codes("method", batch.few_codings("method", of_concept))
    batch.codes("body_site", batch.few_codings("bodySite", of_concept))
    _note_form(batch, "effective")
    reasons(batch)
    _components(batch, cells)


def _present_codings(batch: Batch) -> Codings:
    """The codes of observations, and in a source that is not strict the present ones of those of earlier releases."""
    codings = batch.concept("code")
    old = pc.is_in(codings.codes, pa.array(CODES_OF_EARLIER_RELEASES)).to_numpy(zero_copy_only=False)
    former = old & ~batch.strict[codings.rows]
    if not former.any():
        return codings
    rows = sorted(set(codings.rows[former].tolist()))
    written = {row: of_concept(batch.resources[row].get("code")) for row in rows}
    return codings.followed_by(Codings.of_pairs((row, new) for row in rows for new in present_codings(written[row])))


def _components(batch: Batch, cells: Cells) -> None:
    """One event per component: the panel's times and status, the component's own code and value."""
    rows, numbers, components = batch.resources.parts("component", "Observation.component")
    if not len(rows):
        return
    parts = Columns(components)
    inherited = {name: column.take(pa.array(rows)) for name, column in cells.items()}
    written = batch.add_parts(
        rows,
        pa.array(numbers),
        "observation",
        parts.concept("code"),
        {"type": pa.repeat("component", parts.count), **inherited, **value_cells(parts)},
    )
    batch.harvest.add_code_columns(written, "value", parts.concept("valueCodeableConcept"))


def immunization(batch: Batch) -> None:
    """Vaccinations given, or recorded as not given; an occurrenceString gives no time."""
    start, end = batch.choice("occurrence", batch.people)
    batch.add(
        "immunization",
        batch.concept("vaccineCode"),
        {
            "not_done": batch.not_done(),
            "start": start,
            "end": end,
            "recorded": pc.coalesce(batch.text("recorded"), recorded(batch)),
            "encounter_id": batch.link("encounter", "Encounter"),
            "provider_id": batch.first_provider("performer", "actor"),
        },
    )
    reasons(batch)


def allergy(batch: Batch) -> None:
    """Allergies and intolerances over their course, and, as an event of its own, the onset where there is one."""
    codings = batch.concept("code")
    onset, last = batch.choice("onset", batch.people)
    cells: Cells = {
        "status": batch.nothing,
        "category": batch.category(batch.few_codings("category", _plain_words)),
        "verification": batch.concept("verificationStatus").first(batch.count)[1],
        "clinical_status": batch.concept("clinicalStatus").first(batch.count)[1],
        "recorded": batch.text("recordedDate"),
        "encounter_id": batch.link("encounter", "Encounter"),
    }
    # From the onset (none: since ever) to the last occurrence (none: without end), as the official engines read it.
    start = pc.if_else(pc.not_equal(onset, ""), onset, SINCE_EVER)
    end = pc.coalesce(batch.text("lastOccurrence"), NO_END)
    course: Cells = {"type": pc.coalesce(batch.types, "course"), "start": start, "end": end}
    batch.add("allergy", codings, {**cells, **course})
    _note_form(batch, "onset")
    known = pc.and_(pc.or_(pc.not_equal(onset, ""), pc.not_equal(last, "")), batch.types.is_null())
    rows = np.flatnonzero(known.to_numpy(zero_copy_only=False))
    if len(rows):
        told = {**cells, "type": pa.repeat("onset", batch.count), "start": onset, "end": last}
        part = {name: column.take(pa.array(rows)) for name, column in told.items()}
        batch.add_parts(rows, pa.repeat("onset", len(rows)), "allergy", codings.repeated(rows), part)


def _plain_words(value: object) -> list[Coding]:
    return [("", word) for word in as_list(value) if isinstance(word, str) and word.strip()]


def adverse_event(batch: Batch) -> None:
    """Adverse events at their date, else when they were recorded."""
    date = pc.fill_null(pc.coalesce(batch.text("date"), batch.text("recordedDate")), "")
    batch.add(
        "adverse_event",
        batch.concept("event"),
        {
            "status": batch.text("actuality"),
            "category": batch.category(batch.concepts("category")),
            "start": date,
            "end": date,
            "recorded": batch.text("recordedDate"),
            "encounter_id": batch.link("encounter", "Encounter"),
        },
    )
    batch.codes("severity", batch.few_codings("severity", of_concept))


def _types(batch: Batch, categories: Codings, codings: Codings) -> pa.StringArray:
    """The ``type`` cells: what the profiles say, or where those of a lenient source leave it open, the stand-ins."""
    loinc = codings.where(pc.and_(pc.is_in(codings.codes, _LOINC_CODES), pc.equal(codings.systems, LOINC)))
    keys = pc.binary_join_element_wise(
        categories.joined_codes(batch.count), loinc.joined_codes(batch.count), SEPARATOR * 2
    )

    def stand_in(key: str) -> str | None:
        words, _, codes = key.partition(SEPARATOR * 2)
        found = [(LOINC, code) for code in codes.split(SEPARATOR)]
        return stand_in_type(batch.kind, words.split(SEPARATOR), found) or None

    found = looked_up(keys, stand_in)
    return pc.if_else(pa.array(batch.strict), batch.types, found) if batch.strict.any() else found


def _note_form(batch: Batch, element: str) -> None:
    """Keep that a time was a Period, an age …: some rules ask for a plain dateTime only."""
    rows = sorted({row for name in FORMS for row in batch.resources.rows_with(element + name)})
    found = ((row, (element + "[x]", form(batch.resources[row], element))) for row in rows)
    batch.codes("category", Codings.of_pairs(found))
