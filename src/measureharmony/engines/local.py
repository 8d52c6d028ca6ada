"""The local engine: DuckDB loads, NumPy evaluates, partitions of people run side by side."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, TypeVar

import numpy as np

from measureharmony.engines.assembling import Assembled
from measureharmony.engines.loading import FEW_EVENTS, load
from measureharmony.evaluation.columns import Events, Ints, Links, Partition, People, Spans, Words
from measureharmony.evaluation.episodes import unfold
from measureharmony.evaluation.evaluating import FEW, evaluate
from measureharmony.evaluation.nodes import NodeId
from measureharmony.evaluation.outcome import Answers, Evaluated
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.terminology import Terminology
from measureharmony.practice import Practice

#: People evaluated together: few enough for memory, and so many that threads seldom wait for each other between arrays.
PARTITION_SIZE = 50_000
#: Fewer people than this are not worth a partition of their own, even if a core has nothing else to do.
SMALLEST_PARTITION = 4_000

Progress = Callable[[int, int], None]
#: What is made of the answers about a part of the people.
Found = TypeVar("Found")


def each_part(  # noqa: PLR0913 - what is computed, then, by name only, how
    practice: Practice,
    plan: EvaluationPlan,
    terminology: Terminology,
    as_of: dt.date | None,
    finish: Callable[[Evaluated], Found],
    *,
    partition_size: int = PARTITION_SIZE,
    workers: int | None = None,
    few: int = FEW,
    few_events: int = FEW_EVENTS,
    progress: Progress | None = None,
) -> list[Found]:
    """Evaluate ``plan`` over one part of the people after the other; what ``finish`` makes of each, in their order.

    The answers about a part have the numbers of the whole practice. Results do not depend on ``partition_size``,
    ``workers``, ``few`` (up to so many people are evaluated on demand) or ``few_events`` (see
    :func:`measureharmony.engines.loading.load`). ``progress(people done, people in all)`` is called as parts finish.
    """
    loaded = load(practice, plan, terminology, as_of, few_events)
    done, found = 0, []
    workers = workers or os.cpu_count() or 1
    each = -(-loaded.partition.people.count // workers)
    with ThreadPoolExecutor(workers) as pool:
        parts = partitions(loaded.partition, min(partition_size, max(SMALLEST_PARTITION, each)))

        def finished(part: Part) -> Found:
            return finish(Evaluated(answers_of(plan, part, few), loaded.partition, loaded.subjects))

        each_of = pool.map if len(parts) > 1 else map  # a thread of its own would only cost its start
        for part, one in zip(parts, each_of(finished, parts), strict=True):
            found.append(one)
            done += part.partition.people.count
            if progress:
                progress(done, loaded.partition.people.count)
    return found


def run(
    practice: Practice, plan: EvaluationPlan, terminology: Terminology, as_of: dt.date | None = None, **how: Any
) -> Evaluated:
    """Evaluate ``plan`` over everybody, and keep all answers; ``how``: the named arguments of :func:`each_part`."""
    parts = each_part(practice, plan, terminology, as_of, lambda part: part, **how)
    answers = tuple(map(_joined, zip(*(part.answers for part in parts), strict=True)))
    return Evaluated(answers, parts[0].partition, parts[0].subjects)


def evaluated(plan: EvaluationPlan, people: Assembled) -> Evaluated:
    """Evaluate ``plan`` over people who are few enough to be evaluated together."""
    return Evaluated(answers_of(plan, Part(people.partition)), people.partition, people.subjects)


@dataclass(frozen=True)
class Part:
    """Some people of a partition, with the numbers in it of the first of them and of their first event row."""

    partition: Partition
    first_person: int = 0
    first_row: int = 0


def partitions(whole: Partition, size: int) -> list[Part]:
    """``whole`` cut into ranges of at most ``size`` people."""
    count = whole.people.count
    if count <= size:
        return [Part(whole)]
    return [cut(whole, first, min(first + size, count)) for first in range(0, count, size)]


def cut(whole: Partition, first: int, stop: int) -> Part:
    """The people from ``first`` on to before ``stop``, with everything about them."""
    low, high = (int(n) for n in np.searchsorted(whole.events.person, [first, stop]))
    people, events = whole.people, whole.events
    part = Partition(
        people=People(
            people.key[first:stop],
            people.birth.between(first, stop),
            _words(people.sex, first, stop),
            _words(people.gender, first, stop),
            people.death.between(first, stop),
        ),
        events=Events(
            person=events.person[low:high] - first,
            not_done=events.not_done[low:high],
            words={name: _words(column, low, high) for name, column in events.words.items()},
            times={name: column.between(low, high) for name, column in events.times.items()},
            numbers={name: column[low:high] for name, column in events.numbers.items()},
            links={name: _links(column, low, high) for name, column in events.links.items()},
            unit=_words(events.unit, low, high),
            value_type=_words(events.value_type, low, high),
        ),
        coverage=_spans(whole.coverage, first, stop),
        roster=_spans(whole.roster, first, stop),
        matches=whole.matches.between(low, high),
        listed=whole.listed,
    )
    return Part(part, first, low)


def _words(words: Words, low: int, high: int) -> Words:
    return Words(words.codes[low:high], words.words)


def _links(links: Links, low: int, high: int) -> Links:
    begin, end = np.searchsorted(links.pointing, [low, high])
    return Links(links.pointing[begin:end] - low, links.pointed[begin:end] - low)


def _spans(spans: Spans, first: int, stop: int) -> Spans:
    low, high = (int(n) for n in np.searchsorted(spans.person, [first, stop]))
    return replace(
        spans,
        person=spans.person[low:high] - first,
        name=_words(spans.name, low, high),
        product_line=_words(spans.product_line, low, high),
        benefits=_words(spans.benefits, low, high),
        start=spans.start[low:high],
        end=spans.end[low:high],
    )


# --- answers ---------------------------------------------------------------------------------------------------------


def answers_of(plan: EvaluationPlan, part: Part, few: int = FEW) -> tuple[Answers, ...]:
    """The answers of ``plan`` and then of each of its episodes' plans, with numbers that hold in the whole practice."""
    results = evaluate(plan, part.partition, few)
    people = np.arange(part.partition.people.count) + part.first_person
    found = [Answers(plan.rates, _InWhole(results, plan, part), people)]
    for number, episodes in plan.episodes.items():
        rows: Ints = results[number]
        whose = part.partition.events.person[rows] + part.first_person
        find = partial(_of_episodes, episodes, part, rows, few)
        inside = _Later(find) if len(people) <= few else find()
        found.append(Answers(episodes.rates, inside, whose, rows + part.first_row))
    return tuple(found)


def _of_episodes(plan: EvaluationPlan, part: Part, rows: Ints, few: int) -> Mapping[NodeId, Any]:
    unfolded = unfold(part.partition, rows, plan.matches())
    return _InWhole(evaluate(plan, unfolded.partition, few), plan, part, unfolded.row)


class _Later(Mapping[NodeId, Any]):
    """Results that are found once one of them is asked for: of few people, most episodes are nobody's."""

    def __init__(self, find: Callable[[], Mapping[NodeId, Any]]):
        self._find = find

    @cached_property
    def _found(self) -> Mapping[NodeId, Any]:
        return self._find()

    def __getitem__(self, number: NodeId) -> Any:
        return self._found[number]

    def __iter__(self) -> Iterator[NodeId]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


class _InWhole(Mapping[NodeId, Any]):
    """The results that rates are read off, event rows (by way of ``origin``, if unfolded) as rows of the whole."""

    def __init__(self, results: Mapping[NodeId, Any], plan: EvaluationPlan, part: Part, origin: Ints | None = None):
        self._results, self._first_row, self._origin = results, part.first_row, origin
        self._are_numbered_alike = origin is None and part.first_row == 0
        self._plan = plan

    @cached_property
    def _rows(self) -> Set[NodeId]:
        """The nodes that yield event rows."""
        rates = self._plan.rates
        return {*self._plan.asked_rows, *(number for rate in rates for number in (rate.evidence, *rate.values))}

    def __getitem__(self, number: NodeId) -> Any:
        found = self._results[number]
        if self._are_numbered_alike or number not in self._rows:
            return found
        there = found if self._origin is None or not len(self._origin) else self._origin[np.maximum(found, 0)]
        return np.where(found < 0, found, there + self._first_row)

    def __iter__(self) -> Iterator[NodeId]:
        return iter(dict.fromkeys(number for number in self._plan.roots() if number not in self._plan.episodes))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _joined(parts: tuple[Answers, ...]) -> Answers:
    """The answers of one plan about all parts."""
    if len(parts) == 1:
        return parts[0]
    results = {number: np.concatenate([part.results[number] for part in parts]) for number in parts[0].results}
    person = np.concatenate([part.person for part in parts])
    events = [part.event for part in parts if part.event is not None]
    return Answers(parts[0].rates, results, person, np.concatenate(events) if events else None)


__all__ = [
    "PARTITION_SIZE",
    "Part",
    "Progress",
    "answers_of",
    "cut",
    "each_part",
    "evaluated",
    "partitions",
    "run",
]
