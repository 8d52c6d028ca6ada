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
from measureharmony.evaluation.outcome_form import in_one_form
from measureharmony.evaluation.plan import CompiledRate
from measureharmony.evaluation.population_order import counts_below
from measureharmony.evaluation.population_order import populations as in_order
from measureharmony.evaluation.time_kernels import latest
from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers.variant import Variant

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
    "observation": "The rate's number of a subject that counts below the line; empty for others, and where unknown.",
    "evidence_id": "The event shown as evidence, if any.",
    "evidence_date": "Its date.",
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
    builders = [_Builder(variants, evaluated, answers, everybody) for answers in evaluated.answers]
    every = [(rate, builder) for builder in builders for rate in builder.answers.rates]
    rates = [(rate, builder, builder.whom(rate)) for rate, builder in sorted(every, key=lambda one: one[0].variant)]
    if not rates:
        return pa.table({})
    joined = pa.concat_tables([b.table(rate, subjects) for rate, b, subjects in rates]).unify_dictionaries()
    # One dictionary of everybody for all rates: joining those of each rate would compare every identifier again.
    person = np.concatenate([b.answers.person[subjects] for _, b, subjects in rates])
    person_id = pa.DictionaryArray.from_arrays(pa.array(person, pa.int32()), evaluated.subjects.person_id)
    subject_id = person_id
    if any(builder.answers.event is not None for builder in builders):
        subject_id = pa.chunked_array([builder.subject_id(subjects) for _, builder, subjects in rates])
    columns = {**{name: joined[name] for name in joined.column_names}, "person_id": person_id, "subject_id": subject_id}
    return in_one_form(pa.table({name: columns[name] for name in OUTCOME_COLUMNS}))


class _Builder:
    def __init__(self, variants: Sequence[Variant], evaluated: Evaluated, answers: Answers, everybody: bool):
        self.variants = variants
        self.answers = answers
        self.results = answers.results
        self.partition = evaluated.partition
        self.subjects = evaluated.subjects
        self.everybody = everybody

    def whom(self, rate: CompiledRate) -> Ints:
        """Which subjects' outcomes the rate lists."""
        if self.everybody or rate.member is None:
            return np.arange(len(self.answers.person))
        return np.flatnonzero(self.results[rate.member])

    def subject_id(self, subjects: Ints) -> pa.Array:
        """The identifiers of people, or of the events that are counted."""
        if self.answers.event is None:
            return self.subjects.person_id.take(pa.array(self.answers.person[subjects]))
        return self.subjects.event_id.take(pa.array(self.answers.event[subjects])).cast(pa.string())

    def table(self, rate: CompiledRate, people: Ints) -> pa.Table:
        """The outcomes of some subjects under a rate; all columns but the identifiers of person and subject."""
        variant = self.variants[rate.variant]
        member = np.ones(len(people), dtype=bool) if rate.member is None else self.results[rate.member][people]
        populations = in_order({name: self.results[node] for name, node in rate.populations.items()})
        columns: dict[str, pa.Array] = {
            "program": _same(variant.program, len(people)),
            "measure": _same(variant.measure.measure, len(people)),
            "edition": pa.array(np.full(len(people), variant.measure.edition, dtype=np.int16)),
            "rate": _same(rate.rate, len(people)),
            "member": pa.array(member),
            **{name: pa.array(populations[name][people]) for name in POPULATIONS},
            "strata": self._strata(rate, people),
            "first_failing": self._first_failing(rate, populations, people),
            "observation": self._observation(rate, populations, people),
            **self._evidence(rate, people),
        }
        return pa.table(columns)

    def _strata(self, rate: CompiledRate, people: Ints) -> pa.Array:
        """Every combination of strata is a word list of its own; the codes are the combination's bits."""
        bits = np.zeros(len(people), dtype=np.int32)
        for place, stratum in enumerate(rate.strata):
            bits |= self.results[stratum.node][people].astype(np.int32) << place
        used, codes = np.unique(bits, return_inverse=True)
        words = [" ".join(s.name for i, s in enumerate(rate.strata) if bit >> i & 1) for bit in used.tolist()]
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(words, pa.string()))

    def _first_failing(self, rate: CompiledRate, populations: Mapping[str, Bools], people: Ints) -> pa.Array:
        """Why the subject has not got what the measure wants (see :data:`OUTCOME_COLUMNS`)."""
        names = [step.name for step in rate.steps]
        code = np.full(len(people), -1, dtype=np.int32)
        for place in range(len(names) - 1, -1, -1):
            code[~self.results[rate.steps[place].node][people]] = place
        code[populations["numerator"][people]] = -1
        # The last to be written decides: what excludes somebody hides everything else.
        for population in ("numerator", "numerator_exclusion", "denominator_exception", "denominator_exclusion"):
            inside = populations[population][people]
            for step in reversed(rate.alternatives.get(population, ())):
                names.append(step.name)
                code[inside & self.results[step.node][people]] = len(names) - 1
        return pa.DictionaryArray.from_arrays(pa.array(code, mask=code < 0), pa.array(names, pa.string()))

    def _observation(self, rate: CompiledRate, populations: Mapping[str, Bools], people: Ints) -> pa.Array:
        if rate.observation is None:
            return pa.nulls(len(people), pa.float64())
        numbers: Floats = self.results[rate.observation][people]
        return pa.array(numbers, mask=np.isnan(numbers) | ~counts_below(populations)[people])

    def _evidence(self, rate: CompiledRate, people: Ints) -> dict[str, pa.Array]:
        rows: Ints = self.results[rate.evidence][people]
        shown = evidence_columns(self.partition, self.subjects, rows)
        return {**shown, "evidence_values": self._values(rate, people)}

    def _values(self, rate: CompiledRate, people: Ints) -> pa.Array:
        """The numbers of the rate's ``values`` sets with a slash between them; nothing where one is missing."""
        if not rate.values or self.partition.events.count == 0:
            return pa.nulls(len(people), pa.string())
        parts = []
        for node in rate.values:
            rows: Ints = self.results[node][people]
            numbers = self.partition.events.numbers["value"][np.maximum(rows, 0)]
            parts.append(pa.array(numbers, mask=(rows < 0) | np.isnan(numbers)).cast(pa.string()))
        return pc.binary_join_element_wise(*parts, "/")


def evidence_columns(partition: Partition, subjects: Subjects, rows: Ints) -> dict[str, pa.Array]:
    """The events of ``rows`` (-1: none) as evidence: identifier, date, number and its unit."""
    events = partition.events
    index = pa.array(rows, mask=rows < 0)
    at = np.maximum(rows, 0)
    if events.count == 0:
        empty = np.ones(len(rows), dtype=bool)
        days: Ints = np.zeros(len(rows), dtype=np.int32)
        values = np.zeros(len(rows))
        unit = np.full(len(rows), -1, dtype=np.int32)
    else:
        days, values = _days(partition, at), events.numbers["value"][at]
        empty = rows < 0
        unit = np.where(empty, -1, events.unit.codes[at]).astype(np.int32)
    dateless = empty | (days == SINCE_EVER) | (days == NEVER_ENDS)
    return {
        "evidence_id": subjects.event_id.take(index).cast(pa.string()),
        "evidence_date": pa.array(days, pa.int32(), mask=dateless).cast(pa.date32()),
        "evidence_value": pa.array(values, mask=empty | np.isnan(values)),
        "evidence_unit": pa.DictionaryArray.from_arrays(
            pa.array(unit, mask=unit < 0), pa.array(events.unit.words, pa.string())
        ),
    }


def _days(partition: Partition, rows: Ints) -> Ints:
    times = partition.events.times
    return np.asarray(latest(times["start"].take(rows), times["end"].take(rows)).lo.astype(np.int32))


def _same(word: str, count: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, dtype=np.int32)), pa.array([word], pa.string()))


__all__ = ["OUTCOME_COLUMNS", "Answers", "Evaluated", "Subjects", "evidence_columns", "outcome_table"]
