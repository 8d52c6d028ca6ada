"""The dataset contract: every table and column a practice dataset may have.

One declaration serves the readers (types, checks, defaults), the FHIR adapter (what to write), the
demo generator and the generated reference page ``docs/dataset.md``. Column types:

``text``    free text or a code; surrounding blanks are not trimmed away silently, they are kept
``word``    one of a closed list
``words``   blank-separated words from an open list
``date``    a calendar date, ``YYYY-MM-DD``
``time``    a moment as the source wrote it: ``2026``, ``2026-03``, ``2026-03-09``, or
            ``2026-03-09T14:30[:05[.123]][Z|+hh:mm]``. In Arrow and Parquet also DATE or TIMESTAMP.
            What is not written is not known: a date alone has no time of day. ``unknown`` says that the source
            leaves it open, where an empty cell would mean something else (the ``end`` of a condition).
``number``  a decimal number
``integer`` a whole number
``flag``    ``true`` or ``false``
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["text", "word", "words", "date", "time", "number", "integer", "flag"]
TableName = Literal["person", "coverage", "roster", "provider", "event", "event_code"]

#: The date that says "known to have no end" in ``end`` columns.
NO_END = "9999-12-31"

EVENT_KINDS = (
    "encounter",
    "condition",
    "procedure",
    "observation",
    "immunization",
    "medication_order",
    "medication_dispense",
    "medication_administration",
    "medication_dosing",
    "service_request",
    "device_request",
    "communication",
    "allergy",
    "adverse_event",
    "task",
)

#: What an empty ``status`` means, by kind: the thing was done, as most extracts imply.
DEFAULT_STATUS = {
    "encounter": "finished",
    "condition": "",
    "procedure": "completed",
    "observation": "final",
    "immunization": "completed",
    "medication_order": "active",
    "medication_dispense": "completed",
    "medication_administration": "completed",
    "medication_dosing": "active",
    "service_request": "active",
    "device_request": "active",
    "communication": "completed",
    "allergy": "",
    "adverse_event": "",
    "task": "completed",
}

#: Kinds whose empty ``intent`` means ``order``.
ORDER_KINDS = ("medication_order", "medication_dosing", "service_request", "device_request")

EVENT_SOURCES = (
    "claim",
    "ehr",
    "supplemental_standard",
    "supplemental_nonstandard",
    "patient_reported",
    "payer_feed",
    "registry",
    "pharmacy_claim",
)

CODE_ROLES = (
    "code",
    "value",
    "body_site",
    "reason",
    "reason_condition",
    "diagnosis",
    "claim_diagnosis",
    "principal_diagnosis",
    "class",
    "discharge",
    "category",
    "severity",
    "not_done_reason",
    "status_reason",
    "method",
    "facility",
    "profile",
)


@dataclass(frozen=True)
class Column:
    """One column of the contract.

    ``required``: an empty cell rejects the row. ``allowed``: the closed list of a ``word`` column.
    """

    name: str
    type: ColumnType
    meaning: str
    required: bool = False
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table of the contract; ``key`` columns together are unique (empty: no uniqueness rule)."""

    name: TableName
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    required: bool = False

    def column(self, name: str) -> Column:
        """The column called ``name``; ``KeyError`` when the contract has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


PRODUCT_LINES = ("commercial", "medicare_advantage", "medicare_ffs", "medicaid", "marketplace", "other")

PERSON = Table(
    "person",
    "One row per person of the practice.",
    (
        Column("person_id", "text", "The practice's own identifier; stable between extracts.", required=True),
        Column("birth", "time", "Date of birth; may be partial. Empty: age is unknown."),
        Column("sex", "word", "Clinical sex that measures ask for.", allowed=("female", "male")),
        Column(
            "gender",
            "word",
            "Administrative gender, used by editions that ask for it instead of sex.",
            allowed=("female", "male", "other", "unknown"),
        ),
        Column("deceased", "flag", "True when the person is known to have died."),
        Column("death", "time", "Date of death, where known."),
        Column(
            "name",
            "text",
            "What staff call the person; passed through to work lists, and to payers that ask for it, only.",
        ),
        Column("language", "text", "Preferred language; passed through."),
        Column("phone", "text", "Contact; passed through."),
        Column("postal_code", "text", "Passed through for grouping."),
        Column("race", "text", "For stratified reporting; blank-separated codes."),
        Column("ethnicity", "text", "For stratified reporting; blank-separated codes."),
    ),
    key=("person_id",),
    required=True,
)

COVERAGE = Table(
    "coverage",
    "One row per span of insurance. Spans of one payer may overlap; they are merged within the payer only.",
    (
        Column("person_id", "text", "Whose coverage.", required=True),
        Column("payer", "text", "The payer's identifier, as programs name it.", required=True),
        Column("product_line", "word", "What kind of product.", allowed=PRODUCT_LINES),
        Column("start", "date", "First covered day.", required=True),
        Column("end", "date", f"Last covered day. Empty or {NO_END}: ongoing."),
        Column("benefits", "words", "Which benefits, e.g. `medical pharmacy`. Empty: all."),
        Column("member_id", "text", "The payer's number for the person."),
    ),
)

ROSTER = Table(
    "roster",
    "One row per span in which a payer's program lists a person as the practice's.",
    (
        Column("person_id", "text", "Who is listed.", required=True),
        Column("program", "text", "The program's identifier.", required=True),
        Column("start", "date", "First day of the attribution.", required=True),
        Column("end", "date", f"Last day. Empty or {NO_END}: ongoing."),
        Column("provider_id", "text", "To whom the program attributes the person."),
        Column("change", "word", "What the payer's list said.", allowed=("new", "changed", "dropped", "nochange")),
    ),
)

PROVIDER = Table(
    "provider",
    "One row per clinician or organization that events and rosters name.",
    (
        Column(
            "provider_id", "text", "Identifier used by `event.provider_id` and `roster.provider_id`.", required=True
        ),
        Column("npi", "text", "National Provider Identifier."),
        Column("name", "text", "Display name."),
        Column("specialty", "text", "Specialty, as the source says it."),
        Column("group_id", "text", "The group or tax identification number it bills under."),
        Column("primary_care", "flag", "True for primary-care clinicians."),
    ),
    key=("provider_id",),
)

EVENT = Table(
    "event",
    "One row per thing that happened, was found, ordered or recorded. A panel's components (systolic and "
    "diastolic of a blood pressure) are rows of their own whose `parent_id` is the panel. A `medication_dosing` is a "
    "stretch in which an order says that its medicine is to be taken; its `parent_id` is the order.",
    (
        Column("event_id", "text", "Unique over the whole dataset.", required=True),
        Column("person_id", "text", "To whom it happened.", required=True),
        Column("kind", "word", "What sort of event.", required=True, allowed=EVENT_KINDS),
        Column(
            "type",
            "words",
            "Finer sort, one or more of: `lab`, `clinical-result`, `screening`, `simple`, `blood-pressure`, `bmi`, "
            "`body-height`, `body-weight`, `pediatric-bmi`, `heart-rate`, `smoking-status`, `pregnancy-status`, "
            "`bp-panel`, `component`, `problem`, `encounter-diagnosis`, `claim-diagnosis`, `general`, `rejected`; of "
            "allergies `course` (from the onset to the last occurrence) and `onset` (when it set in); of dosings "
            "`bounds` (by whatever bounds the order gives) and `bounds-period` (only by those given as dates). "
            "Empty: the source does not say, and every question about the type is answered yes. `other`: the source "
            "marks it as none of these; no measure looks at it.",
        ),
        Column(
            "category",
            "words",
            "Category codes, e.g. `laboratory`, `imaging`, `survey`, `exam`, `problem-list-item`. `none`: the source "
            "says there is none. Empty: the source does not say, and every question about it is answered yes.",
        ),
        Column("code_system", "text", "System of the event's first coding (URI); `event_code` holds any others."),
        Column("code", "text", "The event's first coding. For a medication its drug code, for an encounter its type."),
        Column(
            "status",
            "text",
            "FHIR status word. Empty: done (`finished` encounter, `final` observation, `completed` procedure, "
            "immunization, dispense, `active` order).",
        ),
        Column("intent", "text", "For orders: `order`, `plan`, `proposal`, … Empty: `order`."),
        Column(
            "verification", "text", "Conditions, allergies: `confirmed`, `unconfirmed`, `refuted`, … Empty: not stated."
        ),
        Column(
            "clinical_status",
            "text",
            "Conditions, allergies: `active`, `recurrence`, `relapse`, `inactive`, `remission`, `resolved`.",
        ),
        Column("not_done", "flag", "True for a record that something was *not* done or not ordered. Empty: false."),
        Column(
            "start",
            "time",
            "When it began: visit start, onset, first covered day of a supply, date of a test, date an order was "
            "written. Empty: unknown.",
        ),
        Column(
            "end",
            "time",
            f"When it ended. {NO_END}: known to have no end. Empty: for a condition, ongoing, unless its "
            "clinical_status is inactive, resolved or remission, when its whole time is unknown; for medications "
            "with days_supply, start + days_supply - 1; for everything else the same as start.",
        ),
        Column("authored", "time", "When an order was written. Empty for orders: same as start."),
        Column("recorded", "time", "When the fact was recorded or issued."),
        Column("received", "date", "When this dataset received it. Empty: with the event itself."),
        Column("source", "word", "Where the evidence comes from. Empty: `ehr`.", allowed=EVENT_SOURCES),
        Column("value", "number", "Numeric result."),
        Column(
            "unit", "text", "UCUM unit of value (`%`, `mm[Hg]`, `mg/dL`); `1` when dimensionless. Empty: dimensionless."
        ),
        Column(
            "value_type",
            "word",
            "What kind of result there is. Empty: `quantity` if value is given, `coded` if event_code has a `value` "
            "row, else no result.",
            allowed=("quantity", "integer", "coded", "text", "other"),
        ),
        Column("quantity", "number", "Amount dispensed or ordered."),
        Column(
            "quantity_unit",
            "text",
            "UCUM unit of quantity: `mL` of a liquid; `1`, an annotation (`{tbl}`) or empty where pieces are counted.",
        ),
        Column("days_supply", "number", "Days a fill or order supplies, refills included."),
        Column("refills", "integer", "Repeats allowed by an order."),
        Column("amount", "number", "Allowed amount of a claim line."),
        Column("encounter_id", "text", "event_id of the visit it belongs to; several are separated by blanks."),
        Column(
            "parent_id",
            "text",
            "event_id of what this is a part of: a component's panel, a dosing's order, an onset's allergy.",
        ),
        Column(
            "based_on_id",
            "text",
            "event_id of the order it fulfils, of what a task is about; several are separated by blanks.",
        ),
        Column("provider_id", "text", "Who did it."),
        Column("sequence", "integer", "Position in the source's own order; breaks ties. Empty: event_id breaks them."),
    ),
    key=("event_id",),
)

EVENT_CODE = Table(
    "event_code",
    "Further codings of events: other codings of the same concept, and every coded attribute, by role.",
    (
        Column("event_id", "text", "Whose coding.", required=True),
        Column(
            "role",
            "word",
            "Which attribute. Empty: `code`. Of a visit: `reason` is a reason coded in it, `reason_condition` the code "
            "of a condition that it names as reason, `diagnosis` of one that it lists as diagnosis, `claim_diagnosis` "
            "a diagnosis of its claims, `principal_diagnosis` their principal one, `facility` the sort of place. Of "
            "what was not done: `not_done_reason`; `status_reason` is why the status is what it is.",
            allowed=CODE_ROLES,
        ),
        Column("system", "text", "Code system URI. Empty: not stated."),
        Column("code", "text", "The code.", required=True),
    ),
)

TABLES: dict[str, Table] = {t.name: t for t in (PERSON, COVERAGE, ROSTER, PROVIDER, EVENT, EVENT_CODE)}
