"""The command ``measureharmony divergence``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from measureharmony.commands import options
from measureharmony.commands.running import load, read, shown_progress
from measureharmony.commands.terminal import errors_shown, require_folder, say_written, stdout


def divergence(  # noqa: PLR0913 - its options
    practice: options.Practice,
    against: options.Against = "canonical",
    program: options.OnlyPrograms = None,
    measure: options.Measures = None,
    everybody: Annotated[
        bool, typer.Option("--everybody", help="Compare over all people, not only over the program's own.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the tables: who moves, and why.")
    ] = None,
    specs: options.Specs = None,
    value_sets: options.ValueSets = None,
    risk_tables: options.RiskTables = None,
    as_of: options.AsOf = None,
    year: options.Year = None,
    edition: options.Edition = None,
) -> None:
    """Say whom it moves that programs mean measures differently, and which change is responsible for whom."""
    with errors_shown(output):
        from measureharmony import harmonize
        from measureharmony.reports.divergence_shown import divergence_shown

        require_folder(output)
        loaded = load(specs, value_sets, risk_tables)
        with shown_progress() as progress:
            found = harmonize.divergence(
                read(practice), loaded, against=against, year=year, edition=edition, as_of=as_of,
                programs=program, measures=measure, everybody=everybody, progress=progress,
            )  # fmt: skip
        stdout().print(divergence_shown(found, loaded.programs.titles))
        if output:
            say_written(found.write(output), output)


__all__ = ["divergence"]
