"""Out of core: a practice cut by people into parts on disk, evaluated part by part, on all cores.

What is kept in memory is a part for each worker, however many people there are. A part that is done leaves a mark, so
that a run that was stopped goes on with the parts that are left.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import orjson

from measureharmony.engines.arrived import of_table
from measureharmony.engines.assembling import assemble
from measureharmony.engines.cutting import SUFFIX, rows_of
from measureharmony.engines.local import evaluated
from measureharmony.engines.matching import Matching, PeopleRows, Sought
from measureharmony.evaluation.outcome import Evaluated
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.terminology import groups_of
from measureharmony.processes import worker_pool

Found = TypeVar("Found")

#: What is made of the answers about the people of a part, by its number; it runs in a worker, so it can be pickled.
Finish = Callable[[int, Evaluated], Found]

#: The mark of a store all of whose parts have been written: what was found to be looked for.
_CUT = "cut.json"


@dataclass(frozen=True)
class PartStore:
    """The rows of a practice that a plan looks at, in parts in ``folder``; ``people`` says how many each part has."""

    folder: Path
    sought: Sought
    people: tuple[int, ...]

    def rows(self, part: int) -> PeopleRows:
        """The rows of the people of a part."""
        tables = {field.name: rows_of(self.folder / field.name, part) for field in fields(PeopleRows)}
        return PeopleRows(**{**tables, "event": of_table(tables["event"], self.sought.columns)})


def store_of(folder: Path, plan: EvaluationPlan, matching: Callable[[], Matching], people: Sequence[int]) -> PartStore:
    """The store in ``folder``: as it lies there, if all of it was written and is still there, else written now.

    ``people``: how many each part is to have, in the order of their ``person_key``.
    """
    mark = folder / _CUT
    sought = _written(mark, plan)
    if sought is None:
        for field in fields(PeopleRows):
            shutil.rmtree(folder / field.name, ignore_errors=True)  # what is half written
        with matching() as found:
            sought = found.sought
            found.cut(folder, np.repeat(np.arange(len(people)), people))
        if hasattr(os, "sync"):
            os.sync()  # the mark does not outlive what it marks, also if the machine stops
        told = {"by_coding": sought.by_coding, "listed": sorted(sought.listed), "files": _sizes(folder)}
        mark.write_bytes(orjson.dumps(told))
    return PartStore(folder, sought, tuple(people))


def _written(mark: Path, plan: EvaluationPlan) -> Sought | None:
    """What was sought for the store that ``mark`` marks; ``None`` where it or one of its files is not as it was."""
    try:
        told = orjson.loads(mark.read_bytes())
        by_coding = tuple(tuple(groups) for groups in told["by_coding"])
        sought = Sought(plan.columns(), groups_of(plan.matches()), by_coding, frozenset(told["listed"]))
        return sought if told["files"] == _sizes(mark.parent) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _sizes(folder: Path) -> dict[str, int]:
    """How large each file of the store in ``folder`` is."""
    files = (path for field in fields(PeopleRows) for path in (folder / field.name).rglob(f"*.{SUFFIX}"))
    return {str(path.relative_to(folder)): path.stat().st_size for path in files}


def evaluate_parts(
    store: PartStore, plan: EvaluationPlan, finish: Finish[Found], parts: Sequence[int], workers: int | None = None
) -> Iterator[tuple[int, Found]]:
    """Evaluate ``plan`` over the people of each of ``parts``, in several processes; what ``finish`` makes of each.

    The parts come in the order in which they are done. :class:`UsageError` where a process was ended from outside.
    """
    workers = min(workers or os.cpu_count() or 1, len(parts))
    if workers <= 1:
        yield from ((part, _evaluate(store, plan, finish, part)) for part in parts)
        return
    with worker_pool(
        workers, "Evaluate fewer people at once (people_at_once).", _begin, store, plan, finish, pandas=False
    ) as pool:
        running = {pool.submit(_evaluate_here, part): part for part in parts}
        for one in as_completed(running):
            yield running[one], one.result()


_task: tuple[PartStore, EvaluationPlan, Finish[Any]]


def _begin(store: PartStore, plan: EvaluationPlan, finish: Finish[Any]) -> None:
    """What a worker is told once, not with every part."""
    global _task
    _task = store, plan, finish


def _evaluate_here(part: int) -> Any:
    return _evaluate(*_task, part)


def _evaluate(store: PartStore, plan: EvaluationPlan, finish: Finish[Found], part: int) -> Found:
    return finish(part, evaluated(plan, assemble(store.rows(part), store.sought)))


__all__ = ["Finish", "PartStore", "evaluate_parts", "store_of"]
