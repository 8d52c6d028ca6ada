"""Measure reports: of a person, of everybody (with strata), and of everybody with the list of who is meant."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

from measureharmony.measures.measure import Rate
from measureharmony.payers.variant import Variant
from measureharmony.reports.fhir.group import RateForm, directions_differ, scoring
from measureharmony.reports.fhir.guide import (
    CRITERIA_REFERENCE,
    DIRECTION,
    DIRECTION_SYSTEM,
)
from measureharmony.reports.fhir.setting import Json, Setting, codeable, resource_id
from measureharmony.reports.fhir.subjects import Row, Subjects, chosen
from measureharmony.reports.results import Results
from measureharmony.reports.unchanged import unchanged

_TYPES = {"individual": "individual", "summary": "summary", "subject_list": "subject-list"}


class MeasureReports:
    """Makes measure reports of results; ``setting`` says who reports, when and how."""

    def __init__(self, results: Results, setting: Setting | None = None):
        self.results = results
        self.setting = setting or Setting()
        self._unchanged = unchanged(results)
        self._frames: dict[tuple[str, str], tuple[Json, Json]] = {}
        self._forms: dict[tuple[str, str], RateForm] = {}
        self._rates: dict[tuple[object, ...], Mapping[str, object]] = {
            (row["program"], row["measure"], row["rate"], row["stratum"]): row for row in results.rates.to_dicts()
        }

    @cached_property
    def subjects(self) -> Subjects:
        """The outcomes, person by person."""
        return Subjects(self.results)

    def individuals(self, variants: Sequence[Variant]) -> Iterator[Json]:
        """The reports of everybody in the initial population of each variant."""
        for variant in variants:
            for person_id, rows in self.subjects.of([variant]):
                yield self.individual(variant, person_id, rows)

    def individual(self, variant: Variant, person_id: str, rows: Sequence[Row]) -> Json:
        """The report of one person, from their outcomes under every rate of the variant."""
        groups = []
        for rate in variant.measure.rates:
            own = [row for row in rows if row["rate"] == rate.id]
            if own:
                form = self.form(variant, rate)
                groups.append(form.group(form.counted(own)))
        evidence = self._evidence(rows)
        head, foot = self._frame(variant, "individual")
        return {
            **head,
            "id": individual_id(variant, person_id),
            "subject": self.setting.person(person_id),
            **foot,
            "group": groups,
            **({"evaluatedResource": evidence} if evidence else {}),
        }

    def summary(self, variant: Variant) -> Json:
        """The report of all people of a variant, each stratum beside the whole."""
        groups = []
        for rate in variant.measure.rates:
            form = self.form(variant, rate)
            whole = form.group(self._rate(variant, rate, ""))
            strata = [form.stratifier(one.id, self._rate(variant, rate, one.id)) for one in variant.measure.strata]
            groups.append({**whole, **({"stratifier": strata} if strata else {})})
        head, foot = self._frame(variant, "summary")
        return {**head, "id": resource_id("summary", variant.id, str(variant.period)), **foot, "group": groups}

    def subject_list(self, variant: Variant) -> Json:
        """The report of all people of a variant that names for each population a List of individual reports."""
        report = self.summary(variant)
        for rate, part in zip(variant.measure.rates, report["group"], strict=True):
            part.pop("stratifier", None)
            for name, population in zip(self.form(variant, rate).codes, part["population"], strict=False):
                population["subjectResults"] = {"reference": f"List/{list_id(variant, rate, name)}"}
        head, _ = self._frame(variant, "subject_list")
        return {**report, **head, "id": resource_id("subject-list", variant.id, str(variant.period))}

    def _rate(self, variant: Variant, rate: Rate, stratum: str) -> Mapping[str, object]:
        return self._rates[variant.program, variant.measure.measure, rate.id, stratum]

    def form(self, variant: Variant, rate: Rate) -> RateForm:
        """How reports show a rate; made once."""
        if (variant.id, rate.id) not in self._forms:
            form = RateForm(variant.measure, rate, self.setting.guide, self.setting.base)
            self._forms[variant.id, rate.id] = form
        return self._forms[variant.id, rate.id]

    def _frame(self, variant: Variant, kind: str) -> tuple[Json, Json]:
        """What all reports of a kind about a variant begin and go on with; made once."""
        if (variant.id, kind) not in self._frames:
            self._frames[variant.id, kind] = self._head(variant, kind), self._foot(variant)
        return self._frames[variant.id, kind]

    def _head(self, variant: Variant, kind: str) -> Json:
        scored = [] if directions_differ(variant.measure) else [scoring(variant.measure, self.setting.guide)]
        return {
            "resourceType": "MeasureReport",
            "id": "",
            "meta": {"profile": [getattr(self.setting.guide, kind)]},
            **({"extension": scored} if scored else {}),
            "status": "complete",
            "type": _TYPES[kind],
            "measure": self.setting.measure(variant, variant.id in self._unchanged),
        }

    def _foot(self, variant: Variant) -> Json:
        direction = codeable(DIRECTION_SYSTEM, DIRECTION[variant.measure.direction_of(variant.measure.rates[0])])
        return {
            "date": self.setting.date(self.results, variant.period.end),
            "reporter": {"reference": f"Organization/{self.setting.organization_id}"},
            "period": {"start": variant.period.start.isoformat(), "end": variant.period.end.isoformat()},
            **({} if directions_differ(variant.measure) else {"improvementNotation": direction}),
        }

    def _evidence(self, rows: Sequence[Row]) -> list[Json]:
        """Each event shown as evidence, once; of those that put somebody into the numerator it is said."""
        found: dict[str, Json] = {}
        for row in rows:
            event_id = row["evidence_id"]
            if event_id is None:
                continue
            reference = found.setdefault(str(event_id), self.setting.event(str(event_id), _text(row["evidence_kind"])))
            if row["numerator"]:
                reference["extension"] = [{"url": CRITERIA_REFERENCE, "valueString": "numerator"}]
        return list(found.values())


def individual_reports(
    results: Results,
    setting: Setting | None = None,
    programs: Collection[str] | None = None,
    measures: Collection[str] | None = None,
) -> Iterator[Json]:
    """A report for each person in the initial population of each variant."""
    return MeasureReports(results, setting).individuals(chosen(results, programs, measures))


def summary_reports(
    results: Results,
    setting: Setting | None = None,
    programs: Collection[str] | None = None,
    measures: Collection[str] | None = None,
) -> Iterator[Json]:
    """A summary report for each variant."""
    reports = MeasureReports(results, setting)
    return (reports.summary(variant) for variant in chosen(results, programs, measures))


def individual_id(variant: Variant, person_id: str) -> str:
    """The id of somebody's report."""
    return resource_id("individual", variant.id, str(variant.period), person_id)


def list_id(variant: Variant, rate: Rate, population: str) -> str:
    """The id of the List of a population's individual reports."""
    return resource_id("list", variant.id, str(variant.period), rate.id, population)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


__all__ = ["MeasureReports", "individual_id", "individual_reports", "list_id", "summary_reports"]
