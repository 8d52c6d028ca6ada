"""Rows of events, with what has been fetched of them: many nodes ask for the same columns of the same rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import numpy as np

from measureharmony.evaluation.columns import Bools, Bound, Events, Floats, Ints, Times
from measureharmony.evaluation.time_kernels import earliest, latest

#: Moments that are made of start and end.
_OF_BOTH: Mapping[str, Callable[[Times, Times], Times]] = {"latest": latest, "earliest": earliest}


class EventRows:
    """Some event rows, ascending; whose they are and when is fetched once, when it is first asked for."""

    def __init__(self, numbers: Ints, events: Events):
        self.numbers = numbers
        self._events = events
        self._columns: dict[tuple[str, str], Ints] = {}
        self._of_both: dict[str, Times] = {}
        #: Number columns by the unit they are converted to.
        self.converted: dict[tuple[str, str | None], Floats] = {}

    def __len__(self) -> int:
        return len(self.numbers)

    def at(self, positions: Ints) -> EventRows:
        """Those of the rows that are at some positions among them, which may repeat."""
        return _SomeOf(self, positions)

    def where(self, mask: Bools) -> EventRows:
        """Those of the rows where ``mask`` is true; these very ones, where all are."""
        positions = np.flatnonzero(mask)
        return self if len(positions) == len(self) else self.at(positions)

    @cached_property
    def person(self) -> Ints:
        """Whose each row is."""
        # Many columns of people are read and written by it, which takes twice as long by smaller numbers.
        return self._events.person.take(self.numbers).astype(np.intp, copy=False)

    def days(self, moment: str, bound: Bound) -> Ints:
        """The earliest (``lo``) or latest (``hi``) day of a moment of each row."""
        if moment in _OF_BOTH:
            return self.times(moment).bound(bound)
        times = self._events.times[moment]
        return self._fetched(moment, "lo" if times.hi is times.lo else bound)

    def times(self, moment: str) -> Times:
        """A moment of each row."""
        if moment in _OF_BOTH:
            if moment not in self._of_both:
                self._of_both[moment] = _OF_BOTH[moment](self.times("start"), self.times("end"))
            return self._of_both[moment]
        exact = self._events.times[moment].ms is not None
        lo, hi = self.days(moment, "lo"), self.days(moment, "hi")
        return Times(lo, hi, self._fetched(moment, "ms") if exact else None)

    def _fetched(self, moment: str, column: str) -> Ints:
        if (moment, column) not in self._columns:
            self._columns[moment, column] = self._fetch(moment, column)
        return self._columns[moment, column]

    def _fetch(self, moment: str, column: str) -> Ints:
        """A column (``lo``, ``hi`` or ``ms``) of a moment, in which all events are far apart."""
        whole: Ints = getattr(self._events.times[moment], column)
        return whole.take(self.numbers)


class _SomeOf(EventRows):
    """Some of other rows, fetched from what these have fetched: that is close together."""

    def __init__(self, others: EventRows, positions: Ints):
        super().__init__(others.numbers.take(positions), others._events)
        self._others, self._positions = others, positions

    @cached_property
    def person(self) -> Ints:
        """Whose each row is."""
        return self._others.person.take(self._positions)

    def _fetch(self, moment: str, column: str) -> Ints:
        return self._others._fetched(moment, column).take(self._positions)


__all__ = ["EventRows"]
