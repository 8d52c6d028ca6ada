"""What bounds the answers: each kernel beside the primitive of NumPy that it cannot do without, on the same arrays.

    python benchmarks/bounds_answers.py              20,000 people, all measures for ten typical programs
    python benchmarks/bounds_answers.py --smoke      300 people, two programs, five measures

One thread evaluates everybody together. After every call of a kernel, the primitive is called with what the kernel got:
the least that gives such an answer with arrays, with nothing looked up, decided or checked.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from machine import machine_facts
from measuring import Clock, here, measured, parser
from practices import SMOKE_PEOPLE, YEAR, generated, loaded_specs
from programs import SMOKE_MEASURES, canonical_measures, write_typical
from reporting import Report, finished, times

import measureharmony as mh
from measureharmony.engines.loading import load
from measureharmony.engines.local import Part, answers_of
from measureharmony.evaluation import nodes as n
from measureharmony.evaluation.kernels import KERNELS
from measureharmony.evaluation.node_results import Evaluation
from measureharmony.evaluation.number_nodes import DaysCoveredIn
from measureharmony.preparing import prepare

NAME = "bounds_answers"
_COLUMNS = ("calls", "entries", "now", "least")
PROGRAMS = 10
#: So many kernels have a line of their own.
SHOWN = 12

#: What was found of each kernel, by what it is.
Found = dict[str, defaultdict[str, float]]
Least = Callable[[Evaluation, Any, Any], object]


def _copied(_: Evaluation, __: Any, result: Any) -> object:
    return (result if isinstance(result, np.ndarray) else result.lo).copy()


def _compared(evaluation: Evaluation, node: Any, _: Any) -> object:
    return evaluation.rows(node.rows).days("start", "lo") >= 0


def _looked_up(evaluation: Evaluation, node: Any, _: Any) -> object:
    return evaluation.events.words["kind"].codes.take(evaluation.get(node.rows))


def _kept(evaluation: Evaluation, node: Any, _: Any) -> object:
    return evaluation.get(node.rows).compress(evaluation.get(node.mask))


def _marked(evaluation: Evaluation, node: Any, _: Any) -> object:
    marks = np.zeros(evaluation.people.count, dtype=bool)
    marks[evaluation.events.person.take(evaluation.get(node.rows))] = True
    return marks


def _searched(evaluation: Evaluation, node: Any, _: Any) -> object:
    rows, others = evaluation.get(node.rows), np.sort(evaluation.get(node.others))
    return np.searchsorted(others, rows) if len(rows) and len(others) else None


def _greatest(evaluation: Evaluation, node: Any, _: Any) -> object:
    days = evaluation.events.times["start"].lo
    filled = [rows for rows in map(evaluation.get, node.sets) if len(rows)]
    return [np.maximum.reduceat(days.take(rows), np.arange(len(rows))) for rows in filled]


def _sorted(evaluation: Evaluation, node: Any, _: Any) -> object:
    return [evaluation.get(rows).argsort(kind="stable") for rows in node.sets]


def _spans(evaluation: Evaluation, node: Any, _: Any) -> object:
    first, last = (np.zeros(evaluation.people.count) for _ in range(2))
    spans = evaluation.partition.coverage
    return (spans.start <= first.take(spans.person)) & (spans.end >= last.take(spans.person))


#: What a kernel cannot do without; of all others, that their result is written.
LEAST: Mapping[type, tuple[str, Least]] = {
    n.Compare: ("one comparison of days at hand", _compared),
    n.WordIn: ("one column taken", _looked_up),
    n.AnyWordIn: ("one column taken", _looked_up),
    n.Keep: ("compress", _kept),
    n.Exists: ("people taken, and marked", _marked),
    n.Related: ("one set sorted, and the other searched for in it", _searched),
    n.LatestRow: ("days taken, and the greatest of each group", _greatest),
    n.EnrolledOver: ("two days taken and compared", _spans),
    DaysCoveredIn: ("spells sorted", _sorted),
}
WRITTEN = ("its result written", _copied)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and report."""
    options = parser(__doc__, people=20_000).parse_args(arguments)
    run, measures, programs, data = measured, None, PROGRAMS, None
    if options.smoke:
        run, measures, programs, data = here, SMOKE_MEASURES, 2, generated(SMOKE_PEOPLE, 0)
    data, machine = data or generated(options.people), machine_facts()
    with tempfile.TemporaryDirectory() as specs:
        write_typical(Path(specs), programs, canonical_measures(measures))
        counts = run(kernels_beside_primitives, data=data, specs=specs, measures=measures or ["all"])["counts"]
    finished(_report(counts, programs, machine), options.results)


def kernels_beside_primitives(_: Clock, data: str, specs: str, measures: Sequence[str]) -> Mapping[str, Any]:
    """CPU seconds of each kernel and of its primitive, its calls and the entries of its results; and of everything."""
    prepared, practice = prepare(loaded_specs(specs), YEAR, measures=measures), mh.read_practice(data)
    part = Part(load(practice, prepared.plan, prepared.terminology, None).partition)
    answers_of(prepared.plan, part, few=0)  # what is made once is made
    found: Found = {name: defaultdict(float) for name in _COLUMNS}
    timed = {kind: _timed(kind, kernel, found) for kind, kernel in KERNELS.items()}
    began = time.thread_time()
    with patch.dict(KERNELS, timed):
        answers_of(prepared.plan, part, few=0)
    everything = time.thread_time() - began - sum(found["least"].values())
    return {"people": practice.person_count, "everything": everything, **{name: dict(of) for name, of in found.items()}}


def _timed(kind: type, kernel: Any, found: Found) -> Any:
    """A kernel that is timed, and its primitive after it."""
    least = LEAST.get(kind, WRITTEN)[1]

    def computed(evaluation: Evaluation, node: Any) -> Any:
        began = time.thread_time()
        result = kernel(evaluation, node)
        done = time.thread_time()
        least(evaluation, node, result)
        found["least"][kind.__name__] += time.thread_time() - done
        found["now"][kind.__name__] += done - began
        found["calls"][kind.__name__] += 1
        found["entries"][kind.__name__] += len(result if isinstance(result, np.ndarray) else result.lo)
        return result

    return computed


def _report(counts: Mapping[str, Any], programs: int, machine: Mapping[str, str | int | float]) -> Report:
    words = {kind.__name__: said for kind, (said, _) in LEAST.items()}
    most = [kernel for kernel, _ in Counter(counts["now"]).most_common(SHOWN)]
    now, least = (sum(counts[what].values()) for what in ("now", "least"))
    rows = [[f"`{one}`", *_line(counts, [one]), words.get(one, WRITTEN[0])] for one in most]
    rows.append(["all others", *_line(counts, [one for one in counts["now"] if one not in most]), WRITTEN[0]])
    return Report(
        NAME,
        "What bounds the answers",
        machine,
        [
            f"{counts['people']:,} people, all kernels for {programs} typical programs, in one thread. What a call of "
            "either takes is in it.",
        ],
        ["kernel", "calls", "million entries", "CPU s", "primitive, CPU s", "the primitive"],
        rows,
        [
            f"All kernels take {now:.2f} s, {times(now / least, 1)} their primitives; going through the graph, and "
            f"giving episodes copies of their people's rows, {counts['everything'] - now:.2f} s."
        ],
        dict(counts),
    )


def _line(counts: Mapping[str, Any], kernels: Sequence[str]) -> list[str]:
    calls, entries, now, least = (sum(counts[what][one] for one in kernels) for what in _COLUMNS)
    return [f"{calls:,.0f}", f"{entries / 1e6:,.1f}", f"{now:.2f}", f"{least:.2f}"]


if __name__ == "__main__":
    main()
