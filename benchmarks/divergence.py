"""What it costs to say whom which change moves, in terms of the plain evaluation of the same programs and measures.

    python benchmarks/divergence.py                           20,000 people, ten typical programs, all measures
    python benchmarks/divergence.py --mix "every measure"     ten programs that each change every measure
    python benchmarks/divergence.py --smoke                   300 people, two programs, five measures

Both are done in one process, one after the other, after the practice is read. The aim is a ratio of at most 2.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from machine import machine_facts
from measuring import Clock, here, measured, parser
from practices import SMOKE_PEOPLE, YEAR, generated, loaded_specs
from programs import MIXES, SMOKE_MEASURES, canonical_measures
from reporting import Report, finished, times

import measureharmony as mh

NAME = "divergence"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and report."""
    made = parser(__doc__, people=20_000)
    made.add_argument("--programs", type=int, default=10)
    made.add_argument("--mix", choices=MIXES, default="typical")
    options = made.parse_args(arguments)
    data = generated(SMOKE_PEOPLE, 0) if options.smoke else generated(options.people)
    count, run, measures = (2, here, SMOKE_MEASURES) if options.smoke else (options.programs, measured, None)
    machine = machine_facts()
    with tempfile.TemporaryDirectory() as folder:
        MIXES[options.mix](Path(folder), count, canonical_measures(measures))
        found = run(divergence, data=data, specs=folder, measures=measures or ["all"])
    counts, stages = found["counts"], found["stages"]
    ratio = {clock: stages["divergence"][clock] / stages["evaluate"][clock] for clock in ("wall", "cpu")}
    report = Report(
        NAME,
        "Whom which change moves",
        machine,
        [f"{counts['people']:,} people, {count} programs ({options.mix}), {counts['variants']:,} versions."],
        ["", "wall s", "CPU s"],
        [[name, *(f"{stages[stage][clock]:.2f}" for clock in ("wall", "cpu"))] for stage, name in _STAGES.items()],
        [
            f"Saying whom which change moves costs {times(ratio['cpu'])} the evaluation in CPU time, "
            f"{times(ratio['wall'])} by the wall clock (the aim: 2 ×); {counts['moved']:,} moves were found."
        ],
        {"ratio": ratio, "counts": counts, "stages": stages},
    )
    finished(report, options.results)


_STAGES = {"evaluate": "evaluating, to rates and care gaps", "divergence": "whom which change moves"}


def divergence(clock: Clock, data: str, specs: str, measures: Sequence[str]) -> Mapping[str, int]:
    """The plain evaluation down to rates and care gaps, then whom which change moves, for the same programs."""
    loaded = loaded_specs(specs)
    practice = mh.read_practice(data)
    with clock.stage("evaluate"):
        results = mh.evaluate(practice, loaded, year=YEAR, measures=measures)
        rates, gaps = len(results.rates), len(results.care_gaps)
    with clock.stage("divergence"):
        found = mh.divergence(practice, loaded, year=YEAR, measures=measures)
        moved, causes = len(found.people), len(found.counts)
    counted = {"people": practice.person_count, "variants": len(results.variants)}
    return {**counted, "rates": rates, "care_gaps": gaps, "moved": moved, "causes": causes}


if __name__ == "__main__":
    main()
