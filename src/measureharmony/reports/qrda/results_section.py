"""The measure section of a QRDA III document: what each measure's rates come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from measureharmony.measures.measure import Measure, Rate
from measureharmony.periods import Period
from measureharmony.reports.measure_ids import MeasureIds, own_uuid, reported_populations
from measureharmony.reports.qrda.templates import (
    ACT_CODE,
    AGGREGATE_COUNT,
    LOINC,
    MEASURE_DATA,
    MEASURE_REFERENCE,
    MEASURE_SECTION,
    OBSERVATION_METHOD,
    PERFORMANCE_RATE,
    POPULATION,
    REPORTING_PARAMETERS,
    SNOMED,
    STRATUM,
    SUPPLEMENTAL,
    VERSION_SPECIFIC,
)
from measureharmony.reports.qrda.xml import (
    add,
    assertion,
    external_observation,
    loinc,
    observation,
    table,
    templates,
)

#: Counts of people by their answers, for each supplemental element.
Breakdown = Mapping[str, Mapping[str | None, int]]


@dataclass(frozen=True)
class RateCounts:
    """What a rate came to: rows of the rate table by stratum (``""``: the whole), and who is in what, by answer."""

    rate: Rate
    rows: Mapping[str, Mapping[str, object]]
    by_answer: Mapping[str, Breakdown]


@dataclass(frozen=True)
class MeasureCounts:
    """What a measure came to. ``ecqm`` is its identifier as a CMS electronic measure."""

    measure: Measure
    ecqm: str
    rates: Sequence[RateCounts]


def measure_section(parent: Element, period: Period, measures: Sequence[MeasureCounts], ids: MeasureIds) -> None:
    """The section, with an organizer for each measure and the reporting parameters."""
    section = add(add(parent, "component"), "section")
    templates(section, *MEASURE_SECTION)
    loinc(section, "55186-1", "Measure Section")
    add(section, "title", "Measure Section")
    shown = [
        (counts.measure.title, counts.ecqm, rate.rate.title, _percent(rate))
        for counts in measures
        for rate in counts.rates
    ]
    table(add(section, "text"), ("Measure", "CMS id", "Rate", "Result"), shown)
    for counts in measures:
        _organizer(add(section, "entry"), counts, ids)
    _reporting_parameters(add(section, "entry"), period)


def _percent(counts: RateCounts) -> str:
    whole = counts.rows[""]
    return f"{whole['above']} of {whole['below']}"


def _organizer(parent: Element, counts: MeasureCounts, ids: MeasureIds) -> None:
    measure = counts.measure
    organizer = add(parent, "organizer", classCode="CLUSTER", moodCode="EVN")
    templates(organizer, *MEASURE_REFERENCE)
    add(organizer, "id", root=own_uuid("organizer", measure.measure, str(measure.edition)))
    add(organizer, "statusCode", code="completed")
    reference = add(organizer, "reference", typeCode="REFR")
    external = add(reference, "externalDocument", classCode="DOC", moodCode="EVN")
    add(external, "id", root=VERSION_SPECIFIC, extension=ids.uuid_of(measure, "version_specific"))
    loinc(external, "57024-2", "Health Quality Measure Document")
    add(external, "text", f"{measure.title} ({counts.ecqm})")
    add(external, "setId", root=ids.uuid_of(measure, "version_independent"))
    for rate in counts.rates:
        _performance_rate(organizer, measure, rate, ids)
    for rate in counts.rates:
        for population in reported_populations(measure, rate.rate):
            _measure_data(organizer, measure, rate, population, ids)


def _performance_rate(parent: Element, measure: Measure, counts: RateCounts, ids: MeasureIds) -> None:
    rate = observation(add(parent, "component"), *PERFORMANCE_RATE)
    loinc(rate, "72510-1", "Performance Rate")
    add(rate, "statusCode", code="completed")
    value = performance(counts.rows[""]["value"])
    add(rate, "value", type_="REAL", **({"value": value} if value else {"nullFlavor": "NA"}))
    numerator = external_observation(rate, ids.uuid_of(measure, "numerator", counts.rate.id))
    add(numerator, "code", code="NUMER", codeSystem=ACT_CODE, codeSystemName="ActCode", displayName="Numerator")


def performance(value: object) -> str:
    """A rate with at most six decimals; empty where there is none.

    >>> performance(2 / 3), performance(1.0), performance(None)
    ('0.666667', '1', '')
    """
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")


def _measure_data(parent: Element, measure: Measure, counts: RateCounts, population: str, ids: MeasureIds) -> None:
    data = observation(add(parent, "component"), MEASURE_DATA)
    assertion(data)
    add(data, "value", type_="CD", code=POPULATION[population], codeSystem=ACT_CODE, codeSystemName="ActCode")
    _count(data, counts.rows[""][population])
    for stratum in measure.strata:
        part = observation(add(data, "entryRelationship", typeCode="COMP"), STRATUM)
        assertion(part)
        add(add(part, "value", type_="CD", nullFlavor="OTH"), "originalText", stratum.title)
        _count(part, counts.rows[stratum.id][population])
        external_observation(part, ids.uuid_of(measure, stratum.id, counts.rate.id))
    for name, by_answer in counts.by_answer[population].items():
        for code, count in by_answer.items():
            _supplemental(data, name, code, count)
    external_observation(data, ids.uuid_of(measure, population, counts.rate.id))


def _supplemental(parent: Element, name: str, code: str | None, count: int) -> None:
    element = SUPPLEMENTAL[name]
    part = observation(add(parent, "entryRelationship", typeCode="COMP"), element.template)
    add(part, "code", code=element.question, codeSystem=LOINC, codeSystemName="LOINC")
    add(part, "statusCode", code="completed")
    answer = {"nullFlavor": "UNK"} if code is None else {"code": code, "codeSystem": element.answers}
    add(part, "value", type_="CD", **answer)
    _count(part, count)


def _count(parent: Element, count: object) -> None:
    place = add(parent, "entryRelationship", typeCode="SUBJ", inversionInd="true")
    counted = observation(place, AGGREGATE_COUNT)
    add(counted, "code", code="MSRAGG", codeSystem=ACT_CODE, codeSystemName="ActCode", displayName="rate aggregation")
    add(counted, "value", type_="INT", value=str(count))
    add(counted, "methodCode", code="COUNT", codeSystem=OBSERVATION_METHOD, displayName="Count")


def _reporting_parameters(parent: Element, period: Period) -> None:
    act = add(parent, "act", classCode="ACT", moodCode="EVN")
    templates(act, REPORTING_PARAMETERS)
    add(act, "id", root=own_uuid("reporting parameters", str(period)))
    add(act, "code", code="252116004", codeSystem=SNOMED, displayName="Observation Parameters")
    time = add(act, "effectiveTime")
    add(time, "low", value=f"{period.start:%Y%m%d}")
    add(time, "high", value=f"{period.end:%Y%m%d}")


__all__ = ["Breakdown", "MeasureCounts", "RateCounts", "measure_section", "performance"]
