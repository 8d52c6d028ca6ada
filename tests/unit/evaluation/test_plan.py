"""The plan as a graph: who reads a node, and what is not evaluated because nobody does."""

from __future__ import annotations

from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.plan import EvaluationPlan


def test_a_node_that_nobody_needs_is_no_reader_of_others() -> None:
    plan = EvaluationPlan()
    rows = plan.add(n.Match(("encounter",), "code", None, not_done=False))
    needed, forgotten = plan.add(n.Exists(rows)), plan.add(n.Not(plan.add(n.CountIs(rows, 2, None, by_day=False))))
    plan.asked.append(needed)
    readers = plan.readers()
    assert readers[rows] == 1
    assert readers[needed] == 1
    assert readers[forgotten] == readers[forgotten - 1] == 0
