"""The results of a run that lie on disk in parts, because there are more of them than memory should hold."""

from __future__ import annotations

import datetime as dt
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pa_dataset
import pyarrow.parquet as pq

from measureharmony.evaluation.care_gaps import care_gap_table
from measureharmony.evaluation.outcome import Evaluated, outcome_table
from measureharmony.evaluation.rates import RATE_COLUMNS, Counts, count, rates_of
from measureharmony.payers.variant import Variant
from measureharmony.practice import Practice
from measureharmony.reports.finality import FINAL_COLUMNS, Finality
from measureharmony.reports.tables import ResultTable, write_parquet

#: What there is a file of for each part of the people.
IN_PARTS = ("outcomes", "care_gaps")


@dataclass(frozen=True)
class PartSummary:
    """What is left to know of a part when its outcomes and care gaps have been written."""

    counts: Counts
    programs: frozenset[str]
    gaps: int
    open_gaps: int


@dataclass(frozen=True)
class StoredResults:
    """What a run found, in ``folder``: ``outcomes/`` and ``care_gaps/`` in parts of people, rates and manifest whole.

    The rows are those of :class:`measureharmony.reports.results.Results`. ``parts`` sum up the parts; ``finality`` says
    which rates may be called final, ``notes`` what was left out.
    """

    folder: Path
    parts: Sequence[PartSummary]
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
        return pa_dataset.dataset(part_files(self.folder, "outcomes"), format="parquet")

    def outcome_tables(self) -> Iterator[pa.Table]:
        """The outcomes, part by part."""
        for path in part_files(self.folder, "outcomes"):
            yield pq.read_table(path)

    @property
    def care_gaps(self) -> pa_dataset.Dataset:
        """The care gaps on disk."""
        return pa_dataset.dataset(part_files(self.folder, "care_gaps"), format="parquet")

    @property
    def programs_with_people(self) -> frozenset[str]:
        """Programs that count somebody."""
        return frozenset[str]().union(*(part.programs for part in self.parts))

    @property
    def gap_counts(self) -> tuple[int, int]:
        """How many care gaps there are, and how many of them are still open."""
        return sum(part.gaps for part in self.parts), sum(part.open_gaps for part in self.parts)

    def write(self, folder: Path) -> list[Path]:
        """Write rates, rejects and manifest into ``folder``; the paths of them and of what is on disk already.

        Outcomes and care gaps of an earlier run in memory are removed, which would be taken for those of this one.
        """
        for name in IN_PARTS:
            for whole in (f"{name}.parquet", f"{name}.csv"):
                (folder / whole).unlink(missing_ok=True)
        paths = [self.folder / "outcomes", self.folder / "care_gaps"]
        paths += [*self.rates.write(folder), *self.practice.write_rejects(folder), folder / "manifest.json"]
        paths[-1].write_bytes(orjson.dumps(self.manifest, option=orjson.OPT_INDENT_2))
        return paths


@dataclass(frozen=True)
class PartWriter:
    """Writes the outcomes and care gaps of one part after the other into ``folder``; ``everybody`` as in ``evaluate``.

    It is sent to the processes that evaluate the parts.
    """

    folder: Path
    finality: Finality
    variants: tuple[Variant, ...]
    as_of: dt.date | None
    everybody: bool

    def write(self, part: int, evaluated: Evaluated) -> PartSummary:
        """Write what was answered about a part, and sum it up."""
        outcomes = outcome_table(self.variants, evaluated, everybody=self.everybody)
        gaps = self.finality.of_gaps(care_gap_table(outcomes, self.variants, self.as_of))
        # The outcomes come last: where they are, the part is whole.
        for name, table in (("care_gaps", gaps), ("outcomes", outcomes)):
            path = self._path(name, part)
            path.parent.mkdir(parents=True, exist_ok=True)
            # A name of its own, which readers pass over: another process may have begun the same part and be stopped.
            half = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
            write_parquet(table, half)
            _keep(half)
            half.replace(path)
        return summed(outcomes, gaps, self.variants)

    def written(self, part: int) -> PartSummary | None:
        """A part that is there already, summed up; ``None``: it is not, or is damaged."""
        try:
            outcomes, gaps = (pq.read_table(self._path(name, part)) for name in ("outcomes", "care_gaps"))
        except (OSError, pa.ArrowException):
            return None
        return summed(outcomes, gaps, self.variants)

    def clear(self) -> None:
        """Remove what an earlier run wrote."""
        remove_parts(self.folder)
        self.clear_unfinished()

    def clear_unfinished(self) -> None:
        """Remove what was begun by a process that was stopped."""
        for name in IN_PARTS:
            for path in (self.folder / name).glob(".part-*"):
                path.unlink()

    def _path(self, name: str, part: int) -> Path:
        return self.folder / name / f"part-{part:05}.parquet"


def part_files(folder: Path, name: str) -> list[Path]:
    """The files of one of :data:`IN_PARTS`, in order."""
    return sorted((folder / name).glob("part-*.parquet"))


def remove_parts(folder: Path) -> None:
    """Remove the parts that an earlier run left in ``folder``; what else is there stays."""
    for name in IN_PARTS:
        for path in part_files(folder, name):
            path.unlink()


def _keep(path: Path) -> None:
    """See to it that what was written is on the disk, also if the machine stops now."""
    with path.open("rb+") as written:
        os.fsync(written.fileno())


def summed(outcomes: pa.Table, gaps: pa.Table, variants: Sequence[Variant]) -> PartSummary:
    """What is left to know of a part."""
    programs = pc.unique(outcomes.filter(outcomes["member"])["program"]).to_pylist()
    still_open = pc.sum(pc.equal(gaps["status"], "open")).as_py() or 0
    return PartSummary(count(outcomes, variants), frozenset(programs), gaps.num_rows, still_open)


def rates_of_parts(parts: Sequence[PartSummary], finality: Finality, variants: Sequence[Variant]) -> ResultTable:
    """The rates of everybody, counted from those of the parts."""
    rates = finality.of_rates(rates_of((part.counts for part in parts), variants))
    return ResultTable("rates", rates, {**RATE_COLUMNS, **FINAL_COLUMNS})


__all__ = ["PartSummary", "PartWriter", "StoredResults", "rates_of_parts", "remove_parts", "summed"]
