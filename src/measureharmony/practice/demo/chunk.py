"""What every writer of care works on: some thousand people, their random numbers, and the journal they fill."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace

import numpy as np

from measureharmony.practice.demo.chance import LAST_DAY, chosen, pick
from measureharmony.practice.demo.clinicians import PHYSICIANS, SITES, SPECIALISTS, physician_ids
from measureharmony.practice.demo.insurance import Insurance
from measureharmony.practice.demo.journal import NONE, Choice, Flags, Floats, Ints, Journal
from measureharmony.practice.demo.people import People

#: How many days after the event each source's rows arrive: shortest, longest. The practice's own arrive at once.
LAGS = {
    "claim": (10, 120),
    "pharmacy_claim": (1, 14),
    "payer_feed": (30, 90),
    "registry": (1, 30),
    "supplemental_standard": (5, 60),
    "supplemental_nonstandard": (20, 150),
    "patient_reported": (1, 30),
}


def random_numbers(seed: int, first: int, name: str = "") -> np.random.Generator:
    """Random numbers of the people from ``first`` on; each name has a stream of its own."""
    stream = [zlib.crc32(name.encode())] if name else []
    return np.random.default_rng([seed, first, *stream])


@dataclass(frozen=True)
class Chunk:
    """People, their insurance, and where their care is written down."""

    seed: int
    rng: np.random.Generator
    people: People
    insurance: Insurance
    journal: Journal

    def with_numbers_of(self, name: str) -> Chunk:
        """The same chunk with random numbers of its own for one sort of care, which then shifts no other."""
        return replace(self, rng=random_numbers(self.seed, self.people.first, name))

    def able(self, person: Ints, on: Ints) -> Flags:
        """Whether each moment lies within the person's life and within the data."""
        return self.people.alive(person, on) & (on <= LAST_DAY)

    def kept(self, person: Ints, on: Ints, share: float | Floats = 1.0) -> tuple[Ints, Ints]:
        """The moments at which the person lives and that lie within the data, and of those a random share."""
        mask = self.able(person, on)
        if not isinstance(share, float) or share < 1:
            mask &= chosen(self.rng, len(person), share)
        return person[mask], on[mask]

    def insured(self, person: Ints, on: Ints, share: float = 1.0) -> tuple[Ints, Ints]:
        """As ``kept``, of people whose care is billed to somebody."""
        mask = self.insurance.insured[person]
        return self.kept(person[mask], on[mask], share)

    def received(self, source: Choice | str, on: Ints) -> Ints:
        """When rows of a source arrive; ``NONE`` (with the event itself) for the practice's own."""
        if isinstance(source, str):
            return on + self.rng.integers(*LAGS[source], len(on))
        shortest, longest = (np.array([LAGS.get(str(word), (0, 1))[i] for word in source.values]) for i in (0, 1))
        late = on + self.rng.integers(shortest[source.index], longest[source.index])
        own = np.array([str(word) not in LAGS for word in source.values])
        return np.where(own[source.index], NONE, late)

    def sources(self, size: int, weights: dict[str, float]) -> Choice:
        """Sources drawn by weight."""
        return pick(self.rng, size, weights)

    def physician(self, person: Ints) -> Choice:
        """Each person's own primary-care physician."""
        return Choice(self.people.physician[person], physician_ids())

    def seen_by(self, person: Ints, on: Ints) -> Choice:
        """Who sees the people: their own physician, or on every fifth day a colleague of the same site."""
        own = self.people.physician[person]
        return Choice(np.where(on % 5 == 0, (own + SITES) % PHYSICIANS, own), physician_ids())

    def specialist(self, size: int) -> Choice:
        """Somebody elsewhere."""
        return Choice(self.rng.integers(PHYSICIANS, PHYSICIANS + SPECIALISTS, size), physician_ids())
