"""The reference interpreter: one person at a time, straight from the spec; slow, obvious, and the oracle of the tests.

It explains results to people and is what the vectorised kernels are compared with, so it shares no code with them
beyond the calendar, the units and the population order.
"""

from __future__ import annotations

import datetime as dt

from measureharmony.evaluation.conjuncts import conjuncts, disjuncts, evidence_sets
from measureharmony.evaluation.population_order import counts_below, narrowed, populations
from measureharmony.evaluation.reference.codes import CodeLookup
from measureharmony.evaluation.reference.criteria import holds, number_of
from measureharmony.evaluation.reference.events import last_of, union
from measureharmony.evaluation.reference.record import Event, PersonRecord
from measureharmony.evaluation.reference.subject import Case, Subject
from measureharmony.measures.criterion import CriterionRef
from measureharmony.measures.measure import POPULATIONS, Episodes, Measure, Rate
from measureharmony.payers.variant import Variant
from measureharmony.periods import day_number

#: Which populations somebody is in, by name.
Members = dict[str, bool]


class Interpreter:
    """Evaluates one variant. ``as_of``: with what was known at the end of that day; ``None``: everything.

    For an episode measure, ``outcome``, ``strata``, ``first_failing`` and ``evidence`` take the ``index`` event too.
    """

    def __init__(self, variant: Variant, codes: CodeLookup, as_of: dt.date | None = None):
        self.variant = variant
        day = None if as_of is None else day_number(as_of)
        self._case = Case(variant.measure, variant.period, codes, variant.own, day, variant.risk_tables)

    def subjects(self, record: PersonRecord) -> tuple[Event | None, ...]:
        """What the measure counts of a person: its index events, in the source's order; or the person (``None``)."""
        counted = self.variant.measure.subject
        return Subject(record, self._case).events(counted.episodes) if isinstance(counted, Episodes) else (None,)

    def outcome(self, record: PersonRecord, index: Event | None = None) -> dict[str, Members]:
        """For each rate id, which populations the subject is in."""
        person = self.person(record, index)
        return {rate.id: person.members(rate) for rate in self.variant.measure.rates}

    def strata(self, record: PersonRecord, index: Event | None = None) -> dict[tuple[str, str], Members]:
        """For each (rate id, stratum id), which populations the subject is in; a stratum narrows every population."""
        measure, person = self.variant.measure, self.person(record, index)
        return {
            (rate.id, stratum.id): narrowed(person.members(rate), person.is_true(None, stratum.criterion))
            for rate in measure.rates
            for stratum in measure.strata
        }

    def first_failing(self, record: PersonRecord, rate: Rate, index: Event | None = None) -> str | None:
        """Why somebody has not got what the measure wants; ``None`` for who has.

        The label of the first part of the initial population, then the denominator, then the numerator that is not
        true, in the order written; for the excluded and the excepted, of the part that takes them out; for somebody in
        the numerator of an inverse rate, of the part that puts them there.
        """
        return self.person(record, index).first_failing(rate)

    def evidence(self, record: PersonRecord, rate: Rate, index: Event | None = None) -> Event | None:
        """The event with the latest moment among the rate's evidence sets, as the numerator sees them.

        Without evidence sets, among all sets that the numerator asks to exist. Ties: the last in the source's order. An
        event whose moment is unknown is evidence only where there is no other.
        """
        return self.person(record, index).evidence(rate)

    def person(self, record: PersonRecord, index: Event | None = None) -> Person:
        """The person (with the event that is counted) before this variant, for whoever wants to ask more."""
        return Person(record, self._case, self.variant, index)


class Person:
    """One person before one variant: seen by each population through the sources that it accepts."""

    def __init__(self, record: PersonRecord, case: Case, variant: Variant, index: Event | None = None):
        self._record, self._case, self._sources, self._index = record, case, variant.sources, index
        self._subjects: dict[tuple[str, ...] | None, Subject] = {}

    @property
    def _measure(self) -> Measure:
        return self._case.measure

    def subject(self, population: str | None) -> Subject:
        """The person as a population sees them; ``None`` (a stratum): with evidence of every source."""
        sources = self._sources.get(population) if population else None
        if sources not in self._subjects:
            self._subjects[sources] = Subject(self._record, self._case, sources, self._index)
        return self._subjects[sources]

    def is_true(self, population: str | None, ref: CriterionRef) -> bool:
        """A population holds a subject only where its condition is *true*."""
        return holds(self.subject(population), ref) is True

    def members(self, rate: Rate) -> Members:
        """Which populations of a rate the person is in."""
        criteria = {name: self._measure.population(rate, name) for name in POPULATIONS}
        return populations({name: self.is_true(name, ref) for name, ref in criteria.items() if ref is not None})

    def first_failing(self, rate: Rate) -> str | None:
        """See :meth:`Interpreter.first_failing`."""
        members = self.members(rate)
        if not members["denominator"]:
            return self._first_untrue(rate, "initial_population") or self._first_untrue(rate, "denominator")
        for takes_out in ("denominator_exclusion", "denominator_exception", "numerator_exclusion"):
            if members[takes_out]:
                return self._first_true(rate, takes_out)
        if self._measure.direction_of(rate) == "lower":
            return self._first_true(rate, "numerator") if members["numerator"] else None
        return None if members["numerator"] else self._first_untrue(rate, "numerator")

    def _first_untrue(self, rate: Rate, population: str) -> str | None:
        ref = self._measure.population(rate, population)
        parts = () if ref is None else conjuncts(self._measure, ref)
        return next((label for label, part in parts if not self.is_true(population, part)), None)

    def _first_true(self, rate: Rate, population: str) -> str | None:
        ref = self._measure.population(rate, population)
        parts = () if ref is None else disjuncts(self._measure, ref)
        return next((label for label, part in parts if self.is_true(population, part)), None)

    def observation(self, rate: Rate) -> float | None:
        """The rate's number of a person who counts below the line, as the numerator sees them; ``None`` of others."""
        if rate.observation is None or not counts_below(self.members(rate)):
            return None
        return number_of(self.subject("numerator"), rate.observation)

    def evidence(self, rate: Rate) -> Event | None:
        """See :meth:`Interpreter.evidence`."""
        subject = self.subject("numerator")
        rows = union(subject.events(ref) for ref in evidence_sets(self._measure, rate))
        return next(iter(last_of(rows, "latest") or rows[-1:]), None)
