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
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.evaluation.columns import Ints
from measureharmony.evaluation.combinations import combinations
from measureharmony.evaluation.outcomes import Outcomes
from measureharmony.evaluation.outcomes_by_part import PartOutcomes
from measureharmony.evaluation.population_order import categories, falls_short
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
    if not isinstance(outcomes, Outcomes) or len(outcomes.parts) == 1:
        return _gaps(outcomes, variants, as_of)
    # Parts have people one after the other, in order, and so have their gaps.
    each = [Outcomes([part]) for part in outcomes.parts]
    with ThreadPoolExecutor() as pool:
        tables = list(pool.map(lambda part: _gaps(part, variants, as_of), each))
    return pa.concat_tables(tables).combine_chunks()


def _gaps(outcomes: pa.Table | Outcomes, variants: Sequence[Variant], as_of: dt.date | None) -> pa.Table:
    gaps = gaps_among(outcomes, variants, [*_KEY, "program", "close_by", *_SHOWN])
    person, subject = _ranked(gaps["person_id"]), _ranked(gaps["subject_id"])
    rates = combinations(gaps, ("measure", "rate", "program"))
    rate, place = _rates_in_order(rates.cells)
    order = np.lexsort((place[rates.of_row], subject, person))
    differ = (np.diff(each[order], prepend=-1) != 0 for each in (person, subject, rate[rates.of_row]))
    begins = np.flatnonzero(np.logical_or.reduce(list(differ)))
    last_days = gaps.select(["program"]).append_column("last_day", closed_until(gaps, variants))
    last_day = combinations(last_days, last_days.column_names)
    shown = gaps.select([*_KEY, *_SHOWN]).take(pa.array(order[begins]))
    columns = {
        **{name: shown[name] for name in shown.column_names},
        **_standings(last_day.cells, last_day.of_row[order], begins, as_of),
    }
    return pa.table({name: _plain(columns[name]) for name in GAP_COLUMNS})


def _rates_in_order(cells: Sequence[tuple[object, ...]]) -> tuple[Ints, Ints]:
    """Of each measure, rate and program: the number of the measure's rate, and the place among all in order.

    Canonical comes last of each rate, so that the first row shown is a program's wherever there is one.
    """
    named = [(str(measure), str(rate), program == CANONICAL, str(program)) for measure, rate, program in cells]
    order = sorted(range(len(named)), key=named.__getitem__)
    place, rate = np.empty(len(named), dtype=np.int32), np.empty(len(named), dtype=np.int32)
    place[order] = np.arange(len(named))
    number: dict[tuple[str, str], int] = {}
    for each, (measure, of, *_) in enumerate(named):
        rate[each] = number.setdefault((measure, of), len(number))
    return rate, place


def gaps_among(outcomes: pa.Table | Outcomes, variants: Sequence[Variant], names: Sequence[str]) -> pa.Table:
    """The columns ``names`` of those outcomes that are gaps."""
    if isinstance(outcomes, Outcomes):
        return outcomes.some([_gaps_in(part, variants) for part in outcomes.parts]).table(names=names)
    return outcomes.select(names).filter(is_gap(outcomes, variants))


def _gaps_in(part: PartOutcomes, variants: Sequence[Variant]) -> Ints:
    """The rows that are gaps."""
    directions, found = _directions(variants), [np.empty(0, dtype=np.int64)]
    for one, rows in part.each_rate():
        direction = directions.get((one.program, one.measure, one.rate))
        if direction is not None:
            short = falls_short(part.category[rows], inverse=direction == "lower")
            found.append(np.flatnonzero(short & part.member[rows]) + rows.start)
    return np.concatenate(found)


def is_gap(outcomes: pa.Table, variants: Sequence[Variant]) -> pa.Array:
    """Which outcomes are gaps."""
    directions = _directions(variants)
    rates = combinations(outcomes, ("program", "measure", "rate"))
    direction = [directions.get(cells) for cells in rates.cells]
    inverse, some_way = (
        np.array(told, dtype=bool)[rates.of_row]
        for told in ([one == "lower" for one in direction], [one is not None for one in direction])
    )
    category = categories({name: outcomes[name].to_numpy() for name in POPULATIONS})
    return pa.array(outcomes["member"].to_numpy() & some_way & falls_short(category, inverse=inverse))


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


def _ranked(column: pa.ChunkedArray) -> Ints:
    """For each cell of a column of text the place of its word, in alphabetical order."""
    column = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    array = column.unify_dictionaries().combine_chunks()
    order = pc.sort_indices(array.dictionary)
    rank = np.empty(len(order), dtype=np.int32)
    rank[order.to_numpy()] = np.arange(len(order))
    return np.asarray(rank[array.indices.to_numpy()])


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _standings(
    last_days: Sequence[tuple[object, ...]], rows: Ints, begins: Ints, as_of: dt.date | None
) -> Mapping[str, pa.ChunkedArray]:
    """Status and due date of each gap, from whose begin on ``rows`` tells which of ``last_days`` each program has.

    What is said depends on the programs and their days alone, so it is made once for all that occur together.
    """
    many = np.diff(begins, append=len(rows))
    gap = np.repeat(np.arange(len(begins)), many)
    number = np.min_scalar_type(-max(1, len(last_days)))
    together = np.full((len(begins), many.max(initial=1)), -1, dtype=number)
    together[gap, np.arange(len(gap)) - begins[gap]] = rows
    width = together.itemsize * together.shape[1]
    found = pa.Array.from_buffers(pa.binary(width), len(together), [None, pa.py_buffer(together)]).dictionary_encode()
    cells, described = cast(Sequence[tuple[str, dt.date]], last_days), []
    for row in found.dictionary.to_pylist():
        programs = np.frombuffer(row, dtype=number).tolist()
        described.append(_standing(dict(cells[place] for place in programs if place >= 0), as_of))
    standing = pa.Table.from_pylist(described, schema=_STANDING).take(found.indices)
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
