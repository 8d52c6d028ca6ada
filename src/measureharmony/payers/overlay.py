"""An overlay: a program's file of changes to one canonical measure, ``payers/<program>/<measure>.yaml``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from measureharmony.measures.kept import kept
from measureharmony.measures.measure import Key
from measureharmony.measures.names import Model
from measureharmony.payers.change import Change, conflicts
from measureharmony.payers.program import Acceptance


class Overlay(Model):
    """Changes to the measure ``overlay`` of one edition, and proposals of changes, which do not count yet.

    An overlay is a set: the order of its changes means nothing, because no two may touch the same thing (see
    :meth:`conflicts`). An overlay without changes is the canonical measure. ``accepts`` says what is left as the
    canonical measure has it on purpose; no outcome depends on it.
    """

    overlay: Key
    edition: int
    description: str = ""
    changes: tuple[Change, ...] = ()
    accepts: tuple[Acceptance, ...] = ()

    def in_force(self, day: dt.date) -> tuple[Change, ...]:
        """The changes that count on ``day``, in an order that does not depend on the file's.

        They are effective by then, and more than proposed.
        """
        return _in_force(self, day)

    @property
    def counted(self) -> tuple[Change, ...]:
        """All changes but those that are only proposed."""
        return tuple(change for change in self.changes if change.counts)

    def conflicts(self) -> Iterator[tuple[int, int]]:
        """Every two changes (by their place in ``changes``, from 0) that touch the same thing.

        A proposal may touch what another change touches: it says what is to become of it.
        """
        pairs = conflicts(self.changes)
        return ((one, other) for one, other in pairs if self.changes[one].counts and self.changes[other].counts)


@kept(2048)  # asked for every version, by each who says something about it
def _in_force(overlay: Overlay, day: dt.date) -> tuple[Change, ...]:
    changes = (change for change in overlay.counted if change.effective <= day)
    return tuple(sorted(changes, key=lambda change: (change.path, change.kind)))


__all__ = ["Overlay"]
