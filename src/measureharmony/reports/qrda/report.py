"""QRDA Category III: the counts of CMS electronic measures as an HL7 clinical document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from importlib.metadata import version
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np
import pyarrow as pa

from measureharmony.errors import UsageError
from measureharmony.evaluation.columns import Ints
from measureharmony.measures.measure import Measure
from measureharmony.payers.variant import CANONICAL, Variant
from measureharmony.periods import Period
from measureharmony.reports.file_names import file_stem
from measureharmony.reports.measure_ids import MeasureIds, own_uuid, reported_populations
from measureharmony.reports.outcome_rows import encoded, runs
from measureharmony.reports.qrda.people import answers
from measureharmony.reports.qrda.results_section import Breakdown, MeasureCounts, RateCounts, measure_section
from measureharmony.reports.qrda.templates import CONFIDENTIALITY, NPI, REPORT, TIN
from measureharmony.reports.qrda.xml import add, document, loinc, templates, written
from measureharmony.reports.reporter import Reporter
from measureharmony.reports.results import Results
from measureharmony.reports.unchanged import unchanged

_ECQM = "CMS eCQM"


def ecqm_id(measure: Measure) -> str | None:
    """The identifier of a measure as a CMS electronic measure of its edition, ``CMS165v14``."""
    return next((one.id for one in measure.identifiers if one.system == _ECQM and one.year == measure.edition), None)


class Qrda3:
    """Makes QRDA III documents of results. ``made_on`` is their date: the as-of date, else the period's last day."""

    def __init__(
        self, results: Results, reporter: Reporter, ids: MeasureIds | None = None, made_on: dt.date | None = None
    ):
        self.results = results
        self.reporter = reporter
        self.ids = ids or MeasureIds()
        self.made_on = made_on or results.as_of
        outcomes = results.outcomes.arrow
        self._outcomes = outcomes.filter(outcomes["member"])
        self._runs = runs(self._outcomes)
        self._rates = {
            (str(row["program"]), str(row["measure"]), str(row["rate"]), str(row["stratum"])): row
            for row in results.rates.to_dicts()
        }

    def reported(self, program: str) -> dict[Period, list[Variant]]:
        """The variants of a program that are CMS electronic measures as they are, by period."""
        as_they_are, found = unchanged(self.results), dict[Period, list[Variant]]()
        for variant in self.results.variants:
            own = variant.program == program and variant.id in as_they_are
            if own and ecqm_id(variant.measure) and variant.measure.scoring == "proportion":
                found.setdefault(variant.period, []).append(variant)
        return found

    def document(self, program: str, period: Period, variants: Sequence[Variant]) -> bytes:
        """The document of a program's measures over a period."""
        root = document()
        self._header(root, program, period)
        counts = [self._counts(variant) for variant in variants]
        measure_section(add(add(root, "component"), "structuredBody"), period, counts, self.ids)
        return written(root)

    # --- counts ------------------------------------------------------------------------------------------------------

    def _counts(self, variant: Variant) -> MeasureCounts:
        spans = self._runs.get((variant.program, variant.measure.measure), [])
        tables = [self._outcomes.slice(start, stop - start) for start, stop in spans]
        rows = pa.concat_tables(tables) if tables else self._outcomes.slice(0, 0)
        person, person_ids = encoded(rows["person_id"]) if rows.num_rows else (np.empty(0, dtype=np.int64), [])
        which, rates = encoded(rows["rate"]) if rows.num_rows else (np.empty(0, dtype=np.int64), [])
        told = answers(self.results.practice, person_ids, variant.period)
        strata = ("", *(stratum.id for stratum in variant.measure.strata))
        found = []
        for rate in self.ids.rates(variant.measure):
            own: Ints = np.flatnonzero(which == rates.index(rate.id)) if rate.id in rates else which[:0]
            by_answer: dict[str, Breakdown] = {}
            for name in reported_populations(variant.measure, rate):
                inside = own[rows[name].to_numpy()[own]] if rows.num_rows else own
                by_answer[name] = {question: one.counted(person[inside]) for question, one in told.items()}
            key = (variant.program, variant.measure.measure, rate.id)
            found.append(RateCounts(rate, {one: self._rates[*key, one] for one in strata}, by_answer))
        return MeasureCounts(variant.measure, ecqm_id(variant.measure) or "", found)

    # --- header ------------------------------------------------------------------------------------------------------

    def _header(self, root: Element, program: str, period: Period) -> None:
        time = f"{self.made_on or period.end:%Y%m%d}"
        add(root, "realmCode", code="US")
        add(root, "typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040")
        templates(root, REPORT)
        add(root, "id", root=own_uuid("qrda3", program, str(period), time, self.reporter.name))
        loinc(root, "55184-6", "Quality Reporting Document Architecture Calculated Summary Report")
        add(root, "title", "QRDA Calculated Summary Report")
        add(root, "effectiveTime", value=time)
        add(root, "confidentialityCode", code="N", codeSystem=CONFIDENTIALITY)
        add(root, "languageCode", code="en")
        add(root, "versionNumber", value="1")
        add(add(add(root, "recordTarget"), "patientRole"), "id", nullFlavor="NA")
        author = add(root, "author")
        add(author, "time", value=time)
        assigned = add(author, "assignedAuthor")
        add(assigned, "id", nullFlavor="NA")
        device = add(assigned, "assignedAuthoringDevice")
        add(device, "softwareName", f"measureharmony {version('measureharmony')}")
        self._organization(add(assigned, "representedOrganization"))
        custodian = add(add(root, "custodian"), "assignedCustodian")
        self._organization(add(custodian, "representedCustodianOrganization"))
        if self.reporter.npi or self.reporter.tin:
            self._performer(root)

    def _organization(self, parent: Element) -> None:
        number = {"root": TIN, "extension": self.reporter.tin} if self.reporter.tin else {"nullFlavor": "NA"}
        add(parent, "id", **number)
        add(parent, "name", self.reporter.name)

    def _performer(self, root: Element) -> None:
        event = add(add(root, "documentationOf", typeCode="DOC"), "serviceEvent", classCode="PCPR")
        entity = add(add(event, "performer", typeCode="PRF"), "assignedEntity")
        number = {"extension": self.reporter.npi} if self.reporter.npi else {"nullFlavor": "NA"}
        add(entity, "id", root=NPI, **number)
        self._organization(add(entity, "representedOrganization"))


def write_qrda3(
    results: Results,
    folder: str | Path,
    reporter: Reporter | None = None,
    programs: Collection[str] | None = None,
    ids: MeasureIds | None = None,
) -> list[Path]:
    """For each program (left out: the unified version) and period ``qrda3_<program>_<first day>.xml``; gives the paths.

    :class:`UsageError` when there is nothing to report: no measure is a CMS electronic measure of its edition that the
    programs leave as it is.
    """
    report, target, paths = Qrda3(results, reporter or Reporter(), ids), Path(folder), list[Path]()
    target.mkdir(parents=True, exist_ok=True)
    for program in programs or [CANONICAL]:
        for period, variants in report.reported(program).items():
            paths.append(target / f"qrda3_{file_stem(program)}_{period.start}.xml")
            paths[-1].write_bytes(report.document(program, period, variants))
    if not paths:
        raise UsageError(
            "QRDA III is for CMS electronic measures as they are, and here is none: these measures have no CMS eCQM "
            "identifier of their edition, or the program changes them. Leave out --program for the unified version."
        )
    return paths


__all__ = ["Qrda3", "ecqm_id", "write_qrda3"]
