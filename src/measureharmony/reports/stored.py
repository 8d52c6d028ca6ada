"""The results of a run that lie on disk in parts, because there are more of them than memory should hold."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pa_dataset
import pyarrow.parquet as pq

from measureharmony.evaluation.care_gaps import care_gap_table
from measureharmony.evaluation.outcome import Evaluated, part_outcomes
from measureharmony.evaluation.outcome_form import columns_of_people
from measureharmony.evaluation.outcomes import Outcomes
from measureharmony.evaluation.outcomes_apart import apart, parts_of_rows
from measureharmony.evaluation.outcomes_by_part import PartOutcomes
from measureharmony.payers.variant import Variant
from measureharmony.practice import Practice
from measureharmony.practice.stretches import Stretches
from measureharmony.reports.finality import Finality
from measureharmony.reports.fingerprints import FILE, PARTS, sha256
from measureharmony.reports.part_records import SCHEMA, Divided, programs_counted, rates_of_parts, sums_of
from measureharmony.reports.tables import TABLE_FORMATS, ResultTable, write_parquet
from measureharmony.reports.writing import remove_earlier

#: What there is a file of for each part of the people.
IN_PARTS = ("outcomes", "care_gaps")


@dataclass(frozen=True)
class StoredResults:
    """What a run found, in ``folder``: ``outcomes/`` and ``care_gaps/`` in parts of people, rates and manifest whole.

    The rows are those of :class:`measureharmony.reports.results.Results`. ``parts`` is what is known of each part
    (:mod:`measureharmony.reports.part_records`); ``finality`` says which rates may be called final, ``notes`` what was
    left out.
    """

    folder: Path
    parts: pa.Table
    manifest: Mapping[str, object]
    variants: tuple[Variant, ...]
    practice: Practice
    finality: Finality
    as_of: dt.date | None
    notes: tuple[str, ...]

    @cached_property
    def rates(self) -> ResultTable:
        """One row per program, measure, rate and stratum."""
        return rates_of_parts(self.parts, self.finality, self.variants)

    @property
    def outcomes(self) -> pa_dataset.Dataset:
        """The outcomes on disk, to be read as far as is needed."""
        return pa_dataset.dataset(self._files("outcomes"), format="parquet")

    def outcome_tables(self) -> Iterator[pa.Table]:
        """The outcomes, part by part."""
        for path in self._files("outcomes"):
            yield pq.read_table(path)

    @property
    def care_gaps(self) -> pa_dataset.Dataset:
        """The care gaps on disk."""
        return pa_dataset.dataset(self._files("care_gaps"), format="parquet")

    @property
    def programs_with_people(self) -> frozenset[str]:
        """Programs that count somebody."""
        return programs_counted(self.parts, self.variants)

    @property
    def gap_counts(self) -> tuple[int, int]:
        """How many care gaps there are, and how many of them are still open."""
        return pc.sum(self.parts["gaps"]).as_py() or 0, pc.sum(self.parts["open_gaps"]).as_py() or 0

    def _files(self, name: str) -> list[Path]:
        """The files of one of :data:`IN_PARTS`, in the order of the people."""
        return [part_file(self.folder, name, part) for part in self.parts["name"].to_pylist()]

    def write(self, folder: Path) -> list[Path]:
        """Write rates, rejects and manifest into ``folder``; the paths of them and of what is on disk already."""
        paths = [self.folder / "outcomes", self.folder / "care_gaps"]
        paths += [*self.rates.write(folder), *self.practice.write_rejects(folder), folder / "manifest.json"]
        paths[-1].write_bytes(orjson.dumps(self.manifest, option=orjson.OPT_INDENT_2))
        return [*paths, *(path for name in (PARTS, FILE) if (path := self.folder / name).is_file())]


@dataclass(frozen=True)
class PartWriter:
    """Writes the outcomes and care gaps of parts of the people into ``folder``; ``everybody`` as in ``evaluate``.

    It is sent to the processes that evaluate the parts.
    """

    folder: Path
    finality: Finality
    variants: tuple[Variant, ...]
    as_of: dt.date | None
    everybody: bool

    def write(self, parts: Stretches, evaluated: Evaluated) -> pa.Table:
        """Write what was answered about the people of some parts; what is to be known of each of these."""
        outcomes = part_outcomes(self.variants, evaluated, everybody=self.everybody)
        return self.write_outcomes(parts, outcomes, outcomes.person_id)

    def write_outcomes(self, parts: Stretches, outcomes: pa.Table | PartOutcomes, person_id: pa.Array) -> pa.Table:
        """Write the outcomes of the people of some parts, who are ``person_id``, and the care gaps in them."""
        found = Outcomes([outcomes]) if isinstance(outcomes, PartOutcomes) else outcomes
        gaps = self.finality.of_gaps(care_gap_table(found, self.variants, self.as_of))
        divided = _divided(parts, outcomes, gaps, person_id)
        ends = np.searchsorted(divided.gap, np.arange(divided.count + 1)).tolist()
        each = {
            "care_gaps": (gaps.slice(start, end - start).combine_chunks() for start, end in pairwise(ends)),
            "outcomes": apart(outcomes, person_id, divided.outcome, parts.people, columns_of_people(self.variants)),
        }
        columns: dict[str, object] = {"name": parts.names, "people": parts.people}
        for name, tables in each.items():
            columns[name] = [self._write(name, *part) for part in zip(parts.names, tables, strict=True)]
        sums = sums_of(outcomes, gaps, self.variants, divided)
        columns |= {name: sums[name] for name in sums.column_names}
        return pa.table([columns[name] for name in SCHEMA.names], schema=SCHEMA)

    def clear(self) -> None:
        """Remove what an earlier run wrote."""
        remove_parts(self.folder)
        (self.folder / FILE).unlink(missing_ok=True)
        self.clear_unfinished()

    def clear_unfinished(self) -> None:
        """Remove what was begun by a process that was stopped."""
        for name in IN_PARTS:
            for path in (self.folder / name).glob(".part-*"):
                path.unlink()

    def _write(self, name: str, part: str, table: pa.Table) -> str:
        """Write a file of a part; the SHA-256 of what it holds."""
        path = part_file(self.folder, name, part)
        path.parent.mkdir(parents=True, exist_ok=True)
        written = pa.BufferOutputStream()
        write_parquet(table, written)
        # A name of its own, which readers pass over: another process may have begun the same part and be stopped.
        half = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        half.write_bytes(written.getvalue())
        half.replace(path)
        return hashlib.sha256(written.getvalue()).hexdigest()


def _divided(parts: Stretches, outcomes: pa.Table | PartOutcomes, gaps: pa.Table, person_id: pa.Array) -> Divided:
    """Which part each row is about."""
    whose = pc.index_in(gaps["person_id"], value_set=person_id.cast(pa.string())).to_numpy()
    part_of = np.repeat(np.arange(len(parts.people), dtype=np.int32), parts.people)
    return Divided(len(parts.people), parts_of_rows(outcomes, parts.people), part_of[whose])


def part_file(folder: Path, name: str, part: str) -> Path:
    """The file of a part, by what the part is called; ``name`` is one of :data:`IN_PARTS`."""
    return folder / name / f"part-{part}.parquet"


def is_whole(folder: Path, part: Mapping[str, str]) -> bool:
    """Whether both files of a part, of which the record is given, are in ``folder``, and hold what they held."""
    return all(is_file_of(part_file(folder, name, part["name"]), part[name]) for name in IN_PARTS)


def is_file_of(path: Path, digest: str) -> bool:
    """Whether a file is there, and its SHA-256 is ``digest``."""
    return path.is_file() and sha256(path) == digest


def remove_parts(folder: Path, but: Collection[str] = ()) -> None:
    """Remove the parts in ``folder`` that are none of ``but``; what else is there stays."""
    for name in IN_PARTS:
        kept = {part_file(folder, name, part) for part in but}
        for path in (folder / name).glob("part-*.parquet"):
            if path not in kept:
                path.unlink()
        if not kept:
            with suppress(OSError):  # there is none, or something else is in it
                (folder / name).rmdir()
    if not but:
        (folder / PARTS).unlink(missing_ok=True)


def remove_others(folder: Path, parts: pa.Table) -> None:
    """Remove what would be taken for results of the same run as ``parts``: other parts, and whole tables."""
    remove_parts(folder, parts["name"].to_pylist())
    remove_earlier(folder, (folder / f"rates.{suffix}" for suffix in TABLE_FORMATS))


__all__ = [
    "IN_PARTS",
    "PartWriter",
    "StoredResults",
    "is_file_of",
    "is_whole",
    "part_file",
    "remove_others",
    "remove_parts",
]
