"""Laws of outcomes, for generated measures and practices: together is alone, order means nothing, rates are counts."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from measureharmony.engines.loading import FEW_EVENTS
from measureharmony.evaluation.rates import rate_table
from measureharmony.measures.criterion import Enrolled
from measureharmony.measures.measure import POPULATIONS, Measure
from measureharmony.measures.names import rewrite
from measureharmony.payers import Overlay, Variant, canonical_variant, resolve
from measureharmony.payers.program import Program
from measureharmony.periods import Period
from measureharmony.practice import from_tables
from tests.generative.budget import examples
from tests.generative.measures import measures
from tests.generative.outcomes import from_engine
from tests.generative.practices import AS_OF, Tables, arrow_tables, practices, read, with_numbers, with_one_link
from tests.generative.variants import program_variants

Variants = list[Variant]


@examples(1 / 6)
@given(tables=practices(), variants=program_variants(3), as_of=AS_OF)
def test_together_is_alone_and_sharing_changes_nothing(
    tables: Tables, variants: Variants, as_of: dt.date | None
) -> None:
    with read(tables) as practice:
        together = from_engine(practice, variants, as_of).to_pylist()
        alone = [line for one in variants for line in from_engine(practice, [one], as_of).to_pylist()]
        unshared = from_engine(practice, variants, as_of, shared=False).to_pylist()
    assert alone == together
    assert unshared == together


@examples(1 / 6)
@given(tables=practices(), variants=program_variants(), as_of=AS_OF, seed=st.integers(0, 99), size=st.integers(1, 3),
       workers=st.integers(1, 2), few=st.integers(0, 3))  # fmt: skip
def test_row_order_partitions_workers_and_evaluating_on_demand_change_nothing(
    tables: Tables, variants: Variants, as_of: dt.date | None, seed: int, size: int, workers: int, few: int
) -> None:
    with read(tables) as practice, read(_shuffled(tables, Random(seed))) as shuffled:
        whole = from_engine(practice, variants, as_of).to_pylist()
        options = {"partition_size": size, "workers": workers, "few": few, "few_events": few * FEW_EVENTS}
        assert from_engine(practice, variants, as_of, **options).to_pylist() == whole
        assert from_engine(shuffled, variants, as_of).to_pylist() == whole


@examples(1 / 6)
@given(tables=practices(), variants=program_variants(), as_of=AS_OF)
def test_identifiers_are_the_same_as_numbers_and_as_text(
    tables: Tables, variants: Variants, as_of: dt.date | None
) -> None:
    texts = arrow_tables(with_one_link(tables))
    with from_tables(texts) as practice, from_tables(with_numbers(texts)) as numbered:
        assert from_engine(numbered, variants, as_of).to_pylist() == from_engine(practice, variants, as_of).to_pylist()


def _shuffled(tables: Tables, random: Random) -> Tables:
    return {name: random.sample(rows, len(rows)) for name, rows in tables.items()}


@examples(1 / 6)
@given(tables=practices(), variants=program_variants(3), as_of=AS_OF, random=st.randoms(use_true_random=False))
def test_rates_are_recounted_from_written_outcomes(
    tables: Tables, variants: Variants, as_of: dt.date | None, random: Random
) -> None:
    with read(tables) as practice:
        outcomes = from_engine(practice, variants, as_of, everybody=False)
        everybody = from_engine(practice, variants, as_of)
    assert outcomes.to_pylist() == everybody.filter(everybody["member"]).to_pylist()
    with tempfile.TemporaryDirectory() as folder:
        pq.write_table(outcomes, Path(folder, "outcomes.parquet"))
        written = pq.read_table(Path(folder, "outcomes.parquet"))
    rates = rate_table(outcomes, variants).to_pylist()
    assert rate_table(written, variants).to_pylist() == rates
    for rate in rates:
        assert {name: rate[name] for name in (*POPULATIONS, "below", "above")} == _counted(written, rate)
        measures_of = [v.measure for v in variants if v.program == rate["program"]]
        if len(measures_of) == 1:  # generated variants may share a program, and their rates then a line
            shown = (rate["observations"], rate["observation_total"], rate["value"])
            assert shown == _valued(written, rate, measures_of[0])
    shuffled = written.take(pa.array(random.sample(range(len(written)), len(written)), pa.int64()))
    assert rate_table(shuffled, variants).to_pylist() == rates


def _valued(outcomes: pa.Table, rate: dict[str, Any], measure: Measure) -> tuple[int, float | None, float | None]:
    """How many observations a rate or stratum has, their sum, and its value, added up in decimal fractions."""
    numbers = sorted(
        Decimal(repr(line["observation"]))
        for line in outcomes.to_pylist()
        if (line["program"], line["rate"]) == (rate["program"], rate["rate"])
        and (not rate["stratum"] or rate["stratum"] in line["strata"].split())
        and line["observation"] is not None
    )
    total = float(sum(numbers)) if numbers else None
    above, below, count = rate["above"], rate["below"], len(numbers)
    if measure.scoring == "continuous":
        middle = (numbers[(count - 1) // 2], numbers[count // 2]) if numbers else ()
        found = {"sum": total, "mean": total / count if total is not None else None,
                 "median": (float(middle[0]) + float(middle[1])) / 2 if middle else None}  # fmt: skip
        return count, total, found[str(measure.aggregate)]
    if measure.scoring == "observed_to_expected":
        return count, total, above / total if total and count == below else None
    return count, total, above / below if below else None


def _counted(outcomes: pa.Table, rate: dict[str, object]) -> dict[str, int]:
    """The counts of a rate, or of one of its strata, by going through the outcomes line by line."""
    counts = dict.fromkeys((*POPULATIONS, "below", "above"), 0)
    for line in outcomes.to_pylist():
        if (line["program"], line["rate"]) != (rate["program"], rate["rate"]):
            continue
        if rate["stratum"] and rate["stratum"] not in line["strata"].split():
            continue
        for name in POPULATIONS:
            counts[name] += line[name]
        taken_out = line["denominator_exclusion"] or line["denominator_exception"]
        counts["below"] += line["denominator"] and not taken_out
        counts["above"] += line["numerator"] and not line["numerator_exclusion"]
    return counts


@examples(1 / 6)
@given(tables=practices(), measure=measures(), as_of=AS_OF)
def test_an_overlay_without_changes_gives_the_canonical_outcomes(
    tables: Tables, measure: Measure, as_of: dt.date | None
) -> None:
    # `payer: own` asks a program for its payer, where canonical asks for any; both are asked for any here.
    measure = rewrite(
        measure, lambda part: part.model_copy(update={"payer": "any"}) if isinstance(part, Enrolled) else part
    )
    overlay = Overlay(overlay=measure.measure, edition=2026)
    unchanged = resolve(PROGRAM, overlay, measure, {}, 2026)
    canonical = canonical_variant(measure, Period.calendar_year(2026))
    with read(tables) as practice:
        lines = from_engine(practice, [replace(unchanged, membership=None), canonical], as_of).to_pylist()
    names = [line.pop("program") for line in lines]
    half = len(lines) // 2
    assert names == ["north"] * half + ["canonical"] * half
    assert lines[:half] == lines[half:]


PROGRAM = Program.model_validate({
    "program": "north", "title": "North", "payer": "blue", "fictional": True, "edition": 2026,
    "membership": {"roster": True}, "measures": [{"measure": "made"}],
    "sources": [{"document": "made up", "url": "https://example.org"}],
})  # fmt: skip
