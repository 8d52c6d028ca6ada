"""The command ``measureharmony report``."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from measureharmony.commands import options
from measureharmony.commands.running import evaluated, load, recorded, shown_progress
from measureharmony.commands.terminal import errors_shown, require_folder, say_written

if TYPE_CHECKING:
    from measureharmony.reports.report_files import Format
    from measureharmony.reports.tables import ResultTable


class ReportFormat(StrEnum):
    """What ``--format`` takes."""

    HTML = "html"
    XLSX = "xlsx"
    CSV = "csv"
    ALL = "all"

    @property
    def formats(self) -> tuple[Format, ...]:
        """The formats that are written."""
        from measureharmony.reports.report_files import FORMATS

        return tuple(one for one in FORMATS if self in (ReportFormat.ALL, one))


def report(  # noqa: PLR0913 - its options
    practice: options.PracticeOrDemo = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the report.")] = Path("report"),
    format: Annotated[ReportFormat, typer.Option("--format", "-f", help="What to write.")] = ReportFormat.ALL,
    de_identified: Annotated[
        bool, typer.Option("--de-identified", help="Nothing that names people; counts of 1 to 10 hidden.")
    ] = False,
    history: Annotated[
        Path | None, typer.Option("--history", help="Earlier runs, as `run --history` keeps them: shows their rates.")
    ] = None,
    divergence: Annotated[
        bool, typer.Option("--divergence/--no-divergence", help="Say whom payers' differences move: a second pass.")
    ] = True,
    specs: options.Specs = None,
    value_sets: options.ValueSets = None,
    risk_tables: options.RiskTables = None,
    as_of: options.AsOf = None,
    year: options.Year = None,
    edition: options.Edition = None,
    program: options.Programs = None,
    measure: options.Measures = None,
    payer_view: options.PayerView = None,
) -> None:
    """Write what people read: an HTML page, workbooks and lists of gaps, for the practice and for each payer."""
    with errors_shown(output):
        from measureharmony.reporting import Asked, also_of
        from measureharmony.reports.report_files import require_formats

        require_folder(output)
        require_formats(format.formats)
        earlier = _earlier_rates(history) if history and not de_identified else None
        loaded = load(specs, value_sets, risk_tables)
        results = evaluated(
            loaded, practice, as_of, year=year, edition=edition, programs=program, measures=measure,
            payer_view=payer_view,
        )  # fmt: skip
        with shown_progress() as progress:
            moved = divergence and not de_identified
            also = also_of(results, loaded, Asked(year, edition), people=moved, progress=progress)
        also = replace(also, earlier_rates=earlier)
        paths = results.write_report(output, formats=format.formats, also=also, de_identified=de_identified)
        say_written(paths, output)


def _earlier_rates(file: Path) -> ResultTable:
    with recorded(file) as kept:
        return kept.rates()


__all__ = ["report"]
