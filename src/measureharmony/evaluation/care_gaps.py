"""Care gaps: who still lacks what a measure asks for, once per subject and rate, naming every program it counts for.

A gap is: in the denominator, not excluded, not excepted, numerator not met (for an inverse measure: met). People
outside the denominator, or excluded, are *not applicable* and have no row. Only proportions have gaps: what is expected
of many, or averaged over them, is nobody's to close. A gap is *open* for a program until its period ends, unless the
program's books close earlier, or the time for what the measure asks for is over earlier (the week after a visit, the
second birthday); afterwards it is *missed*.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.evaluation.columns import Bools, Ints
from measureharmony.evaluation.combinations import Combinations, combinations
from measureharmony.evaluation.outcomes import Outcomes
from measureharmony.evaluation.outcomes_by_part import PartOutcomes
from measureharmony.evaluation.population_order import Categories, categories, falls_short
from measureharmony.measures.kept import kept
from measureharmony.measures.measure import POPULATIONS, Direction
from measureharmony.payers.variant import CANONICAL, Variant

#: Columns of the care gap table, with what they hold.
GAP_COLUMNS: Mapping[str, str] = {
    "person_id": "Whose gap.",
    "subject_id": "What the measure counts: the person, or one of their events.",
    "measure": "Key of the measure.",
    "rate": "Which rate of the measure.",
    "status": "`open` while some program still counts it, else `missed`.",
    "due": "The earliest last day on which closing it counts, among the programs for which it is open.",
    "programs": "Programs it counts for, blank-separated; empty when only the unified rate asks for it.",
    "missed_for": "Those of them for which it can no longer be closed.",
    "unified": "Whether the practice's unified (canonical) rate asks for it too.",
    "first_failing": "Why it is a gap: the first criterion that is not met (for an inverse rate: that is).",
    "evidence_date": "Date of the latest evidence there is.",
    "evidence_value": "Its number, if any.",
    "evidence_unit": "The number's unit.",
    "evidence_values": "Numbers to be read together, such as systolic/diastolic.",
}

_KEY = ["person_id", "subject_id", "measure", "rate"]
_SHOWN = ["first_failing", "evidence_date", "evidence_value", "evidence_unit", "evidence_values"]


def care_gap_table(outcomes: pa.Table | Outcomes, variants: Sequence[Variant], as_of: dt.date | None) -> pa.Table:
    """The care gaps in ``outcomes``, by subject, measure and rate. Without ``as_of`` every period counts as over."""
    gaps = gaps_among(outcomes, variants, [*_KEY, "program", "close_by", *_SHOWN])
    keys, program = {name: _ranked(gaps[name]) for name in _KEY}, _ranked(gaps["program"])
    # Canonical comes last in each group, so that the first row shown is a program's wherever there is one.
    canonical = np.array([word == CANONICAL for word in program.words.to_pylist()], dtype=bool)[program.rank]
    order = np.lexsort((program.rank, canonical, *(keys[name].rank for name in reversed(_KEY))))
    begins = np.flatnonzero(np.logical_or.reduce([np.diff(keys[name].rank[order], prepend=-1) != 0 for name in _KEY]))
    first = order[begins]
    last_days = gaps.select(["program"]).append_column("last_day", closed_until(gaps, variants))
    shown = gaps.select(_SHOWN).take(pa.array(first))
    columns = {
        **{name: key.words.take(pa.array(key.rank[first])) for name, key in keys.items()},
        **{name: shown[name] for name in _SHOWN},
        **_standings(combinations(last_days.take(pa.array(order)), last_days.column_names), begins, as_of),
    }
    return pa.table({name: _plain(columns[name]) for name in GAP_COLUMNS})


def gaps_among(outcomes: pa.Table | Outcomes, variants: Sequence[Variant], names: Sequence[str]) -> pa.Table:
    """The columns ``names`` of those outcomes that are gaps."""
    if isinstance(outcomes, Outcomes):
        return Outcomes([_gaps_in(part, variants) for part in outcomes.parts]).table(names=names)
    return outcomes.select(names).filter(is_gap(outcomes, variants))


def _gaps_in(part: PartOutcomes, variants: Sequence[Variant]) -> PartOutcomes:
    directions = _directions(variants)
    direction = [directions.get((one.program, one.measure, one.rate)) for one in part.rates]
    rate = np.repeat(np.arange(len(part.rates)), part.rows)
    return part.some(np.flatnonzero(_fall_short(direction, rate, part.category, part.member)))


def is_gap(outcomes: pa.Table, variants: Sequence[Variant]) -> pa.Array:
    """Which outcomes are gaps."""
    directions = _directions(variants)
    rates = combinations(outcomes, ("program", "measure", "rate"))
    direction = [directions.get(cells) for cells in rates.cells]
    category = categories({name: outcomes[name].to_numpy() for name in POPULATIONS})
    return pa.array(_fall_short(direction, rates.of_row, category, outcomes["member"].to_numpy()))


def _fall_short(direction: Sequence[Direction | None], rate: Ints, category: Categories, own: Bools) -> Bools:
    """Whether programs' own people fall short of their rates, by the direction of each rate (``None``: none)."""
    inverse, some_way = (
        np.array(told, dtype=bool)[rate]
        for told in ([one == "lower" for one in direction], [one is not None for one in direction])
    )
    return np.asarray(own & some_way & falls_short(category, inverse=inverse))


@kept(8)
def _directions(variants: Sequence[Variant]) -> Mapping[tuple[object, ...], Direction]:
    """Which way each proportion goes, by program, measure and rate."""
    return {
        (v.program, v.measure.measure, rate.id): v.measure.direction_of(rate)
        for v in variants
        for rate in v.measure.rates
        if v.measure.scoring == "proportion"
    }


@kept(8)
def _last_days(variants: Sequence[Variant]) -> Mapping[tuple[object, ...], dt.date]:
    """The last day on which gaps count, by program and measure."""
    return {(v.program, v.measure.measure): v.last_day for v in variants}


def closed_until(gaps: pa.Table, variants: Sequence[Variant]) -> pa.ChunkedArray:
    """The last day on which each of some gaps (rows of outcomes) can be closed for its program."""
    last = _last_days(variants)
    found = combinations(gaps, ("program", "measure"))
    days = pa.array([last[cells] for cells in found.cells], pa.date32())
    return pc.min_element_wise(days.take(pa.array(found.of_row)), gaps["close_by"])


class _Ranked(NamedTuple):
    """A column of text: its different words in alphabetical order, and for each row the place of its word."""

    words: pa.Array
    rank: Ints


def _ranked(column: pa.ChunkedArray) -> _Ranked:
    column = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    array = column.unify_dictionaries().combine_chunks()
    order = pc.sort_indices(array.dictionary)
    rank = np.empty(len(order), dtype=np.int32)
    rank[order.to_numpy()] = np.arange(len(order))
    return _Ranked(array.dictionary.take(order), rank[array.indices.to_numpy()])


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _standings(last_days: Combinations, begins: Ints, as_of: dt.date | None) -> Mapping[str, pa.ChunkedArray]:
    """Status and due date of each gap, of which ``last_days`` has a row for each program, from ``begins`` on.

    What is said depends on the programs and their days alone, so it is made once for all that occur together.
    """
    many = np.diff(begins, append=len(last_days.of_row))
    gap = np.repeat(np.arange(len(begins)), many)
    together = np.full((len(begins), many.max(initial=1)), -1, dtype=np.int32)
    together[gap, np.arange(len(gap)) - begins[gap]] = last_days.of_row
    width = together.itemsize * together.shape[1]
    rows = pa.Array.from_buffers(pa.binary(width), len(together), [None, pa.py_buffer(together)]).dictionary_encode()
    cells, described = cast(Sequence[tuple[str, dt.date]], last_days.cells), []
    for row in rows.dictionary.to_pylist():
        programs = np.frombuffer(row, dtype=np.int32).tolist()
        described.append(_standing(dict(cells[place] for place in programs if place >= 0), as_of))
    standing = pa.Table.from_pylist(described, schema=_STANDING).take(rows.indices)
    return {name: standing[name] for name in standing.column_names}


def _standing(last_days: Mapping[str, dt.date], as_of: dt.date | None) -> dict[str, object]:
    """Status and due date of a gap that can be closed until ``last_days``, by program that counts it.

    The unified rate decides where no program does.
    """
    own = [program for program in last_days if program != CANONICAL]
    still_open = [last_days[one] for one in own or [CANONICAL] if as_of is not None and as_of <= last_days[one]]
    missed = [program for program in own if not (as_of is not None and as_of <= last_days[program])]
    return {
        "status": "open" if still_open else "missed",
        "due": min(still_open, default=None),
        "programs": " ".join(own),
        "missed_for": " ".join(missed),
        "unified": CANONICAL in last_days,
    }


_STANDING = pa.schema(
    [
        ("status", pa.string()),
        ("due", pa.date32()),
        ("programs", pa.string()),
        ("missed_for", pa.string()),
        ("unified", pa.bool_()),
    ]
)

__all__ = ["GAP_COLUMNS", "care_gap_table", "closed_until", "gaps_among", "is_gap"]
