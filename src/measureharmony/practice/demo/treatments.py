"""Medication fills and orders, immunizations, dialysis, and where people live."""

from __future__ import annotations

import numpy as np

from measureharmony.practice.demo import codes
from measureharmony.practice.demo.chance import (
    LAST_DAY,
    YEAR,
    chosen,
    day,
    pick,
    pick_coding,
    same_for_each,
    series,
    yearly,
)
from measureharmony.practice.demo.chunk import Chunk
from measureharmony.practice.demo.journal import NONE, Choice, Coding, Flags, Ints


def write_treatments(chunk: Chunk) -> None:
    """Write all of them."""
    people = chunk.people
    reversals = chunk.with_numbers_of("reversed fills").rng
    diabetes = people.ill("diabetes") & chosen(chunk.rng, len(people), 0.75)
    _fills(chunk, diabetes, codes.METFORMIN, reversals)
    statin = (people.ill("hyperlipidemia") | people.ill("diabetes")) & chosen(chunk.rng, len(people), 0.6)
    _fills(chunk, statin, codes.STATIN, reversals)
    raised = people.ill("hypertension") & chosen(chunk.rng, len(people), 0.8)
    _fills(chunk, raised, codes.BLOOD_PRESSURE_DRUG, reversals)
    _dementia_orders(chunk)
    _immunizations(chunk)
    _dialysis(chunk)
    _housing(chunk)


def _fills(chunk: Chunk, who: Flags, choices: list[tuple[Coding, float]], reversals: np.random.Generator) -> None:
    """Fills of one drug, of 90 days, late by days or weeks, over the last two years; some people buy by the month.

    One person in four does not collect a third of the fills: the pharmacy takes them back (``reversals``).
    """
    rng = chunk.rng
    careless = 0.35 * chosen(reversals, len(who), 0.25)
    last = np.where(who, LAST_DAY - rng.integers(0, 120, len(who)), NONE)
    monthly = chosen(rng, len(who), 0.15)
    for supply, buyers in ((30, monthly), (90, ~monthly)):
        latest = np.where(buyers, last, NONE)
        person, on = chunk.insured(*series(rng, latest, (supply - 3, round(supply * 1.4)), day(YEAR - 1)))
        taken_back = chosen(reversals, len(person), careless[person]).astype(np.int64)
        chunk.journal.add(
            "medication_dispense", person, on,
            status=Choice(taken_back, ("completed", "cancelled")),
            coding=same_for_each(person, pick_coding(rng, len(person), choices)),
            days_supply=float(supply), quantity=float(supply), source="pharmacy_claim",
            received=chunk.received("pharmacy_claim", on), amount=rng.gamma(2, 8, len(person)).round(2),
        )  # fmt: skip


def _dementia_orders(chunk: Chunk) -> None:
    ill = np.flatnonzero(chunk.people.ill("dementia"))
    person, on = chunk.kept(ill, chunk.people.onset["dementia"][ill], 0.6)
    chunk.journal.add(
        "medication_order", person, on, authored=on, status="active", intent="order", days_supply=360.0, refills=3,
        quantity=90.0, coding=pick_coding(chunk.rng, len(person), codes.DEMENTIA_DRUG), source="ehr",
        provider_id=chunk.physician(person),
    )  # fmt: skip


def _immunizations(chunk: Chunk) -> None:
    rng, people = chunk.rng, chunk.people
    size = len(people)
    willing = 0.25 + 0.45 * people.engagement
    for year in range(YEAR - 4, YEAR + 1):
        person = np.flatnonzero(rng.random(size) < willing)
        _given(chunk, *chunk.kept(person, day(year, 9) + rng.integers(0, 110, len(person))), codes.FLU_VACCINE)
    adults = 0.12 * (people.age >= 18)
    _given(chunk, *chunk.kept(*yearly(rng, adults, [(y, 1) for y in range(YEAR - 4, YEAR + 1)])), codes.ADULT_VACCINE)
    children = 1.5 * (people.age <= 6) + 0.2 * ((people.age > 6) & (people.age <= 17))
    _given(chunk, *chunk.kept(*yearly(rng, children, [(y, 1) for y in range(YEAR - 6, YEAR + 1)])), codes.CHILD_VACCINE)


def _given(chunk: Chunk, person: Ints, on: Ints, choices: list[tuple[Coding, float]]) -> None:
    source = chunk.sources(len(person), {"ehr": 0.6, "registry": 0.25, "pharmacy_claim": 0.15})
    status = pick(chunk.rng, len(person), {"completed": 0.99, "not-done": 0.01})
    chunk.journal.add(
        "immunization", person, on, coding=pick_coding(chunk.rng, len(person), choices), status=status,
        not_done=status.index == 1, source=source, received=chunk.received(source, on),
    )  # fmt: skip


def _dialysis(chunk: Chunk) -> None:
    """Some people with kidney failure have sessions, billed one by one and by the month."""
    onset = chunk.people.onset["kidney_failure"]
    treated = (onset != NONE) & chosen(chunk.rng, len(onset), 0.6)
    rate = 14.0 * treated
    person, on = chunk.insured(*yearly(chunk.rng, rate, [(YEAR - 1, 1), (YEAR, 1)]))
    after = on >= onset[person]
    person, on = person[after], on[after]
    chunk.journal.add(
        "procedure", person, on, end=on, coding=pick_coding(chunk.rng, len(person), codes.DIALYSIS), source="claim",
        status="completed", received=chunk.received("claim", on), provider_id=chunk.specialist(len(person)),
    )  # fmt: skip
    person, on = chunk.kept(person, on, 0.3)
    chunk.journal.add(
        "encounter", person, on, end=on, coding=pick_coding(chunk.rng, len(person), codes.DIALYSIS_MONTH),
        status="finished", source="claim", received=chunk.received("claim", on),
    )  # fmt: skip


def _housing(chunk: Chunk) -> None:
    """Where people live, asked once or twice; the later answer counts."""
    residents = np.flatnonzero(chunk.people.groups["nursing_home"])
    person, on = chunk.kept(residents, chunk.rng.integers(day(YEAR - 2), LAST_DAY, len(residents)))
    events = chunk.journal.add(
        "observation", person, on, coding=codes.HOUSING_STATUS, type="screening", category="survey", status="final",
        value_type="coded", source="ehr",
    )  # fmt: skip
    chunk.journal.add_code(events, "value", codes.NURSING_HOME)
