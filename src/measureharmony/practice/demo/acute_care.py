"""Why people were in hospital or in an emergency department, and who took care of them afterwards: claims only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from measureharmony.practice.demo import codes
from measureharmony.practice.demo.billing import Choices, bill, claimed_for, followed_up
from measureharmony.practice.demo.chance import YEAR, chosen, day, pick_coding, yearly
from measureharmony.practice.demo.chunk import Chunk
from measureharmony.practice.demo.illnesses import LATER_ILLNESSES
from measureharmony.practice.demo.journal import NONE, Choice, Flags
from measureharmony.practice.demo.visits import Encounters, Visits, claimed_visits

#: Illnesses of which two make an emergency visit one that is followed up; what is one disease stands together.
_CHRONIC = (
    ("lung_disease", "emphysema", "asthma"), ("dementia",), ("kidney_disease", "kidney_failure"), ("depression",),
    ("heart_failure",), ("atrial_fibrillation",), ("stroke",),
)  # fmt: skip


@dataclass(frozen=True)
class Crisis:
    """How an illness leads to urgent care: visits to an emergency department and stays, a year and person, the
    services that follow, and the shares that get them within a week and within the rest of a month.
    """

    emergencies: float
    stays: float
    services: Choices
    soon: float
    later: float


_CRISES = {
    "depression": Crisis(0.2, 0.18, codes.PSYCHOTHERAPY, 0.5, 0.35),
    "bipolar": Crisis(0.5, 0.6, codes.PSYCHOTHERAPY, 0.5, 0.35),
    "psychosis": Crisis(0.7, 0.8, codes.PSYCHOTHERAPY, 0.5, 0.35),
    "alcohol_use": Crisis(0.7, 0.05, codes.ADDICTION_CARE, 0.45, 0.6),
    "opioid_use": Crisis(0.8, 0.05, codes.ADDICTION_CARE, 0.45, 0.6),
    "asthma": Crisis(0.6, 0.02, codes.CONSULTATION, 0.35, 0.35),
    "lung_disease": Crisis(0.45, 0.06, codes.CONSULTATION, 0.35, 0.25),
    "atrial_fibrillation": Crisis(0.25, 0.06, codes.CONSULTATION, 0.35, 0.25),
}
_YEARS = [(YEAR - 1, 0.8), (YEAR, 1.0)]


def write_acute_care(chunk: Chunk, encounters: Encounters) -> None:
    """Write reasons for the stays and emergency visits that are there, further ones, and what follows them."""
    rng = chunk.rng
    emergency = encounters.emergency.where(encounters.emergency.day >= day(YEAR - 1))
    claimed_for(chunk, emergency, pick_coding(rng, len(emergency.person), codes.EMERGENCY_REASON))
    _care_management(chunk, emergency)
    stays = encounters.stays.where(encounters.stays.day >= day(YEAR - 1))
    claimed_for(chunk, stays, pick_coding(rng, len(stays.person), codes.STAY_REASON))
    stays = stays.and_then(_readmissions(chunk, stays))
    for illness, crisis in _CRISES.items():
        stays = stays.and_then(_crises(chunk, illness, crisis))
    _reconciliations(chunk, stays)


def _readmissions(chunk: Chunk, stays: Visits) -> Visits:
    """Every ninth stay or so is followed by another within four weeks."""
    rng = chunk.rng
    again = chosen(rng, len(stays.person), 0.11)
    on = stays.end[again] + rng.integers(2, 29, int(again.sum()))
    person, on = chunk.insured(stays.person[again], on)
    back = claimed_visits(chunk, person, on, codes.INPATIENT, "IMP", rng.integers(1, 9, len(person)))
    claimed_for(chunk, back, pick_coding(rng, len(person), codes.STAY_REASON))
    return back


def _reconciliations(chunk: Chunk, stays: Visits) -> None:
    """The practice goes through the medicines of somebody who comes home."""
    person, on = chunk.kept(stays.person, stays.end + chunk.rng.integers(1, 36, len(stays.person)), 0.7)
    bill(chunk, person, on, codes.RECONCILIATION)


def _care_management(chunk: Chunk, emergency: Visits) -> None:
    """A call within days to whoever has two chronic diseases; often enough there is none."""
    several = _chronically_ill(chunk)[emergency.person] & (emergency.day >= day(YEAR))
    called = np.flatnonzero(several & chosen(chunk.rng, len(several), 0.55))
    person, on = chunk.insured(emergency.person[called], emergency.day[called] + chunk.rng.integers(1, 8, len(called)))
    claimed_visits(chunk, person, on, codes.CARE_MANAGEMENT, "AMB")


def _chronically_ill(chunk: Chunk) -> Flags:
    diseases = [np.any([chunk.people.ill(name) for name in names], axis=0) for names in _CHRONIC]
    several: Flags = np.sum(diseases, axis=0) >= 2
    return several


def _crises(chunk: Chunk, illness: str, crisis: Crisis) -> Visits:
    """Emergency visits and stays because of one illness, with what follows; returns the stays."""
    emergencies = _urgent(chunk, illness, crisis.emergencies, codes.EMERGENCY, "EMER")
    stays = _urgent(chunk, illness, crisis.stays, codes.INPATIENT, "IMP")
    for visits, reason in (emergencies, stays):
        for days, share in (((1, 7), crisis.soon), ((8, 30), crisis.later), ((14, 45), crisis.later)):
            followed_up(chunk, visits, reason, crisis.services, days, share)
    return stays[0]


def _urgent(chunk: Chunk, illness: str, rate: float, choices: Choices, klass: str) -> tuple[Visits, Choice]:
    """Visits of people who have the illness by then, for it, and which form of it that was."""
    rng, onset = chunk.rng, chunk.people.onset[illness]
    person, on = chunk.insured(*yearly(rng, rate * (onset != NONE), _YEARS))
    ill = on >= onset[person]
    person, on = person[ill], on[ill]
    nights = rng.integers(2, 9, len(person)) if klass == "IMP" else 0
    visits = claimed_visits(chunk, person, on, choices, klass, nights)
    reason = pick_coding(rng, len(person), LATER_ILLNESSES[illness].codings)
    claimed_for(chunk, visits, reason)
    return visits, reason
