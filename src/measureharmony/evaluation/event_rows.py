"""Rows of events, with what has been fetched of them: many nodes ask for the same columns of the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np

from measureharmony.evaluation.columns import Bools, Bound, Events, Ints, Times
from measureharmony.evaluation.time_kernels import earliest, latest


class Moments(Mapping[str, Times]):
    """Every moment of all events; ``latest`` and ``earliest``, made when first asked for, are of start and end."""

    def __init__(self, times: Mapping[str, Times]):
        self._times = times
        self._made: dict[str, Times] = {}

    def __getitem__(self, name: str) -> Times:
        if name not in ("latest", "earliest"):
            return self._times[name]
        if name not in self._made:
            self._made[name] = (latest if name == "latest" else earliest)(self._times["start"], self._times["end"])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter((*self._times, "latest", "earliest"))

    def __len__(self) -> int:
        return len(self._times) + 2


class EventRows:
    """Some event rows, ascending; whose they are and when is fetched once, when it is first asked for."""

    def __init__(self, numbers: Ints, events: Events, moments: Moments):
        self.numbers = numbers
        self._events, self._moments = events, moments
        self._days: dict[tuple[str, Bound], Ints] = {}

    def __len__(self) -> int:
        return len(self.numbers)

    def at(self, positions: Ints) -> EventRows:
        """Those of the rows that are at some positions among them, which may repeat."""
        return EventRows(self.numbers.take(positions), self._events, self._moments)

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
        times = self._moments[moment]
        if times.hi is times.lo:  # all are whole days
            bound = "lo"
        if (moment, bound) not in self._days:
            self._days[moment, bound] = times.bound(bound).take(self.numbers)
        return self._days[moment, bound]

    def times(self, moment: str) -> Times:
        """A moment of each row."""
        ms = self._moments[moment].ms
        lo, hi = self.days(moment, "lo"), self.days(moment, "hi")
        return Times(lo, hi, None if ms is None else ms.take(self.numbers))


__all__ = ["EventRows", "Moments"]
