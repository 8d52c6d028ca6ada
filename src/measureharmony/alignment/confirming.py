"""The engine's word on people made up: who is in which place, of which variant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from measureharmony.alignment.questions import COUNTED, Place
from measureharmony.alignment.somebody import Somebody, event_id, person_id, practice_of
from measureharmony.evaluation.population_order import counts_above, counts_below
from measureharmony.harmonize import Specs, outcomes_of
from measureharmony.measures.criterion import Criterion
from measureharmony.measures.measure import POPULATIONS, Populations
from measureharmony.payers.variant import Variant
from measureharmony.practice import Practice


@dataclass(frozen=True)
class Seat:
    """A place of one rate of a variant (by its number): what somebody is asked to be in, or not in."""

    variant: int
    rate: str
    place: Place


def probe(variant: Variant, rate: str, place: Place) -> Variant:
    """The variant with nothing but the rate; where ``place`` is a population, with its criterion for everybody.

    The engine tells who is in a population only in the order of populations: whoever is excluded is in no numerator.
    As initial population, each criterion is asked of all.
    """
    measure = variant.measure
    own = next(one for one in measure.rates if one.id == rate)
    plain = {"evidence": (), "values": (), "observation": None, "direction": None}
    alone = {"strata": (), "scoring": "proportion", "aggregate": None}
    if place in COUNTED:
        only = measure.model_copy(update={**alone, "rates": (own.model_copy(update=plain),)})
        return replace(variant, measure=only, membership=None)
    criterion = measure.population(own, place)
    if criterion is None:
        criterion = Criterion(always=place == "denominator")
    populations = Populations(initial_population=criterion, numerator=Criterion(always=True))
    rates = (own.model_copy(update={**plain, "populations": Populations()}),)
    only = measure.model_copy(update={**alone, "populations": populations, "rates": rates})
    sources = {"initial_population": variant.sources[place]} if place in variant.sources else {}
    return replace(variant, measure=only, sources=sources, membership=None)


class Engine:
    """Evaluates people made up under variants of one measure, all at once."""

    def __init__(self, specs: Specs, variants: Sequence[Variant]):
        self._specs, self._variants = specs, variants

    def seated(self, people: Sequence[Somebody], seats: Sequence[Seat]) -> dict[Seat, list[bool]]:
        """For each seat, who of the people is in it. Rows that the contract refuses make nobody."""
        seats = list(dict.fromkeys(seats))
        with practice_of(people) as practice:
            if practice.rejects.num_rows:
                return {seat: [False] * len(people) for seat in seats}
            return self.in_practice(practice, people, seats)

    def in_practice(
        self, practice: Practice, people: Sequence[Somebody], seats: Sequence[Seat]
    ) -> dict[Seat, list[bool]]:
        """:meth:`seated` for people who are in a practice already."""
        probes = [
            replace(probe(self._variants[seat.variant], seat.rate, seat.place), program=str(number))
            for number, seat in enumerate(seats)
        ]
        outcomes = outcomes_of(practice, probes, self._specs, everybody=True, stand_ins=True)
        inside = _inside(outcomes, seats)
        subjects = [_subject(number, somebody) for number, somebody in enumerate(people)]
        return {seat: [s in inside[place] for s in subjects] for place, seat in enumerate(seats)}


def _subject(number: int, somebody: Somebody) -> str:
    return person_id(number) if somebody.counted is None else event_id(number, somebody.counted)


def _inside(outcomes: pa.Table, seats: Sequence[Seat]) -> list[set[str]]:
    """The subjects in each seat."""
    found: list[set[str]] = [set() for _ in seats]
    if outcomes.num_rows == 0:
        return found
    columns: dict[str, Any] = {name: outcomes[name].to_numpy() for name in POPULATIONS}
    counted = {"denominator_counted": counts_below(columns), "numerator_counted": counts_above(columns)}
    probes = outcomes["program"].cast(pa.int64()).to_numpy()
    subjects = outcomes["subject_id"].to_numpy()
    for number, seat in enumerate(seats):
        inside = counted.get(seat.place, columns["initial_population"])
        found[number].update(subjects[(probes == number) & inside])
    return found


__all__ = ["Engine", "Seat", "probe"]
