"""A gap whose last day is over is not closed by what comes later."""

from __future__ import annotations

import datetime as dt
from random import Random

import numpy as np
import pytest

from measureharmony.evaluation.population_order import counts_above, counts_below
from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers.variant import Variant
from measureharmony.practice import Practice
from tests.criteria.example import LOINC, SNOMED, VALUE_SETS, YEAR, measure
from tests.generative import outcomes
from tests.generative.outcomes import Line
from tests.generative.practices import Row, read

#: What is counted is each visit, or the person.
VISITS = "subject: {episodes: visits}"
SECTIONS = """
events: {visits: {kind: encounter, codes: office_visit, take: {first: start}}}
anchors: {ill: {of: {kind: condition, codes: diabetes, take: {first: start}}, point: start}}
"""
#: Windows that end with a visit, an illness, a birthday or the period, and some that do not end in time.
WINDOWS = (
    "{to: ill + 30 days}", "{from: ill, to: ill + 60 days}", "{before: birth + 2 years}", "{to: birth + 30 months}",
    "{to: period.end - 3 months}", "period", "{to: period.end + 1 month}",
)  # fmt: skip
AFTER_VISITS = ("{from: index.start, to: index.start + 7 days}", "{from: index.start, to: index.start + 30 days}")
LEAVES = (
    "{{exists: {}}}", "{{count: {{of: {}, at_least: 2}}}}",
    "{{not: {{exists: {}}}}}", "{{count: {{of: {}, at_most: 1}}}}",
)  # fmt: skip
CODINGS = {
    "encounter": (SNOMED, "V-1"), "condition": (SNOMED, "D-1"),
    "observation": (LOINC, "G-1"), "procedure": (LOINC, "M-1"),
}  # fmt: skip
BIRTHS = ("2024-01-05", "2024-05-05", "2024-11-30", "2023-12-31", "2024-02-29", "1976-07-01")


def leaf(chance: Random, windows: tuple[str, ...]) -> str:
    kind, codes = chance.choice((("observation", "glucose"), ("procedure", "mammogram")))
    window = chance.choice(windows)
    return chance.choice(LEAVES).format(f"{{kind: {kind}, codes: {codes}, when: {{start: {window}}}}}")


def variant(chance: Random, key: int) -> Variant:
    """One or two leaves, of a rate of which either direction may be the better one."""
    counted, windows = chance.choice(((VISITS, WINDOWS + AFTER_VISITS), ("", WINDOWS)))
    one, other = leaf(chance, windows), leaf(chance, windows)
    numerator = chance.choice((one, f"{{any: [{one}, {other}]}}", f"{{all: [{one}, {other}]}}"))
    populations = f"{{initial_population: {{always: true}}, numerator: {numerator}}}"
    rate = {"id": "rate", "title": "Rate", "direction": chance.choice(("higher", "lower"))}
    return Variant(f"program{key}", measure(counted + SECTIONS, populations, [rate]), YEAR)


def practice(chance: Random, number: int) -> Practice:
    """People with a few events of the year; all is known on the day it begins."""
    rows: dict[str, list[Row]] = {"person": [], "event": []}
    for person in (f"p{place}" for place in range(number)):
        rows["person"].append({"person_id": person, "birth": chance.choice(BIRTHS), "sex": "female"})
        for place in range(chance.choice((1, 2, 3, 4))):
            kind = chance.choice(tuple(CODINGS))
            start = dt.date(2026, 1, 1) + dt.timedelta(chance.randrange(365))
            system, code = CODINGS[kind]
            rows["event"].append({
                "event_id": f"{person}-{place}", "person_id": person, "kind": kind, "start": start.isoformat(),
                "code_system": system, "code": code,
            })  # fmt: skip
    return read(rows)


def lines(people: Practice, variants: list[Variant], as_of: dt.date | None) -> dict[tuple[object, ...], Line]:
    found = outcomes.from_engine(people, variants, as_of, value_sets=VALUE_SETS).to_pylist()
    return {tuple(line[name] for name in ("program", "person_id", "subject_id")): line for line in found}


@pytest.mark.parametrize("as_of", ["2026-06-30", "2026-10-31"])
def test_what_comes_after_the_last_day_closes_no_gap(as_of: str) -> None:
    chance, day = Random(as_of), dt.date.fromisoformat(as_of)
    variants = [variant(chance, key) for key in range(60)]
    with practice(chance, 150) as people:
        before, after = lines(people, variants, day), lines(people, variants, None)
    over = {key for key, line in before.items() if line["close_by"] is not None and line["close_by"] < day}
    closed = {key for key in over if met(after[key]) not in (None, met(before[key]))}
    assert len(over) > 500, "too few gaps whose last day is over"
    assert not closed, [before[key] for key in sorted(closed)]


def met(line: Line) -> bool | None:
    """Whether a subject is above the line; nothing where it does not count."""
    members = {name: np.array([line[name]]) for name in POPULATIONS}
    return bool(counts_above(members)[0]) if counts_below(members)[0] else None
