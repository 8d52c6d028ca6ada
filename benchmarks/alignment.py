"""What it costs to compare and to prove: all shipped programs with the canonical measures, and each by itself.

    python benchmarks/alignment.py               compare, align in one process and in two, validate each program
    python benchmarks/alignment.py --only align   one stage; --workers 4 for other numbers of processes

The aim is that everything is aligned within 10 seconds on two idle cores. CPU seconds are those of all processes.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from machine import machine_facts

import measureharmony as mh
from measureharmony.alignment import Alignment, align_all
from measureharmony.comparison.compare import compare
from measureharmony.spec_files import spec_folder
from measureharmony.validation import validate_program

STAGES = ("compare", "align", "validate")


def main(arguments: list[str] | None = None) -> None:
    """Measure and print the seconds of each stage, and how many claims came out in each relation."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=STAGES)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(arguments)
    wanted = options.only or STAGES
    specs = mh.load_specs()
    stages: dict[str, Any] = {}
    if "compare" in wanted:
        stages["compare"] = _measured(lambda: [compare(specs, "canonical", key) for key in specs.programs.programs])
    if "align" in wanted:
        for workers in dict.fromkeys((1, options.workers)):
            stages[f"align, {workers} at once"] = _measured(lambda n=workers: align_all(specs, workers=n), _relations)
    if "validate" in wanted:
        folders = sorted(folder for folder in (spec_folder() / "payers").iterdir() if folder.is_dir())
        stages["validate"] = _measured(lambda: [validate_program(folder) for folder in folders])
    print(json.dumps({"machine": machine_facts(), "stages": stages}, indent=1))


def _measured(work: Callable[[], Any], counts: Callable[[Any], dict[str, int]] | None = None) -> dict[str, Any]:
    wall, cpu = time.perf_counter(), _cpu()
    found = work()
    seconds = {"wall": round(time.perf_counter() - wall, 2), "cpu": round(_cpu() - cpu, 2)}
    return {**seconds, **(counts(found) if counts else {})}


def _cpu() -> float:
    """CPU seconds of this process and of those that it has waited for."""
    spent = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def _relations(alignments: tuple[Alignment, ...]) -> dict[str, int]:
    counted = Counter(claim.relation for alignment in alignments for claim in alignment.claims)
    return {"comparisons": len(alignments), **dict(sorted(counted.items()))}


if __name__ == "__main__":
    main()
