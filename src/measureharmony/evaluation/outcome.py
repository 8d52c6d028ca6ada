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

from measureharmony.evaluation.columns import NEVER_ENDS, SINCE_EVER, Bools, Floats, Ints, Partition
from measureharmony.evaluation.nodes import NodeId
from measureharmony.evaluation.outcomes_by_part import PartOutcomes, together
from measureharmony.evaluation.plan import CompiledRate
from measureharmony.evaluation.population_order import counts_above, counts_below
from measureharmony.evaluation.population_order import populations as in_order
from measureharmony.evaluation.time_kernels import earliest, latest
from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers.variant import Variant
from measureharmony.periods import day_number

#: Columns of the outcome table, with what they hold.
OUTCOME_COLUMNS: Mapping[str, str] = {
    "program": "The program whose variant it is, or `canonical`.",
    "measure": "Key of the measure.",
    "edition": "Edition of the measure.",
    "rate": "Which rate of the measure.",
    "person_id": "Who.",
    "subject_id": "What is counted: the person, or (for episode measures) the event.",
    "member": "Whether the person is the program's own; everybody is canonical's.",
    **{name: f"Whether the subject is in the {name.replace('_', ' ')}." for name in POPULATIONS},
    "strata": "Ids of the strata the subject is in, blank-separated.",
    "first_failing": (
        "Why the subject has not got what the measure wants: the first criterion on the way into the numerator that "
        "does not hold, what excluded or excepted it, or, for an inverse rate, what put it into the numerator."
    ),
    "close_by": (
        "Of a gap: the last day on which it can be closed, where that is before the period's last day (a week after a "
        "visit, a birthday); the day before the period where what has happened cannot be undone."
    ),
    "observation": "The rate's number of a subject that counts below the line; empty for others, and where unknown.",
    "evidence_id": "The event shown as evidence, if any.",
    "evidence_date": "Its date: of a fill, an order or a condition its first day, else the last.",
    "evidence_value": "Its number, if any.",
    "evidence_unit": "The number's unit.",
    "evidence_values": "Numbers to be read together, such as systolic/diastolic; for measures that name them.",
}


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
    if not every:
        return PartOutcomes({}, np.empty(0, dtype=np.int64))
    known: dict[tuple[int, NodeId | None], _Those] = {}  # most rates list the same people as some other
    each = []
    for rate, answers in every:
        key = id(answers), rate.member
        if key not in known:
            known[key] = _those(answers, rate.member, everybody=everybody)
        each.append((rate, answers, known[key]))
    rows = np.array([len(those.subjects) for _, _, those in each])
    each = [one for one in each if len(one[-1].subjects)] or each[:1]
    listed = [_Listed(variants[rate.variant], rate, answers, those) for rate, answers, those in each]
    person = pa.array(np.concatenate([one.person for one in listed]), pa.int32())
    columns = {
        **_names(listed),
        "person_id": pa.DictionaryArray.from_arrays(person, evaluated.subjects.person_id),
        "member": pa.array(np.concatenate([one.member for one in listed])),
        **{name: pa.array(np.concatenate([one.populations[name] for one in listed])) for name in POPULATIONS},
        "strata": _worded([one.strata() for one in listed]),
        "first_failing": _worded([one.first_failing() for one in listed]),
        "close_by": _dates(np.concatenate([one.close_by() for one in listed])),
        "observation": pa.array(np.concatenate([one.observation() for one in listed]), from_pandas=True),
        **evidence_columns(evaluated.partition, evaluated.subjects, np.concatenate([one.evidence() for one in listed])),
        "evidence_values": pa.chunked_array([one.values(evaluated.partition) for one in listed], pa.string()),
    }
    columns["subject_id"] = columns["person_id"]
    if any(answers.event is not None for answers in evaluated.answers):
        columns["subject_id"] = _subject_ids(listed, evaluated.subjects)
    table = pa.table({name: columns[name] for name in OUTCOME_COLUMNS})
    return PartOutcomes(dict(zip(table.column_names, table.columns, strict=True)), rows)


#: For each subject, the place of its word in a list of words; -1: none.
_Coded = tuple[Ints, Sequence[str]]


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


class _Listed:
    """The outcomes of the subjects that a rate lists, column by column.

    What decides for nobody is not asked for: on demand, it is not computed either.
    """

    def __init__(self, variant: Variant, rate: CompiledRate, answers: Answers, those: _Those):
        self.variant, self.rate, self._answers, self._results = variant, rate, answers, answers.results
        self.subjects, self.member, self.person = those.subjects, those.member, those.person
        self.populations = self._populations()

    def of(self, node: NodeId) -> Any:
        """The result of a node for the subjects listed."""
        return self._results[node][self.subjects]

    def _populations(self) -> dict[str, Bools]:
        if not len(self.subjects):
            return dict.fromkeys(POPULATIONS, self.member)
        initial: Bools = self.of(self.rate.populations["initial_population"])
        if not initial.any():
            return dict.fromkeys(POPULATIONS, initial)
        return in_order({name: self.of(node) for name, node in self.rate.populations.items()})

    def subject(self, people: int) -> Ints:
        """The numbers of the people counted; of events, their numbers after those of all ``people``."""
        event = self._answers.event
        return self.person if event is None else event[self.subjects] + people

    def strata(self) -> _Coded:
        """Every combination of strata is a word list of its own; the codes are the combination's bits."""
        bits = np.zeros(len(self.subjects), dtype=np.int32)
        if not self.rate.strata or not len(bits):
            return bits, [""]
        for place, stratum in enumerate(self.rate.strata):
            bits |= self.of(stratum.node).astype(np.int32) << place
        used, codes = np.unique(bits, return_inverse=True)
        return codes, [
            " ".join(s.name for i, s in enumerate(self.rate.strata) if bit >> i & 1) for bit in used.tolist()
        ]

    def first_failing(self) -> _Coded:
        """Why the subject has not got what the measure wants (see :data:`OUTCOME_COLUMNS`)."""
        names = [step.name for step in self.rate.steps]
        code = np.full(len(self.subjects), -1, dtype=np.int32)
        undecided = np.flatnonzero(~self.populations["numerator"])
        for place, step in enumerate(self.rate.steps):
            if not len(undecided):
                break
            holds = self._results[step.node][self.subjects[undecided]]
            code[undecided[~holds]] = place
            undecided = undecided[holds]
        # The last to be written decides: what excludes somebody hides everything else.
        for population in ("numerator", "numerator_exclusion", "denominator_exception", "denominator_exclusion"):
            inside = np.flatnonzero(self.populations[population])
            for step in reversed(self.rate.alternatives.get(population, ()) if len(inside) else ()):
                names.append(step.name)
                code[inside[self._results[step.node][self.subjects[inside]]]] = len(names) - 1
        return code, names

    def close_by(self) -> Ints:
        """Until when a gap can be closed, where that is before the period's last day; never comes for all others."""
        gap = counts_below(self.populations) & (counts_above(self.populations) == self.rate.inverse)
        if self.rate.last_day is None or not gap.any():
            return np.full(len(self.subjects), NEVER_ENDS)
        first, end = (day_number(day) for day in (self.variant.period.start, self.variant.period.end))
        last = np.maximum(self.of(self.rate.last_day), first - 1)
        return np.where(gap & (last < end), last, NEVER_ENDS)

    def observation(self) -> Floats:
        """The rate's number of whoever counts below the line; NaN for others, and where it is unknown."""
        below = counts_below(self.populations)
        if self.rate.observation is None or not below.any():
            return np.full(len(self.subjects), np.nan)
        return np.where(below, self.of(self.rate.observation), np.nan)

    def evidence(self) -> Ints:
        """The event rows shown as evidence; -1 where there is none."""
        return np.asarray(self.of(self.rate.evidence)) if len(self.subjects) else np.empty(0, dtype=np.int64)

    def values(self, partition: Partition) -> pa.Array:
        """The numbers of the rate's ``values`` sets with a slash between them; nothing where one is missing."""
        if not self.rate.values or partition.events.count == 0 or not len(self.subjects):
            return pa.nulls(len(self.subjects), pa.string())
        parts = []
        for node in self.rate.values:
            rows: Ints = self.of(node)
            numbers = partition.events.numbers["value"][np.maximum(rows, 0)]
            parts.append(pa.array(numbers, mask=(rows < 0) | np.isnan(numbers)).cast(pa.string()))
        return pc.binary_join_element_wise(*parts, "/")


def _subject_ids(listed: Sequence[_Listed], subjects: Subjects) -> pa.Array:
    """The identifiers of the people, or of the events that are counted."""
    people = len(subjects.person_id)
    numbers = np.concatenate([one.subject(people) for one in listed])
    used, place = _distinct(numbers, people + len(subjects.event_id))
    persons, events = used[used < people], used[used >= people] - people
    words = [subjects.person_id.take(pa.array(persons)), subjects.event_id.take(pa.array(events))]
    return pa.concat_arrays([one.cast(pa.string()) for one in words]).take(pa.array(place))


def _names(listed: Sequence[_Listed]) -> dict[str, pa.Array]:
    """Which rate of which variant each row is about."""
    counts = [len(one.subjects) for one in listed]
    editions = np.array([one.variant.measure.edition for one in listed], dtype=np.int16)
    return {
        "program": _repeated([one.variant.program for one in listed], counts),
        "measure": _repeated([one.variant.measure.measure for one in listed], counts),
        "edition": pa.array(np.repeat(editions, counts)),
        "rate": _repeated([one.rate.rate for one in listed], counts),
    }


def _repeated(words: Sequence[str], counts: Sequence[int]) -> pa.DictionaryArray:
    """Each word as often as its count says."""
    return _worded([(np.zeros(count, dtype=np.int32), [word]) for word, count in zip(words, counts, strict=True)])


def _worded(parts: Sequence[_Coded]) -> pa.DictionaryArray:
    """Codes with their words, one after the other, as one array with one list of words: those that occur."""
    places: dict[str, int] = {}
    codes = []
    for code, words in parts:
        if len(code):
            place = [places.setdefault(word, len(places)) for word in words]
            codes.append(np.array([*place, -1], dtype=np.int32)[code])
    joined = np.concatenate(codes) if codes else np.empty(0, dtype=np.int32)
    return _of_words(joined, list(places))


def _of_words(codes: Ints, words: Sequence[str]) -> pa.DictionaryArray:
    """Words by their places; -1: none."""
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), pa.array(words, pa.string()))


def _dates(days: Ints) -> pa.Array:
    """Day numbers as dates; empty where the day never comes."""
    return pa.array(days.astype(np.int32), mask=days == NEVER_ENDS).cast(pa.date32())


def evidence_columns(partition: Partition, subjects: Subjects, rows: Ints) -> dict[str, pa.Array]:
    """The events of ``rows`` (-1: none) as evidence: identifier, date, number and its unit."""
    events, shown = partition.events, rows >= 0
    # Few events are shown, each in many rows: that of the payers who ask for it.
    used, place = _distinct(rows[shown], events.count)
    days, values = _days(partition, used), events.numbers["value"][used]
    each = {
        "evidence_id": subjects.event_id.take(pa.array(used)).cast(pa.string()),
        "evidence_date": pa.array(days, mask=(days == SINCE_EVER) | (days == NEVER_ENDS)).cast(pa.date32()),
        "evidence_value": pa.array(values, mask=np.isnan(values)),
        "evidence_unit": _of_words(events.unit.codes[used].astype(np.int32), events.unit.words),
    }
    index = np.zeros(len(rows), dtype=np.int32)
    index[shown] = place
    at = pa.array(index, mask=~shown)
    return {name: column.take(at) for name, column in each.items()}


def _distinct(numbers: Ints, count: int) -> tuple[Ints, Ints]:
    """The different ones of some numbers below ``count``, ascending, and for each number its place among them."""
    occurs = np.zeros(count, dtype=bool)
    occurs[numbers] = True
    used = np.flatnonzero(occurs)
    place = np.empty(count, dtype=np.int32)
    place[used] = np.arange(len(used))
    return used, place[numbers]


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
    "OUTCOME_COLUMNS",
    "Answers",
    "Evaluated",
    "Subjects",
    "evidence_columns",
    "outcome_table",
    "part_outcomes",
]
