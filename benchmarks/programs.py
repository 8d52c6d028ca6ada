"""Programs in any number, as files for ``load_specs``: what each pays attention to, and what it changes.

Two mixes. *Typical*: every program lists every measure, and changes as many of them as the programs that ship do (47 of
the 74 measures they list), mostly in ways that other payers have, too: contracts follow each other. *Every measure*:
each program changes each measure, most of them in a way of its own: the worst there can be.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from measureharmony.measures.library import read_canonical
from measureharmony.measures.measure import Measure
from measureharmony.payers.parts import used
from measureharmony.spec_files import spec_folder

Change = dict[str, Any]
Measures = Mapping[str, Measure]

_SOURCE = {"document": "Made up for the benchmark"}
_CLAIMS_ONLY = ("claim", "pharmacy_claim")
#: Of the measures that shipped programs list, the share that they change.
_CHANGED = 47 / 74
#: What ``--smoke`` is content with.
SMOKE_MEASURES = ("bcs", "col", "ccs", "cbp", "gsd")
#: Payers with their product line, and the first day of their year; five of the six that ship go by the calendar.
_PAYERS = (
    ("bluestone", "commercial", "01-01"),
    ("harborview", "commercial", "07-01"),
    ("silver_shield", "medicare_advantage", "01-01"),
    ("state_medicaid", "medicaid", "01-01"),
    ("medicare", "medicare_ffs", "01-01"),
)
#: Gaps of enrolment and their days, as contracts have them.
_ENROLMENTS = ((1, 45), (1, 45), (1, 31), (0, 0))


def write_typical(folder: Path, count: int, measures: Measures) -> None:
    """Write ``count`` programs into ``folder/payers``: each lists all of ``measures`` and changes a typical share.

    A change is continuous enrolment as usual with the program's line of business, evidence for the exclusions, and,
    half of the time, the first parameter, one to three up: a few values that payers share, as in life.
    """
    draw = random.Random(2026)
    for number in range(count):
        payer, product_line, start = _PAYERS[number % len(_PAYERS)]
        gaps, days = _ENROLMENTS[number % len(_ENROLMENTS)]
        changes: dict[str, list[Change]] = {}
        for key, measure in measures.items():
            more = draw.randint(1, 3) if draw.random() < 0.5 else 0
            wanted = [enrolled(gaps, days), *_of_exclusions(measure), *_one_parameter(measure, more)]
            changes[key] = wanted if draw.random() < _CHANGED else []
        write_program(folder / "payers" / f"typical_{number}", payer, product_line, _named(start), changes)


def write_every_measure(folder: Path, count: int, measures: Measures) -> None:
    """Write ``count`` programs into ``folder/payers``, each of which lists and changes all of ``measures``.

    Enrolment has another longest gap for each program; periods are of three kinds.
    """
    for number in range(count):
        payer, product_line, _ = _PAYERS[number % len(_PAYERS)]
        period = _named(("01-01", "01-01", "10-01", "01-01", "07-01")[number % 5])
        changes = {
            key: [enrolled(1, 30 + 5 * number), *_of_exclusions(measure), *_one_parameter(measure, 1 + number // 5)]
            for key, measure in measures.items()
        }
        write_program(folder / "payers" / f"bench_{number}", payer, product_line, period, changes)


MIXES: Mapping[str, Callable[[Path, int, Measures], None]] = {
    "typical": write_typical,
    "every measure": write_every_measure,
}


def canonical_measures(keys: Iterable[str] | None = None) -> Measures:
    """The measures that ship; only those named, if any are."""
    every = _every_measure()
    return every if keys is None else {key: every[key] for key in keys}


@cache
def _every_measure() -> Measures:
    home = spec_folder() / "canonical"
    return read_canonical(home, trusted=[home]).measures


def set_parameters(parameters: Mapping[str, int]) -> list[Change]:
    """The changes that set parameters."""
    return [{"set_parameter": {"name": name, "to": value}} for name, value in parameters.items()]


def enrolled(gaps: int, gap_days: int) -> Change:
    """Enrolment over the whole period, its last day covered, with so many gaps of so many days."""
    return {"require_enrolment": {"window": "period", "gaps": gaps, "gap_days": gap_days, "anchor": "period.end"}}


def from_sources(population: str, sources: Iterable[str]) -> Change:
    """Only evidence from these sources."""
    return {"restrict_sources": {"population": population, "sources": list(sources)}}


def write_program(
    home: Path, payer: str, product_line: str, period: Mapping[str, str], changes: Mapping[str, list[Change]]
) -> None:
    """Write a program's folder: it lists the measures of ``changes``, with an overlay where there are any."""
    home.mkdir(parents=True)
    listed = [{"measure": key, "overlay": True} if those else {"measure": key} for key, those in changes.items()]
    program = {
        "program": home.name,
        "title": home.name.replace("_", " "),
        "payer": payer,
        "fictional": True,
        "product_lines": [product_line],
        "edition": 2026,
        "period": dict(period),
        "membership": {"roster": False, "covered": "any_day"},
        "measures": listed,
        "sources": [_SOURCE],
    }
    _write_yaml(home / "program.yaml", program)
    for measure, those in changes.items():
        if those:
            given = {"effective": "2025-01-01", "source": _SOURCE, "reason": "As some contract has it."}
            written = [{**change, **given} for change in those]
            overlay = {"overlay": measure, "edition": 2026, "description": "For the benchmark.", "changes": written}
            _write_yaml(home / f"{measure}.yaml", overlay)


def _named(start: str) -> dict[str, str]:
    return {"start": start} if start == "01-01" else {"start": start, "named_for": "end"}


def _of_exclusions(measure: Measure) -> list[Change]:
    if measure.populations.denominator_exclusion is None:
        return []
    return [from_sources("denominator_exclusion", _CLAIMS_ONLY)]


def _one_parameter(measure: Measure, more: int) -> list[Change]:
    """The first of the measure's own parameters that counts and can be so much higher, if there is one."""
    counts = {name for section, name in used(measure) if section == "parameters"}
    for name, parameter in measure.parameters.items():
        here = more and "." not in name and name in counts
        if here and (parameter.max is None or parameter.value + more <= parameter.max):
            return set_parameters({name: parameter.value + more})
    return []


def _write_yaml(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(yaml.dump(content, Dumper=yaml.CSafeDumper, sort_keys=False), encoding="utf-8")
