"""Outcomes: one row per subject, variant and rate, read off an evaluated plan into one Arrow table.

This table is where engines and reports meet. Rates and care gaps are computed from it alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.evaluation.columns import NEVER_ENDS, SINCE_EVER, Bools, Floats, Ints, Partition
from measureharmony.evaluation.combinations import distinct, occurring_of
from measureharmony.evaluation.nodes import NodeId
from measureharmony.evaluation.outcomes_by_part import Numbers, PartOutcomes, RateName, together
from measureharmony.evaluation.plan import CompiledRate
from measureharmony.evaluation.population_order import counts_above, counts_below
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
    return together([part_outcomes(variants, evaluated, everybody=everybody)])


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
    return PartOutcomes(names, counts, evaluated.subjects.person_id, *_columns(listed, int(counts.sum()), evaluated))


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


def _columns(
    listed: Sequence[_Listed], count: int, evaluated: Evaluated
) -> tuple[dict[str, Numbers], dict[str, pa.Table]]:
    """The columns of the ``count`` rows that are about those listed, and what numbers in them stand for.

    What decides for nobody is not asked for: on demand, it is not computed either.
    """
    partition, subjects = evaluated.partition, evaluated.subjects
    member, person = np.empty(count, dtype=bool), np.empty(count, dtype=np.int32)
    for one in listed:
        member[one.rows], person[one.rows] = one.those.member, one.those.person
    populations = _populations(listed, count)
    told = {
        "strata": _strata(listed, count),
        "first_failing": _first_failing(listed, populations),
        "evidence": _evidence(listed, count, partition, subjects),
        "evidence_values": _values(listed, count, partition),
    }
    if any(answers.event is not None for answers in evaluated.answers):
        told["subject_id"] = _subject_ids(listed, person, subjects)
    numbers: dict[str, Numbers] = {
        "person_id": person,
        "member": member,
        **{name: populations[name] for name in POPULATIONS},
        "close_by": _close_by(listed, populations),
        "observation": _observations(listed, populations),
        **{name: column for name, (column, _) in told.items()},
    }
    return numbers, {name: words for name, (_, words) in told.items()}


def _populations(listed: Sequence[_Listed], count: int) -> dict[str, Bools]:
    """Who is in which population; the others are asked for only where somebody may be in them."""
    holds = {name: np.zeros(count, dtype=bool) for name in POPULATIONS}
    for one in listed:
        nodes = one.rate.populations
        inside = holds["initial_population"][one.rows] = one.of(nodes["initial_population"])
        if "denominator" in nodes and inside.any():
            inside = inside & one.of(nodes["denominator"])
        holds["denominator"][one.rows] = inside
        if "denominator_exclusion" in nodes and inside.any():
            excluded = holds["denominator_exclusion"][one.rows] = one.of(nodes["denominator_exclusion"])
            inside = inside & ~excluded
        for name in ("numerator", "numerator_exclusion", "denominator_exception"):
            if name in nodes and inside.any():
                holds[name][one.rows] = one.of(nodes[name])
    return in_order(holds)


def _strata(listed: Sequence[_Listed], count: int) -> tuple[Ints, pa.Table]:
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
    return number, _words("strata", [_combination(key, begin) for key in used.tolist()])


def _combination(number: int, begin: Mapping[tuple[str, ...], int]) -> str:
    """The word of a combination of strata."""
    for names, first in begin.items():
        bits = number - first
        if 0 <= bits < 1 << len(names):
            return " ".join(name for place, name in enumerate(names) if bits >> place & 1)
    return ""


def _first_failing(listed: Sequence[_Listed], populations: Mapping[str, Bools]) -> tuple[Ints, pa.Table]:
    """Why subjects have not got what their measure wants (see ``OUTCOME_COLUMNS``)."""
    words: dict[str, int] = {}
    code = np.full(len(populations["numerator"]), -1, dtype=np.int32)
    for one in listed:
        _fail(one, populations, code[one.rows], words)
    return code, _words("first_failing", words)


#: What decides, apart from the way into the numerator. The last one does: what excludes hides everything else.
_DECIDING = ("numerator", "numerator_exclusion", "denominator_exception", "denominator_exclusion")


def _fail(one: _Listed, populations: Mapping[str, Bools], code: Ints, words: dict[str, int]) -> None:
    """Write into ``code`` the number of the word that says why each subject of a rate fails."""
    subjects, results = one.those.subjects, one.answers.results
    undecided = np.flatnonzero(~populations["numerator"][one.rows])
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
        those = np.flatnonzero(populations[population][one.rows])
        for step in reversed(alternatives if len(those) else ()):
            code[those.compress(results[step.node].take(subjects.take(those)))] = _number(step.name, words)


def _number(word: str, words: dict[str, int]) -> int:
    """The number of a word among those that came so far."""
    return words.setdefault(word, len(words))


def _words(name: str, words: Iterable[str]) -> pa.Table:
    return pa.table({name: pa.array(list(words), pa.string())})


def _close_by(listed: Sequence[_Listed], populations: Mapping[str, Bools]) -> Ints:
    """Until when a gap can be closed, where that is before the period's last day; never comes for all others."""
    below, above = counts_below(populations), counts_above(populations)
    days = np.full(len(below), NEVER_ENDS, dtype=np.int32)
    for one in listed:
        if one.rate.last_day is None:
            continue
        gap = below[one.rows] & (above[one.rows] == one.rate.inverse)
        if gap.any():
            first, end = (day_number(day) for day in (one.variant.period.start, one.variant.period.end))
            last = np.maximum(one.of(one.rate.last_day), first - 1)
            days[one.rows] = np.where(gap & (last < end), last, NEVER_ENDS)
    return days


def _observations(listed: Sequence[_Listed], populations: Mapping[str, Bools]) -> Floats:
    """The rate's number of whoever counts below the line; NaN for others, and where it is unknown."""
    below = counts_below(populations)
    numbers = np.full(len(below), np.nan)
    for one in listed:
        if one.rate.observation is not None and below[one.rows].any():
            numbers[one.rows] = np.where(below[one.rows], one.of(one.rate.observation), np.nan)
    return numbers


def _evidence(listed: Sequence[_Listed], count: int, partition: Partition, subjects: Subjects) -> tuple[Ints, pa.Table]:
    """The events shown as evidence; each is shown in many rows, those of the payers who ask for it."""
    rows = np.empty(count, dtype=np.int32)
    for one in listed:
        rows[one.rows] = one.of(one.rate.evidence)
    used, number = distinct(rows, partition.events.count)
    return number, _shown(partition, subjects, used)


def _values(listed: Sequence[_Listed], count: int, partition: Partition) -> tuple[Ints, pa.Table]:
    """The numbers of each rate's ``values`` sets with a slash between them; nothing where one is missing."""
    texts, number = [pa.array([], pa.string())], np.full(count, -1, dtype=np.int32)
    begin: dict[tuple[int, tuple[NodeId, ...]], int] = {}  # where the texts of all subjects begin
    for one in listed:
        if not one.rate.values or partition.events.count == 0:
            continue
        key = id(one.answers), one.rate.values
        if key not in begin:
            begin[key] = sum(map(len, texts))
            texts.append(_texts([one.answers.results[node] for node in one.rate.values], partition))
        number[one.rows] = one.those.subjects + begin[key]
    return number, pa.table({"evidence_values": pa.concat_arrays(texts)})


def _texts(sets: Sequence[Ints], partition: Partition) -> pa.Array:
    """The numbers of one row (-1: none) of each set with a slash between them; nothing where one is missing."""
    parts = []
    for rows in sets:
        numbers = partition.events.numbers["value"][np.maximum(rows, 0)]
        parts.append(pa.array(numbers, mask=(rows < 0) | np.isnan(numbers)).cast(pa.string()))
    return pc.binary_join_element_wise(*parts, "/")


def _subject_ids(listed: Sequence[_Listed], person: Ints, subjects: Subjects) -> tuple[Ints, pa.Table]:
    """The identifiers of the people, or of the events that are counted."""
    people = len(subjects.person_id)
    numbers = person.copy()  # of events, their numbers after those of all people
    for one in listed:
        if one.answers.event is not None:
            numbers[one.rows] = one.answers.event[one.those.subjects] + people
    used, number = distinct(numbers, people + len(subjects.event_id))
    persons, events = used[used < people], used[used >= people] - people
    words = [subjects.person_id.take(pa.array(persons)), subjects.event_id.take(pa.array(events))]
    return number, pa.table({"subject_id": pa.concat_arrays([one.cast(pa.string()) for one in words])})


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
