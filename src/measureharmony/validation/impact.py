"""What a program's versions would do to a sample practice: people and points, rate by rate and change by change."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from measureharmony import harmonize
from measureharmony.payers import Program
from measureharmony.practice import Practice
from measureharmony.practice.source import read_practice
from measureharmony.reports.divergence import Divergence
from measureharmony.validation.program_folder import ProgramFolder

#: Names the made-up practice; a folder of that name is ``./demo``.
DEMO = "demo"


@dataclass(frozen=True)
class Impact:
    """What becomes of the people of a sample; ``notes`` say in sentences who is compared, and what is not."""

    sample: str
    people: int
    divergence: Divergence
    notes: tuple[str, ...] = ()


def read_sample(sample: str) -> Practice:
    """The practice in a folder, or the made-up one."""
    return harmonize.demo_practice() if sample == DEMO else read_practice(Path(sample))


def impact(
    read: ProgramFolder,
    sample: Practice,
    against: str,
    year: int | None = None,
    as_of: dt.date | None = None,
) -> Impact | None:
    """The program's people in ``sample``, as ``against`` counts them and as the program does.

    Where it covers nobody there, everybody is compared, and anybody's coverage counts as its own. ``None``: it has no
    measure to count.
    """
    if read.program is None or not read.measures:
        return None
    foreign = not _covers_somebody(read.program, sample)
    found = harmonize.divergence(
        sample, read.specs, against=against, programs=[read.program.program], measures=read.measures,
        year=year or read.program.edition, edition=read.edition, as_of=as_of, everybody=foreign,
        any_payer=foreign,
    )  # fmt: skip
    notes = (_whose(read.program, sample, foreign=foreign), *found.notes)
    return Impact(sample.origin, sample.person_count, found, notes)


def _whose(program: Program, sample: Practice, *, foreign: bool) -> str:
    of = f"the sample of {sample.person_count:,} people ({sample.origin})"
    if foreign:
        return f"Moves: all of {of}, none of whom {program.payer} covers; any coverage counts as its own."
    return f"Moves: the people of {program.program} in {of}."


def _covers_somebody(program: Program, sample: Practice) -> bool:
    coverage = sample.table("coverage")
    own = pc.equal(coverage["payer"], program.payer)
    if program.product_lines and "product_line" in coverage.column_names:
        own = pc.and_kleene(
            own, pc.is_in(coverage["product_line"], value_set=pa.array(program.product_lines, pa.string()))
        )
    return bool(pc.any(own).as_py())


__all__ = ["DEMO", "Impact", "impact", "read_sample"]
