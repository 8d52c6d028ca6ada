"""The command ``measureharmony statistics``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from measureharmony.commands import options
from measureharmony.commands.running import evaluated, load
from measureharmony.commands.terminal import errors_shown, require_folder, say_written, stdout


class IntervalName(StrEnum):
    """The confidence intervals there are."""

    WILSON = "wilson"
    CLOPPER_PEARSON = "clopper_pearson"


def statistics(  # noqa: PLR0913 - its options
    practice: options.PracticeOrDemo = None,
    confidence: Annotated[float, typer.Option("--confidence", help="How often intervals hold the true rate.")] = 0.95,
    interval: Annotated[IntervalName, typer.Option("--interval", help="Which interval.")] = IntervalName.WILSON,
    minimum: Annotated[
        int, typer.Option("--minimum", help="Fewer people are few, where no contract says from how many on.")
    ] = 30,
    proved: Annotated[
        bool, typer.Option("--proved", help="Pool what is proved to mean the same, not only what is written alike.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the table as JSON.")] = False,
    output: options.Tables = None,
    program: options.Programs = None,
    measure: options.Measures = None,
    specs: options.Specs = None,
    value_sets: options.ValueSets = None,
    risk_tables: options.RiskTables = None,
    as_of: options.AsOf = None,
    year: options.Year = None,
    edition: options.Edition = None,
) -> None:
    """Say how sure rates are: intervals, reliability, the chance of truly meeting targets, and pooled rates."""
    with errors_shown(output):
        from measureharmony.reports.statistics_shown import statistics_shown
        from measureharmony.statistics.tables import Precision

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
            stdout().print(statistics_shown(found, loaded.programs.titles))
        if output:
            say_written(found.write(output), output, aside=json)


__all__ = ["statistics"]
