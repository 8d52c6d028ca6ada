"""No person contradicts what is proved of criteria that differ by one step: a day, a bound, a code, a gap, a source."""

from __future__ import annotations

from random import Random

import pytest

from measureharmony.alignment.codes import CodeFacts
from measureharmony.alignment.finding import Group
from measureharmony.alignment.logic import negated
from measureharmony.alignment.solving import Solving
from measureharmony.alignment.versions import Versions
from measureharmony.engines import local
from measureharmony.evaluation.compile import compile_plan
from measureharmony.evaluation.outcome import outcome_table
from measureharmony.evaluation.terminology import Terminology
from measureharmony.measures.measure import Measure
from measureharmony.payers.variant import OwnCoverage, Variant
from measureharmony.practice import Practice
from tests.criteria.example import LOINC, SNOMED, VALUE_SETS, YEAR, measure
from tests.generative.practices import Row, read

SECTIONS = """
windows:
  year: {from: period.start, to: period.end}
  two_years: {from: period.start - 1 year, to: period.end}
  months: {from: period.start - 3 months, to: period.end - 1 day}
anchors:
  covered_to: {enrolled: {from: period.start, gap_days: 45}}
  covered_longer_to: {enrolled: {from: period.start, gap_days: 46}}
  covered_by_anybody_to: {enrolled: {from: period.start, gap_days: 45, payer: any}}
events:
  first_result: {kind: observation, codes: [glucose], take: {first: latest}}
  last_result: {kind: observation, codes: [glucose], take: {last: latest}}
"""


def exists(more: str, codes: str = "glucose") -> str:
    return f"{{exists: {{kind: observation, codes: [{codes}], {more}}}}}"


def result(of: str, bound: str) -> str:
    return f"{{exists: {{from: {of}, where: {{value: {{{bound}, unit: '%'}}}}}}}}"


def many(bounds: str) -> str:
    return f"{{count: {{of: {{kind: observation, codes: [glucose]}}, {bounds}}}}}"


#: Criteria of one sort that are each other's neighbours.
NEIGHBOURS = [
    [f"{{age: {{at: {at}, {bounds}}}}}" for at in ("period.start", "period.end")
     for bounds in ("from: 50", "from: 49", "to: 50", "from: 49, to: 50", "from: 600, unit: months")],
    ["{sex: female}", "{sex: male}", "{not: {sex: female}}"],
    [exists(f"when: {{{moment}: {window}}}") for moment in ("start", "latest", "whole")
     for window in ("year", "two_years", "months")],
    [exists("where: []", codes) for codes in
     ("glucose", "mammogram", "'LOINC|M-1'", "'LOINC|M-1', 'LOINC|M-2'", "diabetes", "'SNOMED|D-2'", "'SNOMED|D-23'")],
    [result(of, bound) for of in ("first_result", "last_result")
     for bound in ("below: 8", "at_most: 8", "above: 8", "at_least: 8", "below: 9")],
    [many(bounds) for bounds in ("at_least: 1", "at_least: 2", "at_most: 1", "at_least: 2, distinct: day",
                                 "at_least: 3", "at_most: 2, distinct: day", "at_least: 1, at_most: 2")],
    [exists(f"where: {{source: [{sources}]}}") for sources in ("claim", "ehr", "claim, ehr")],
    [f"{{enrolled: {{window: {window}{more}}}}}" for window in ("year", "months")
     for more in ("", ", gaps: 1, gap_days: 45", ", gaps: 1, gap_days: 46", ", gaps: 2, gap_days: 45",
                  ", gaps: 1, gap_days: 45, anchor: period.end", ", benefits: [medical]")],
    [f"{{moment: {{point: {point}, in: {{from: {start}}}}}}}"
     for start in ("period.start + 3 months", "period.end - 3 months")
     for point in ("covered_to", "covered_to - 90 days", "covered_longer_to", "covered_by_anybody_to",
                   "covered_by_anybody_to - 90 days")],
]  # fmt: skip
DAYS = ("2024-12-31", "2025-01-01", "2025-09-30", "2025-10-01", "2025-12-31", "2026-01-01", "2026-06-30", "2026-12-30",
        "2026-12-31", "2027-01-01", "2026", "2025-12", "")  # fmt: skip
BIRTHS = ("1975-12-31", "1976-01-01", "1976-01-02", "1976-12-31", "1977-01-01", "1975-01-01", "1976", "1977-01", "")
CODES = (
    (LOINC, "G-1"),
    (LOINC, "G-1"),
    (LOINC, "M-1"),
    (LOINC, "M-2"),
    (SNOMED, "D-1"),
    (SNOMED, "D-2"),
    (SNOMED, "D-23"),
)
SPANS = (("2020-01-01", "9999-12-31"), ("2020-01-01", "2026-03-31"), ("2026-05-16", "9999-12-31"),
         ("2026-05-17", "2026-12-31"), ("2026-02-15", "2026-12-30"), ("2026-01-01", "2026-11-15"))  # fmt: skip


def criterion(chance: Random, family: list[str], shared: str) -> str:
    """One of a family, by itself or together with what the other version has, too."""
    one = chance.choice(family)
    return chance.choice((one, one, f"{{not: {one}}}", f"{{all: [{one}, {shared}]}}", f"{{any: [{one}, {shared}]}}"))


def version(text: str, key: int, own: OwnCoverage | None) -> Variant:
    made: Measure = measure(SECTIONS, f"{{initial_population: {{always: true}}, numerator: {text}}}")
    return Variant(f"program{key}", made, YEAR, own)


def pairs(chance: Random, number: int) -> list[tuple[Variant, Variant]]:
    every = [one for family in NEIGHBOURS for one in family]
    owns = (None, None, OwnCoverage("blue"), OwnCoverage("blue", ("medicaid",)))
    made = []
    for place in range(number):
        family, shared = chance.choice(NEIGHBOURS), chance.choice(every)
        one, other = (
            version(criterion(chance, family, shared), 2 * place + side, chance.choice(owns)) for side in (0, 1)
        )
        made.append((one, other))
    return made


def people(chance: Random, number: int) -> dict[str, list[Row]]:
    """People with few events and spans, next to every bound that the criteria have."""
    rows: dict[str, list[Row]] = {"person": [], "event": [], "coverage": []}
    for person in (f"p{place}" for place in range(number)):
        sex = chance.choice(("female", "male", ""))
        rows["person"].append({"person_id": person, "birth": chance.choice(BIRTHS), "sex": sex})
        for place in range(chance.choice((0, 1, 1, 2, 3))):
            (system, code), start = chance.choice(CODES), chance.choice(DAYS)
            value = chance.choice(("7.9", "8", "8.1", "9", ""))
            rows["event"].append({
                "event_id": f"{person}-{place}", "person_id": person, "kind": "observation", "start": start,
                "end": chance.choice((start, start, "2027-01-01", "")), "code_system": system, "code": code,
                "value": value, "unit": chance.choice(("%", "%", "mg")) if value else "",
                "source": chance.choice(("claim", "ehr")),
            })  # fmt: skip
        for start, end in chance.sample(SPANS, chance.choice((0, 1, 1, 2))):
            rows["coverage"].append({
                "person_id": person, "payer": chance.choice(("blue", "blue", "green")), "start": start, "end": end,
                "product_line": chance.choice(("medicaid", "commercial", "")),
                "benefits": chance.choice(("", "medical")),
            })  # fmt: skip
    return rows


def numerators(practice: Practice, variants: list[Variant]) -> dict[str, set[str]]:
    """Who is in each variant's numerator, by its program."""
    evaluated = local.run(practice, compile_plan(variants), Terminology.of(VALUE_SETS), None, workers=1)
    outcomes = outcome_table(variants, evaluated, everybody=True)
    inside: dict[str, set[str]] = {variant.program: set() for variant in variants}
    met = outcomes.filter(outcomes["numerator"])
    for program, person in zip(met["program"].to_pylist(), met["person_id"].to_pylist(), strict=True):
        inside[program].add(person)
    return inside


def is_proved(solving: Solving, one: int, other: int) -> bool:
    """Nobody can be in the one version's numerator and not in the other's."""
    mine, theirs = (solving.questions.places(number, "rate")["numerator"] for number in (one, other))
    return solving.can_be(mine, negated(theirs)) == "nobody"


@pytest.fixture(scope="module")
def proved_and_seen() -> list[tuple[str, set[str], set[str]]]:
    """Each proof in words, with those whom the engine sees in the one version's numerator, and in the other's."""
    chance = Random(2026)
    asked = pairs(chance, 180)
    with read(people(chance, 1000)) as practice:
        inside = numerators(practice, [variant for pair in asked for variant in pair])
    found = []
    for pair in asked:
        group = Group(Versions(pair), CodeFacts(VALUE_SETS))
        for one, other in ((0, 1), (1, 0)):
            if any(is_proved(solving, one, other) for solving in (group.solving, group.apart(0, 1))):
                words = f"{pair[one].measure.populations.numerator} within {pair[other].measure.populations.numerator}"
                found.append((words, inside[pair[one].program], inside[pair[other].program]))
    return found


def test_nobody_contradicts_a_proof(proved_and_seen: list[tuple[str, set[str], set[str]]]) -> None:
    for words, one, other in proved_and_seen:
        assert one <= other, words


def test_much_is_proved_of_populations_with_people(proved_and_seen: list[tuple[str, set[str], set[str]]]) -> None:
    assert len(proved_and_seen) >= 60
    assert sum(bool(one) and one != other for _, one, other in proved_and_seen) >= 40
