"""Everything that a report can show of a run, gathered from where it is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from measureharmony import harmonize
from measureharmony.comparison.compare import COLUMNS, compare
from measureharmony.comparison.version import version_of
from measureharmony.payers import CANONICAL
from measureharmony.reports.content import Also
from measureharmony.reports.results import Results
from measureharmony.reports.tables import ResultTable
from measureharmony.specs import Specs


@dataclass(frozen=True)
class Asked:
    """What a run was asked for beside the practice and the specs: its measurement year and edition, if any."""

    year: int | None = None
    edition: int | None = None


def also_of(
    results: Results,
    specs: Specs,
    asked: Asked = Asked(),
    *,
    people: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Also:
    """What a report shows beside the run itself: titles, how programs differ in words, and whom that moves.

    ``specs`` and ``asked`` are those of the run. Whom differences move (``people``) takes a second pass over the
    practice.
    """
    return Also(
        titles=specs.programs.titles,
        differences=_differences(results, specs, asked),
        divergence=_moved(results, specs, asked, progress) if people and _programs(results) else None,
    )


def _programs(results: Results) -> list[str]:
    return [key for key in dict.fromkeys(variant.program for variant in results.variants) if key != CANONICAL]


def _differences(results: Results, specs: Specs, asked: Asked) -> ResultTable:
    """Each program's version of its measures against the canonical ones, all in one table."""
    name = CANONICAL if asked.edition is None else f"{CANONICAL}@{asked.edition}"
    canonical = version_of(specs, name, asked.year, results.as_of)
    tables = [pa.schema([(column, pa.string()) for column in COLUMNS]).empty_table()]
    for program in _programs(results):
        measures = [v.measure.measure for v in results.variants if v.program == program]
        found = compare(specs, canonical, program, measures=measures, year=asked.year, as_of=results.as_of)
        tables.append(found.table.arrow)
    return ResultTable("differences", pa.concat_tables(tables), COLUMNS)


def _moved(results: Results, specs: Specs, asked: Asked, progress: Callable[[int, int], None] | None) -> ResultTable:
    measures = dict.fromkeys(variant.measure.measure for variant in results.variants if variant.program != CANONICAL)
    found = harmonize.divergence(
        results.practice, specs, year=asked.year, edition=asked.edition, as_of=results.as_of,
        programs=_programs(results), measures=measures, progress=progress,
    )  # fmt: skip
    return found.counts


__all__ = ["Asked", "also_of"]
