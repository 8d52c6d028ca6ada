"""From a practice to the columns that a plan's kernels work on: what it looks at is found, then put in order."""

from __future__ import annotations

import datetime as dt

from measureharmony.engines.arranging import arranged
from measureharmony.engines.assembling import Assembled, assemble
from measureharmony.engines.looking_up import look_up
from measureharmony.engines.matching import Matching, looked_for
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.terminology import Terminology
from measureharmony.practice import Practice

#: Up to so many events are looked at one by one: DuckDB's statements cost more than they do.
FEW_EVENTS = 10_000


def load(
    practice: Practice,
    plan: EvaluationPlan,
    terminology: Terminology,
    as_of: dt.date | None,
    few_events: int = FEW_EVENTS,
) -> Assembled:
    """Everything about everybody that ``plan`` looks at; with ``as_of``, as it was known at the end of that day.

    What is found there does not depend on ``few_events``, nor on whether the practice is arranged.
    """
    if kept := arranged(practice, as_of):
        return kept.as_seen(plan, terminology)
    if practice.event_count <= few_events:
        return assemble(*look_up(practice, plan, terminology, as_of))
    with Matching(practice, looked_for(plan, terminology), as_of) as matching:
        found, sought = matching.everybody(), matching.sought
    return assemble(found, sought)


__all__ = ["FEW_EVENTS", "load"]
