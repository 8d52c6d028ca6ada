"""The subjects of several versions of a rate side by side, and what an evaluated plan says of each.

Versions of one measure may count different episodes: the universe of a comparison holds those of all its versions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from measureharmony.evaluation.columns import Bools, Ints
from measureharmony.evaluation.nodes import NodeId
from measureharmony.evaluation.outcome import Answers, Evaluated
from measureharmony.evaluation.plan import EvaluationPlan


@dataclass(frozen=True)
class Place:
    """Where an answer is found: a node of the plan, or of the plan of those episodes that are ``rows`` of it."""

    rows: NodeId | None
    node: NodeId


@dataclass(frozen=True)
class Universe:
    """Subjects: people, or events (ascending), as numbers in the whole practice; ``person`` says whose they are."""

    person: Ints
    event: Ints | None


class Reader:
    """Finds answers in what an engine gave back for ``plan``."""

    def __init__(self, plan: EvaluationPlan, evaluated: Evaluated):
        keys: list[NodeId | None] = [None, *plan.episodes]
        self.answers: Mapping[NodeId | None, Answers] = dict(zip(keys, evaluated.answers, strict=True))
        self.partition = evaluated.partition

    def universe(self, subjects: Iterable[NodeId | None]) -> Universe:
        """All people, or all of the episodes that are the rows of one of ``subjects``."""
        counted = [self.answers[rows] for rows in subjects]
        events = [answers.event for answers in counted if answers.event is not None]
        if not events:
            return Universe(counted[0].person, None)
        every = reduce(np.union1d, events)
        return Universe(self.partition.events.person[every], every)

    def column(self, place: Place, universe: Universe) -> Bools:
        """The truth for each subject; an event that is no subject in this version is in no population."""
        truth: Bools = self.spread(place, universe, False)
        return truth

    def spread(self, place: Place, universe: Universe, missing: Any) -> Any:
        """The answer for each subject, ``missing`` for an event that is no subject in this version."""
        answers = self.answers[place.rows]
        found = answers.results[place.node]
        if universe.event is None or answers.event is None or universe.event is answers.event:
            return found
        if len(answers.event) == 0:
            return np.full(len(universe.event), missing, dtype=found.dtype)
        at = np.minimum(np.searchsorted(answers.event, universe.event), len(answers.event) - 1)
        return np.where(answers.event[at] == universe.event, found[at], missing)

    def of_people(self, node: NodeId, universe: Universe) -> Any:
        """What a node says of people, for the person of each subject."""
        return self.answers[None].results[node][universe.person]


__all__ = ["Place", "Reader", "Universe"]
