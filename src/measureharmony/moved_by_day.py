"""Whose outcomes another as-of day may move, though neither their rows nor what is asked of them have changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from measureharmony.engines.matching import known_by
from measureharmony.evaluation.columns import NEVER_ENDS, Bools
from measureharmony.evaluation.deciding_dates import (
    AsOfDays,
    Column,
    Days,
    asking_until_when_covered,
    deciding_dates,
)
from measureharmony.periods import day_number
from measureharmony.practice import Practice
from measureharmony.preparing import Prepared


@dataclass(frozen=True)
class Moved:
    """For each person, whether the day may move one of their outcomes; ids of variants of which it may move anybody's.

    Nobody is left out whom the day moves. ``people`` does not tell of those variants.
    """

    people: Bools
    variants: frozenset[str]


def moved_by_day(practice: Practice, prepared: Prepared, before: dt.date | None) -> Moved:
    """Whom it moves that ``prepared`` has another as-of day than the one ``before``."""
    people = np.zeros(practice.person_count, dtype=bool)
    if prepared.as_of == before:
        return Moved(people, frozenset())
    sooner, later = sorted((before, prepared.as_of), key=_number)
    dates = deciding_dates(prepared.plan, prepared.variants, AsOfDays(_number(sooner), _number(later)))
    with practice.connection.cursor() as cursor:
        for query in _queries(dates, sooner, later):
            people[cursor.execute(query).fetchnumpy()["person_key"]] = True
    asking = asking_until_when_covered(prepared.plan)
    return Moved(people, frozenset(prepared.variants[number].id for number in asking))


def _number(day: dt.date | None) -> int:
    return NEVER_ENDS if day is None else day_number(day)


def _queries(dates: Mapping[Column, frozenset[Days]], sooner: dt.date | None, later: dt.date | None) -> Iterator[str]:
    """SQL: keys of the people who have such a date, or an event that one of the days hides."""
    conditions: dict[str, list[str]] = {"event": [f"NOT {known_by(sooner)}"]}
    for (table, column), some in dates.items():
        conditions.setdefault(table, []).extend(f"{column} BETWEEN {first} AND {last}" for first, last in sorted(some))
    for table, reasons in conditions.items():
        seen = f"{known_by(later)} AND " if table == "event" else ""
        yield f"SELECT DISTINCT person_key FROM accepted_{table} WHERE {seen}({' OR '.join(reasons)})"


__all__ = ["Moved", "moved_by_day"]
