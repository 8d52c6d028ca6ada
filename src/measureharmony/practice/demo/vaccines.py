"""Vaccines as they are due, in childhood, adolescence and later life; some doses are missed, some are late."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from measureharmony.practice.demo import codes
from measureharmony.practice.demo.chance import LAST_DAY, YEAR, chosen, day
from measureharmony.practice.demo.chunk import Chunk
from measureharmony.practice.demo.journal import Choice, Ints

#: Person, day and CVX code of doses.
Doses = tuple[Ints, Ints, str]
_MONTH = 30.44


def write_vaccines(chunk: Chunk) -> None:
    """Write all doses."""
    doses = [*_of_children(chunk), *_of_adolescents(chunk), *_of_adults(chunk)]
    vaccines = tuple((codes.CVX, code) for code in dict.fromkeys(code for *_, code in doses))
    numbers = {code: number for number, (_, code) in enumerate(vaccines)}
    person = np.concatenate([dose[0] for dose in doses])
    on = np.concatenate([dose[1] for dose in doses])
    index = np.concatenate([np.full(len(dose[0]), numbers[dose[2]]) for dose in doses])
    able = chunk.able(person, on)
    person, on, index = person[able], on[able], index[able]
    source = chunk.sources(len(person), {"ehr": 0.6, "registry": 0.3, "pharmacy_claim": 0.1})
    chunk.journal.add(
        "immunization", person, on, coding=Choice(index, vaccines), status="completed", source=source,
        received=chunk.received(source, on),
    )  # fmt: skip


def _of_children(chunk: Chunk) -> Iterable[Doses]:
    """Three families in four keep to the schedule; influenza is missed more often."""
    rng, people = chunk.rng, chunk.people
    children = np.flatnonzero(people.age <= 6)
    keen = np.where(chosen(rng, len(children), 0.78), 0.995, 0.82)
    for code, months in codes.CHILDHOOD_SCHEDULE.items():
        for month in months:
            given = chosen(rng, len(children), keen - 0.06 * (code == "150"))
            person = children[given]
            late = rng.integers(0, 20, len(person))
            yield person, people.birth[person] + round(month * _MONTH) + late * (month > 0), code


def _of_adolescents(chunk: Chunk) -> Iterable[Doses]:
    rng, people = chunk.rng, chunk.people
    adolescents = np.flatnonzero((people.age >= 11) & (people.age <= 21))
    for code, (months, share) in codes.ADOLESCENT_SCHEDULE.items():
        person = adolescents[chosen(rng, len(adolescents), share)]
        for month in months:
            yield person, people.birth[person] + round(month * _MONTH) + rng.integers(0, 15, len(person)), code


def _of_adults(chunk: Chunk) -> Iterable[Doses]:
    """Two doses against shingles, one against tetanus, one against pneumococci, three against hepatitis B."""
    rng, people = chunk.rng, chunk.people
    for code, age_from, age_to, share, gaps in (
        (codes.ZOSTER_VACCINE, 50, 120, 0.42, (0, 90)),
        (codes.TETANUS_VACCINE, 19, 120, 0.5, (0,)),
        (codes.PNEUMOCOCCAL_VACCINE, 65, 120, 0.55, (0,)),
        (codes.HEPATITIS_B_VACCINE, 19, 60, 0.34, (0, 35, 170)),
    ):
        adults = np.flatnonzero((people.age >= age_from) & (people.age <= age_to))
        person = adults[chosen(rng, len(adults), share * (0.55 + 0.75 * people.engagement[adults]))]
        first = rng.integers(day(YEAR - 8), LAST_DAY, len(person))
        for gap in gaps:
            yield person, first + gap, code
