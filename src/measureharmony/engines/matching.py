"""What a plan looks at in a practice: DuckDB finds it, once, and hands it over for everybody or for some people.

Codes are matched, events that nobody asks for are left out, and only the columns that are read are kept. Everything
after this (:mod:`measureharmony.engines.assembling`) works on what was handed over, wherever that came from.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa

from measureharmony.engines.arrived import LINKS, ArrivedEvents, arrived
from measureharmony.engines.cutting import ROWS_AT_ONCE, cut
from measureharmony.engines.numbered_words import numbered_words, stream_with_words
from measureharmony.evaluation.columns import Ints
from measureharmony.evaluation.plan import Columns, EvaluationPlan
from measureharmony.evaluation.terminology import Coding, Group, Terminology, code_index, groups_of
from measureharmony.periods import day_number
from measureharmony.practice import Practice

#: So many events arrive at once: what they arrive in stays in the processor's cache.
_EVENTS_AT_ONCE = 65_536
#: The columns of words that every plan needs.
_WORDS = ("unit", "value_type")


@dataclass(frozen=True)
class Sought:
    """What a plan looks for in the rows of anybody.

    ``groups`` are its sets of codes; ``by_coding`` says for the number of each coding found in the practice which
    groups (by place) it belongs to. ``listed`` names the programs that have a roster anywhere in the practice.
    """

    columns: Columns
    groups: tuple[Group, ...]
    by_coding: tuple[tuple[int, ...], ...]
    listed: frozenset[str]


@dataclass(frozen=True)
class PeopleRows:
    """The rows of some people that a plan looks at, in any order.

    ``event`` has the number of an event's own coding (null: nobody asks for it), ``further_coding`` those of its other
    ones: ``event_id``, ``coding``. Words are text, or categories of text.
    """

    person: pa.Table
    event: ArrivedEvents
    further_coding: pa.Table
    coverage: pa.Table
    roster: pa.Table


@dataclass(frozen=True)
class LookedFor:
    """What is looked for among events: ``columns``, codings, and the events of some ``kinds``, whatever their codings.

    ``groups_of``: the places in ``groups`` of what a coding belongs to; those of none are not looked for. Each of
    ``kinds`` lists some, or none at all: then events of any kind are looked for.
    """

    columns: Columns
    groups: tuple[Group, ...]
    groups_of: Callable[[Coding], Sequence[int]]
    kinds: tuple[tuple[str, ...], ...]


def looked_for(plan: EvaluationPlan, codes: Terminology) -> LookedFor:
    """What ``plan`` looks for."""
    index = code_index(codes, groups_of(plan.matches()))
    uncoded = tuple(match.kinds for match in plan.matches() if match.codes is None)
    return LookedFor(plan.columns(), index.groups, index.groups_of, uncoded)


class Matching:
    """The rows of ``practice`` that are ``looked_for``; with ``as_of``, as they were known at the end of that day.

    To be used as a context: what DuckDB keeps for it is let go of at the end. ``codings``: those found, by number.
    """

    def __init__(self, practice: Practice, looked_for: LookedFor, as_of: dt.date | None):
        self._connection, self._event_count = practice.connection.cursor(), practice.event_count
        columns = looked_for.columns
        self.codings, by_coding, self._further = self._match_codings(looked_for)
        self.sought = Sought(columns, looked_for.groups, by_coding, self._listed_programs())
        self._words = numbered_words(self._connection, word_columns(columns))
        self._events = self._event_query(columns, self._condition(looked_for.kinds, as_of))

    def __enter__(self) -> Matching:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def everybody(self) -> PeopleRows:
        """The rows of all people."""
        queries = self._queries("SELECT event_id, coding FROM further_coding")
        events = self._connection.sql(queries.pop("event")).to_arrow_reader(_EVENTS_AT_ONCE)
        # DuckDB ends what it has not handed over yet when it is asked something else.
        event = arrived(events, events.schema, self.sought.columns, self._event_count, self._words)
        return PeopleRows(
            event=event, **{name: self._connection.sql(q).to_arrow_table() for name, q in queries.items()}
        )

    def cut(self, folder: Path, part_of: Ints) -> None:
        """Write the rows into ``folder`` in parts: ``part_of`` says by ``person_key`` which one somebody is in.

        DuckDB passes over the data once, within its memory limit; a part holds all of its people's rows.
        """
        whose = "(SELECT event_id, person_key FROM accepted_event)"
        queries = self._queries(
            f"SELECT event_id, coding, person_key FROM further_coding JOIN {whose} USING (event_id)"
        )
        for name, query in queries.items():
            rows = self._connection.sql(query).to_arrow_reader(ROWS_AT_ONCE)
            cut(stream_with_words(rows, self._words) if name == "event" else rows, folder / name, part_of)

    def _queries(self, further_coding: str) -> dict[str, str]:
        """SQL: the tables of :class:`PeopleRows`."""
        return {
            "person": "SELECT * FROM accepted_person",
            "event": self._events,
            "further_coding": further_coding,
            "coverage": spans("accepted_coverage", "payer", "product_line", "benefits"),
            "roster": spans("accepted_roster", "program", "NULL", "NULL"),
        }

    # --- codes ---

    def _match_codings(self, looked_for: LookedFor) -> tuple[tuple[Coding, ...], tuple[tuple[int, ...], ...], bool]:
        """Ask the data which codings there are; those that are looked for, and the groups of each.

        In the connection, ``wanted_inline`` says which codings of ``accepted_event`` they are, and ``further_coding``
        which events have which of them in ``accepted_event_code``; the last answer is whether any has.
        """
        inline = self._wanted_among(looked_for, "SELECT 'code', code_system, code FROM event_coding")
        further = self._wanted_among(looked_for, "SELECT DISTINCT role, system, code FROM accepted_event_code")
        self._connection.register("wanted_inline", _coding_table(list(inline), 0))
        self._connection.register("wanted_further", _coding_table(list(further), len(inline)))
        self._connection.execute(
            """
            CREATE TEMP TABLE further_coding AS SELECT c.event_id, w.coding FROM accepted_event_code c
            JOIN wanted_further w ON c.code = w.code AND c.role = w.role AND c.system IS NOT DISTINCT FROM w.system
            """
        )
        return (*inline, *further), (*inline.values(), *further.values()), bool(further)

    def _wanted_among(self, looked_for: LookedFor, query: str) -> dict[Coding, tuple[int, ...]]:
        present = [Coding(*row) for row in self._connection.sql(query).fetchall() if row[-1] is not None]
        return {coding: tuple(groups) for coding in present if (groups := looked_for.groups_of(coding))}

    # --- events ---

    def _condition(self, kinds: Sequence[tuple[str, ...]], as_of: dt.date | None) -> str:
        """SQL: the event is looked for, because of its codings or whatever they are, and it was known."""
        if () in kinds:
            return known_by(as_of)
        reasons = ["w.coding IS NOT NULL"]
        if some := sorted({kind for listed in kinds for kind in listed}):
            reasons.append(f"kind IN ({', '.join(repr(kind) for kind in some)})")
        looked_at = f"({' OR '.join(reasons)})"
        if self._further:
            # Looking events up is dear: only events that nobody looks at so far are asked for further codings.
            left = f"CASE WHEN NOT {looked_at} THEN event_id END"
            looked_at = f"({looked_at} OR {left} IN (SELECT event_id FROM further_coding))"
        return looked_at if as_of is None else f"{looked_at} AND {known_by(as_of)}"

    def _event_query(self, needed: Columns, condition: str) -> str:
        return f"""
            SELECT w.coding, {", ".join(self._selected(column) for column in event_columns(needed))}
            FROM accepted_event e
            LEFT JOIN wanted_inline w ON e.code = w.code AND e.code_system IS NOT DISTINCT FROM w.system
            WHERE {condition}
            """

    def _selected(self, column: str) -> str:
        numbered = self._words.get(column)
        return f"{numbered.sql(f'e.{column}')} AS {column}" if numbered else f"e.{column}"

    def _listed_programs(self) -> frozenset[str]:
        return frozenset(row[0] for row in self._connection.sql("FROM listed_program").fetchall())


def known_by(as_of: dt.date | None) -> str:
    """SQL: an event of ``accepted_event`` was known at the end of the day; ``None``: every event is."""
    if as_of is None:
        return "true"
    return f"coalesce(received_day, start_lo) <= {day_number(as_of)}"


def event_columns(needed: Columns) -> tuple[str, ...]:
    """The columns of ``accepted_event`` that a plan needs, and those that every plan does."""
    times = [f"{name}_{part}" for name in needed.times for part in ("lo", "hi", "ms")]
    links = [LINKS[link] for link in needed.links]
    fixed = ("event_id", "person_key", "sequence", "not_done", *_WORDS)
    return tuple(dict.fromkeys([*fixed, *needed.words, *times, *needed.numbers, *links]))


def word_columns(needed: Columns) -> tuple[str, ...]:
    """Those of :func:`event_columns` that hold words."""
    return tuple(dict.fromkeys([*_WORDS, *needed.words]))


def _coding_table(codings: Sequence[Coding], first: int) -> pa.Table:
    """The codings as a relation, numbered from ``first`` on."""
    numbers = pa.array(np.arange(first, first + len(codings), dtype=np.int32))
    parts = {name: pa.array([coding[i] for coding in codings], pa.string()) for i, name in enumerate(Coding._fields)}
    return pa.table({"coding": numbers, **parts})


def spans(relation: str, name: str, line: str, benefits: str) -> str:
    """SQL: the spans of coverage or of rosters in one form."""
    return f"""
        SELECT person_key, start_day, end_day, {name}::VARCHAR AS name, {line}::VARCHAR AS product_line,
               {benefits}::VARCHAR AS benefits
        FROM {relation}
        """


__all__ = ["Matching", "PeopleRows", "Sought", "event_columns", "known_by", "spans"]
