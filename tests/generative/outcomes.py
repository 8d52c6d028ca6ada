"""The outcome table twice: from the engine, and from the reference interpreter person by person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from measureharmony.engines import local
from measureharmony.evaluation.compile import compile_plan
from measureharmony.evaluation.outcome import AS_OF_ITS_START, part_outcomes
from measureharmony.evaluation.outcomes import Outcomes
from measureharmony.evaluation.reference import Interpreter, LoadedCodes, PersonRecord, records_from_practice
from measureharmony.evaluation.reference.events import last_of
from measureharmony.evaluation.reference.interpreter import Person
from measureharmony.evaluation.reference.record import Event
from measureharmony.evaluation.reference.times import moment_of
from measureharmony.evaluation.terminology import Terminology
from measureharmony.measures.measure import Rate
from measureharmony.payers.variant import Membership, Variant
from measureharmony.periods import EPOCH, day_number
from measureharmony.practice import Practice
from measureharmony.value_sets import ValueSets
from tests.generative.practices import VALUE_SETS

#: One line of the outcome table, without what only names the variant.
Line = dict[str, Any]


def from_engine(
    practice: Practice,
    variants: Sequence[Variant],
    as_of: dt.date | None = None,
    *,
    shared: bool = True,
    everybody: bool = True,
    value_sets: ValueSets = VALUE_SETS,
    **options: Any,
) -> pa.Table:
    """The outcome table, as a run over many people makes it.

    ``options``: ``partition_size``, ``workers``, ``few``, ``few_events``.
    """
    plan = compile_plan(variants, as_of, shared=shared)
    options = {"workers": 1, "few": 0, "few_events": 0, **options}
    finish = partial(part_outcomes, variants, everybody=everybody)
    return Outcomes(local.each_part(practice, plan, Terminology.of(value_sets), as_of, finish, **options)).table()


def from_interpreter(practice: Practice, variants: Sequence[Variant], as_of: dt.date | None = None) -> list[Line]:
    """The same lines in the same order: variant by variant, rate by rate, everybody."""
    records = list(records_from_practice(practice))
    asked = [Interpreter(variant, LoadedCodes(VALUE_SETS), as_of) for variant in variants]
    listed = Listed(practice, as_of)
    return [
        line
        for variant, interpreter in zip(variants, asked, strict=True)
        for rate in variant.measure.rates
        for record in records
        for line in _lines(interpreter, record, rate, listed)
    ]


def _lines(interpreter: Interpreter, record: PersonRecord, rate: Rate, listed: Listed) -> Iterator[Line]:
    """One line for the person, or for each of the events that an episode measure counts."""
    for index in interpreter.subjects(record):
        line = _line(interpreter.person(record, index), record, interpreter.variant, rate, listed)
        yield line | {"subject_id": record.person_id if index is None else index.event_id}


def _line(person: Person, record: PersonRecord, variant: Variant, rate: Rate, listed: Listed) -> Line:
    measure = variant.measure
    strata = [s.id for s in measure.strata if person.is_true(None, s.criterion)]
    return {
        "program": variant.program, "measure": measure.measure, "edition": measure.edition, "rate": rate.id,
        "person_id": record.person_id, "subject_id": "", "member": listed.is_member(record, variant),
        **person.members(rate), "strata": " ".join(strata), "first_failing": person.first_failing(rate),
        "observation": person.observation(rate), **_shown(person.evidence(rate)),
        "evidence_values": _together(person, rate),
    }  # fmt: skip


def _shown(event: Event | None) -> Line:
    if event is None:
        return dict.fromkeys(("evidence_id", "evidence_date", "evidence_value", "evidence_unit"))
    moment = moment_of(event, "earliest" if event.kind in AS_OF_ITS_START else "latest")
    return {
        "evidence_id": event.event_id,
        "evidence_date": EPOCH + dt.timedelta(days=moment.day_lo) if abs(moment.day_lo) < 10_000_000 else None,
        "evidence_value": event.value,
        "evidence_unit": event.unit,
    }


def _together(person: Person, rate: Rate) -> str | None:
    """The numbers of the latest event of each of the sets under ``values``; nothing where one has none."""
    subject = person.subject("numerator")
    rows = [subject.events(name) for name in rate.values]
    latest = [next(iter(last_of(found, "latest") or found[-1:]), None) for found in rows]
    numbers = [None if event is None else event.value for event in latest]
    return "/".join(repr(n).removesuffix(".0") for n in numbers) if numbers and None not in numbers else None


class Listed:
    """Whom a program lists, or else covers, looked up in the accepted rows one by one."""

    def __init__(self, practice: Practice, as_of: dt.date | None):
        query = (
            "SELECT person_id, program, start_day, end_day FROM accepted_roster JOIN accepted_person USING (person_key)"
        )
        self._roster = practice.connection.cursor().execute(query).fetchall()
        self._as_of = as_of

    def is_member(self, record: PersonRecord, variant: Variant) -> bool:
        """Everybody is canonical's; a program's are those listed or covered on the day that counts, or on any day."""
        membership = variant.membership
        if membership is None:
            return True
        last = min(variant.period.end, self._as_of or variant.period.end)
        first = min(variant.period.start, last) if membership.any_day else last
        spans = self._spans(record, membership)
        return any(start <= day_number(last) and end >= day_number(first) for start, end in spans)

    def _spans(self, record: PersonRecord, membership: Membership) -> Iterator[tuple[int, int]]:
        on_roster = [row for row in self._roster if row[1] == membership.program]
        if membership.by_roster and on_roster:
            yield from ((start, end) for person_id, _, start, end in on_roster if person_id == record.person_id)
            return
        own = membership.coverage
        for span in record.coverage:
            if span.payer == own.payer and (not own.product_lines or span.product_line in own.product_lines):
                yield span.start_day, span.end_day


__all__ = ["Line", "from_engine", "from_interpreter"]
