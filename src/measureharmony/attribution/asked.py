"""What is asked: whose patients people are, for one program, on one day, by which rule."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Protocol

import pyarrow as pa

from measureharmony.payers.attribution_rule import AttributionRule
from measureharmony.payers.variant import OwnCoverage
from measureharmony.practice import Practice


@dataclass(frozen=True)
class Asked:
    """For which program, on which day, whose patients people are.

    ``own`` is the program's coverage; ``None``: any, as for the practice as a whole. ``rule_name`` is what the rule is
    called in results; ``function``, where given, stands in its place, and of ``rule`` only what counts as a visit is
    used. ``groups`` are the practice's own (empty: all). ``roster`` is what rosters call the program, whose list comes
    first where the dataset has one; ``None``: no list is asked. With ``as_of``, what was received later is not known.
    """

    program: str
    day: dt.date
    own: OwnCoverage | None
    rule: AttributionRule
    rule_name: str
    groups: tuple[str, ...] = ()
    function: AttributionFunction | None = None
    roster: str | None = None
    as_of: dt.date | None = None

    def on(self, day: dt.date) -> Asked:
        """The same question on another day, with what was known at its end."""
        return replace(self, day=day, as_of=day if self.as_of is None else min(day, self.as_of))


class AttributionFunction(Protocol):
    """A rule of one's own, registered under the entry point group ``measureharmony.attribution`` or handed over.

    ``visits`` has one row for each person, clinician and day: ``person_id``, ``provider_id``, ``group_id``,
    ``primary_care``, ``specialty``, ``day`` (date), ``amount`` (allowed); only days that the program's payer covered,
    and what was known. Everything else is in ``practice.table(name)``. The answer has the columns ``person_id`` and
    ``provider_id`` (text), and, if you like, ``since`` (date) and ``evidence`` (text); a person at most once.
    """

    def __call__(self, practice: Practice, visits: pa.Table, asked: Asked) -> pa.Table:
        """Who is attributed to whom."""


__all__ = ["Asked", "AttributionFunction"]
