"""The whole way for practices that memory does not hold: cut by people, evaluated part by part, written as it goes.

What is found is what :func:`measureharmony.harmonize.evaluate` finds, whatever the size of the parts.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Unpack

import numpy as np
import orjson
import pyarrow as pa

from measureharmony.engines.matching import Matching, looked_for
from measureharmony.engines.parts import evaluate_parts, store_of
from measureharmony.evaluation.outcome import Evaluated
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.incremental import ToEvaluate, fingerprints_of
from measureharmony.nights import Night, night_since, together
from measureharmony.practice import Practice
from measureharmony.practice.memory import bytes_of
from measureharmony.practice.stretches import Stretches, stretches
from measureharmony.preparing import Scope, prepare
from measureharmony.reports.fingerprints import PARTS, UNFINISHED, Fingerprints, move_into
from measureharmony.reports.manifest import manifest
from measureharmony.reports.part_records import files_of, gap_terms, read_records, write_records
from measureharmony.reports.sole_writer import sole_writer
from measureharmony.reports.stored import PartWriter, StoredResults, is_whole, remove_others
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
#: In the unfinished folder, that of the results, which take the place of earlier ones when all of them are there.
_RESULTS = "results"


def evaluate_to(  # noqa: PLR0913 - keywords, each with a default
    folder: str | Path,
    practice: Practice,
    specs: Specs,
    *,
    memory: str = MEMORY,
    people_at_once: int | None = None,
    workers: int | None = None,
    everybody: bool = False,
    previous: str | Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    **scope: Unpack[Scope],
) -> StoredResults:
    """Evaluate as :func:`measureharmony.harmonize.evaluate` does, keeping about ``memory`` of it in memory.

    The results take the place of earlier ones in ``folder`` when all are there. A run that was stopped goes on where it
    was when it is asked for again, with the same data, specs and arguments. ``people_at_once`` says how many people are
    evaluated together, which ``memory`` decides otherwise; the files do not depend on it. With ``previous``, a folder
    of such results, only those parts are written in which somebody has changed since. The other keywords are those of
    :func:`measureharmony.harmonize.evaluate`.
    """
    asked = ToEvaluate(practice, prepare(specs, **scope), everybody, progress)
    return written(asked, Path(folder), memory, people_at_once, workers, None if previous is None else Path(previous))


def written(
    asked: ToEvaluate,
    folder: Path,
    memory: str = MEMORY,
    people_at_once: int | None = None,
    workers: int | None = None,
    previous: Path | None = None,
) -> StoredResults:
    """What is ``asked``, in ``folder``; the other arguments are those of :func:`evaluate_to`."""
    limit = bytes_of(memory)
    asked.practice.limit_memory(limit // 2)
    parts = stretches(asked.practice)
    with sole_writer(folder):
        now = fingerprints_of(asked)
        night = night_since(asked, now, parts, previous) if previous is not None else ""
        if isinstance(night, Night):
            found, now = _renewed(night, folder, limit, people_at_once)
        else:
            now = replace(now, reevaluation=replace(now.reevaluation, why=night))
            found = _everybody(asked, now, parts, folder, _Shares.of(asked, limit, workers, people_at_once))
        return _stored(asked, now, found, folder, told=previous is not None)


def _renewed(night: Night, target: Path, memory: int, people_at_once: int | None) -> tuple[pa.Table, Fingerprints]:
    """The parts of a night, what is new of them in the unfinished folder."""
    unfinished = target / UNFINISHED
    shutil.rmtree(unfinished, ignore_errors=True)
    writer = _writer(night.asked, unfinished / _RESULTS)
    # What evaluating takes is told by the plan, which is not made for nobody.
    at_once = _Shares.of(night.asked, memory, 1, people_at_once).people if night.evaluates else MOST_AT_ONCE
    found = night.renewed(writer, at_once, unfinished)
    if target.resolve() != night.earlier.folder.resolve():
        night.copy_kept(writer.folder)
    return found, replace(night.now, reevaluation=night.changes.told)


def _everybody(asked: ToEvaluate, now: Fingerprints, parts: Stretches, target: Path, shares: _Shares) -> pa.Table:
    """All parts, evaluated and in the unfinished folder: those that are there already, and those that are missing."""
    groups = tuple(
        parts.some(each[0], each[-1] + 1) for each in together(np.arange(len(parts.names)), parts, shares.people)
    )
    prepared, practice = asked.prepared, asked.practice
    told = [manifest(asked.variants, practice, prepared.specs.value_sets, prepared.as_of), now.variants, now.everything]
    unfinished = _unfinished(target, [told, [group.people for group in groups]])

    def matching() -> Matching:
        return Matching(practice, looked_for(prepared.plan, prepared.terminology), prepared.as_of)

    store = store_of(unfinished, prepared.plan, matching, [sum(group.people) for group in groups])
    practice.limit_memory(shares.memory // 8)
    finish = _Finish(_writer(asked, unfinished / _RESULTS), groups)
    found = {number: records for number in range(len(groups)) if (records := finish.done(number, target))}
    left = [number for number in range(len(groups)) if number not in found]
    for number, records in evaluate_parts(store, prepared.plan, finish, left, shares.workers):
        found[number] = records
        if asked.progress:
            asked.progress(sum(store.people[one] for one in found), sum(store.people))
    finish.writer.clear_unfinished()
    return pa.concat_tables(found[number] for number in range(len(groups)))


def _stored(asked: ToEvaluate, now: Fingerprints, parts: pa.Table, target: Path, *, told: bool) -> StoredResults:
    """The results, the files of which take the place of earlier ones; ``told``: and what of them was found anew."""
    prepared, again = asked.prepared, now.reevaluation
    results = StoredResults(
        target,
        parts,
        {
            **manifest(asked.variants, asked.practice, prepared.specs.value_sets, prepared.as_of),
            **({"incremental": again.told()} if told else {}),
        },
        asked.variants,
        asked.practice,
        prepared.finality,
        prepared.as_of,
        (*prepared.notes, *([again.sentence()] if told else [])),
    )
    half = target / UNFINISHED / _RESULTS
    results.write(half)
    write_records(parts, half / PARTS, gap_terms(prepared.finality, prepared.as_of))
    now.write(half, PARTS)
    if hasattr(os, "sync"):
        os.sync()  # no file takes the place of another before it is on the disk, also if the machine stops
    move_into(target, half)
    remove_others(target, parts)
    shutil.rmtree(target / UNFINISHED)
    return results


@dataclass(frozen=True)
class _Finish:
    """What becomes of the answers about a group of parts: their files, and what is known of them, kept beside."""

    writer: PartWriter
    groups: tuple[Stretches, ...]

    def __call__(self, number: int, evaluated: Evaluated) -> pa.Table:
        records = self.writer.write(self.groups[number], evaluated)
        write_records(records, self._path(number))
        return records

    def done(self, number: int, target: Path) -> pa.Table | None:
        """What is known of a group all of whose files were written, wherever they are now; ``None``: some were not."""
        records = read_records(self._path(number))
        homes = (self.writer.folder, target)
        return (
            records
            if records and all(any(is_whole(home, one) for home in homes) for one in files_of(records))
            else None
        )

    def _path(self, number: int) -> Path:
        return self.writer.folder.parent / f"done-{number:05}.parquet"


def _writer(asked: ToEvaluate, folder: Path) -> PartWriter:
    folder.mkdir(parents=True, exist_ok=True)
    return PartWriter(folder, asked.prepared.finality, asked.variants, asked.prepared.as_of, asked.everybody)


@dataclass(frozen=True)
class _Shares:
    """How many ``people`` are evaluated at once by each of so many ``workers``, within so many bytes of ``memory``."""

    memory: int
    workers: int
    people: int

    @staticmethod
    def of(asked: ToEvaluate, memory: int, workers: int | None, people_at_once: int | None) -> _Shares:
        """What is asked for, or what the memory allows."""
        workers = workers or min(os.cpu_count() or 1, -(-asked.practice.person_count // WORTH_A_PROCESS))
        people, workers = _shares(memory, workers, _bytes_per_person(asked.practice, asked.prepared.plan))
        return _Shares(memory, workers, people_at_once or people)


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


def _unfinished(target: Path, run: object) -> Path:
    """The folder of what was done so far of this very run; empty if it was another."""
    unfinished = target / UNFINISHED
    mark = unfinished / "run.sha256"
    fingerprint = hashlib.sha256(orjson.dumps(run, option=orjson.OPT_SORT_KEYS)).hexdigest().encode()
    if not mark.is_file() or mark.read_bytes() != fingerprint:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        mark.write_bytes(fingerprint)
    return unfinished


__all__ = ["MEMORY", "evaluate_to", "written"]
