"""One rate in a measure report: its populations with counts, its score, its strata."""

from __future__ import annotations

from collections.abc import Mapping

from measureharmony.evaluation.population_order import counts_above, counts_below
from measureharmony.measures.measure import Measure, Rate
from measureharmony.reports.fhir.guide import (
    CONTINUOUS_POPULATION,
    DIRECTION,
    DIRECTION_SYSTEM,
    LINK_ID,
    POPULATION,
    POPULATION_DISPLAY,
    POPULATION_SYSTEM,
    Guide,
)
from measureharmony.reports.fhir.setting import Json, codeable
from measureharmony.reports.fhir.subjects import Row
from measureharmony.reports.measure_ids import reported_populations

#: An extension of ours: the sum of the observations, which FHIR's count (a whole number) cannot hold.
OBSERVATION_TOTAL = "StructureDefinition/observation-total"
#: An extension of ours on a group whose rate may not be called final: why not.
NOT_FINAL = "StructureDefinition/not-final"


def population_codes(measure: Measure, rate: Rate) -> dict[str, str]:
    """The populations that a report of the rate names, ours to FHIR's."""
    names = CONTINUOUS_POPULATION if measure.scoring == "continuous" else POPULATION
    return {name: names[name] for name in reported_populations(measure, rate) if name in names}


def directions_differ(measure: Measure) -> bool:
    """Whether some rates are better higher, others lower: then each group says its own."""
    return len({measure.direction_of(rate) for rate in measure.rates}) > 1


def group(measure: Measure, rate: Rate, counted: Mapping[str, object], guide: Guide, base: str) -> Json:
    """The group of a rate, from a row of the rate table or one that looks like it."""
    extension: list[Json] = [link_id("", rate.id)]
    if directions_differ(measure):
        direction = codeable(DIRECTION_SYSTEM, DIRECTION[measure.direction_of(rate)])
        extension.append({"url": guide.group_direction, "valueCodeableConcept": direction})
    if counted.get("not_final_because"):
        extension.append({"url": f"{base}/{NOT_FINAL}", "valueString": counted["not_final_because"]})
    return {
        "id": rate.id.replace("_", "-")[:64],
        "extension": extension,
        "code": {"text": rate.title},
        "population": populations(measure, rate, counted, base),
        **score(counted["value"]),
    }


def populations(measure: Measure, rate: Rate, counted: Mapping[str, object], base: str, place: str = "") -> list[Json]:
    """The populations of a group, or of a stratum (``place`` says where, for the link to the measure)."""
    found = [
        {"extension": [link_id(f"{place}.population", code)], "code": _code(code), "count": counted[name]}
        for name, code in population_codes(measure, rate).items()
    ]
    if measure.scoring != "proportion":
        observed = {"code": _code("measure-observation"), "count": counted["observations"]}
        extension: list[Json] = [link_id(f"{place}.population", "measure-observation")]
        if counted["observation_total"] is not None:
            extension.append({"url": f"{base}/{OBSERVATION_TOTAL}", "valueDecimal": counted["observation_total"]})
        found.append({"extension": extension, **observed})
    return found


def score(value: object) -> Json:
    """The score, if there is one."""
    return {} if value is None else {"measureScore": {"value": value}}


def stratifier(measure: Measure, rate: Rate, stratum: str, counted: Mapping[str, object], base: str) -> Json:
    """One stratum of a group, as a stratifier of its own: whoever is in it."""
    title = next(one.title for one in measure.strata if one.id == stratum)
    return {
        "extension": [link_id(".stratifier", stratum)],
        "code": [{"text": title}],
        "stratum": [
            {
                "value": {"coding": [{"system": f"{base}/CodeSystem/{measure.measure}-strata", "code": stratum}]},
                "population": populations(measure, rate, counted, base, ".stratifier.stratum"),
                **score(counted["value"]),
            }
        ],
    }


def counted(measure: Measure, rows: list[Row]) -> dict[str, object]:
    """Somebody's outcomes under one rate (several where episodes are counted), counted like a row of the rate table."""
    totals: dict[str, object] = {name: sum(bool(row[name]) for row in rows) for name in POPULATION}
    members = [{name: bool(row[name]) for name in POPULATION} for row in rows]
    below, above = sum(map(counts_below, members)), sum(map(counts_above, members))
    observations = [float(str(row["observation"])) for row in rows if row["observation"] is not None]
    value = above / below if below and measure.scoring == "proportion" else None
    return {
        **totals,
        "observations": len(observations),
        "observation_total": sum(observations) if observations else None,
        "value": value,
    }


def link_id(place: str, element: str) -> Json:
    """What of the measure a part of its report is about."""
    return {"url": f"{LINK_ID}{place}.linkId", "valueString": element}


def _code(code: str) -> Json:
    return codeable(POPULATION_SYSTEM, code, POPULATION_DISPLAY[code])


__all__ = ["NOT_FINAL", "OBSERVATION_TOTAL", "counted", "directions_differ", "group", "population_codes", "stratifier"]
