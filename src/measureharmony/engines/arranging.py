"""A practice put in order once, for many evaluations: what is left to each is which codings it looks for.

All events are kept, with all columns that any plan may read. So whoever evaluates a practice once, had better not.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np

from measureharmony.engines.assembling import Assembled, assemble
from measureharmony.engines.matching import LookedFor, Matching, looked_for
from measureharmony.evaluation.coded_rows import codings_of
from measureharmony.evaluation.plan import Columns, EvaluationPlan
from measureharmony.evaluation.terminology import Coding, Terminology
from measureharmony.periods import day_number
from measureharmony.practice import Practice

#: All columns that a plan may read.
EVERY = Columns(
    words=(
        "category", "clinical_status", "intent", "kind", "quantity_unit", "source", "status", "type", "verification",
    ),
    times=("authored", "end", "recorded", "start"),
    numbers=("days_supply", "quantity", "received_day", "refills", "value"),
    links=("based_on", "encounter", "parent"),
)  # fmt: skip


@dataclass(frozen=True)
class Arranged:
    """Everything about everybody, and the codings that its rows have, by number."""

    everything: Assembled
    codings: tuple[Coding, ...]

    def as_seen(self, plan: EvaluationPlan, codes: Terminology) -> Assembled:
        """Everything as ``plan`` needs it, which may look at some of it only."""
        asked = looked_for(plan, codes)
        by_coding = [asked.groups_of(coding) for coding in self.codings]
        partition = self.everything.partition
        matches = replace(partition.matches, codings=codings_of(asked.groups, by_coding))
        return replace(self.everything, partition=replace(partition, matches=matches))

    def is_known_by(self, as_of: dt.date | None) -> bool:
        """Whether all events were known at the end of the day."""
        if as_of is None:
            return True
        events = self.everything.partition.events
        received = events.numbers["received_day"]
        known = np.where(np.isnan(received), events.times["start"].lo, received)
        return bool((known <= day_number(as_of)).all())


def arrange(practice: Practice) -> None:
    """Keep the rows of ``practice`` in order, until it is closed."""
    every = LookedFor(EVERY, (), _each, kinds=((),))
    with Matching(practice, every, None) as matching:
        found, sought, codings = matching.everybody(), matching.sought, matching.codings
    nothing_sought = replace(sought, by_coding=((),) * len(codings))
    practice.arranged = Arranged(assemble(found, nothing_sought), codings)


def _each(_: Coding) -> tuple[int]:
    """Every coding is looked for."""
    return (0,)


def arranged(practice: Practice, as_of: dt.date | None) -> Arranged | None:
    """The rows of ``practice`` as :func:`arrange` has kept them; ``None`` where it has not, or not as of that day."""
    kept = practice.arranged
    return kept if isinstance(kept, Arranged) and kept.is_known_by(as_of) else None


__all__ = ["EVERY", "Arranged", "arrange", "arranged"]
