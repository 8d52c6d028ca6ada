"""The engine's word on people made up: who is in which place, of which version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.alignment.somebody import Somebody, event_id, number_of, practice_of
from measureharmony.alignment.versions import Place, Versions
from measureharmony.engines.assembling import Assembled
from measureharmony.engines.loading import load
from measureharmony.engines.local import answers_of, cut
from measureharmony.evaluation.columns import Bools, Ints
from measureharmony.evaluation.outcome import Answers
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.population_order import counts_above, counts_below, populations
from measureharmony.evaluation.terminology import Terminology
from measureharmony.specs import Specs

#: People made up for each measure, by its number among the engine's.
Crowd: TypeAlias = Mapping[int, Sequence[Somebody]]
#: Comes last: a practice of which all rows are refused is none.
_ACCEPTED = Somebody({})


@dataclass(frozen=True)
class Seat:
    """A place of one rate of a version: what somebody is asked to be in, or not in.

    ``measure`` is the measure's number among the engine's, ``version`` the number among its versions. A population is
    its own criterion, asked of everybody; ``in_order`` asks for those whom the populations before it leave in it.
    """

    measure: int
    version: int
    rate: str
    place: Place
    in_order: bool = False


class Engine:
    """Evaluates people made up, each measure's under its own versions only, but all in one practice."""

    def __init__(self, specs: Specs, measures: Sequence[Versions]):
        self._terminology = Terminology.of(specs.value_sets, stand_ins=True)
        self._measures = tuple(measures)

    def seated(self, people: Crowd, seats: Iterable[Seat]) -> dict[Seat, Bools]:
        """For each seat, who of its measure's people is in it. Whose rows the contract refuses is in none."""
        wanted: dict[int, list[Seat]] = {}
        for seat in dict.fromkeys(seats):
            wanted.setdefault(seat.measure, []).append(seat)
        found = {seat: np.zeros(0, dtype=bool) for some in wanted.values() for seat in some}
        looking = []
        everybody: list[Somebody] = []
        for number, some in wanted.items():
            if people.get(number):
                looking.append(_Looking(self._measures[number], some, people[number], len(everybody)))
                everybody += people[number]
        if everybody:
            loaded = self._loaded(everybody, [one.plan for one in looking])
            for one in looking:
                found |= one.at(loaded)
        return found

    def _loaded(self, people: Sequence[Somebody], plans: Iterable[EvaluationPlan]) -> _Loaded:
        """What the plans look at of the people."""
        every = EvaluationPlan()
        for node in chain.from_iterable(plan.nodes for plan in plans):
            every.add(node)
        with practice_of([*people, _ACCEPTED]) as practice:
            loaded = load(practice, every, self._terminology, None)
            numbers = np.array([number_of(one) for one in loaded.subjects.person_id.to_pylist()], dtype=np.int64)
            return _Loaded(loaded, numbers, practice.rejects["row"].unique().to_numpy())


@dataclass(frozen=True)
class _Loaded:
    """People with what is looked at of them, their ``numbers``, and the numbers of those of whom a row was refused."""

    people: Assembled
    numbers: Ints
    refused: Ints


class _Looking:
    """Looks at one measure's people for some seats; the first of them is number ``first`` of all people loaded."""

    def __init__(self, versions: Versions, seats: Sequence[Seat], people: Sequence[Somebody], first: int):
        self._versions, self._seats, self._people, self._first = versions, seats, people, first
        self.plan = self._plan()

    def _plan(self) -> EvaluationPlan:
        """The versions' nodes, asked for what the seats depend on; of what is counted as events, by a plan of these."""
        plan = self._versions.plan.same_nodes()
        for version, rate in dict.fromkeys((seat.version, seat.rate) for seat in self._seats):
            rows = self._versions.counted[version]
            home = plan if rows is None else plan.episodes.setdefault(rows, self._versions.plan.same_nodes())
            home.asked.extend(self._versions.criteria(version, rate).values())
        return plan

    def at(self, loaded: _Loaded) -> dict[Seat, Bools]:
        """Who is in each seat."""
        low, high = np.searchsorted(loaded.numbers, [self._first, self._first + len(self._people)])
        answers = answers_of(self.plan, cut(loaded.people.partition, int(low), int(high)))
        by_rows = dict(zip([None, *self.plan.episodes], answers, strict=True))
        subjects = {rows: self._subjects(one, loaded) for rows, one in by_rows.items()}
        gone = loaded.refused - self._first
        gone = gone[(gone >= 0) & (gone < len(self._people))]
        found: dict[Seat, Bools] = {}
        for seat in self._seats:
            rows = self._versions.counted[seat.version]
            found[seat] = self._inside(seat, by_rows[rows], subjects[rows])
            found[seat][gone] = False
        return found

    def _inside(self, seat: Seat, answers: Answers, subjects: Ints) -> Bools:
        criteria = self._versions.criteria(seat.version, seat.rate)
        truth = _truth(seat, {name: answers.results[node] for name, node in criteria.items()})
        inside = np.zeros(len(self._people), dtype=bool)
        inside[subjects[subjects >= 0]] = truth[subjects >= 0]
        return inside

    def _subjects(self, answers: Answers, loaded: _Loaded) -> Ints:
        """Whose answers they are: the place of each subject among the people; -1 for events that nobody counts."""
        if answers.event is None:
            return loaded.numbers[answers.person] - self._first
        counted = [event_id(self._first + place, one.counted or "") for place, one in enumerate(self._people)]
        events = loaded.people.subjects.event_id.take(pa.array(answers.event)).cast(pa.string())
        places = pc.index_in(events, pa.array(counted, pa.string()))
        return np.asarray(places.fill_null(-1), dtype=np.int64)


def _truth(seat: Seat, holds: Mapping[str, Bools]) -> Bools:
    """Who is in a seat, from whether each population's own criterion holds."""
    if seat.place.endswith("_counted") or seat.in_order:
        members = populations(holds)
        counted = {"denominator_counted": counts_below, "numerator_counted": counts_above}
        return counted[seat.place](members) if seat.place in counted else members[seat.place]
    return holds.get(seat.place, np.full(len(holds["initial_population"]), seat.place == "denominator"))


__all__ = ["Crowd", "Engine", "Seat"]
