"""Draws that every part of the demo practice makes: words by weight, days of a year, repeats."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import numpy as np

from measureharmony.periods import day_number
from measureharmony.practice.demo.journal import NONE, Choice, Coding, Flags, Floats, Ints

#: The measurement year of the demo; data reach from FIRST_YEAR to its end.
YEAR = 2026
FIRST_YEAR = 2016


def day(year: int, month: int = 1, of_month: int = 1) -> int:
    """Day number of a calendar date."""
    return day_number(dt.date(year, month, of_month))


LAST_DAY = day(YEAR, 12, 31)


def pick(rng: np.random.Generator, size: int, weights: dict[str, float]) -> Choice:
    """``size`` words drawn by weight."""
    return Choice(_drawn(rng, size, list(weights.values())), tuple(weights))


def pick_coding(rng: np.random.Generator, size: int, weights: Sequence[tuple[Coding, float]]) -> Choice:
    """``size`` codings drawn by weight."""
    return Choice(_drawn(rng, size, [w for _, w in weights]), tuple(coding for coding, _ in weights))


def _drawn(rng: np.random.Generator, size: int, weights: list[float]) -> Ints:
    edges = np.cumsum(weights) / sum(weights)
    return np.minimum(np.searchsorted(edges, rng.random(size), side="right"), len(weights) - 1).astype(np.int64)


def yearly(rng: np.random.Generator, rate: Floats, weights: Iterable[tuple[int, float]]) -> tuple[Ints, Ints]:
    """Random moments: ``rate`` a year and person, times the weight of each year. Returns person indices and days."""
    persons, days = [], []
    for year, weight in weights:
        person = np.repeat(np.arange(len(rate)), rng.poisson(rate * weight))
        persons.append(person)
        days.append(rng.integers(day(year), day(year + 1), len(person)))
    return np.concatenate(persons), np.concatenate(days)


def series(rng: np.random.Generator, last: Ints, gap: tuple[int, int], first: int) -> tuple[Ints, Ints]:
    """Repeats backwards from each person's ``last`` day (``NONE``: never) at random gaps, down to day ``first``."""
    persons, days = [], []
    current = last.copy()
    while (going := np.flatnonzero((current != NONE) & (current >= first))).size:
        persons.append(going)
        days.append(current[going])
        current[going] -= rng.integers(*gap, len(going))
        current[current < first] = NONE
    return np.concatenate([np.empty(0, np.int64), *persons]), np.concatenate([np.empty(0, np.int64), *days])


def chosen(rng: np.random.Generator, size: int, share: float | Floats) -> Flags:
    """True for about ``share`` of ``size`` rows."""
    return rng.random(size) < share


def onward(rng: np.random.Generator, first: Ints, gap: tuple[Ints, Ints], last: Ints) -> tuple[Ints, Ints]:
    """Repeats forwards from each person's ``first`` day (``NONE``: never), at random gaps between each person's
    shortest and longest, up to each person's ``last`` day.
    """
    persons, days = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    going = np.flatnonzero((first != NONE) & (first <= last))
    current = first.copy()
    while going.size:
        persons.append(going)
        days.append(current[going])
        current[going] += rng.integers(gap[0][going], gap[1][going] + 1)
        going = going[current[going] <= last[going]]
    return np.concatenate(persons), np.concatenate(days)


def same_for_each(person: Ints, choice: Choice) -> Choice:
    """One of the choices of each person's rows, in all of that person's rows."""
    kept = np.zeros(int(person.max(initial=-1)) + 1, np.int64)
    kept[person] = choice.index
    return Choice(kept[person], choice.values)


def one_a_person(rng: np.random.Generator, person: Ints) -> Flags:
    """True for one row of each person, at random."""
    order = rng.permutation(len(person))
    _, first = np.unique(person[order], return_index=True)
    drawn = np.zeros(len(person), np.bool_)
    drawn[order[first]] = True
    return drawn
