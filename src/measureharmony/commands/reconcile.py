"""The command ``measureharmony reconcile``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from measureharmony.commands.options import (
    NO,
    OK,
    AsOf,
    Measures,
    SpecsOption,
    ValueSetsOption,
    Year,
    errors_shown,
    load,
    require_folder,
    stdout,
)


def reconcile(  # noqa: PLR0913 - its options
    practice: Annotated[Path, typer.Argument(help="The practice, as for `run`.")],
    file: Annotated[Path, typer.Argument(help="The payer's list of gaps or results: .xlsx, .xls, .csv or .tsv.")],
    profile: Annotated[Path, typer.Option("--profile", help="What stands where in the list, and what its words mean.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the list of disputes and the summary (CSV).")
    ] = None,
    measure: Measures = None,
    specs: SpecsOption = None,
    value_sets: ValueSetsOption = None,
    as_of: AsOf = None,
    year: Year = None,
) -> None:
    """Set a payer's list beside our outcomes, and give every difference its cause. Exits 1 when there is one."""
    with errors_shown():
        from measureharmony.practice.source import read_practice
        from measureharmony.reconciliation import read_profile
        from measureharmony.reconciliation import reconcile as reconciled
        from measureharmony.reconciliation.shown import reconciliation_shown

        if output:
            require_folder(output)
        read = read_profile(profile)
        loaded = load(specs, value_sets)
        day = as_of.date() if as_of else None
        found = reconciled(read_practice(practice), loaded, file, read, as_of=day, year=year, measures=measure)
        stdout().print(reconciliation_shown(found, loaded.programs.programs[read.program].title))
        if output:
            paths = found.write(output)
            typer.echo(f"wrote {', '.join(path.name for path in paths)} to {output}")
        raise typer.Exit(NO if len(found.disputes) else OK)


__all__ = ["reconcile"]
