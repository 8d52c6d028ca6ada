"""How much there is to do, counted instead of timed: the same on every machine, however busy.

    python benchmarks/work.py              1, 3, 10 and 30 programs, all measures
    python benchmarks/work.py --smoke      1 and 2 programs, five measures

Counted are the nodes of the graph that answer something (each is computed once for all people), and what they would be
if nothing were shared; and, over a small practice, the rows of people and events that all nodes' answers are about.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from machine import machine_facts
from measuring import Clock, here, parser
from practices import YEAR, loaded_specs
from programs import MIXES, SMOKE_MEASURES, canonical_measures
from reporting import Report, finished, times

from measureharmony.evaluation.compile import compile_plan
from measureharmony.evaluation.plan import EvaluationPlan
from measureharmony.harmonize import choose

NAME = "work"
PROGRAMS = (1, 3, 10, 30)


def main(arguments: Sequence[str] | None = None) -> None:
    """Count and report."""
    made = parser(__doc__, people=0)
    made.add_argument("--programs", nargs="+", type=int, default=PROGRAMS)
    options = made.parse_args(arguments)
    measures = SMOKE_MEASURES if options.smoke else None
    mixes = ["typical"] if options.smoke else list(MIXES)
    programs = (1, 2) if options.smoke else options.programs
    counts: dict[str, dict[int, Mapping[str, Any]]] = {mix: {} for mix in mixes}
    with tempfile.TemporaryDirectory() as folder:
        for mix in mixes:
            for count in programs:
                specs = Path(folder) / mix / str(count)
                MIXES[mix](specs, count, canonical_measures(measures))
                counts[mix][count] = here(work, specs=specs, measures=measures or ["all"])["counts"]
    finished(_report(counts, programs), options.results)


def work(_: Clock, specs: str, measures: Sequence[str]) -> Mapping[str, int]:
    """The nodes of one plan for all programs, with and without sharing."""
    chosen = choose(loaded_specs(specs), YEAR, measures=measures)
    plan = compile_plan(chosen)
    return {
        "variants": len(chosen),
        "rates": sum(len(one.rates) for one in plan.plans()),
        "nodes": _nodes(plan),
        "unshared": _nodes(compile_plan(chosen, shared=False)),
        "matches": len(set(plan.matches())),
    }


def _nodes(plan: EvaluationPlan) -> int:
    """Nodes that somebody reads."""
    return sum(int(np.count_nonzero(one.readers())) for one in plan.plans())


def _report(counts: Mapping[str, Mapping[int, Mapping[str, Any]]], programs: Sequence[int]) -> Report:
    rows = []
    findings = []
    for mix, by_count in counts.items():
        first = by_count[programs[0]]
        for count, of in by_count.items():
            numbers = [f"{of[name]:,}" for name in ("variants", "rates", "matches", "nodes")]
            ratios = [
                f"{of['nodes'] / first['nodes']:.2f}",
                f"{of['unshared']:,}",
                f"{of['unshared'] / of['nodes']:.1f}",
            ]
            rows.append([f"{count}, {mix}", *numbers, *ratios])
        last = by_count[programs[-1]]
        findings.append(
            f"{mix}: {programs[-1]} programs ask for {times(last['nodes'] / first['nodes'])} the nodes of "
            f"{programs[0]}; without sharing they would be {times(last['unshared'] / last['nodes'], 1)} as many."
        )
    return Report(
        NAME,
        "How much there is to do",
        machine_facts(),
        ["All measures for each program, and their unified rates; counted, not timed: every run gives the same."],
        ["programs", "versions", "rates", "code searches", "nodes", "÷ one program", "unshared", "unshared ÷ shared"],
        rows,
        findings,
        {mix: {str(count): dict(of) for count, of in by_count.items()} for mix, by_count in counts.items()},
    )


if __name__ == "__main__":
    main()
