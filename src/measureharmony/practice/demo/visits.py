"""Visits: the practice's own with the claims that repeat them, and care elsewhere that only claims tell of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from measureharmony.practice.demo import codes
from measureharmony.practice.demo.chance import YEAR, chosen, day, pick_coding, yearly
from measureharmony.practice.demo.chunk import Chunk
from measureharmony.practice.demo.journal import Choice, Coding, Floats, Ints

#: How much of a usual year's visits the data hold: older years are thin.
WEIGHTS = [(year, 0.1) for year in range(YEAR - 10, YEAR - 4)] + [
    (YEAR - 4, 0.3), (YEAR - 3, 0.3), (YEAR - 2, 0.7), (YEAR - 1, 1.0), (YEAR, 1.0),
]  # fmt: skip
#: Share of own visits whose claim comes back from the payer.
_CLAIMED = 0.6


@dataclass(frozen=True)
class Visits:
    """Own visits in person: person index, day, event id."""

    person: Ints
    day: Ints
    event: Ints


def write_visits(chunk: Chunk) -> Visits:
    """Write all encounters; returns the practice's own visits in person."""
    people = chunk.people
    need = 0.5 + 0.9 * people.engagement + 0.7 * people.ill("diabetes") + 0.7 * people.ill("hypertension")
    # Nearly everybody of a practice's list comes at least once in a while; a few never do.
    need = need * (people.engagement > 0.12)
    person, on = chunk.kept(*yearly(chunk.rng, 0.95 * need, WEIGHTS))
    office = _own(chunk, person, on, codes.OFFICE, "AMB")
    person, on = chunk.kept(*yearly(chunk.rng, 0.25 + 0.5 * people.engagement, WEIGHTS))
    preventive = _preventive(chunk, person, on)
    for rate, choices, klass in ((0.1, codes.TELEPHONE, "VR"), (0.06, codes.VIRTUAL, "VR")):
        _own(chunk, *chunk.kept(*yearly(chunk.rng, rate * need, WEIGHTS)), choices, klass)
    frail = people.groups["frailty"] | people.groups["nursing_home"]
    _own(chunk, *chunk.kept(*yearly(chunk.rng, 1.2 * frail, WEIGHTS)), codes.HOME, "HH")
    _elsewhere(chunk, need)
    columns = zip(office, preventive, strict=True)
    return Visits(*(np.concatenate(pair) for pair in columns))


def _own(
    chunk: Chunk, person: Ints, on: Ints, choices: list[tuple[Coding, float]], klass: str
) -> tuple[Ints, Ints, Ints]:
    return _with_claims(chunk, person, on, pick_coding(chunk.rng, len(person), choices), klass)


def _with_claims(chunk: Chunk, person: Ints, on: Ints, coding: Choice, klass: str) -> tuple[Ints, Ints, Ints]:
    """Own visits from the practice's records, and for most of them the claim of the same visit later on."""
    status = np.where(chosen(chunk.rng, len(person), 0.985), 0, 1)
    events = chunk.journal.add(
        "encounter", person, on, end=on, coding=coding, source="ehr", provider_id=chunk.physician(person),
        status=Choice(status, ("finished", "cancelled")),
    )  # fmt: skip
    chunk.journal.add_code(events, "class", (codes.ACT_CODE, klass))
    claimed = (status == 0) & chunk.insurance.insured[person] & chosen(chunk.rng, len(person), _CLAIMED)
    again = on[claimed]
    chunk.journal.add(
        "encounter", person[claimed], again, end=again, coding=coding.where(claimed), source="claim",
        status="finished", received=chunk.received("claim", again), provider_id=chunk.physician(person[claimed]),
        amount=chunk.rng.gamma(4, 35, len(again)).round(2),
    )  # fmt: skip
    done = status == 0
    return person[done], on[done], events[done]


def _preventive(chunk: Chunk, person: Ints, on: Ints) -> tuple[Ints, Ints, Ints]:
    """Check-ups, coded by age on the day; from 65 mostly as annual wellness visits."""
    upper = np.array([bound for bound, _ in codes.PREVENTIVE_BY_AGE])
    age = (on - chunk.people.birth[person]) // 365.25
    by_age = tuple((codes.CPT, code) for _, code in codes.PREVENTIVE_BY_AGE)
    wellness = tuple(coding for coding, _ in codes.WELLNESS)
    index = np.searchsorted(upper, age)
    senior = (age >= 65) & chosen(chunk.rng, len(person), 0.7)
    index = np.where(senior, len(by_age) + chunk.rng.integers(0, len(wellness), len(person)), index)
    return _with_claims(chunk, person, on, Choice(index, by_age + wellness), "AMB")


def _elsewhere(chunk: Chunk, need: Floats) -> None:
    """Specialists, emergency departments and hospitals: claims only."""
    rng = chunk.rng
    _claimed_visit(chunk, *chunk.insured(*yearly(rng, 0.6 * need, WEIGHTS)), codes.OFFICE, "AMB")
    _claimed_visit(chunk, *chunk.insured(*yearly(rng, 0.14 * need, WEIGHTS)), codes.EMERGENCY, "EMER")
    frail = np.where(chunk.people.groups["frailty"], 4.0, 1.0)
    person, on = chunk.insured(*yearly(rng, 0.05 * need * frail, WEIGHTS))
    events = _claimed_visit(chunk, person, on, codes.INPATIENT, "IMP", rng.integers(1, 9, len(person)))
    dying = chunk.people.groups["hospice"][person] & (rng.random(len(person)) < 0.5)
    chunk.journal.add_code(events[dying], "discharge", codes.DISCHARGED_TO_HOSPICE_AT_HOME)
    hospice = np.flatnonzero(chunk.people.groups["hospice"])
    starts = rng.integers(day(YEAR), day(YEAR, 12), len(hospice))
    _claimed_visit(chunk, *chunk.insured(hospice, starts, 0.7), codes.HOSPICE_VISIT, "HH")
    palliative = np.flatnonzero(chunk.people.ill("palliative_care"))
    starts = rng.integers(day(YEAR), day(YEAR, 12), len(palliative))
    _claimed_visit(chunk, *chunk.insured(palliative, starts, 0.4), codes.PALLIATIVE_VISIT, "AMB")


def _claimed_visit(
    chunk: Chunk, person: Ints, on: Ints, choices: list[tuple[Coding, float]], klass: str, nights: Ints | int = 0
) -> Ints:
    """Visits elsewhere, as claims; returns their ids."""
    end = on + nights
    events = chunk.journal.add(
        "encounter", person, on, end=end, coding=pick_coding(chunk.rng, len(person), choices), status="finished",
        source="claim", received=chunk.received("claim", end), provider_id=chunk.specialist(len(person)),
        amount=chunk.rng.gamma(3, 90, len(person)).round(2),
    )  # fmt: skip
    chunk.journal.add_code(events, "class", (codes.ACT_CODE, klass))
    return events
