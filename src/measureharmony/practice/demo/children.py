"""Check-ups of children as they are due, and what is measured, tested and talked about at them."""

from __future__ import annotations

import numpy as np

from measureharmony.practice.demo import codes
from measureharmony.practice.demo.billing import Choices
from measureharmony.practice.demo.chance import YEAR, chosen, day, pick_coding
from measureharmony.practice.demo.chunk import Chunk
from measureharmony.practice.demo.journal import Floats, Ints
from measureharmony.practice.demo.visits import Visits, check_ups

#: Days of life at which a check-up is due in the first three years; later there is one a year.
_DUE = (4, 30, 61, 122, 183, 274, 366, 457, 548, 731, 914, 1096)
_FIRST_YEAR = YEAR - 4


def write_children(chunk: Chunk) -> Visits:
    """Write check-ups and what happens at them; returns the check-ups."""
    person, on = _due(chunk)
    visits = check_ups(chunk, person, on)
    age = (visits.day - chunk.people.birth[visits.person]) / 365.25
    _measures(chunk, visits.where((age >= 2.2) & chosen(chunk.rng, len(age), 0.85)))
    for codings, share, where in (
        (codes.NUTRITION_COUNSELING, 0.7, age >= 2),
        (codes.ACTIVITY_COUNSELING, 0.62, age >= 2),
        (codes.LEAD_TEST, 0.6, ((age > 0.9) & (age < 1.2)) | ((age > 1.8) & (age < 2.2))),
        (codes.DEVELOPMENT_SCREEN, 0.65, ((age > 0.7) & (age < 0.85)) | ((age > 1.4) & (age < 1.7)) | (age > 2.4)),
    ):
        due = where & ((age < 3) if codings is codes.DEVELOPMENT_SCREEN else True)
        _services(chunk, visits.where(due & chosen(chunk.rng, len(age), share)), codings)
    return visits


def _due(chunk: Chunk) -> tuple[Ints, Ints]:
    """Early check-ups at the days above, later ones on any day of a year; families that seek care readily miss few."""
    rng, people = chunk.rng, chunk.people
    young = np.flatnonzero(people.age <= 5)
    early = np.repeat(young, len(_DUE))
    days = people.birth[early] + np.tile(_DUE, len(young)) + rng.integers(-3, 15, len(early))
    persons, moments = [early], [np.maximum(days, people.birth[early])]
    for year in range(_FIRST_YEAR, YEAR + 1):
        older = np.flatnonzero((people.age - (YEAR - year) >= 4) & (people.age - (YEAR - year) <= 17))
        persons.append(older)
        moments.append(rng.integers(day(year), day(year + 1), len(older)))
    person, on = np.concatenate(persons), np.concatenate(moments)
    return chunk.kept(person, on, _keen(chunk, person, on))


def _keen(chunk: Chunk, person: Ints, on: Ints) -> Floats:
    """How likely a check-up is made: nearly always in the first years, less and less later."""
    age = (on - chunk.people.birth[person]) / 365.25
    usual = np.select([age < 1.4, age < 3.2, age < 12], [0.9, 0.8, 0.5], 0.38)
    keen: Floats = usual + 0.14 * (chunk.people.engagement[person] - 0.5)
    return keen


def _measures(chunk: Chunk, visits: Visits) -> None:
    """Height, weight and the percentile of the body mass index."""
    rng, size = chunk.rng, len(visits.person)
    age = (visits.day - chunk.people.birth[visits.person]) / 365.25
    height = np.clip(80 + 6 * age + rng.normal(0, 5, size), 70, 195)
    weight = np.clip((15.5 + 0.4 * age + rng.normal(0, 2, size)) * (height / 100) ** 2, 9, 130)
    for coding, kind, unit, value in (
        (codes.BODY_HEIGHT, "body-height", "cm", height),
        (codes.BODY_WEIGHT, "body-weight", "kg", weight),
        (codes.BMI_PERCENTILE, "pediatric-bmi", "%", rng.integers(3, 99, size).astype(np.float64)),
    ):
        chunk.journal.add(
            "observation", visits.person, visits.day, coding=coding, type=kind, category="vital-signs", status="final",
            unit=unit, value=value.round(1), encounter_id=visits.event, source="ehr",
        )  # fmt: skip


def _services(chunk: Chunk, visits: Visits, codings: Choices) -> None:
    chunk.journal.add(
        "procedure", visits.person, visits.day, end=visits.day, status="completed", source="ehr",
        coding=pick_coding(chunk.rng, len(visits.person), codings), encounter_id=visits.event,
        provider_id=chunk.physician(visits.person),
    )  # fmt: skip
