"""What it costs to say whom which change moves, in terms of the plain evaluation of the same programs and measures.

    python benchmarks/divergence.py                       20,000 people, ten programs, the five measures
    python benchmarks/divergence.py --every-measure       ten programs that each change every canonical measure
    python benchmarks/divergence.py --people 300          does it run at all?

Both are done in one process, one after the other, after the practice is read. The aim is a ratio of at most 2.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from machine import machine_facts
from programs import PROGRAMS, write_every_measure, write_programs
from run import generated, measured_case

import measureharmony as mh


def main(arguments: list[str] | None = None) -> None:
    """Measure and print the seconds, the ratio and what was counted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--events-per-person", type=float, default=100)
    parser.add_argument("--programs", type=int, default=len(PROGRAMS), choices=range(2, len(PROGRAMS) + 1))
    parser.add_argument("--every-measure", action="store_true")
    options = parser.parse_args(arguments)
    data = generated(options.people, options.events_per_person)
    with tempfile.TemporaryDirectory() as folder:
        if options.every_measure:
            write_every_measure(Path(folder), options.programs, mh.load_specs().canonical.measures)
        else:
            write_programs(Path(folder), options.programs)
        found = measured_case("divergence", data, Path(folder))
    print(json.dumps({"machine": machine_facts(), **found, "ratio": _ratios(found["stages"])}, indent=1))


def _ratios(stages: dict[str, dict[str, float]]) -> dict[str, float]:
    plain, found = stages["evaluate"], stages["divergence"]
    return {clock: round(found[clock] / plain[clock], 2) for clock in ("wall", "cpu")}


if __name__ == "__main__":
    main()
