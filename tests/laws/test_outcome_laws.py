"""Laws of outcomes, for generated measures and practices: together is alone, order means nothing, rates are counts."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import replace
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from measureharmony.evaluation.rates import rate_table
from measureharmony.measures.criterion import Enrolled
from measureharmony.measures.measure import POPULATIONS, Measure
from measureharmony.measures.names import rewrite
from measureharmony.payers import Overlay, Variant, canonical_variant, resolve
from measureharmony.payers.program import Program
from measureharmony.periods import Period
from measureharmony.practice import from_tables
from tests.generative.budget import examples
from tests.generative.measures import measures, program_variants
from tests.generative.outcomes import from_engine
from tests.generative.practices import AS_OF, Tables, arrow_tables, practices, read, with_numbers, with_one_link

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
       workers=st.integers(1, 2))  # fmt: skip
def test_row_order_partitions_and_workers_change_nothing(
    tables: Tables, variants: Variants, as_of: dt.date | None, seed: int, size: int, workers: int
) -> None:
    with read(tables) as practice, read(_shuffled(tables, Random(seed))) as shuffled:
        whole = from_engine(practice, variants, as_of).to_pylist()
        assert from_engine(practice, variants, as_of, partition_size=size, workers=workers).to_pylist() == whole
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
@given(tables=practices(), variants=program_variants(3), as_of=AS_OF)
def test_rates_are_recounted_from_written_outcomes(tables: Tables, variants: Variants, as_of: dt.date | None) -> None:
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
