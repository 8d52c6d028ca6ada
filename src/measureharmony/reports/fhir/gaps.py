"""Gaps in care: for each person a document that says of every rate whether its gap is open, closed or not applicable.

Composition → MeasureReport → DetectedIssue (with the gap's status) → GuidanceResponse (with the reason). Several rates
of a measure are an issue each, and so is every episode. Only proportions have gaps.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.evaluation.population_order import counts_above, counts_below
from measureharmony.measures.measure import POPULATIONS, Direction, Rate
from measureharmony.payers.variant import Variant
from measureharmony.reports.fhir.guide import ACT_CODES, GAP_REASON, IDENTIFIER_TYPES, LOINC, GapStatus
from measureharmony.reports.fhir.measure_report import MeasureReports
from measureharmony.reports.fhir.setting import Json, Setting, codeable, resource_id
from measureharmony.reports.fhir.subjects import Row, chosen
from measureharmony.reports.measure_ids import own_uuid
from measureharmony.reports.member_numbers import member_numbers
from measureharmony.reports.results import Results

#: Statuses of which there is something to be done.
_UNMET = ("open-gap", "prospective-gap")
#: What of the table of programs' gaps a report needs.
_REASONS = ("program", "measure", "rate", "subject_id", "reason", "how_to_close")


def gap_status(row: Row, direction: Direction, met_later: GapStatus | None = None) -> GapStatus:
    """The status of one outcome. ``met_later``: what an unmet gap is called while it can still be closed.

    Whoever is outside the denominator, excluded or excepted has no gap. For an inverse rate it is the numerator that
    leaves a gap.
    """
    members = {name: bool(row[name]) for name in POPULATIONS}
    if not counts_below(members):
        return "not-applicable"
    met = counts_above(members) if direction == "higher" else not counts_above(members)
    return "closed-gap" if met else met_later or "open-gap"


@dataclass
class _Section:
    """What a document says of one measure."""

    title: str
    report: Json
    issues: list[Json] = field(default_factory=list)
    guidance: list[Json] = field(default_factory=list)


class GapDocuments:
    """Makes one program's documents, of the measures asked for.

    ``gaps`` is the table of programs' gaps with their reasons, where there is one.
    """

    def __init__(
        self, reports: MeasureReports, program: str, measures: Collection[str] | None, gaps: pa.Table | None = None
    ):
        self.results = reports.results
        self.setting = reports.setting
        variants = chosen(self.results, [program], measures)
        self.variants = {v.measure.measure: v for v in variants if v.measure.scoring == "proportion"}
        self._reports = reports
        self._program = program
        self._reasons = _reasons(gaps, program) if gaps is not None else {}
        self._patients = _Patients(self.results, variants[0] if variants else None, self.setting)

    def documents(self, outsiders: bool = False) -> Iterator[Json]:
        """A document for everybody of whom there is something to say.

        A measure in whose initial population somebody is not is left out, unless ``outsiders``.
        """
        for person_id, rows in self._reports.subjects.of(list(self.variants.values()), outsiders=outsiders):
            yield self._document(person_id, rows)

    def _document(self, person_id: str, rows: Sequence[Row]) -> Json:
        """Somebody's document, from their outcomes, which are in the order of the measures."""
        measures = groupby(rows, key=lambda row: str(row["measure"]))
        sections = [self._section(self.variants[measure], person_id, list(own)) for measure, own in measures]
        return self._bundle(person_id, sections)

    def _section(self, variant: Variant, person_id: str, rows: Sequence[Row]) -> _Section:
        report = self._reports.individual(variant, person_id, rows)
        section = _Section(variant.measure.title, report)
        for row in rows:
            rate = next(rate for rate in variant.measure.rates if rate.id == row["rate"])
            unmet = self._while_open(variant.last_day, row["close_by"])
            status = gap_status(row, variant.measure.direction_of(rate), unmet)
            if status == "closed-gap" and self._reason(row) is not None:
                status = unmet or "open-gap"  # closed by what is here, not by what the payer has
            details = [{"reference": f"MeasureReport/{report['id']}"}]
            if status in _UNMET:
                guidance = self._guidance(variant, rate, report, row)
                section.guidance.append(guidance)
                details.append({"reference": f"GuidanceResponse/{guidance['id']}"})
            section.issues.append(self._issue(variant, rate, person_id, row, status, details))
        return section

    def _while_open(self, last_day: dt.date, close_by: object) -> GapStatus | None:
        """What an unmet gap is called, where it can still be closed on the day whose knowledge was used."""
        as_of = self.results.as_of
        last_day = min(last_day, close_by) if isinstance(close_by, dt.date) else last_day
        return self.setting.while_open if as_of is not None and as_of <= last_day else None

    def _issue(
        self, variant: Variant, rate: Rate, person_id: str, row: Row, status: GapStatus, details: list[Json]
    ) -> Json:
        guide, subject = self.setting.guide, str(row["subject_id"])
        rates = f"{self.setting.base}/CodeSystem/{variant.measure.measure}-rates"
        episode = [self.setting.event(subject, _text(row["subject_kind"]))] if subject != person_id else []
        return {
            "resourceType": "DetectedIssue",
            "id": resource_id("issue", variant.id, str(variant.period), rate.id, subject),
            "meta": {"profile": [guide.detected_issue]},
            "modifierExtension": [
                {"url": guide.gap_status, "valueCodeableConcept": codeable(guide.gap_statuses, status)}
            ],
            "status": "final",
            "code": codeable(ACT_CODES, "CAREGAP", "Caregap"),
            "patient": self.setting.person(person_id),
            "identifiedDateTime": self.setting.date(self.results, variant.period.end),
            **({"implicated": episode} if episode else {}),
            "evidence": [{"code": [{**codeable(rates, rate.id), "text": rate.title}], "detail": details}],
        }

    def _reason(self, row: Row) -> tuple[str, str] | None:
        """Why an outcome is a gap of the program, and what closes it; ``None`` where the table does not list it."""
        return self._reasons.get((str(row["measure"]), str(row["rate"]), str(row["subject_id"])))

    def _guidance(self, variant: Variant, rate: Rate, report: Json, row: Row) -> Json:
        reason, how = self._reason(row) or ("needs_care", "")
        number = row["evidence_value"] is not None or row["evidence_values"] is not None
        evidence = "number" if number else "none" if row["evidence_id"] is None else "other"
        coded = GAP_REASON.get((reason, evidence))
        why = codeable(self.setting.guide.gap_reasons, *coded) if coded else {}
        told = ": ".join(str(word).replace("_", " ") for word in (reason, row["first_failing"]) if word)
        return {
            "resourceType": "GuidanceResponse",
            "id": resource_id("guidance", variant.id, str(variant.period), rate.id, str(row["subject_id"])),
            "meta": {"profile": [self.setting.guide.guidance]},
            "moduleCanonical": report["measure"],
            "status": "success",
            "subject": report["subject"],
            "reasonCode": [{**why, "text": told}],
            **({"note": [{"text": how}]} if how else {}),
        }

    def _bundle(self, person_id: str, sections: Sequence[_Section]) -> Json:
        date = max(section.report["date"] for section in sections)
        own_id = resource_id("gaps", self._program, person_id, date)
        patient = self._patients.resource(person_id)
        resources = [
            self._composition(own_id, person_id, date, sections),
            *(section.report for section in sections),
            *(issue for section in sections for issue in section.issues),
            *(response for section in sections for response in section.guidance),
            patient,
            self.setting.organization(),
        ]
        return {
            "resourceType": "Bundle",
            "id": own_id,
            "meta": {"profile": [self.setting.guide.gaps_bundle]},
            "identifier": {
                "system": "urn:ietf:rfc:3986",
                "value": f"urn:uuid:{own_uuid('gaps', self._program, person_id, date)}",
            },
            "type": "document",
            "timestamp": f"{date}T00:00:00Z",
            "entry": [entry(self.setting.base, resource) for resource in resources],
        }

    def _composition(self, own_id: str, person_id: str, date: str, sections: Sequence[_Section]) -> Json:
        return {
            "resourceType": "Composition",
            "id": own_id,
            "meta": {"profile": [self.setting.guide.composition]},
            "status": "final",
            "type": codeable(LOINC, "96315-7", "Gaps in care report"),
            "subject": self.setting.person(person_id),
            "date": date,
            "author": [{"reference": f"Organization/{self.setting.organization_id}"}],
            "title": "Gaps in care",
            "section": [
                {
                    "title": section.title,
                    "focus": {"reference": f"MeasureReport/{section.report['id']}"},
                    "entry": [{"reference": f"DetectedIssue/{issue['id']}"} for issue in section.issues],
                }
                for section in sections
            ],
        }


class _Patients:
    """People as resources: what a payer needs to find them, and no more."""

    def __init__(self, results: Results, variant: Variant | None, setting: Setting):
        self.setting = setting
        people = results.practice.table("person", ["person_id", "birth", "sex", "gender"]).combine_chunks()
        self._row = {str(person_id): row for row, person_id in enumerate(people["person_id"].to_pylist())}
        self._birth = people["birth"]
        self._gender = pc.coalesce(people["gender"], people["sex"])
        self._payer = variant.own.payer if variant is not None and variant.own is not None else ""
        numbers = member_numbers(results.practice, self._payer)
        self._members = dict(zip(*(numbers[name].to_pylist() for name in ("person_id", "member_id")), strict=True))

    def resource(self, person_id: str) -> Json:
        base, row = self.setting.base, self._row[person_id]
        identifiers: list[Json] = [{"system": f"{base}/person", "value": person_id}]
        if person_id in self._members:
            payer = resource_id("payer", self._payer)
            number = {"system": f"{base}/payer/{payer}/member", "value": self._members[person_id]}
            identifiers.append({"type": codeable(IDENTIFIER_TYPES, "MB", "Member Number"), **number})
        gender, birth = self._gender[row].as_py(), str(self._birth[row].as_py() or "")[:10]
        return {
            "resourceType": "Patient",
            "id": resource_id("person", person_id),
            "identifier": identifiers,
            **({"gender": gender} if gender else {}),
            **({"birthDate": birth} if birth and birth != "unknown" else {}),
        }


def gaps_in_care(
    results: Results,
    program: str,
    setting: Setting | None = None,
    measures: Collection[str] | None = None,
    *,
    gaps: pa.Table | None = None,
    outsiders: bool = False,
) -> Iterator[Json]:
    """The documents of a program's people (``canonical``: everybody), one for each person with something to say.

    ``gaps`` is the table of programs' gaps with the reason of each; without it every gap needs care. ``outsiders``:
    with the measures in whose initial population somebody is not.
    """
    return GapDocuments(MeasureReports(results, setting), program, measures, gaps).documents(outsiders)


def entry(base: str, resource: Json) -> Json:
    """A resource as an entry of a bundle."""
    return {"fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}", "resource": resource}


def _reasons(gaps: pa.Table, program: str) -> Mapping[tuple[str, str, str], tuple[str, str]]:
    """Reason and way to close of each gap, by measure, rate and subject."""
    columns = [name for name in _REASONS if name in gaps.column_names]
    own = gaps.select(columns).filter(pc.equal(gaps["program"], program))
    return {
        (str(row["measure"]), str(row["rate"]), str(row["subject_id"])): (
            str(row["reason"]),
            str(row.get("how_to_close") or ""),
        )
        for row in own.to_pylist()
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


__all__ = ["GapDocuments", "entry", "gap_status", "gaps_in_care"]
