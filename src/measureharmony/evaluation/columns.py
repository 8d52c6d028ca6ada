"""The columns the kernels work on: one partition of people and their events, as NumPy arrays.

Rows of events are sorted by person, then by the source's own order, so that a smaller row number is an earlier event of
the source. An engine fills these from a practice; the kernels never see where they came from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from measureharmony.evaluation.nodes import Match

if TYPE_CHECKING:
    from measureharmony.evaluation.coded_rows import CodedRows

Ints = NDArray[np.integer[Any]]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

#: The earliest or the latest day that a time may be.
Bound = Literal["lo", "hi"]
#: "No time of day is known" in an ``ms`` array.
NO_MS = np.iinfo(np.int64).min
#: Days that stand for "since ever" and "never ends" (``measureharmony.practice.times``).
SINCE_EVER = -10_000_000
NEVER_ENDS = 10_000_000


@dataclass(frozen=True)
class Times:
    """Times as intervals of uncertainty: earliest and latest possible day as written, and the exact instant if known.

    ``lo`` and ``hi`` are days since 1970; ``ms`` is milliseconds since 1970 in UTC, :data:`NO_MS` where no time of day
    is written, or ``None`` when none of them has one. Unknown is (since ever, never ends). All have one shape, or
    are scalars of shape ``()``. Where all are whole days, ``lo`` and ``hi`` are one array.
    """

    lo: Ints
    hi: Ints
    ms: Ints | None = None

    def bound(self, bound: Bound) -> Ints:
        """The earliest or the latest days."""
        return self.lo if bound == "lo" else self.hi

    def take(self, rows: Ints) -> Times:
        """The times at ``rows``."""
        return self._each(lambda column: column.take(rows))

    def between(self, low: int, high: int) -> Times:
        """The times from number ``low`` on to before ``high``."""
        return self._each(lambda column: column[low:high])

    def _each(self, some: Callable[[Ints], Ints]) -> Times:
        """Some of the times; days that are known by the same array stay so."""
        lo = some(self.lo)
        return Times(lo, lo if self.hi is self.lo else some(self.hi), None if self.ms is None else some(self.ms))

    def unknown(self) -> Bools:
        """Where nothing at all is known."""
        return np.asarray((self.lo == SINCE_EVER) & (self.hi == NEVER_ENDS))

    def is_a_date(self) -> Bools:
        """Where some stretch of the calendar is known: neither unknown, nor "since ever", nor "never ends"."""
        return np.asarray((self.lo != SINCE_EVER) & (self.hi != NEVER_ENDS))

    def where(self, condition: Bools, other: Times) -> Times:
        """These times where ``condition``, ``other``'s elsewhere."""
        ms = None
        if self.ms is not None or other.ms is not None:
            mine = self.ms if self.ms is not None else np.int64(NO_MS)
            theirs = other.ms if other.ms is not None else np.int64(NO_MS)
            ms = np.where(condition, mine, theirs)
        lo = np.where(condition, self.lo, other.lo)
        whole = self.hi is self.lo and other.hi is other.lo
        return Times(lo, lo if whole else np.where(condition, self.hi, other.hi), ms)


@dataclass(frozen=True)
class Words:
    """A column of words: ``codes`` index into ``words``; -1 is an empty cell."""

    codes: Ints
    words: tuple[str, ...]

    def lookup(self, accepts: Mapping[str | None, bool]) -> Bools:
        """A table by code (the last entry, reached by -1, is the empty cell) of what ``accepts`` says."""
        return np.array([*(accepts.get(word, False) for word in self.words), accepts.get(None, False)], dtype=bool)


def beginnings(numbers: Ints) -> Ints:
    """Where in ascending ``numbers`` those of each number begin, from 0 on; the last entry stands for all beyond."""
    return np.append(0, np.cumsum(np.bincount(numbers)))


def ranges(begin: Ints, counts: Ints) -> Ints:
    """The numbers from each ``begin`` on, so many of each, one range after the other."""
    ends = np.cumsum(counts)
    return np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(begin - ends + counts, counts)


@dataclass(frozen=True)
class Links:
    """Which rows point to which: pairs of row numbers, ascending by ``pointing``."""

    pointing: Ints
    pointed: Ints

    @cached_property
    def begin(self) -> Ints:
        """:func:`beginnings` of the links of each row."""
        return beginnings(self.pointing)

    @cached_property
    def only(self) -> Ints | None:
        """The row that each row points to (-1: none; the last entry stands for all beyond), if none points to two."""
        if len(self.pointing) == 0 or (self.pointing[1:] == self.pointing[:-1]).any():
            return None
        only = np.full(int(self.pointing[-1]) + 2, -1, dtype=np.intp)
        only[self.pointing] = self.pointed
        return only


@dataclass(frozen=True)
class Spans:
    """Coverage or roster spans, sorted by person: who, which payer or program, from and to which day."""

    person: Ints
    name: Words
    product_line: Words
    benefits: Words
    start: Ints
    end: Ints


@dataclass(frozen=True)
class People:
    """One entry per person of the partition; ``key`` is the person's number in the whole practice.

    ``death`` never comes (:data:`NEVER_ENDS`) for whoever is not dead, and is unknown for the dead without a date.
    """

    key: Ints
    birth: Times
    sex: Words
    gender: Words
    death: Times

    @property
    def count(self) -> int:
        """How many people."""
        return len(self.key)


@dataclass(frozen=True)
class Events:
    """One entry per event that the plan may look at. ``person`` counts within the partition."""

    person: Ints
    not_done: Bools
    words: Mapping[str, Words]
    times: Mapping[str, Times]
    numbers: Mapping[str, Floats]
    links: Mapping[str, Links]
    unit: Words
    value_type: Words

    @property
    def count(self) -> int:
        """How many events."""
        return len(self.person)


@dataclass(frozen=True)
class Partition:
    """Some people and everything about them that a plan needs.

    ``matches`` gives, for the coding part of each :class:`Match`, the rows that have such a coding; ``found`` the rows
    of whole matches, where these are known already. ``listed`` names the programs that have a roster anywhere in the
    practice. ``index`` is set where the subjects are episodes (see :mod:`measureharmony.evaluation.episodes`): the row
    of each one's event, ascending; and ``owners`` says whose they are.
    """

    people: People
    events: Events
    coverage: Spans
    roster: Spans
    matches: CodedRows
    listed: frozenset[str] = field(default_factory=frozenset)
    index: Ints | None = None
    found: Mapping[Match, Ints] | None = None
    owners: Owners | None = None
    _fits: dict[tuple[tuple[str, ...], bool | None], Bools | None] = field(default_factory=dict, init=False)

    def rows_matching(self, match: Match, people: Ints | None = None) -> Ints:
        """The rows of :class:`Match`: coded so, of its kinds, done or not done as it asks; of some ``people`` only."""
        if self.found is not None:
            return self.found[match]
        fits, everybody = self._fitting(match.kinds, match.not_done), people is None or len(people) == self.people.count
        if match.codes is None and fits is not None and everybody:
            return np.flatnonzero(fits)
        rows = np.arange(self.events.count) if match.codes is None else self.matches[match.role, match.codes]
        if people is not None and not everybody and len(rows):
            rows = self._of_people(rows, people)
        if fits is None or not len(rows):
            return rows
        kept = fits.take(rows)
        return rows if kept.all() else rows.compress(kept)

    def _of_people(self, rows: Ints, people: Ints) -> Ints:
        """Those of ascending ``rows`` that are about some people."""
        begin, end = (np.searchsorted(rows, bound.take(people)) for bound in (self._begin[:-1], self._begin[1:]))
        return np.asarray(rows.take(ranges(begin, end - begin)))

    @cached_property
    def _begin(self) -> Ints:
        """Where the rows of each of the people begin, and after the last of them."""
        return np.asarray(np.searchsorted(self.events.person, np.arange(self.people.count + 1)))

    def _fitting(self, kinds: tuple[str, ...], not_done: bool | None) -> Bools | None:
        """Of all rows, those of some kinds, done or not done; ``None``: any. Many matches ask for the same."""
        if (kinds, not_done) not in self._fits:
            fits: Bools | None = None
            if kinds:
                kind = self.events.words["kind"]
                fits = kind.lookup(dict.fromkeys(kinds, True)).take(kind.codes)
            if not_done is not None:
                done = self.events.not_done == not_done
                fits = done if fits is None else fits & done
            self._fits[kinds, not_done] = fits
        return self._fits[kinds, not_done]


@dataclass(frozen=True)
class Owners:
    """The people whose episodes are subjects, each once and without events; ``whose`` says who has each episode."""

    partition: Partition
    whose: Ints
