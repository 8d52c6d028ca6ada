"""The programs that are evaluated: the five that ship, and five more that differ from them as real contracts do.

The further ones are written as program and overlay files, and read and checked like any others. Each changes all five
measures: age bands, thresholds, lookbacks, enrolment, evidence, periods.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from measureharmony.measures.measure import Measure
from measureharmony.payers.parts import used
from measureharmony.spec_files import spec_folder

#: Evaluated alone where one program is compared with many: all five measures, each with changes.
ONE = "bluestone_commercial"
SHIPPED = (ONE, "harborview_advantage_plus", "ma_stars", "medicaid_adult_core", "mssp_app_plus")

MEASURES = ("bcs", "col", "ccs", "cbp", "gsd")

_SOURCE = {"document": "Made up for the benchmark"}
_CLAIMS_ONLY = ["claim", "pharmacy_claim"]
_NO_CHARTS = ["claim", "pharmacy_claim", "supplemental_standard", "registry"]


def _set(**parameters: int) -> list[dict[str, Any]]:
    return [{"set_parameter": {"name": name, "to": value}} for name, value in parameters.items()]


def _enrolled(gaps: int, gap_days: int) -> dict[str, Any]:
    return {"require_enrolment": {"window": "period", "gaps": gaps, "gap_days": gap_days, "anchor": "period.end"}}


def _from(population: str, sources: list[str]) -> dict[str, Any]:
    return {"restrict_sources": {"population": population, "sources": sources}}


#: By program: payer and product line, measurement period, what is changed in every measure, and in each.
_FURTHER: dict[str, tuple[str, str, dict[str, Any], list[dict[str, Any]], dict[str, list[dict[str, Any]]]]] = {
    "bench_narrow_ages": (
        "bluestone",
        "commercial",
        {"start": "01-01"},
        [_enrolled(1, 31)],
        {
            "bcs": _set(age_from=45, age_to=70),
            "col": _set(age_from=50, age_to=70),
            "ccs": _set(age_from=26, age_to=60),
            "cbp": _set(age_from=21, age_to=80),
            "gsd": _set(age_from=21, age_to=70),
        },
    ),
    "bench_long_lookbacks": (
        "harborview",
        "commercial",
        {"start": "01-01"},
        [_enrolled(0, 0)],
        {
            "bcs": _set(mammogram_lookback=24),
            "col": _set(stool_dna_test_lookback=3, colonoscopy_lookback=10, sigmoidoscopy_lookback=5),
            "ccs": _set(cytology_lookback=3, hpv_lookback=5),
            "cbp": _set(diagnosis_months=12),
            "gsd": _set(age_to=80),
        },
    ),
    "bench_strict_goals": (
        "medicare",
        "medicare_ffs",
        {"start": "10-01", "named_for": "end"},
        [],
        {
            "bcs": _set(mammogram_lookback=9),
            "col": _set(colonoscopy_lookback=7),
            "ccs": _set(hpv_age=32),
            "cbp": _set(systolic_below=130, diastolic_below=80),
            "gsd": _set(poor_control_above=8, good_control_below=7),
        },
    ),
    "bench_claims_only": (
        "silver_shield",
        "medicare_advantage",
        {"start": "01-01"},
        [_enrolled(1, 60), _from("denominator_exclusion", _CLAIMS_ONLY)],
        {
            "bcs": [_from("numerator", _CLAIMS_ONLY)],
            "col": [_from("numerator", _NO_CHARTS)],
            "ccs": [_from("numerator", _NO_CHARTS)],
            "cbp": _set(systolic_below=150),
            "gsd": _set(age_from=30),
        },
    ),
    "bench_fiscal_year": (
        "state_medicaid",
        "medicaid",
        {"start": "07-01", "named_for": "end"},
        [_enrolled(2, 45)],
        {
            "bcs": _set(age_from=40),
            "col": _set(age_from=45),
            "ccs": _set(age_from=21),
            "cbp": _set(age_to=75, diagnosis_months=9),
            "gsd": _set(good_control_below=9),
        },
    ),
}

#: All programs, in the order in which ``--programs`` takes them.
PROGRAMS = (*SHIPPED, *_FURTHER)


def write_programs(folder: Path, count: int) -> None:
    """Write the first ``count`` of :data:`PROGRAMS` into ``folder/payers``, as files for ``load_specs(folder)``."""
    home = folder / "payers"
    shutil.rmtree(home, ignore_errors=True)
    for program in PROGRAMS[:count]:
        if program in _FURTHER:
            _write(home / program)
        else:
            shutil.copytree(spec_folder() / "payers" / program, home / program)


def write_every_measure(folder: Path, count: int, measures: Mapping[str, Measure]) -> None:
    """Write ``count`` programs into ``folder/payers``, each of which lists and changes all of ``measures``.

    The changes are the commonest ones: continuous enrolment, evidence of the exclusions, and one parameter.
    """
    shutil.rmtree(folder / "payers", ignore_errors=True)
    for number in range(count):
        payer, product_line, period, *_ = list(_FURTHER.values())[number % len(_FURTHER)]
        changes = {
            key: [_enrolled(1, 30 + 5 * number), *_of_exclusions(measure), *_one_parameter(measure, 1 + number // 5)]
            for key, measure in measures.items()
        }
        _write_program(folder / "payers" / f"bench_{number}", payer, product_line, period, changes)


def _of_exclusions(measure: Measure) -> list[dict[str, Any]]:
    if measure.populations.denominator_exclusion is None:
        return []
    return [_from("denominator_exclusion", _CLAIMS_ONLY)]


def _one_parameter(measure: Measure, more: int) -> list[dict[str, Any]]:
    """The first of the measure's own parameters that counts and can be so much higher, if there is one."""
    counts = {name for section, name in used(measure) if section == "parameters"}
    for name, parameter in measure.parameters.items():
        if "." not in name and name in counts and (parameter.max is None or parameter.value + more <= parameter.max):
            return _set(**{name: parameter.value + more})
    return []


def _write(home: Path) -> None:
    payer, product_line, period, always, by_measure = _FURTHER[home.name]
    changes = {measure: [*always, *by_measure[measure]] for measure in MEASURES}
    _write_program(home, payer, product_line, period, changes)


def _write_program(
    home: Path, payer: str, product_line: str, period: dict[str, Any], changes: Mapping[str, list[dict[str, Any]]]
) -> None:
    home.mkdir(parents=True)
    program = {
        "program": home.name,
        "title": home.name.replace("_", " "),
        "payer": payer,
        "fictional": True,
        "product_lines": [product_line],
        "edition": 2026,
        "period": period,
        "membership": {"roster": False, "covered": "any_day"},
        "measures": [{"measure": measure, "overlay": True} for measure in changes],
        "sources": [_SOURCE],
    }
    _write_yaml(home / "program.yaml", program)
    for measure, those in changes.items():
        given = {"effective": "2025-01-01", "source": _SOURCE, "reason": "As some contract has it."}
        written = [{**change, **given} for change in those]
        overlay = {"overlay": measure, "edition": 2026, "description": "For the benchmark.", "changes": written}
        _write_yaml(home / f"{measure}.yaml", overlay)


def _write_yaml(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


__all__ = ["MEASURES", "ONE", "PROGRAMS", "SHIPPED", "write_every_measure", "write_programs"]
