"""Acute illnesses of the airways, found at visits, and the antibiotics that were or were not given for them."""

from __future__ import annotations

import numpy as np

from measureharmony.practice.demo import codes
from measureharmony.practice.demo.billing import Choices
from measureharmony.practice.demo.chance import YEAR, chosen, day, pick_coding
from measureharmony.practice.demo.chunk import Chunk
from measureharmony.practice.demo.conditions import diagnosed
from measureharmony.practice.demo.visits import Visits


def write_airways(chunk: Chunk, visits: Visits) -> None:
    """Write bronchitis, sore throats and colds of a year and a half."""
    recent = visits.where(visits.day >= day(YEAR - 1, 7))
    child = chunk.people.age[recent.person] < 18
    for codings, share, antibiotic in (
        (codes.BRONCHITIS, np.where(child, 0.04, 0.025), 0.45),
        (codes.SORE_THROAT, np.where(child, 0.07, 0.015), 0.7),
        (codes.COMMON_COLD, np.where(child, 0.06, 0.03), 0.12),
    ):
        ill = recent.where(chosen(chunk.rng, len(child), share))
        everybody = np.ones(len(ill.person), np.bool_)
        diagnosed(chunk, ill, everybody, pick_coding(chunk.rng, len(ill.person), codings))
        _antibiotics(chunk, ill.where(chosen(chunk.rng, len(ill.person), antibiotic)))
        if codings is codes.SORE_THROAT:
            _strep_tests(chunk, ill.where(chosen(chunk.rng, len(ill.person), 0.78)))


def _antibiotics(chunk: Chunk, visits: Visits) -> None:
    """Ordered at the visit, and filled the same day by most of those whose fills are known."""
    rng = chunk.rng
    coding = pick_coding(rng, len(visits.person), codes.ANTIBIOTIC)
    chunk.journal.add(
        "medication_order", visits.person, visits.day, authored=visits.day, status="completed", intent="order",
        coding=coding, days_supply=7.0, encounter_id=visits.event, source="ehr",
        provider_id=chunk.physician(visits.person),
    )  # fmt: skip
    filled = chunk.insurance.insured[visits.person] & chosen(rng, len(visits.person), 0.9)
    person, on = visits.person[filled], visits.day[filled]
    chunk.journal.add(
        "medication_dispense", person, on, coding=coding.where(filled), status="completed", days_supply=7.0,
        quantity=14.0, source="pharmacy_claim", received=chunk.received("pharmacy_claim", on),
    )  # fmt: skip


def _strep_tests(chunk: Chunk, visits: Visits) -> None:
    tests: Choices = codes.STREP_TEST
    events = chunk.journal.add(
        "observation", visits.person, visits.day, coding=pick_coding(chunk.rng, len(visits.person), tests), type="lab",
        category="laboratory", status="final", value_type="coded", encounter_id=visits.event, source="ehr",
    )  # fmt: skip
    positive = chosen(chunk.rng, len(events), 0.25)
    chunk.journal.add_code(events[positive], "value", codes.POSITIVE)
    chunk.journal.add_code(events[~positive], "value", codes.NEGATIVE)
