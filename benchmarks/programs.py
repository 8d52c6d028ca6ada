"""The programs that are evaluated: the five that ship, and five more that differ from them as real contracts do.

The further ones are written as program and overlay files, and read and checked like any others. Each changes all five
measures: age bands, thresholds, lookbacks, enrolment, evidence, periods.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

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


def _write(home: Path) -> None:
    payer, product_line, period, always, by_measure = _FURTHER[home.name]
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
        "measures": [{"measure": measure, "overlay": True} for measure in MEASURES],
        "sources": [_SOURCE],
    }
    _write_yaml(home / "program.yaml", program)
    for measure in MEASURES:
        given = {"effective": "2025-01-01", "source": _SOURCE, "reason": "As some contract has it."}
        changes = [{**change, **given} for change in (*always, *by_measure[measure])]
        overlay = {"overlay": measure, "edition": 2026, "description": "For the benchmark.", "changes": changes}
        _write_yaml(home / f"{measure}.yaml", overlay)


def _write_yaml(path: Path, content: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


__all__ = ["MEASURES", "ONE", "PROGRAMS", "SHIPPED", "write_programs"]
