"""What people are asked at visits: depression and tobacco, with what follows an answer that worries."""

from __future__ import annotations

import numpy as np

from measureharmony.practice.demo import codes
from measureharmony.practice.demo.chance import YEAR, chosen, day, one_a_person, pick_coding
from measureharmony.practice.demo.chunk import Chunk
from measureharmony.practice.demo.journal import Choice, Flags
from measureharmony.practice.demo.visits import Visits

_SURVEY = {"category": "survey", "status": "final", "source": "ehr"}


def write_questions(chunk: Chunk, visits: Visits) -> None:
    """Write the answers of one visit a person and year, over two years."""
    for year in (YEAR - 1, YEAR):
        within = visits.where((visits.day >= day(year)) & (visits.day < day(year + 1)))
        _depression(chunk, _asked(chunk, within, 0.76, 12))
        _tobacco(chunk, _asked(chunk, within, 0.88, 12))


def _asked(chunk: Chunk, visits: Visits, share: float, age_from: int) -> Visits:
    """One visit each of a share of people who are old enough at the year's start."""
    asked = visits.where(one_a_person(chunk.rng, visits.person))
    old_enough = chunk.people.age[asked.person] > age_from
    return asked.where(old_enough & chosen(chunk.rng, len(old_enough), share))


def _depression(chunk: Chunk, visits: Visits) -> None:
    """A questionnaire, by age; a positive one with its score, and mostly a medicine ordered at the visit."""
    rng, journal = chunk.rng, chunk.journal
    adult = (chunk.people.age[visits.person] > 18).astype(np.int64)
    refused = chosen(rng, len(adult), 0.03)
    _declined(chunk, visits.where(refused), Choice(adult[refused], codes.DEPRESSION_TOOL))
    answered = visits.where(~refused)
    share = np.where(chunk.people.ill("depression")[answered.person], 0.45, 0.08)
    positive = chosen(rng, len(share), share)
    events = journal.add(
        "observation", answered.person, answered.day, type="screening", encounter_id=answered.event,
        coding=Choice(adult[~refused], codes.DEPRESSION_TOOL), value_type="coded", **_SURVEY,
    )  # fmt: skip
    found = (codes.DEPRESSION_NEGATIVE, codes.DEPRESSION_POSITIVE)
    journal.add_code(events, "value", Choice(positive.astype(np.int64), found))
    worried = answered.where(positive)
    journal.add(
        "observation", worried.person, worried.day, type="screening", coding=codes.PHQ9_SCORE, value_type="integer",
        value=rng.integers(10, 25, len(worried.person)).astype(np.float64), encounter_id=worried.event, **_SURVEY,
    )  # fmt: skip
    _medicine(chunk, worried.where(chosen(rng, len(worried.person), 0.72)))


def _declined(chunk: Chunk, visits: Visits, tool: Choice) -> None:
    events = chunk.journal.add(
        "observation", visits.person, visits.day, coding=tool, type="screening", not_done=True, recorded=visits.day,
        encounter_id=visits.event, **_SURVEY,
    )  # fmt: skip
    chunk.journal.add_code(events, "not_done_reason", codes.DECLINED)


def _medicine(chunk: Chunk, visits: Visits) -> None:
    chunk.journal.add(
        "medication_order", visits.person, visits.day, authored=visits.day, status="active", intent="order",
        coding=pick_coding(chunk.rng, len(visits.person), codes.ANTIDEPRESSANT), days_supply=90.0, refills=2,
        encounter_id=visits.event, source="ehr", provider_id=chunk.physician(visits.person),
    )  # fmt: skip


def _tobacco(chunk: Chunk, visits: Visits) -> None:
    """One in six smokes; of those, two in three hear how to stop."""
    smokes = _smokers(chunk)[visits.person]
    for who, answers in ((smokes, codes.SMOKER), (~smokes, codes.NO_SMOKER)):
        asked = visits.where(who)
        events = chunk.journal.add(
            "observation", asked.person, asked.day, coding=codes.TOBACCO_STATUS, type="smoking-status",
            category="social-history", status="final", source="ehr", value_type="coded", encounter_id=asked.event,
        )  # fmt: skip
        chunk.journal.add_code(events, "value", pick_coding(chunk.rng, len(events), answers))
    told = visits.where(smokes & chosen(chunk.rng, len(smokes), 0.65))
    chunk.journal.add(
        "procedure", told.person, told.day, end=told.day, status="completed", source="ehr", encounter_id=told.event,
        coding=pick_coding(chunk.rng, len(told.person), codes.TOBACCO_COUNSELING),
    )  # fmt: skip


def _smokers(chunk: Chunk) -> Flags:
    """The same people every year."""
    return chosen(chunk.with_numbers_of("smokers").rng, len(chunk.people), 0.16)
