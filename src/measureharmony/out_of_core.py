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
from measureharmony.engines.parts import evaluate_parts, store_of
from measureharmony.practice import Practice
from measureharmony.practice.memory import bytes_of
from measureharmony.preparing import Scope, prepare
from measureharmony.reports.manifest import manifest
from measureharmony.reports.stored import PartWriter, StoredResults
from measureharmony.specs import Specs

#: What a run keeps to if it is not told how much.
MEMORY = "4GB"
#: What evaluating takes for each event and each worker, about, all measures of ten programs together (measured).
BYTES_PER_EVENT = 600
#: What a worker takes before it has read anything.
BYTES_PER_WORKER = 300_000_000
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
    workers = workers or os.cpu_count() or 1
    prepared = prepare(specs, **scope)
    variants, as_of = prepared.variants, prepared.as_of
    size = people_at_once or _people_within(bytes_of(memory), workers, practice)
    told = manifest(variants, practice, specs.value_sets, as_of)
    target = Path(folder)
    writer = PartWriter(target, prepared.finality, variants, as_of, everybody)
    unfinished = _unfinished(writer, [told, everybody, size])
    plan = prepared.plan

    def matching() -> Matching:
        return Matching(practice, plan, prepared.terminology, as_of)

    practice.limit_memory(bytes_of(memory) // 2)
    store = store_of(unfinished, plan, matching, practice.person_count, size)
    practice.limit_memory(bytes_of(memory) // 8)
    parts = {part: found for part in range(store.count) if (found := writer.written(part))}
    left = [part for part in range(store.count) if part not in parts]
    for part, found in evaluate_parts(store, plan, writer.write, left, workers):
        parts[part] = found
        if progress:
            progress(sum(map(store.people_of, parts)), store.people)
    several = [parts[part] for part in sorted(parts)]
    results = StoredResults(target, several, told, variants, practice, prepared.finality, as_of, prepared.notes)
    results.write(target)
    shutil.rmtree(unfinished)
    return results


def _people_within(memory: int, workers: int, practice: Practice) -> int:
    """How many people can be evaluated at once by each of the workers."""
    events_per_person = max(1.0, practice.event_count / practice.person_count)
    left = max(memory * 4 // 5 - workers * BYTES_PER_WORKER, memory // 10)
    return max(1, int(left / workers / BYTES_PER_EVENT / events_per_person))


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
