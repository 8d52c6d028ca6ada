"""Fills at pharmacies as people make them who keep to one drug: most in time, some with long pauses."""

from __future__ import annotations

import numpy as np

from measureharmony.practice.demo import codes
from measureharmony.practice.demo.billing import Choices
from measureharmony.practice.demo.chance import LAST_DAY, YEAR, chosen, day, onward, pick_coding, same_for_each
from measureharmony.practice.demo.chunk import Chunk
from measureharmony.practice.demo.journal import NONE, Flags, Ints


def write_pharmacy(chunk: Chunk) -> None:
    """Write the fills of people with heart disease, diabetes, asthma, depression, brittle bones or an addiction."""
    rng, people = chunk.rng, chunk.people
    size = len(people)
    statin = people.ill("coronary_disease") & chosen(rng, size, 0.7)
    regular_fills(chunk, statin, codes.HIGH_INTENSITY_STATIN, 90, people.onset["coronary_disease"], steady=0.8)
    second = people.ill("diabetes") & chosen(rng, size, 0.3)
    regular_fills(chunk, second, codes.SECOND_DIABETES_DRUG, 30, people.onset["diabetes"], steady=0.8)
    asthma = people.onset["asthma"]
    controlled = people.ill("asthma") & chosen(rng, size, 0.6)
    regular_fills(chunk, controlled, codes.ASTHMA_CONTROLLER, 30, asthma, steady=0.6)
    relieved = people.ill("asthma") & chosen(rng, size, 0.75)
    regular_fills(chunk, relieved, codes.ASTHMA_RELIEVER, 60, asthma, steady=0.2)
    _antidepressants(chunk)
    brittle = people.ill("osteoporosis") & chosen(rng, size, 0.35)
    regular_fills(chunk, brittle, codes.OSTEOPOROSIS_DRUG, 90, people.onset["osteoporosis"], steady=0.7)
    addicted = people.ill("opioid_use") & chosen(rng, size, 0.5)
    regular_fills(chunk, addicted, codes.ADDICTION_DRUG, 30, people.onset["opioid_use"] + 10, steady=0.6)


def regular_fills(  # noqa: PLR0913 - who, what, and when
    chunk: Chunk, who: Flags, choices: Choices, supply: int, since: Ints, steady: float, until: Ints | int = LAST_DAY
) -> None:
    """Fills of ``supply`` days from ``since`` (or the year before) to ``until``; a share of people is ``steady``."""
    rng, size = chunk.rng, len(who)
    begun = np.maximum(since, day(YEAR - 1) - supply) + rng.integers(0, supply, size)
    regular = chosen(rng, size, steady)
    gap = (np.where(regular, supply - 4, supply + supply // 10), np.where(regular, supply + 5, 2 * supply))
    first = np.where(who & (since != NONE), begun, NONE)
    person, on = chunk.insured(*onward(rng, first, gap, np.broadcast_to(until, size)))
    chunk.journal.add(
        "medication_dispense", person, on, status="completed", days_supply=float(supply), quantity=1.0,
        coding=same_for_each(person, pick_coding(rng, len(person), choices)), source="pharmacy_claim",
        received=chunk.received("pharmacy_claim", on), amount=rng.gamma(2, 20, len(person)).round(2),
    )  # fmt: skip


def _antidepressants(chunk: Chunk) -> None:
    """Begun soon after depression was found; after some months many stop."""
    rng, people = chunk.rng, chunk.people
    size, onset = len(people), people.onset["depression"]
    treated = people.ill("depression") & (people.age >= 15) & chosen(rng, size, 0.65)
    stop = onset + np.clip(rng.exponential(320, size), 20, 2000).astype(np.int64)
    until = np.where(treated, np.minimum(stop, LAST_DAY), NONE)
    regular_fills(chunk, treated, codes.ANTIDEPRESSANT, 30, onset, steady=0.75, until=until)
