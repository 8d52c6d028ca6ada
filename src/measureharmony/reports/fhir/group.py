"""One rate in a measure report: its populations with counts, its score, its strata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from measureharmony.evaluation.population_order import counts_above, counts_below
from measureharmony.measures.measure import POPULATIONS, Measure, Rate
from measureharmony.reports.fhir.guide import (
    CONTINUOUS_POPULATION,
    DIRECTION,
    DIRECTION_SYSTEM,
    LINK_ID,
    POPULATION,
    POPULATION_DISPLAY,
    POPULATION_SYSTEM,
    SCORING,
    SCORING_SYSTEM,
    Guide,
)
from measureharmony.reports.fhir.setting import Json, codeable
from measureharmony.reports.fhir.subjects import Row
from measureharmony.reports.measure_ids import reported_populations

#: An extension of ours: the sum of the observations, which FHIR's count (a whole number) cannot hold.
OBSERVATION_TOTAL = "StructureDefinition/observation-total"
#: An extension of ours on a group whose rate may not be called final: why not.
NOT_FINAL = "StructureDefinition/not-final"


def directions_differ(measure: Measure) -> bool:
    """Whether some rates are better higher, others lower.

    Then each group says its own direction, and its scoring, too: the guide wants both in the same place.
    """
    return len({measure.direction_of(rate) for rate in measure.rates}) > 1


def scoring(measure: Measure, guide: Guide) -> Json:
    """How the measure is scored, as an extension of its report or of a group."""
    return {"url": guide.scoring, "valueCodeableConcept": codeable(SCORING_SYSTEM, SCORING[measure.scoring])}


class RateForm:
    """How reports show one rate; made once, filled in for each report.

    ``codes`` are the populations that the rate reports: our names, FHIR's codes.
    """

    def __init__(self, measure: Measure, rate: Rate, guide: Guide, base: str):
        names = CONTINUOUS_POPULATION if measure.scoring == "continuous" else POPULATION
        self.codes = {name: names[name] for name in reported_populations(measure, rate) if name in names}
        self._measure, self._rate, self._base = measure, rate, base
        self._extension: list[Json] = [_link_id("", rate.id)]
        if directions_differ(measure):
            direction = codeable(DIRECTION_SYSTEM, DIRECTION[measure.direction_of(rate)])
            self._extension.append(scoring(measure, guide))
            self._extension.append({"url": guide.group_direction, "valueCodeableConcept": direction})

    def group(self, row: Mapping[str, object]) -> Json:
        """The group of the rate, from a row of the rate table or one that looks like it (:meth:`counted`)."""
        why_not = row.get("not_final_because")
        not_final = [{"url": f"{self._base}/{NOT_FINAL}", "valueString": why_not}] if why_not else []
        return {
            "id": self._rate.id.replace("_", "-")[:64],
            "extension": [*self._extension, *not_final],
            "code": {"text": self._rate.title},
            "population": self._populations(row),
            **_score(row["value"]),
        }

    def stratifier(self, stratum: str, row: Mapping[str, object]) -> Json:
        """One stratum of the group, as a stratifier of its own: whoever is in it."""
        title = next(one.title for one in self._measure.strata if one.id == stratum)
        system = f"{self._base}/CodeSystem/{self._measure.measure}-strata"
        return {
            "extension": [_link_id(".stratifier", stratum)],
            "code": [{"text": title}],
            "stratum": [
                {
                    "value": {"coding": [{"system": system, "code": stratum}]},
                    "population": self._populations(row, ".stratifier.stratum"),
                    **_score(row["value"]),
                }
            ],
        }

    def counted(self, rows: Sequence[Row]) -> dict[str, object]:
        """Somebody's outcomes (several where episodes are counted), counted like a row of the rate table."""
        members = [{name: bool(row[name]) for name in POPULATIONS} for row in rows]
        below, above = sum(map(counts_below, members)), sum(map(counts_above, members))
        observations = [float(str(row["observation"])) for row in rows if row["observation"] is not None]
        return {
            **{name: sum(one[name] for one in members) for name in POPULATIONS},
            "observations": len(observations),
            "observation_total": sum(observations) if observations else None,
            "value": above / below if below and self._measure.scoring == "proportion" else None,
        }

    def _populations(self, row: Mapping[str, object], place: str = "") -> list[Json]:
        """The populations of a group, or of a stratum (``place`` says where, for the link to the measure)."""
        found = [
            {"extension": [_link_id(f"{place}.population", code)], "code": _CODES[code], "count": row[name]}
            for name, code in self.codes.items()
        ]
        if self._measure.scoring != "proportion":
            extension: list[Json] = [_link_id(f"{place}.population", "measure-observation")]
            if row["observation_total"] is not None:
                extension.append({"url": f"{self._base}/{OBSERVATION_TOTAL}", "valueDecimal": row["observation_total"]})
            observed = {"code": _CODES["measure-observation"], "count": row["observations"]}
            found.append({"extension": extension, **observed})
        return found


def _score(value: object) -> Json:
    """The score, if there is one."""
    return {} if value is None else {"measureScore": {"value": value}}


def _link_id(place: str, element: str) -> Json:
    """What of the measure a part of its report is about."""
    return {"url": f"{LINK_ID}{place}.linkId", "valueString": element}


_CODES = {code: codeable(POPULATION_SYSTEM, code, display) for code, display in POPULATION_DISPLAY.items()}

__all__ = ["NOT_FINAL", "OBSERVATION_TOTAL", "RateForm", "directions_differ", "scoring"]
