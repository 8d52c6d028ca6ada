"""The command ``measureharmony attribution``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from measureharmony.commands.options import (
    AsOf,
    Edition,
    SpecsOption,
    ValueSetsOption,
    Year,
    errors_shown,
    load,
    require_folder,
    stdout,
)


def attribution(  # noqa: PLR0913 - its options
    practice: Annotated[
        Path | None, typer.Argument(help="The practice, as for `run`. Default: the demo practice.")
    ] = None,
    program: Annotated[
        list[str] | None, typer.Option("--program", "-p", help="Only this program (repeatable). Default: all.")
    ] = None,
    rule: Annotated[
        str | None, typer.Option("--rule", help="This rule for all programs, instead of their rosters and rules.")
    ] = None,
    months: Annotated[
        int, typer.Option("--months", min=0, max=120, help="Also who was attributed when, so many months back.")
    ] = 0,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Folder for the tables.")] = None,
    specs: SpecsOption = None,
    value_sets: ValueSetsOption = None,
    as_of: AsOf = None,
    year: Year = None,
    edition: Edition = None,
) -> None:
    """Say whose patients people are by each payer's roster or rule, and where rosters may be wrong."""
    with errors_shown():
        from measureharmony import harmonize
        from measureharmony.practice.source import read_practice
        from measureharmony.reports.attribution_shown import attribution_shown

        if output:
            require_folder(output)
        loaded = load(specs, value_sets)
        people = read_practice(practice) if practice else harmonize.demo_practice()
        day = as_of.date() if as_of else None
        found = harmonize.attribution(
            people, loaded, rule=rule, year=year, edition=edition, as_of=day, programs=program
        )
        stdout().print(attribution_shown(found, {key: one.title for key, one in loaded.programs.programs.items()}))
        if output:
            typer.echo(f"wrote {', '.join(path.name for path in found.write(output, months))} to {output}")


__all__ = ["attribution"]
