"""Deliveries with the care before and after them; contraception and tests for chlamydia of young women."""

from __future__ import annotations

import numpy as np

from measureharmony.practice.demo import codes
from measureharmony.practice.demo.billing import Choices, bill
from measureharmony.practice.demo.chance import YEAR, chosen, day, pick_coding
from measureharmony.practice.demo.chunk import Chunk
from measureharmony.practice.demo.illnesses import FEMALE
from measureharmony.practice.demo.journal import Ints
from measureharmony.practice.demo.visits import claimed_visits


def write_womens_health(chunk: Chunk) -> None:
    """Write both."""
    rng, people = chunk.rng, chunk.people
    women = (people.sex == FEMALE) & (people.age >= 19) & (people.age <= 42)
    # Not those whose pregnancy is on record already; pregnancy would excuse them from measures of these illnesses.
    others = ~people.groups["pregnancy"] & ~people.ill("hypertension") & ~people.ill("diabetes")
    mothers = np.flatnonzero(women & others & chosen(rng, len(women), 0.2))
    _deliveries(chunk, mothers, rng.integers(day(YEAR - 1, 10), day(YEAR, 10), len(mothers)))
    _young_women(chunk)


def _deliveries(chunk: Chunk, mothers: Ints, born: Ints) -> None:
    """Prenatal visits from the first weeks (most) or months on, a stay, its bill, and a visit some weeks later."""
    rng = chunk.rng
    person, born = chunk.insured(mothers, born)
    early = chosen(rng, len(person), 0.7)
    first = born - np.where(early, rng.integers(190, 255, len(person)), rng.integers(60, 170, len(person)))
    _visits(chunk, *chunk.kept(person, first, 0.95), codes.PRENATAL_VISIT)
    _visits(chunk, *chunk.kept(person, born - rng.integers(10, 50, len(person)), 0.9), codes.PRENATAL_VISIT)
    claimed_visits(chunk, person, born, codes.INPATIENT, "IMP", 2)
    bill(chunk, person, born, codes.DELIVERY)
    _visits(chunk, *chunk.kept(person, born + rng.integers(12, 100, len(person)), 0.85), codes.POSTPARTUM_VISIT)


def _visits(chunk: Chunk, person: Ints, on: Ints, choices: Choices) -> None:
    claimed_visits(chunk, person, on, choices, "AMB")


def _young_women(chunk: Chunk) -> None:
    """Contraceptives ordered for about half of them, tests for somewhat more than half of those."""
    rng, people = chunk.rng, chunk.people
    women = (people.sex == FEMALE) & (people.age >= 16) & (people.age <= 24)
    person = np.flatnonzero(women & chosen(rng, len(women), 0.55))
    person, on = chunk.kept(person, rng.integers(day(YEAR), day(YEAR, 12), len(person)))
    chunk.journal.add(
        "medication_order", person, on, authored=on, status="active", intent="order", days_supply=90.0, refills=3,
        coding=pick_coding(rng, len(person), codes.CONTRACEPTIVE), source="ehr", provider_id=chunk.physician(person),
    )  # fmt: skip
    person, on = chunk.kept(person, rng.integers(day(YEAR), day(YEAR, 12, 20), len(person)), 0.6)
    events = chunk.journal.add(
        "observation", person, on, coding=pick_coding(rng, len(person), codes.CHLAMYDIA_TEST), type="lab",
        category="laboratory", status="final", value_type="coded", source="ehr",
    )  # fmt: skip
    positive = chosen(rng, len(events), 0.04)
    chunk.journal.add_code(events[positive], "value", codes.POSITIVE)
    chunk.journal.add_code(events[~positive], "value", codes.NEGATIVE)
