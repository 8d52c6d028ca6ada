"""What claims say: services without a visit of their own, and why somebody was seen."""

from __future__ import annotations

import numpy as np

from measureharmony.practice.demo.chance import chosen, pick_coding
from measureharmony.practice.demo.chunk import Chunk
from measureharmony.practice.demo.journal import Choice, Coding, Ints
from measureharmony.practice.demo.visits import Visits, claimed_visits

Choices = list[tuple[Coding, float]]


def bill(chunk: Chunk, person: Ints, on: Ints, choices: Choices) -> None:
    """Services by somebody elsewhere, as claims of those who are insured."""
    insured = chunk.insurance.insured[person]
    person, on = person[insured], on[insured]
    chunk.journal.add(
        "procedure", person, on, end=on, coding=pick_coding(chunk.rng, len(person), choices), status="completed",
        source="claim", received=chunk.received("claim", on), provider_id=chunk.specialist(len(person)),
        amount=chunk.rng.gamma(4, 60, len(person)).round(2),
    )  # fmt: skip


def claimed_for(chunk: Chunk, visits: Visits, reason: Choice) -> None:
    """Why each of the visits was made: the principal diagnosis of its claim, and so one of its diagnoses."""
    chunk.journal.add_code(visits.event, "principal_diagnosis", reason)
    chunk.journal.add_code(visits.event, "claim_diagnosis", reason)


def followed_up(
    chunk: Chunk, visits: Visits, reason: Choice, choices: Choices, days: tuple[int, int], share: float
) -> None:
    """Visits elsewhere for the same reason, so many days (both included) after the end of a share of ``visits``."""
    again = np.flatnonzero(chosen(chunk.rng, len(visits.person), share))
    on = visits.end[again] + chunk.rng.integers(days[0], days[1] + 1, len(again))
    able = chunk.able(visits.person[again], on)
    again, on = again[able], on[able]
    claimed_for(
        chunk,
        claimed_visits(chunk, visits.person[again], on, choices, "AMB"),
        Choice(reason.index[again], reason.values),
    )
