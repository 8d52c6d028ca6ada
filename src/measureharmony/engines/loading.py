"""From a practice to the columns that a plan's kernels work on: what it looks at is found, then put in order."""

from __future__ import annotations

import datetime as dt

from measureharmony.engines.assembling import Assembled, assemble
from measureharmony.engines.matching import Matching
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.terminology import Terminology
from measureharmony.practice import Practice


def load(practice: Practice, plan: EvaluationPlan, terminology: Terminology, as_of: dt.date | None) -> Assembled:
    """Everything about everybody that ``plan`` looks at; with ``as_of``, as it was known at the end of that day."""
    with Matching(practice, plan, terminology, as_of) as matching:
        found, sought = matching.everybody(), matching.sought
    return assemble(found, sought)


__all__ = ["load"]
