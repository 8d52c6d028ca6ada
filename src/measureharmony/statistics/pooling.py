"""Counting several programs' people together, where their definitions of a rate are the same.

Somebody with two payers counts once. The rate of one program alone stays beside the pooled one, and is never replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.evaluation.columns import Ints
from measureharmony.evaluation.population_order import counts_above, counts_below
from measureharmony.measures.measure import POPULATIONS, Measure
from measureharmony.payers.parts import without_unused
from measureharmony.payers.variant import CANONICAL, Variant

#: Whether two programs mean the same by a rate of a measure: ``aligned(program, other, measure, rate)``. ``None``: not
#: known, which is not enough to count their people together.
Aligned: TypeAlias = Callable[[str, str, str, str], bool | None]


@dataclass(frozen=True)
class Pooled:
    """The people of several programs together."""

    programs: tuple[str, ...]
    above: int
    below: int


def same_definition(variants: Sequence[Variant]) -> Aligned:
    """Whether what two programs make of a rate is written alike, but for the names of the payers.

    What is written alike means the same; what means the same may be written differently, which only a proof tells.
    """
    by_name = {(one.program, one.measure.measure): one for one in variants}

    def aligned(program: str, other: str, measure: str, rate: str) -> bool | None:
        one, two = by_name.get((program, measure)), by_name.get((other, measure))
        return None if one is None or two is None else _meaning(one, rate) == _meaning(two, rate)

    return aligned


def _meaning(variant: Variant, rate_id: str) -> tuple[object, ...] | None:
    """All that decides a rate: the measure with this rate only, the period, and whose evidence counts."""
    rates = tuple(rate for rate in variant.measure.rates if rate.id == rate_id)
    if not rates:
        return None
    measure: Measure = variant.measure.model_copy(update={"rates": rates, "strata": ()})
    sources = {name: tuple(sorted(words)) for name, words in variant.sources.items()}
    return without_unused(measure, ()), variant.period, sources, variant.risk_tables


def pools(outcomes: pa.Table, variants: Sequence[Variant], aligned: Aligned) -> Mapping[tuple[str, str, str], Pooled]:
    """For each program, measure and rate, all programs that mean the same by it, itself among them, together.

    Rates that no other program is aligned with have no entry.
    """
    rows = _rows(outcomes)
    found: dict[tuple[str, str, str], Pooled] = {}
    counted: dict[tuple[tuple[str, ...], str, str], Pooled] = {}
    for measure, rate, programs in _rates(variants):
        for program in programs:
            others = tuple(other for other in programs if other == program or aligned(program, other, measure, rate))
            if len(others) > 1:
                key = (others, measure, rate)
                if key not in counted:
                    theirs = [run for other in others for run in rows.get((other, measure, rate), ())]
                    counted[key] = _together(theirs, others)
                found[program, measure, rate] = counted[key]
    return found


def _rates(variants: Sequence[Variant]) -> list[tuple[str, str, list[str]]]:
    """Each rate of each measure, with the programs that have it."""
    programs: dict[tuple[str, str], list[str]] = {}
    for variant in variants:
        if variant.program != CANONICAL and variant.measure.scoring == "proportion":
            for rate in variant.measure.rates:
                programs.setdefault((variant.measure.measure, rate.id), []).append(variant.program)
    return [(measure, rate, found) for (measure, rate), found in programs.items()]


def _rows(outcomes: pa.Table) -> dict[tuple[str, str, str], list[pa.Table]]:
    """The rows of the outcome table by program, measure and rate, in runs: the table lists rate after rate."""
    if not outcomes.num_rows:
        return {}
    columns = [_encoded(outcomes[name]) for name in ("program", "measure", "rate")]
    changes = np.zeros(outcomes.num_rows - 1, dtype=bool)
    for _, codes in columns:
        changes |= np.diff(codes) != 0
    edges = [0, *(np.flatnonzero(changes) + 1).tolist(), outcomes.num_rows]
    wanted = outcomes.select(["subject_id", "member", *POPULATIONS])
    found: dict[tuple[str, str, str], list[pa.Table]] = {}
    for start, end in pairwise(edges):
        program, measure, rate = (words[codes[start]] for words, codes in columns)
        found.setdefault((program, measure, rate), []).append(wanted.slice(start, end - start))
    return found


def _encoded(column: pa.ChunkedArray) -> tuple[list[str], Ints]:
    """The different words of a column, and for each row which of them it is."""
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    array = encoded.unify_dictionaries().combine_chunks()
    return array.dictionary.to_pylist(), array.indices.to_numpy()


def _together(rows: Sequence[pa.Table], programs: tuple[str, ...]) -> Pooled:
    """The members' outcomes in ``rows``, each subject once: below the line if some program counts it, above too."""
    if not rows:
        return Pooled(programs, 0, 0)
    whole = pa.concat_tables(rows)
    own = whole.filter(whole["member"])
    members = {name: own[name].to_numpy() for name in POPULATIONS}
    below = counts_below(members)
    subjects = own["subject_id"].cast(pa.string())
    counted = [
        pc.count_distinct(subjects.filter(pa.array(mask))).as_py() for mask in (counts_above(members) & below, below)
    ]
    return Pooled(programs, *counted)


__all__ = ["Aligned", "Pooled", "pools", "same_definition"]
