"""The command ``measureharmony reconcile``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from measureharmony.commands import options
from measureharmony.commands.running import load, read
from measureharmony.commands.terminal import NO, OK, errors_shown, require_folder, say_written, stdout


def reconcile(  # noqa: PLR0913 - its options
    practice: options.Practice,
    file: Annotated[Path, typer.Argument(help="The payer's list of gaps or results: .xlsx, .xls, .csv or .tsv.")],
    profile: Annotated[Path, typer.Option("--profile", help="What stands where in the list, and what its words mean.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the list of disputes and the summary (CSV).")
    ] = None,
    measure: options.Measures = None,
    specs: options.Specs = None,
    value_sets: options.ValueSets = None,
    as_of: options.AsOf = None,
    year: options.Year = None,
) -> None:
    """Set a payer's list beside our outcomes, and give every difference its cause. Exits 1 when there is one."""
    with errors_shown(output):
        from measureharmony.reconciliation import read_profile
        from measureharmony.reconciliation import reconcile as reconciled
        from measureharmony.reconciliation.shown import reconciliation_shown

        require_folder(output)
        told = read_profile(profile)
        loaded = load(specs, value_sets)
        found = reconciled(read(practice), loaded, file, told, as_of=as_of, year=year, measures=measure)
        stdout().print(reconciliation_shown(found, loaded.programs.programs[told.program].title))
        if output:
            say_written(found.write(output), output)
        raise typer.Exit(NO if len(found.disputes) else OK)


__all__ = ["reconcile"]
