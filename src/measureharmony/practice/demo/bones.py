"""Fractures of older women, and tests and drugs that look after bones."""

from __future__ import annotations

import numpy as np

from measureharmony.practice.demo import codes
from measureharmony.practice.demo.billing import bill, claimed_for
from measureharmony.practice.demo.chance import YEAR, chosen, day, pick_coding
from measureharmony.practice.demo.chunk import Chunk
from measureharmony.practice.demo.illnesses import FEMALE
from measureharmony.practice.demo.visits import claimed_visits


def write_bones(chunk: Chunk) -> None:
    """Write routine density tests, fractures, and what was done after them."""
    rng, people = chunk.rng, chunk.people
    older = (people.sex == FEMALE) & (people.age >= 65)
    tested = np.flatnonzero(older & chosen(rng, len(people), 0.5))
    bill(chunk, *chunk.kept(tested, rng.integers(day(YEAR - 7), day(YEAR), len(tested))), codes.DENSITY_TEST)
    _fractures(chunk, np.flatnonzero(older & chosen(rng, len(people), 0.16)))


def _fractures(chunk: Chunk, person: np.ndarray) -> None:
    """Seen in an emergency department; within half a year some bones are measured, some people get a drug."""
    rng = chunk.rng
    person, on = chunk.insured(person, rng.integers(day(YEAR - 1, 7), day(YEAR, 7), len(person)))
    visits = claimed_visits(chunk, person, on, codes.EMERGENCY, "EMER")
    claimed_for(chunk, visits, pick_coding(rng, len(person), codes.FRACTURE))
    bill(chunk, *chunk.kept(person, on + rng.integers(5, 200, len(person)), 0.35), codes.DENSITY_TEST)
    person, on = chunk.kept(person, on + rng.integers(5, 150, len(person)), 0.2)
    chunk.journal.add(
        "medication_dispense", person, on, coding=pick_coding(rng, len(person), codes.OSTEOPOROSIS_DRUG),
        status="completed", days_supply=90.0, quantity=12.0, source="pharmacy_claim",
        received=chunk.received("pharmacy_claim", on),
    )  # fmt: skip
