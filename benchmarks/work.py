"""How much there is to do, counted instead of timed: the same on every machine, however busy.

    python benchmarks/work.py              1, 3, 10 and 30 programs, all measures
    python benchmarks/work.py --smoke      1 and 2 programs, five measures

Counted are the nodes of the graph (each is computed once for everybody), what they would be if nothing were shared, and
the answers that the kernels give over a small practice: entries of all nodes' arrays, a person.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from machine import machine_facts
from measuring import Clock, here, measured, parser
from practices import SMOKE_PEOPLE, YEAR, generated, loaded_specs
from programs import MIXES, SMOKE_MEASURES, canonical_measures
from reporting import Report, finished, times

import measureharmony as mh
from measureharmony.choosing import choose
from measureharmony.engines.loading import load
from measureharmony.evaluation.compile import compile_plan
from measureharmony.evaluation.kernels import begun
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.evaluation.terminology import Terminology

NAME = "work"
PROGRAMS = (1, 3, 10, 30)
#: Unshared graphs are counted for at most so many programs: they grow evenly.
UNSHARED = 3


def main(arguments: Sequence[str] | None = None) -> None:
    """Count and report."""
    made = parser(__doc__, people=SMOKE_PEOPLE)
    made.add_argument("--programs", nargs="+", type=int, default=PROGRAMS)
    options = made.parse_args(arguments)
    run, measures, mixes, programs = partial(measured, work), None, list(MIXES), options.programs
    if options.smoke:
        run, measures, mixes, programs = partial(here, work), SMOKE_MEASURES, ["typical"], (1, 2)
    data = generated(options.people, 0)
    counts: dict[str, dict[int, Mapping[str, Any]]] = {mix: {} for mix in mixes}
    with tempfile.TemporaryDirectory() as folder:
        for mix in mixes:
            for count in programs:
                specs = Path(folder) / mix / str(count)
                MIXES[mix](specs, count, canonical_measures(measures))
                asked = {"data": data, "specs": specs, "measures": measures or ["all"]}
                counts[mix][count] = run(**asked, unshared=count <= UNSHARED)["counts"]
    finished(_report(counts, programs), options.results)


def work(_: Clock, data: str, specs: str, measures: Sequence[str], unshared: bool) -> Mapping[str, int | None]:
    """The nodes of one plan for all programs, with and without sharing, and the answers about people and their events.

    Answers about single episodes are not counted.
    """
    loaded, practice = loaded_specs(specs), mh.read_practice(data)
    chosen = choose(loaded, YEAR, measures=measures)
    plan = compile_plan(chosen)
    return {
        "variants": len(chosen),
        "rates": sum(len(one.rates) for one in plan.plans()),
        "matches": len(set(plan.matches())),
        "nodes": _nodes(plan),
        "unshared": _nodes(compile_plan(chosen, shared=False)) if unshared else None,
        "answers": _answers(plan, practice, Terminology.of(loaded.value_sets)) // practice.person_count,
    }


def _nodes(plan: EvaluationPlan) -> int:
    """Nodes that somebody reads."""
    return sum(int(np.count_nonzero(one.readers())) for one in plan.plans())


def _answers(plan: EvaluationPlan, practice: mh.Practice, terminology: Terminology) -> int:
    """How many entries the results of all nodes have that somebody reads."""
    evaluation = begun(plan, load(practice, plan, terminology, None).partition)
    read = np.flatnonzero(plan.readers())
    return sum(np.size(evaluation.get(int(number))) for number in read)


def _report(counts: Mapping[str, Mapping[int, Mapping[str, Any]]], programs: Sequence[int]) -> Report:
    rows: list[list[str]] = []
    findings: list[str] = []
    for mix, by_count in counts.items():
        first = by_count[programs[0]]
        for count, of in by_count.items():
            numbers = [f"{of[name]:,}" for name in ("variants", "rates", "matches", "nodes", "answers")]
            ratios = [f"{of[name] / first[name]:.2f}" for name in ("nodes", "answers")]
            unshared = f"{of['unshared'] / of['nodes']:.1f}" if of["unshared"] else ""
            rows.append([f"{count}, {mix}", *numbers, *ratios, unshared])
            if count > programs[0]:
                findings.append(
                    f"{mix}: {count} programs ask for {times(of['nodes'] / first['nodes'])} the nodes and "
                    f"{times(of['answers'] / first['answers'])} the answers of {programs[0]}."
                )
    return Report(
        NAME,
        "How much there is to do",
        machine_facts(),
        ["All measures for each program, and their unified rates; counted, not timed: every run gives the same."],
        [
            "programs", "versions", "rates", "code searches", "nodes", "answers a person", "nodes ÷ one program",
            "answers ÷ one program", "unshared nodes ÷ nodes",
        ],
        rows,
        findings,
        {mix: {str(count): dict(of) for count, of in by_count.items()} for mix, by_count in counts.items()},
    )  # fmt: skip


if __name__ == "__main__":
    main()
