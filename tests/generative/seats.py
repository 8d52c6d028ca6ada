"""Who is in a seat, read off outcomes: a population by itself is asked as an initial population of everybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from measureharmony.alignment.confirming import Seat
from measureharmony.alignment.versions import COUNTED
from measureharmony.evaluation.population_order import counts_above, counts_below
from measureharmony.measures.criterion import Criterion
from measureharmony.measures.measure import POPULATIONS, Populations, Rate
from measureharmony.payers.variant import Variant


@dataclass(frozen=True)
class Probe:
    """A variant made to ask for some seats: the seat that each of its rates is asked for, by the rate's id."""

    variant: Variant
    seats: Mapping[str, tuple[Seat, ...]]


def probes(variants: Sequence[Variant], seats: Iterable[Seat]) -> list[Probe]:
    """As few variants as ask for all the seats, each a program of its own.

    The engine tells who is in a population only in the order of populations: whoever is excluded is in no numerator.
    So each criterion is asked of all people, as an initial population.
    """
    asked: dict[tuple[int, bool, tuple[str, ...] | None], list[Seat]] = {}
    for seat in dict.fromkeys(seats):
        counted = seat.place in COUNTED
        sources = None if counted else variants[seat.version].sources.get(seat.place)
        asked.setdefault((seat.version, counted, sources), []).append(seat)
    found = []
    for program, ((number, counted, _), some) in enumerate(asked.items()):
        made = _of_counted(variants[number], some) if counted else _of_criteria(variants[number], some)
        found.append(replace(made, variant=replace(made.variant, program=str(program), membership=None)))
    return found


_PLAIN = {"evidence": (), "values": (), "observation": None, "direction": None}
_ALONE = {"strata": (), "scoring": "proportion", "aggregate": None}


def _of_counted(variant: Variant, seats: Sequence[Seat]) -> Probe:
    """The rates that are asked for, as they are."""
    by_rate = {seat.rate: tuple(one for one in seats if one.rate == seat.rate) for seat in seats}
    rates = tuple(rate.model_copy(update=_PLAIN) for rate in variant.measure.rates if rate.id in by_rate)
    return Probe(replace(variant, measure=variant.measure.model_copy(update={**_ALONE, "rates": rates})), by_rate)


def _of_criteria(variant: Variant, seats: Sequence[Seat]) -> Probe:
    """A rate for each criterion, which see all the same sources."""
    measure = variant.measure
    rates: list[Rate] = []
    for number, seat in enumerate(seats):
        own = next(rate for rate in measure.rates if rate.id == seat.rate)
        criterion = measure.population(own, seat.place)
        if criterion is None:
            criterion = Criterion(always=seat.place == "denominator")
        asking = Populations(initial_population=criterion, numerator=Criterion(always=True))
        rates.append(own.model_copy(update={**_PLAIN, "id": f"seat_{number}", "populations": asking}))
    only = measure.model_copy(update={**_ALONE, "populations": Populations(), "rates": tuple(rates)})
    sources = variant.sources.get(seats[0].place)
    narrowed = {} if sources is None else {"initial_population": sources}
    by_rate = {rate.id: (seat,) for rate, seat in zip(rates, seats, strict=True)}
    return Probe(replace(variant, measure=only, sources=narrowed), by_rate)


def members(outcomes: pa.Table, asked: Sequence[Probe]) -> dict[Seat, set[str]]:
    """The subjects in each seat, from the outcomes of the probes' variants for everybody."""
    found: dict[Seat, set[str]] = {seat: set() for probe in asked for seats in probe.seats.values() for seat in seats}
    if outcomes.num_rows == 0:
        return found
    columns: dict[str, Any] = {name: outcomes[name].to_numpy() for name in POPULATIONS}
    counted = {"denominator_counted": counts_below(columns), "numerator_counted": counts_above(columns)}
    programs, rates, subjects = (outcomes[name].to_numpy() for name in ("program", "rate", "subject_id"))
    for probe in asked:
        own = np.flatnonzero(programs == probe.variant.program)
        for rate, seats in probe.seats.items():
            rows = own[rates[own] == rate]
            for seat in seats:
                inside = counted.get(seat.place, columns["initial_population"])
                found[seat].update(subjects[rows[inside[rows]]])
    return found
