"""The whole way for practices that memory does not hold: cut by people, evaluated part by part, written as it goes.

What is found is what :func:`measureharmony.harmonize.evaluate` finds, whatever the size of the parts.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Unpack

import orjson

from measureharmony.engines.matching import Matching
from measureharmony.engines.parts import PartStore, evaluate_parts, store_of
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.practice import Practice
from measureharmony.practice.memory import bytes_of
from measureharmony.preparing import Scope, prepare
from measureharmony.reports.manifest import manifest
from measureharmony.reports.sole_writer import sole_writer
from measureharmony.reports.stored import PartSummary, PartWriter, StoredResults
from measureharmony.specs import Specs

#: What a run keeps to if it is not told how much.
MEMORY = "4GB"
#: What evaluating takes for each event, and for each rate that is answered about a person (measured).
BYTES_PER_EVENT, BYTES_PER_RATE = 600, 30
#: What a process takes before it has read anything: Python, its libraries, the plan (measured).
BYTES_PER_PROCESS = 350_000_000
#: Of more people than these, a part is no quicker; with fewer, what it costs in any case is felt (measured).
MOST_AT_ONCE, FEWEST_AT_ONCE = 10_000, 2_000
#: Starting a process costs as much as evaluating so many people (measured).
WORTH_A_PROCESS = 5_000
#: The folder, beside the results, of what an unfinished run needs to go on; gone when it is done.
UNFINISHED = "unfinished"


def evaluate_to(  # noqa: PLR0913 - keywords, each with a default
    folder: str | Path,
    practice: Practice,
    specs: Specs,
    *,
    memory: str = MEMORY,
    people_at_once: int | None = None,
    workers: int | None = None,
    everybody: bool = False,
    progress: Callable[[int, int], None] | None = None,
    **scope: Unpack[Scope],
) -> StoredResults:
    """Evaluate as :func:`measureharmony.harmonize.evaluate` does, keeping about ``memory`` of it in memory.

    The results are written into ``folder`` as they are found. A run that was stopped goes on where it was when it is
    asked for again, with the same data, specs and arguments. ``people_at_once`` sets the size of the parts, which
    ``memory`` decides otherwise. The other keywords are those of :func:`measureharmony.harmonize.evaluate`.
    """
    practice.limit_memory(bytes_of(memory) // 2)
    prepared = prepare(specs, **scope)
    variants, as_of = prepared.variants, prepared.as_of
    workers = workers or min(os.cpu_count() or 1, -(-practice.person_count // WORTH_A_PROCESS))
    within, workers = _shares(bytes_of(memory), workers, _bytes_per_person(practice, prepared.plan))
    size = people_at_once or within
    told = manifest(variants, practice, specs.value_sets, as_of)
    target, plan = Path(folder), prepared.plan
    writer = PartWriter(target, prepared.finality, variants, as_of, everybody)
    with sole_writer(target):
        unfinished = _unfinished(writer, [told, everybody, size])

        def matching() -> Matching:
            return Matching(practice, plan, prepared.terminology, as_of)

        store = store_of(unfinished, plan, matching, practice.person_count, size)
        practice.limit_memory(bytes_of(memory) // 8)
        parts = _parts(store, plan, writer, workers, progress)
        writer.clear_unfinished()
        results = StoredResults(target, parts, told, variants, practice, prepared.finality, as_of, prepared.notes)
        results.write(target)
        shutil.rmtree(unfinished)
        return results


def _parts(
    store: PartStore,
    plan: EvaluationPlan,
    writer: PartWriter,
    workers: int,
    progress: Callable[[int, int], None] | None,
) -> list[PartSummary]:
    """All parts, summed up: those that are there already, and those that are evaluated now."""
    parts = {part: found for part in range(store.count) if (found := writer.written(part))}
    left = [part for part in range(store.count) if part not in parts]
    for part, found in evaluate_parts(store, plan, writer.write, left, workers):
        parts[part] = found
        if progress:
            progress(sum(map(store.people_of, parts)), store.people)
    return [parts[part] for part in sorted(parts)]


def _bytes_per_person(practice: Practice, plan: EvaluationPlan) -> int:
    """What evaluating takes for each person, about; with more than the usual number of events, it takes more."""
    rates = sum(len(one.rates) for one in plan.plans())
    events = practice.event_count / practice.person_count
    return int(events * BYTES_PER_EVENT) + rates * BYTES_PER_RATE + 1


def _shares(memory: int, workers: int, each: int) -> tuple[int, int]:
    """How many people can be evaluated at once by each worker, at ``each`` bytes a person; and by how many workers.

    Rather fewer workers than parts that are too small.
    """
    left = memory * 9 // 10 - BYTES_PER_PROCESS
    workers = max(1, min(workers, left // (BYTES_PER_PROCESS + FEWEST_AT_ONCE * each)))
    people = (left // workers - BYTES_PER_PROCESS) // each
    return min(max(people, FEWEST_AT_ONCE // 4), MOST_AT_ONCE), workers


def _unfinished(writer: PartWriter, run: object) -> Path:
    """The folder of what was done so far of this very run; empty, and so are the results, if it was another."""
    unfinished = writer.folder / UNFINISHED
    mark = unfinished / "run.sha256"
    fingerprint = hashlib.sha256(orjson.dumps(run, option=orjson.OPT_SORT_KEYS)).hexdigest()
    if not mark.is_file() or mark.read_text() != fingerprint:
        shutil.rmtree(unfinished, ignore_errors=True)
        writer.clear()
        unfinished.mkdir(parents=True)
        mark.write_text(fingerprint)
    return unfinished


__all__ = ["MEMORY", "evaluate_to"]
