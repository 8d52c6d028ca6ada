"""A gap whose last day is over is not closed by what comes later."""

from __future__ import annotations

import datetime as dt

import numpy as np
from hypothesis import assume, given

from measureharmony.evaluation.population_order import counts_above, counts_below
from measureharmony.measures.measure import POPULATIONS
from measureharmony.payers.variant import Variant
from tests.generative.budget import examples
from tests.generative.outcomes import Line, from_engine
from tests.generative.practices import AS_OF, Tables, practices, read
from tests.generative.variants import program_variants


@examples(1)
@given(tables=practices(), variants=program_variants(), as_of=AS_OF)
def test_what_comes_after_the_last_day_closes_no_gap(
    tables: Tables, variants: list[Variant], as_of: dt.date | None
) -> None:
    assume(as_of is not None)
    for event in tables["event"]:
        event["received"] = None  # what happened in time and is known only later does close gaps
    with read(tables) as practice:
        before, after = (_by_key(from_engine(practice, variants, known).to_pylist()) for known in (as_of, None))
    for key, line in before.items():
        if line["close_by"] is not None and line["close_by"] < as_of and key in after:
            assert _met(after[key]) in (None, _met(line))


def _by_key(lines: list[Line]) -> dict[tuple[object, ...], Line]:
    return {tuple(line[n] for n in ("program", "measure", "rate", "person_id", "subject_id")): line for line in lines}


def _met(line: Line) -> bool | None:
    """Whether a subject is above the line; nothing where it does not count."""
    members = {name: np.array([line[name]]) for name in POPULATIONS}
    return bool(counts_above(members)[0]) if counts_below(members)[0] else None
