"""What is known of each part of the outcomes beside its files: kept in columns, one row for each part.

``parts.parquet`` has them all, in the order of the people. What everybody comes to is their sum, so that a part that
nothing has changed in need not be read again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from measureharmony.evaluation.columns import Bools, Floats, Ints
from measureharmony.evaluation.outcomes_by_part import PartOutcomes
from measureharmony.evaluation.population_order import CATEGORIES
from measureharmony.evaluation.rates import RATE_COLUMNS, rates_of
from measureharmony.evaluation.tallies import Tally, rate_lines, tally
from measureharmony.payers.variant import Variant
from measureharmony.reports.finality import FINAL_COLUMNS, Finality
from measureharmony.reports.tables import ResultTable

#: What is known of a part: what its files are called and hold (SHA-256), how many people, gaps and open gaps it has,
#: when the first of its open gaps is due, and its tally: counts by line and category, and the observations of lines.
#: (Numbers in a list are called as Parquet calls them, so that what is read is written again to the byte.)
SCHEMA = pa.schema(
    [
        ("name", pa.string()),
        ("people", pa.int32()),
        ("outcomes", pa.string()),
        ("care_gaps", pa.string()),
        ("gaps", pa.int32()),
        ("open_gaps", pa.int32()),
        ("next_due", pa.date32()),
        ("counts", pa.list_(pa.field("element", pa.int32()))),
        ("observed", pa.list_(pa.field("element", pa.int32()))),
        ("observations", pa.list_(pa.field("element", pa.float64()))),
    ]
)
#: Those of its columns that sum up outcomes and care gaps, whatever files they lie in.
SUMS = ("gaps", "open_gaps", "next_due", "counts", "observed", "observations")
#: A day after all others.
_NEVER = np.iinfo(np.int32).max


@dataclass(frozen=True)
class Divided:
    """Which of ``count`` parts each outcome, and each care gap, is about."""

    count: int
    outcome: Ints
    gap: Ints


def sums_of(
    outcomes: pa.Table | PartOutcomes, gaps: pa.Table, variants: Sequence[Variant], divided: Divided | None = None
) -> pa.Table:
    """The columns :data:`SUMS` of each part; undivided, all outcomes are those of one part."""
    divided = divided or Divided(1, np.zeros(len(outcomes), dtype=np.int32), np.zeros(len(gaps), dtype=np.int32))
    parts, gap_part = divided.count, divided.gap
    is_open = np.asarray(pc.equal(gaps["status"], "open"))
    found = tally(outcomes, variants, divided.outcome, parts)
    first_due = np.full(parts, _NEVER, dtype=np.int32)
    np.minimum.at(first_due, gap_part, gaps["due"].cast(pa.int32()).fill_null(_NEVER).to_numpy())
    ends = np.searchsorted(found.part, np.arange(parts + 1))
    columns = {
        "gaps": pa.array(np.bincount(gap_part, minlength=parts), pa.int32()),
        "open_gaps": pa.array(np.bincount(gap_part[is_open], minlength=parts)),
        "next_due": pa.array(first_due, mask=first_due == _NEVER),
        "counts": _lists(np.arange(parts + 1) * found.counts[0].size, found.counts.ravel()),
        "observed": _lists(ends, found.line),
        "observations": _lists(ends, found.number),
    }
    return pa.table({name: columns[name].cast(SCHEMA.field(name).type) for name in SUMS})


def tally_of(records: pa.Table, variants: Sequence[Variant]) -> Tally:
    """What the outcomes of all parts come to; ``variants`` are those that were counted."""
    counts = _flat(records["counts"]).reshape(-1, len(rate_lines(variants)), len(CATEGORIES))
    observed = records["observed"].combine_chunks()
    part = np.repeat(np.arange(len(observed)), np.diff(observed.offsets.to_numpy()))
    return Tally(counts, part, _flat(records["observed"]), _flat(records["observations"]))


def rates_of_parts(records: pa.Table, finality: Finality, variants: Sequence[Variant]) -> ResultTable:
    """The rates of everybody, added up from those of the parts."""
    rates = finality.of_rates(rates_of(tally_of(records, variants), variants))
    return ResultTable("rates", rates, {**RATE_COLUMNS, **FINAL_COLUMNS})


def programs_counted(records: pa.Table, variants: Sequence[Variant]) -> frozenset[str]:
    """The programs that count somebody."""
    return tally_of(records, variants).programs(variants)


def gap_terms(finality: Finality, as_of: dt.date | None) -> dict[str, str]:
    """What care gaps depend on besides the outcomes: the day, and what value sets lack."""
    lacking = [f"{key}: {one}" for key, one in finality.shortfalls.items() if not key[-1]]
    return {
        "as_of": as_of.isoformat() if as_of else "",
        "lacking": hashlib.sha256("\n".join(lacking).encode()).hexdigest(),
    }


def gaps_hold(records: pa.Table, terms: Mapping[str, str]) -> Bools:
    """For each part, whether the care gaps that were found on the terms that it was written with are those of today.

    A gap changes when the last day has passed on which it can be closed, and whatever may have changed on a day before.
    """
    before = {name.decode(): value.decode() for name, value in (records.schema.metadata or {}).items()}
    today, earlier = terms["as_of"], before.get("as_of", "")
    if before.get("lacking") != terms["lacking"] or (today != earlier and not "" < earlier < today):
        return np.zeros(len(records), dtype=bool)
    due = records["next_due"].cast(pa.string())
    return np.asarray(pc.greater_equal(due, today).fill_null(True))


def write_records(records: pa.Table, path: Path, terms: Mapping[str, str] | None = None) -> None:
    """Write what is known of some parts, and the ``terms`` of their care gaps; equal rows are equal files."""
    records = records.replace_schema_metadata(terms)
    pq.write_table(records.combine_chunks(), path, write_statistics=False, write_page_checksum=True)


def read_records(path: Path) -> pa.Table | None:
    """What :func:`write_records` wrote; ``None`` where it did not, or the file is damaged."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            records = file.read()
    except (OSError, pa.ArrowException):
        return None
    return records if records.schema.equals(SCHEMA) else None


def files_of(records: pa.Table) -> list[dict[str, str]]:
    """What the parts and their files are called: ``name``, and the SHA-256 of their ``outcomes`` and ``care_gaps``."""
    told: list[dict[str, str]] = records.select(["name", "outcomes", "care_gaps"]).to_pylist()
    return told


def _lists(ends: Ints, values: Ints | Floats) -> pa.Array:
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.array(values))


def _flat(lists: pa.ChunkedArray) -> Any:
    return lists.combine_chunks().flatten().to_numpy()


__all__ = [
    "SCHEMA", "SUMS", "Divided", "files_of", "gap_terms", "gaps_hold", "programs_counted", "rates_of_parts",
    "read_records", "sums_of", "tally_of", "write_records",
]  # fmt: skip
