"""The local engine: DuckDB loads, NumPy evaluates, partitions of people run side by side."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np

from measureharmony.engines.loading import load
from measureharmony.evaluation.columns import Events, Ints, Partition, People, Spans, Times, Words
from measureharmony.evaluation.kernels import evaluate
from measureharmony.evaluation.nodes import NodeId
from measureharmony.evaluation.outcome import Evaluated
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.terminology import Terminology
from measureharmony.practice import Practice

#: People evaluated together; enough for array arithmetic to be busy, few enough for its results to stay in cache.
PARTITION_SIZE = 100_000

Progress = Callable[[int, int], None]


def run(  # noqa: PLR0913 - what is computed, then, by name only, how
    practice: Practice,
    plan: EvaluationPlan,
    terminology: Terminology,
    as_of: dt.date | None = None,
    *,
    partition_size: int = PARTITION_SIZE,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Evaluated:
    """Evaluate ``plan`` over everybody.

    Results do not depend on ``partition_size`` or ``workers``. ``progress(people done, people in all)`` is called as
    partitions finish.
    """
    loaded = load(practice, plan, terminology, as_of)
    parts = partitions(loaded.partition, partition_size)
    done = 0
    results: list[dict[NodeId, Any]] = []
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        for (first_row, part), answers in zip(
            parts, pool.map(lambda part: evaluate(plan, part[1]), parts), strict=True
        ):
            results.append(_in_whole(answers, plan, first_row))
            done += part.people.count
            if progress:
                progress(done, loaded.partition.people.count)
    return Evaluated(_joined(results), loaded.partition, loaded.subjects)


def partitions(whole: Partition, size: int) -> list[tuple[int, Partition]]:
    """``whole`` cut into ranges of at most ``size`` people, each with the number of its first event row."""
    count = whole.people.count
    if count <= size:
        return [(0, whole)]
    return [_cut(whole, first, min(first + size, count)) for first in range(0, count, size)]


def _cut(whole: Partition, first: int, stop: int) -> tuple[int, Partition]:
    low, high = (int(n) for n in np.searchsorted(whole.events.person, [first, stop]))
    people, events = whole.people, whole.events
    part = Partition(
        people=People(
            people.key[first:stop],
            _times(people.birth, first, stop),
            _words(people.sex, first, stop),
            _words(people.gender, first, stop),
            _times(people.death, first, stop),
        ),
        events=Events(
            person=events.person[low:high] - first,
            not_done=events.not_done[low:high],
            words={name: _words(column, low, high) for name, column in events.words.items()},
            times={name: _times(column, low, high) for name, column in events.times.items()},
            numbers={name: column[low:high] for name, column in events.numbers.items()},
            links={name: _links(column, low, high) for name, column in events.links.items()},
            unit=_words(events.unit, low, high),
            value_type=_words(events.value_type, low, high),
        ),
        coverage=_spans(whole.coverage, first, stop),
        roster=_spans(whole.roster, first, stop),
        matches={key: _rows(rows, low, high) for key, rows in whole.matches.items()},
        listed=whole.listed,
    )
    return low, part


def _times(times: Times, low: int, high: int) -> Times:
    return Times(times.lo[low:high], times.hi[low:high], None if times.ms is None else times.ms[low:high])


def _words(words: Words, low: int, high: int) -> Words:
    return Words(words.codes[low:high], words.words)


def _links(target: Ints, low: int, high: int) -> Ints:
    here: Ints = target[low:high]
    return np.where(here < 0, here, here - low)


def _rows(rows: Ints, low: int, high: int) -> Ints:
    begin, end = np.searchsorted(rows, [low, high])
    return rows[begin:end] - low


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


def _in_whole(answers: dict[NodeId, Any], plan: EvaluationPlan, first_row: int) -> dict[NodeId, Any]:
    """Row numbers of evidence as rows of the whole practice."""
    for number in {number for rate in plan.rates for number in (rate.evidence, *rate.values)}:
        rows = answers[number]
        answers[number] = np.where(rows < 0, rows, rows + first_row)
    return answers


def _joined(results: list[dict[NodeId, Any]]) -> dict[NodeId, Any]:
    if len(results) == 1:
        return results[0]
    return {number: np.concatenate([part[number] for part in results]) for number in results[0]}


__all__ = ["PARTITION_SIZE", "partitions", "run"]
