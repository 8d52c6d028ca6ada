"""A program's variant as its payer sees it on a day, and as it would see it with more of the evidence.

Five versions of one variant, each with more evidence than the one before: what the payer *has*; with the claims that
are still *coming*; with everything that it would take if it were sent (*acceptable*); with all evidence that is *here*,
whatever it comes from; beside them the variant as it was evaluated (*known*).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers.evidence import (
    EVERY_SOURCE,
    HAS_EVERYTHING,
    ROLES,
    SENT_AS,
    EvidencePolicy,
    SentEvidence,
)
from measureharmony.payers.evidence_source import EvidenceSource
from measureharmony.payers.library import Programs
from measureharmony.payers.program import CutOffs
from measureharmony.payers.resolve import terms
from measureharmony.payers.variant import CANONICAL, ELSEWHERE, Arrival, Variant
from measureharmony.periods import day_number

#: The versions after ``known``, from the least evidence to the most.
SHARES = ("seen", "coming", "acceptable", "here")


@dataclass(frozen=True)
class EvidenceTerms:
    """How evidence reaches a payer for one measure.

    ``on`` is the day of the payer's view, ``known`` the last day of which the practice's data tell (``None``: all).
    ``restricted`` are the sources that the contract allows for a population, where its overlay says so.
    """

    measure: str
    policy: EvidencePolicy
    cut_offs: CutOffs | None
    restricted: Mapping[str, tuple[str, ...]]
    on: dt.date
    known: dt.date | None

    def counted(self, population: str) -> tuple[str, ...]:
        """The sources that count for a population: its overlay's, else the contract's."""
        default: tuple[str, ...] = getattr(self.policy.counts, ROLES[population])
        return tuple(self.restricted.get(population, default))

    def last_day(self, source: EvidenceSource) -> dt.date | None:
        """The last day on which evidence that the payer gets by itself may arrive."""
        if self.cut_offs is None:
            return None
        return self.cut_offs.claims if source in ("claim", "pharmacy_claim") else None

    def until(self, way: SentEvidence) -> dt.date | None:
        """The last day on which evidence may be sent in this way."""
        return way.by or (self.cut_offs.supplemental if self.cut_offs else None)

    def is_open(self, way: SentEvidence) -> bool:
        """Whether evidence may still be sent in this way."""
        until = self.until(way)
        return until is None or self.on <= until

    def ways(self, population: str) -> Iterator[SentEvidence]:
        """How evidence may be sent that then counts for a population, in time or not."""
        counted = self.counted(population)
        return (way for way in self.policy.ways(self.measure) if SENT_AS[way.form] in counted)


@dataclass(frozen=True)
class PayerView:
    """One variant of a program in five versions; see the module."""

    terms: EvidenceTerms
    known: Variant
    seen: Variant
    coming: Variant
    acceptable: Variant
    here: Variant


def payer_views(
    programs: Programs, variants: Sequence[Variant], on: dt.date, year: int, as_of: dt.date | None = None
) -> tuple[PayerView, ...]:
    """What each payer sees on the day ``on`` of each of ``variants`` (the canonical ones have no payer).

    ``as_of`` is the day whose knowledge the practice's data hold, ``None``: all that is in them.
    """
    found = []
    for variant in variants:
        if variant.program != CANONICAL:
            program = programs.programs[variant.program]
            key = variant.measure.measure
            overlay = programs.overlays.get((variant.program, key))
            agreed = terms(program, overlay, year, as_of)
            policy = program.evidence or HAS_EVERYTHING
            found.append(payer_view(variant, EvidenceTerms(key, policy, agreed.cut_offs, variant.sources, on, as_of)))
    return tuple(found)


def payer_view(variant: Variant, terms: EvidenceTerms) -> PayerView:
    """The five versions of ``variant``."""
    seen = {name: _seen(terms, name) for name in (*POPULATIONS, ELSEWHERE)}
    coming = {name: _coming(terms, name) for name in (*POPULATIONS, ELSEWHERE)}
    acceptable = {name: _acceptable(terms, name) for name in (*POPULATIONS, ELSEWHERE)}
    return PayerView(
        terms,
        known=variant,
        seen=_version(variant, terms, seen),
        coming=_version(variant, terms, coming),
        acceptable=_version(variant, terms, acceptable),
        here=replace(variant, sources={}),
    )


def _version(variant: Variant, terms: EvidenceTerms, arrivals: Mapping[str, tuple[Arrival, ...]]) -> Variant:
    settled = {name: _settled(some, terms.known) for name, some in arrivals.items()}
    return replace(variant, sources={}, seen={name: some for name, some in settled.items() if some != _EVERYTHING})


_EVERYTHING = tuple(Arrival(source, None) for source in sorted(EVERY_SOURCE))


def _settled(arrivals: tuple[Arrival, ...], known: dt.date | None) -> tuple[Arrival, ...]:
    """In one order, and without a limit where nothing later is known anyway, so that equal ones look alike."""
    last = None if known is None else day_number(known)
    return tuple(
        sorted(
            Arrival(source, None) if not lag and day is not None and last is not None and day >= last
            else Arrival(source, day, 0 if day is None else lag)
            for source, day, lag in arrivals
        )
    )  # fmt: skip


def _seen(terms: EvidenceTerms, population: str) -> tuple[Arrival, ...]:
    """What the payer has: what reached it by itself, and what was sent."""
    arrivals = [
        Arrival(source, _number(_earlier(terms.on, terms.last_day(source))), lag)
        for source, lag in terms.policy.run_out.items()
        if source in terms.counted(population)
    ]
    return (*arrivals, *_sent(terms, population))


def _coming(terms: EvidenceTerms, population: str) -> tuple[Arrival, ...]:
    """And what will reach it by itself in time, if nothing goes wrong."""
    arrivals = [
        Arrival(source, _number(terms.last_day(source)))
        for source in terms.policy.run_out
        if source in terms.counted(population)
    ]
    return (*arrivals, *_sent(terms, population))


def _acceptable(terms: EvidenceTerms, population: str) -> tuple[Arrival, ...]:
    """And what it would take if it were sent in time."""
    taken = {source for way in terms.ways(population) if terms.is_open(way) for source in way.sources}
    kept = [arrival for arrival in _coming(terms, population) if arrival.source not in taken]
    return (*kept, *(Arrival(source, None) for source in sorted(taken)))


def _sent(terms: EvidenceTerms, population: str) -> Iterator[Arrival]:
    """What was known on the last day on which it went to the payer."""
    last: dict[str, dt.date] = {}
    for way in terms.ways(population):
        until = _earlier(terms.on, terms.until(way))
        for source in way.sources:
            days = [day for day in way.sent if day <= until]
            last[source] = max([*days, last.get(source, dt.date.min)])
    return (Arrival(source, day_number(day)) for source, day in last.items() if day > dt.date.min)


def _earlier(day: dt.date, other: dt.date | None) -> dt.date:
    return day if other is None else min(day, other)


def _number(day: dt.date | None) -> int | None:
    return None if day is None else day_number(day)


__all__ = ["SHARES", "EvidenceTerms", "PayerView", "payer_view", "payer_views"]
