"""Visits: the practice's own with the claims that repeat them, and care elsewhere that only claims tell of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from measureharmony.practice.demo import codes
from measureharmony.practice.demo.chance import YEAR, chosen, day, pick_coding, yearly
from measureharmony.practice.demo.chunk import Chunk
from measureharmony.practice.demo.journal import Choice, Coding, Flags, Floats, Ints

#: How much of a usual year's visits the data hold: older years are thin.
WEIGHTS = [(year, 0.1) for year in range(YEAR - 10, YEAR - 4)] + [
    (YEAR - 4, 0.3), (YEAR - 3, 0.3), (YEAR - 2, 0.7), (YEAR - 1, 1.0), (YEAR, 1.0),
]  # fmt: skip
#: Share of own visits whose claim comes back from the payer.
_CLAIMED = 0.6


@dataclass(frozen=True)
class Visits:
    """Visits or stays: person index, day (of a stay: of admission), event id, last day."""

    person: Ints
    day: Ints
    event: Ints
    end: Ints

    def where(self, mask: Flags) -> Visits:
        """Those for which ``mask`` holds."""
        return Visits(self.person[mask], self.day[mask], self.event[mask], self.end[mask])

    def and_then(self, others: Visits) -> Visits:
        """These, followed by the others."""
        pairs = zip(self._columns(), others._columns(), strict=True)
        return Visits(*(np.concatenate(pair) for pair in pairs))

    def _columns(self) -> tuple[Ints, ...]:
        return self.person, self.day, self.event, self.end


@dataclass(frozen=True)
class Encounters:
    """What ``write_visits`` wrote: the practice's own visits in person, and care elsewhere by its urgency."""

    own: Visits
    emergency: Visits
    stays: Visits


def write_visits(chunk: Chunk) -> Encounters:
    """Write all encounters."""
    people = chunk.people
    need = 0.5 + 0.9 * people.engagement + 0.7 * people.ill("diabetes") + 0.7 * people.ill("hypertension")
    # Nearly everybody of a practice's list comes at least once in a while; a few never do.
    need = need * (people.engagement > 0.12)
    office = _own(chunk, *chunk.kept(*yearly(chunk.rng, 0.95 * need, WEIGHTS)), codes.OFFICE, "AMB")
    preventive = check_ups(chunk, *chunk.kept(*yearly(chunk.rng, 0.25 + 0.5 * people.engagement, WEIGHTS)))
    for rate, choices, klass in ((0.1, codes.TELEPHONE, "VR"), (0.06, codes.VIRTUAL, "VR")):
        _own(chunk, *chunk.kept(*yearly(chunk.rng, rate * need, WEIGHTS)), choices, klass)
    frail = people.groups["frailty"] | people.groups["nursing_home"]
    _own(chunk, *chunk.kept(*yearly(chunk.rng, 1.2 * frail, WEIGHTS)), codes.HOME, "HH")
    emergency, stays = _elsewhere(chunk, need)
    return Encounters(office.and_then(preventive), emergency, stays)


def _own(chunk: Chunk, person: Ints, on: Ints, choices: list[tuple[Coding, float]], klass: str) -> Visits:
    return _with_claims(chunk, person, on, pick_coding(chunk.rng, len(person), choices), klass)


def _with_claims(chunk: Chunk, person: Ints, on: Ints, coding: Choice, klass: str) -> Visits:
    """Own visits from the practice's records, and for most of them the claim of the same visit later on."""
    status = np.where(chosen(chunk.rng, len(person), 0.985), 0, 1)
    events = chunk.journal.add(
        "encounter", person, on, end=on, coding=coding, source="ehr", provider_id=chunk.seen_by(person, on),
        status=Choice(status, ("finished", "cancelled")),
    )  # fmt: skip
    chunk.journal.add_code(events, "class", (codes.ACT_CODE, klass))
    claimed = (status == 0) & chunk.insurance.insured[person] & chosen(chunk.rng, len(person), _CLAIMED)
    again = on[claimed]
    chunk.journal.add(
        "encounter", person[claimed], again, end=again, coding=coding.where(claimed), source="claim",
        status="finished", received=chunk.received("claim", again), provider_id=chunk.seen_by(person[claimed], again),
        amount=chunk.rng.gamma(4, 35, len(again)).round(2),
    )  # fmt: skip
    done = status == 0
    return Visits(person, on, events, on).where(done)


def check_ups(chunk: Chunk, person: Ints, on: Ints) -> Visits:
    """Check-ups, coded by age on the day; from 65 mostly as annual wellness visits."""
    upper = np.array([bound for bound, _ in codes.PREVENTIVE_BY_AGE])
    age = (on - chunk.people.birth[person]) // 365.25
    by_age = tuple((codes.CPT, code) for _, code in codes.PREVENTIVE_BY_AGE)
    wellness = tuple(coding for coding, _ in codes.WELLNESS)
    index = np.searchsorted(upper, age)
    senior = (age >= 65) & chosen(chunk.rng, len(person), 0.7)
    index = np.where(senior, len(by_age) + chunk.rng.integers(0, len(wellness), len(person)), index)
    return _with_claims(chunk, person, on, Choice(index, by_age + wellness), "AMB")


def _elsewhere(chunk: Chunk, need: Floats) -> tuple[Visits, Visits]:
    """Specialists, emergency departments and hospitals: claims only. Returns the visits of the latter two."""
    rng = chunk.rng
    claimed_visits(chunk, *chunk.insured(*yearly(rng, 0.6 * need, WEIGHTS)), codes.OFFICE, "AMB")
    emergency = claimed_visits(chunk, *chunk.insured(*yearly(rng, 0.14 * need, WEIGHTS)), codes.EMERGENCY, "EMER")
    frail = np.where(chunk.people.groups["frailty"], 4.0, 1.0)
    person, on = chunk.insured(*yearly(rng, 0.05 * need * frail, WEIGHTS))
    stays = claimed_visits(chunk, person, on, codes.INPATIENT, "IMP", rng.integers(1, 9, len(person)))
    dying = chunk.people.groups["hospice"][person] & (rng.random(len(person)) < 0.5)
    chunk.journal.add_code(stays.event[dying], "discharge", codes.DISCHARGED_TO_HOSPICE_AT_HOME)
    hospice = np.flatnonzero(chunk.people.groups["hospice"])
    starts = rng.integers(day(YEAR), day(YEAR, 12), len(hospice))
    claimed_visits(chunk, *chunk.insured(hospice, starts, 0.7), codes.HOSPICE_VISIT, "HH")
    palliative = np.flatnonzero(chunk.people.ill("palliative_care"))
    starts = rng.integers(day(YEAR), day(YEAR, 12), len(palliative))
    claimed_visits(chunk, *chunk.insured(palliative, starts, 0.4), codes.PALLIATIVE_VISIT, "AMB")
    return emergency, stays


def claimed_visits(
    chunk: Chunk, person: Ints, on: Ints, choices: list[tuple[Coding, float]], klass: str, nights: Ints | int = 0
) -> Visits:
    """Visits elsewhere, as claims."""
    end = on + nights
    events = chunk.journal.add(
        "encounter", person, on, end=end, coding=pick_coding(chunk.rng, len(person), choices), status="finished",
        source="claim", received=chunk.received("claim", end), provider_id=chunk.specialist(len(person)),
        amount=chunk.rng.gamma(3, 90, len(person)).round(2),
    )  # fmt: skip
    chunk.journal.add_code(events, "class", (codes.ACT_CODE, klass))
    return Visits(person, on, events, end)
