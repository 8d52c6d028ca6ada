"""Outcomes: one row per subject, variant and rate, read off an evaluated plan into one Arrow table.

This table is where engines and reports meet. Rates and care gaps are computed from it alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.evaluation.columns import NEVER_ENDS, SINCE_EVER, Bools, Ints, Partition
from measureharmony.evaluation.combinations import distinct, occurring_of
from measureharmony.evaluation.nodes import NodeId
from measureharmony.evaluation.outcome_form import RateName
from measureharmony.evaluation.outcomes import Outcomes
from measureharmony.evaluation.outcomes_by_part import Coded, PartOutcomes, Told
from measureharmony.evaluation.plan import CompiledRate
from measureharmony.evaluation.population_order import Categories, categories, falls_short, inside
from measureharmony.evaluation.population_order import populations as in_order
from measureharmony.evaluation.time_kernels import earliest, latest
from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers.variant import Variant
from measureharmony.periods import day_number


@dataclass(frozen=True)
class Subjects:
    """What outcomes say of people and events beyond the plan: their identifiers, in the partition's order."""

    person_id: pa.Array
    event_id: pa.Array


@dataclass(frozen=True)
class Answers:
    """The results of one plan: one entry per subject.

    ``person`` says whose each subject is (a number in the whole practice); ``event`` which event row it is, where
    subjects are episodes.
    """

    rates: Sequence[CompiledRate]
    results: Mapping[NodeId, Any]
    person: Ints
    event: Ints | None = None


@dataclass(frozen=True)
class Evaluated:
    """What an engine gives back: the answers of a plan and of its episodes' plans, and what they are about."""

    answers: tuple[Answers, ...]
    partition: Partition
    subjects: Subjects


def outcome_table(variants: Sequence[Variant], evaluated: Evaluated, *, everybody: bool = False) -> pa.Table:
    """The outcomes of everybody evaluated: variant after variant, rate after rate, people (and their events) in order.

    A program's rates list its own people; with ``everybody``, all of them (``member`` tells them apart).
    """
    return Outcomes([part_outcomes(variants, evaluated, everybody=everybody)]).table()


def part_outcomes(variants: Sequence[Variant], evaluated: Evaluated, *, everybody: bool = False) -> PartOutcomes:
    """The outcomes of the people evaluated, who may be some of many, as in :func:`outcome_table`."""
    every = [(rate, answers) for answers in evaluated.answers for rate in answers.rates]
    every.sort(key=lambda one: one[0].variant)
    known: dict[tuple[int, NodeId | None], _Those] = {}  # most rates list the same people as some other
    each = []
    for rate, answers in every:
        key = id(answers), rate.member
        if key not in known:
            known[key] = _those(answers, rate.member, everybody=everybody)
        each.append((rate, answers, known[key]))
    counts = np.array([len(those.subjects) for _, _, those in each], dtype=np.int64)
    ends = np.cumsum(counts).tolist()
    listed = [
        _Listed(variants[rate.variant], rate, answers, those, slice(end - len(those.subjects), end))
        for (rate, answers, those), end in zip(each, ends, strict=True)
        if len(those.subjects)
    ]
    names = [_name(variants[rate.variant], rate) for rate, _ in every]
    return _outcomes(names, counts, listed, evaluated)


def _name(variant: Variant, rate: CompiledRate) -> RateName:
    return RateName(variant.program, variant.measure.measure, variant.measure.edition, rate.rate)


@dataclass(frozen=True)
class _Those:
    """The subjects that a rate lists: their places among all, whether each is the program's own, and whose it is."""

    subjects: Ints
    member: Bools
    person: Ints


def _those(answers: Answers, member: NodeId | None, *, everybody: bool) -> _Those:
    everyone = np.arange(len(answers.person))
    if member is None or not len(everyone):
        return _Those(everyone, np.ones(len(everyone), dtype=bool), answers.person)
    belongs: Bools = answers.results[member]
    subjects = everyone if everybody else np.flatnonzero(belongs)
    return _Those(subjects, belongs[subjects], answers.person[subjects])


@dataclass(frozen=True)
class _Listed:
    """The subjects that a rate lists, somebody at least, and the rows of the outcome table that are about them."""

    variant: Variant
    rate: CompiledRate
    answers: Answers
    those: _Those
    rows: slice

    def of(self, node: NodeId) -> Any:
        """The result of a node for the subjects listed."""
        found = self.answers.results[node]
        return found if len(found) == len(self.those.subjects) else found.take(self.those.subjects)


def _outcomes(names: Sequence[RateName], counts: Ints, listed: Sequence[_Listed], evaluated: Evaluated) -> PartOutcomes:
    """The outcomes of those listed, in as many rows for each of the rates as ``counts`` says.

    What decides for nobody is not asked for: on demand, it is not computed either.
    """
    partition, subjects, count = evaluated.partition, evaluated.subjects, int(counts.sum())
    member, person = np.empty(count, dtype=bool), np.empty(count, dtype=np.int32)
    for one in listed:
        member[one.rows], person[one.rows] = one.those.member, one.those.person
    category = _categories(listed, count)
    words = {"strata": _strata(listed, count), "first_failing": _first_failing(listed, category)}
    if any(answers.event is not None for answers in evaluated.answers):
        words["subject_id"] = _subject_ids(listed, person, subjects)
    told = (
        _close_by(listed, category),
        _observations(listed, category),
        _evidence(listed, count, partition, subjects),
        _values(listed, count, partition),
    )
    return PartOutcomes(names, counts, subjects.person_id, person, member, category, words, told)


def _categories(listed: Sequence[_Listed], count: int) -> Categories:
    """Which population each subject ends up in; the others are asked for only where somebody may be in them."""
    holds = {name: np.zeros(count, dtype=bool) for name in POPULATIONS}
    for one in listed:
        nodes = one.rate.populations
        left = holds["initial_population"][one.rows] = one.of(nodes["initial_population"])
        if "denominator" in nodes and left.any():
            left = left & one.of(nodes["denominator"])
        holds["denominator"][one.rows] = left
        if "denominator_exclusion" in nodes and left.any():
            excluded = holds["denominator_exclusion"][one.rows] = one.of(nodes["denominator_exclusion"])
            left = left & ~excluded
        for name in ("numerator", "numerator_exclusion", "denominator_exception"):
            if name in nodes and left.any():
                holds[name][one.rows] = one.of(nodes[name])
    return categories(in_order(holds))


def _strata(listed: Sequence[_Listed], count: int) -> Coded:
    """Every combination of a rate's strata is a word, and has a number: the bits of its strata, from some number on."""
    begin: dict[tuple[str, ...], int] = {}
    code = np.zeros(count, dtype=np.int32)  # 0: a rate without strata
    possible = 1
    for one in listed:
        names = tuple(stratum.name for stratum in one.rate.strata)
        if not names:
            continue
        if names not in begin:
            begin[names], possible = possible, possible + (1 << len(names))
        bits = code[one.rows]
        bits += begin[names]
        for place, stratum in enumerate(one.rate.strata):
            bits += one.of(stratum.node).astype(np.int32) << place
    used, number = occurring_of(code, possible)
    return Coded(number, pa.array([_combination(key, begin) for key in used.tolist()], pa.string()))


def _combination(number: int, begin: Mapping[tuple[str, ...], int]) -> str:
    """The word of a combination of strata."""
    for names, first in begin.items():
        bits = number - first
        if 0 <= bits < 1 << len(names):
            return " ".join(name for place, name in enumerate(names) if bits >> place & 1)
    return ""


def _first_failing(listed: Sequence[_Listed], category: Categories) -> Coded:
    """Why subjects have not got what their measure wants (see ``OUTCOME_COLUMNS``)."""
    words: dict[str, int] = {}
    code = np.full(len(category), -1, dtype=np.int32)
    members = {name: inside(category, name) for name in _DECIDING}
    for one in listed:
        _fail(one, members, code[one.rows], words)
    used, number = distinct(code, len(words))  # of some words nobody fails, after all
    return Coded(number, pa.array(words, pa.string()).take(pa.array(used)))


#: What decides, apart from the way into the numerator. The last one does: what excludes hides everything else.
_DECIDING = ("numerator", "numerator_exclusion", "denominator_exception", "denominator_exclusion")


def _fail(one: _Listed, members: Mapping[str, Bools], code: Ints, words: dict[str, int]) -> None:
    """Write into ``code`` the number of the word that says why each subject of a rate fails."""
    subjects, results = one.those.subjects, one.answers.results
    undecided = np.flatnonzero(~members["numerator"][one.rows])
    for step in one.rate.steps:
        if not len(undecided):
            break
        holds = results[step.node].take(subjects.take(undecided))
        code[undecided.compress(~holds)] = _number(step.name, words)
        undecided = undecided.compress(holds)
    for population in _DECIDING:
        alternatives = one.rate.alternatives.get(population)
        if not alternatives:
            continue
        those = np.flatnonzero(members[population][one.rows])
        for step in reversed(alternatives if len(those) else ()):
            code[those.compress(results[step.node].take(subjects.take(those)))] = _number(step.name, words)


def _number(word: str, words: dict[str, int]) -> int:
    """The number of a word among those that came so far."""
    return words.setdefault(word, len(words))


def _close_by(listed: Sequence[_Listed], category: Categories) -> Told:
    """Until when a gap can be closed, where that is before the period's last day."""
    rows, days = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int32)]
    for one in listed:
        if one.rate.last_day is None:
            continue
        gaps = np.flatnonzero(falls_short(category[one.rows], inverse=one.rate.inverse))
        if len(gaps):
            first, end = (day_number(day) for day in (one.variant.period.start, one.variant.period.end))
            last = np.maximum(one.of(one.rate.last_day)[gaps], first - 1)
            rows.append(gaps[last < end] + one.rows.start)
            days.append(last[last < end].astype(np.int32))
    return Told.of(np.concatenate(rows), pa.table({"close_by": pa.array(np.concatenate(days), pa.date32())}))


def _observations(listed: Sequence[_Listed], category: Categories) -> Told:
    """The rate's number of whoever counts below the line, where it is known."""
    rows, numbers = [np.empty(0, dtype=np.int64)], [np.empty(0)]
    for one in listed:
        if one.rate.observation is None:
            continue
        below = np.flatnonzero(inside(category[one.rows], "below"))
        if len(below):
            number = one.of(one.rate.observation)[below]
            known = ~np.isnan(number)
            rows.append(below[known] + one.rows.start)
            numbers.append(number[known])
    return Told.of(np.concatenate(rows), pa.table({"observation": np.concatenate(numbers)}))


def _evidence(listed: Sequence[_Listed], count: int, partition: Partition, subjects: Subjects) -> Told:
    """The events shown as evidence; each is shown in many rows, those of the payers who ask for it."""
    events = np.empty(count, dtype=np.int32)
    for one in listed:
        events[one.rows] = one.of(one.rate.evidence)
    rows = np.flatnonzero(events >= 0)
    used, place = distinct(events[rows], partition.events.count)
    return Told(rows, place, _shown(partition, subjects, used))


def _values(listed: Sequence[_Listed], count: int, partition: Partition) -> Told:
    """The numbers of each rate's ``values`` sets with a slash between them; nothing where one is missing."""
    texts, text = [pa.array([], pa.string())], np.full(count, -1, dtype=np.int32)
    known: dict[tuple[int, tuple[NodeId, ...]], Ints] = {}  # the number of each subject's text, among all
    for one in listed:
        if not one.rate.values or partition.events.count == 0:
            continue
        key = id(one.answers), one.rate.values
        if key not in known:
            there, some = _texts([one.answers.results[node] for node in one.rate.values], partition)
            known[key] = np.where(there, np.cumsum(there) - 1 + sum(map(len, texts)), -1)
            texts.append(some)
        text[one.rows] = known[key].take(one.those.subjects)
    rows = np.flatnonzero(text >= 0)
    return Told(rows, text[rows], pa.table({"evidence_values": pa.concat_arrays(texts)}))


def _texts(sets: Sequence[Ints], partition: Partition) -> tuple[Bools, pa.Array]:
    """Who has a number in one row (-1: none) of each set; their numbers with a slash between them."""
    numbers = [np.where(rows < 0, np.nan, partition.events.numbers["value"][np.maximum(rows, 0)]) for rows in sets]
    there = ~np.logical_or.reduce([np.isnan(column) for column in numbers])
    texts = [pa.array(column[there]).cast(pa.string()) for column in numbers]
    return there, pc.binary_join_element_wise(*texts, "/")


def _subject_ids(listed: Sequence[_Listed], person: Ints, subjects: Subjects) -> Coded:
    """The identifiers of the people, or of the events that are counted."""
    people = len(subjects.person_id)
    numbers = person.copy()  # of events, their numbers after those of all people
    for one in listed:
        if one.answers.event is not None:
            numbers[one.rows] = one.answers.event[one.those.subjects] + people
    used, number = distinct(numbers, people + len(subjects.event_id))
    persons, events = used[used < people], used[used >= people] - people
    words = [subjects.person_id.take(pa.array(persons)), subjects.event_id.take(pa.array(events))]
    return Coded(number, pa.concat_arrays([one.cast(pa.string()) for one in words]))


def _shown(partition: Partition, subjects: Subjects, rows: Ints) -> pa.Table:
    """What is shown of some events as evidence: identifier, date, number and its unit."""
    events = partition.events
    days, values, unit = _days(partition, rows), events.numbers["value"][rows], events.unit.codes[rows]
    units = pa.array(events.unit.words, pa.string())
    return pa.table(
        {
            "evidence_id": subjects.event_id.take(pa.array(rows)).cast(pa.string()),
            "evidence_date": pa.array(days, mask=(days == SINCE_EVER) | (days == NEVER_ENDS)).cast(pa.date32()),
            "evidence_value": pa.array(values, mask=np.isnan(values)),
            "evidence_unit": units.take(pa.array(unit.astype(np.int32), mask=unit < 0)),
        }
    )


def evidence_columns(partition: Partition, subjects: Subjects, rows: Ints) -> dict[str, pa.Array]:
    """The events of ``rows`` (-1: none) as evidence: identifier, date, number and its unit."""
    used, number = distinct(rows, partition.events.count)
    shown = _shown(partition, subjects, used).take(pa.array(number, mask=number < 0))
    return {name: shown[name].combine_chunks() for name in shown.column_names}


#: What counts as of the day on which it began: its end is that of a supply, of an order's validity, or of an illness.
AS_OF_ITS_START = (
    "medication_dispense", "medication_order", "medication_administration", "medication_dosing", "service_request",
    "device_request", "condition", "allergy",
)  # fmt: skip


def _days(partition: Partition, rows: Ints) -> Ints:
    """The day of each event: that of a fill, not the last one that it covers; of a stay, that of the discharge."""
    events = partition.events
    start, end = events.times["start"].take(rows), events.times["end"].take(rows)
    kind = events.words["kind"]
    begins = kind.lookup(dict.fromkeys(AS_OF_ITS_START, True))[kind.codes[rows]]
    return np.asarray(np.where(begins, earliest(start, end).lo, latest(start, end).lo).astype(np.int32))


__all__ = [
    "AS_OF_ITS_START",
    "Answers",
    "Evaluated",
    "Subjects",
    "evidence_columns",
    "outcome_table",
    "part_outcomes",
]
