"""What a plan looks at in a practice of few events: their rows are fetched as they are, and their codes looked up here.

It finds what :mod:`measureharmony.engines.matching` finds. For few events, each of DuckDB's statements costs more than
all of their look-ups.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.engines.arrived import of_table
from measureharmony.engines.matching import PeopleRows, Sought, event_columns
from measureharmony.evaluation.columns import Bools, Ints
from measureharmony.evaluation.nodes import Match
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.terminology import CodeIndex, Coding, Terminology, code_index, looked_at
from measureharmony.periods import day_number
from measureharmony.practice import Practice


def look_up(
    practice: Practice, plan: EvaluationPlan, terminology: Terminology, as_of: dt.date | None
) -> tuple[PeopleRows, Sought]:
    """The rows of everybody that ``plan`` looks at; with ``as_of``, as they were known at the end of that day."""
    needed, matches, groups = looked_at(plan, sum(len(one.nodes) for one in plan.plans()))
    event = practice.accepted(
        "event", list(dict.fromkeys([*event_columns(needed), "code_system", "code", "received_day", "start_lo"]))
    )
    event_code = practice.accepted("event_code", ["event_id", "role", "system", "code"])
    codings = _Codings(code_index(terminology, groups))
    own = codings.numbers(["code"] * len(event), event["code_system"], event["code"])
    further = codings.numbers(event_code["role"].to_pylist(), event_code["system"], event_code["code"])
    further_coding = pa.table({"event_id": event_code["event_id"], "coding": pa.array(further)})
    further_coding = further_coding.filter(pa.array(further >= 0))
    event = event.append_column("coding", pa.array(own, mask=own < 0))
    seen = pa.array(_looked_at(event, further_coding, matches) & _known(event, as_of))
    found = PeopleRows(
        person=practice.accepted("person", _PERSON),
        event=of_table(event.select(["coding", *event_columns(needed)]).filter(seen), needed),
        further_coding=further_coding,
        coverage=_coverage(practice),
        roster=_roster(practice),
    )
    return found, Sought(needed, codings.index.groups, tuple(codings.groups), practice.listed_programs)


#: The columns of people and of spans that every plan needs.
_PERSON = ("person_key", "person_id", "birth_lo", "birth_hi", "sex", "gender", "death_lo", "death_hi", "death_ms")
_SPAN = ("person_key", "start_day", "end_day")


def _coverage(practice: Practice) -> pa.Table:
    spans = practice.accepted("coverage", [*_SPAN, "payer", "product_line", "benefits"])
    return spans.rename_columns({"payer": "name"})


def _roster(practice: Practice) -> pa.Table:
    """The rosters in the form of coverage."""
    listed = practice.accepted("roster", [*_SPAN, "program"]).rename_columns({"program": "name"})
    nothing = pa.nulls(len(listed), pa.string())
    return listed.append_column("product_line", nothing).append_column("benefits", nothing)


class _Codings:
    """The codings that somebody looks for, numbered as they come; ``groups`` are those of each one."""

    def __init__(self, index: CodeIndex):
        self.index = index
        self.groups: list[tuple[int, ...]] = []
        self._numbers: dict[Coding, int] = {}

    def numbers(self, roles: Sequence[str], systems: pa.ChunkedArray, codes: pa.ChunkedArray) -> Ints:
        """The number of each coding; -1 where nobody looks for it, or no code is given."""
        told = zip(roles, systems.to_pylist(), codes.to_pylist(), strict=True)
        return np.array([-1 if one[-1] is None else self._number(Coding(*one)) for one in told], dtype=np.int32)

    def _number(self, coding: Coding) -> int:
        number = self._numbers.get(coding)
        if number is None:
            groups = self.index.groups_of(coding)
            number = self._numbers[coding] = len(self.groups) if groups else -1
            if groups:
                self.groups.append(tuple(groups))
        return number


def _looked_at(event: pa.Table, further_coding: pa.Table, matches: Iterable[Match]) -> Bools:
    """Some part of the plan looks at the event, for its codings or whatever they are."""
    uncoded = [match.kinds for match in matches if match.codes is None]
    if () in uncoded:
        return np.ones(len(event), dtype=bool)
    kinds = pa.array(sorted({kind for kinds in uncoded for kind in kinds}), pa.string())
    coded = pc.or_(event["coding"].is_valid(), _among(event["event_id"], further_coding["event_id"]))
    return np.asarray(pc.or_(coded, pc.is_in(event["kind"], kinds)).to_numpy())


def _among(identifiers: pa.ChunkedArray, others: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.is_in(identifiers, others.combine_chunks())


def _known(event: pa.Table, as_of: dt.date | None) -> Bools:
    """It was received by that day, or began by then where nobody says when it was received."""
    if as_of is None:
        return np.ones(len(event), dtype=bool)
    here = pc.coalesce(event["received_day"], event["start_lo"])
    return np.asarray(here.to_numpy() <= day_number(as_of))


__all__ = ["look_up"]
