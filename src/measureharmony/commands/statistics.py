"""The command ``measureharmony statistics``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from measureharmony.commands.options import (
    AsOf,
    Edition,
    Measures,
    Programs,
    RiskTablesOption,
    SpecsOption,
    ValueSetsOption,
    Year,
    errors_shown,
    evaluated,
    load,
    require_folder,
    stdout,
)


class IntervalName(StrEnum):
    """The confidence intervals there are."""

    WILSON = "wilson"
    CLOPPER_PEARSON = "clopper_pearson"


def statistics(  # noqa: PLR0913 - its options
    practice: Annotated[
        Path | None, typer.Argument(help="The practice, as for `run`. Default: the demo practice.")
    ] = None,
    confidence: Annotated[float, typer.Option("--confidence", help="How often intervals hold the true rate.")] = 0.95,
    interval: Annotated[IntervalName, typer.Option("--interval", help="Which interval.")] = IntervalName.WILSON,
    minimum: Annotated[
        int, typer.Option("--minimum", help="Fewer people are few, where no contract says from how many on.")
    ] = 30,
    proved: Annotated[
        bool, typer.Option("--proved", help="Pool what is proved to mean the same, not only what is written alike.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the table as JSON.")] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Folder for the table.")] = None,
    program: Programs = None,
    measure: Measures = None,
    specs: SpecsOption = None,
    value_sets: ValueSetsOption = None,
    risk_tables: RiskTablesOption = None,
    as_of: AsOf = None,
    year: Year = None,
    edition: Edition = None,
) -> None:
    """Say how sure rates are: intervals, reliability, the chance of truly meeting targets, and pooled rates."""
    with errors_shown():
        from measureharmony.reports.statistics_shown import statistics_shown
        from measureharmony.statistics.tables import Precision

        if output:
            require_folder(output)
        Precision(confidence, interval.value, minimum)  # refused before the work, not after it
        loaded = load(specs, value_sets, risk_tables)
        results = evaluated(loaded, practice, as_of, year=year, edition=edition, programs=program, measures=measure)
        aligned = None
        if proved:
            from measureharmony.alignment import proved as proved_aligned

            aligned = proved_aligned(loaded, results.variants)
        found = results.statistics(confidence, interval.value, minimum, aligned)
        if json:
            typer.echo(found.to_json())
        else:
            titles = {key: one.title for key, one in loaded.programs.programs.items()}
            stdout().print(statistics_shown(found, titles))
        if output:
            output.mkdir(parents=True, exist_ok=True)
            typer.echo(f"wrote {', '.join(path.name for path in found.write(output))} to {output}", err=json)


__all__ = ["statistics"]
