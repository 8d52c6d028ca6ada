"""An overlay: a program's file of changes to one canonical measure, ``payers/<program>/<measure>.yaml``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from measureharmony.measures.measure import Key
from measureharmony.measures.names import Model
from measureharmony.payers.change import Change, conflicts


class Overlay(Model):
    """Changes to the measure ``overlay`` of one edition.

    An overlay is a set: the order of its changes means nothing, because no two may touch the same thing (see
    :meth:`conflicts`). An overlay without changes is the canonical measure.
    """

    overlay: Key
    edition: int
    description: str = ""
    changes: tuple[Change, ...] = ()

    def in_force(self, day: dt.date) -> tuple[Change, ...]:
        """The changes that are effective on ``day``, in an order that does not depend on the file's."""
        changes = (change for change in self.changes if change.effective <= day)
        return tuple(sorted(changes, key=lambda change: (change.path, change.kind)))

    def conflicts(self) -> Iterator[tuple[int, int]]:
        """Every two changes (by their place in ``changes``, from 0) that touch the same thing."""
        return conflicts(self.changes)


__all__ = ["Overlay"]
