"""The command ``measureharmony attribution``."""

from __future__ import annotations

from typing import Annotated

import typer

from measureharmony.commands import options
from measureharmony.commands.running import load, practice_or_demo
from measureharmony.commands.terminal import errors_shown, require_folder, say_written, stdout


def attribution(  # noqa: PLR0913 - its options
    practice: options.PracticeOrDemo = None,
    program: options.OnlyPrograms = None,
    rule: Annotated[
        str | None, typer.Option("--rule", help="This rule for all programs, instead of their rosters and rules.")
    ] = None,
    months: Annotated[
        int, typer.Option("--months", min=0, max=120, help="Also who was attributed when, so many months back.")
    ] = 0,
    output: options.Tables = None,
    specs: options.Specs = None,
    value_sets: options.ValueSets = None,
    as_of: options.AsOf = None,
    year: options.Year = None,
    edition: options.Edition = None,
) -> None:
    """Say whose patients people are by each payer's roster or rule, and where rosters may be wrong."""
    with errors_shown(output):
        from measureharmony import harmonize
        from measureharmony.reports.attribution_shown import attribution_shown

        require_folder(output)
        loaded = load(specs, value_sets)
        people = practice_or_demo(practice)
        found = harmonize.attribution(
            people, loaded, rule=rule, year=year, edition=edition, as_of=as_of, programs=program
        )
        stdout().print(attribution_shown(found, loaded.programs.titles))
        if output:
            say_written(found.write(output, months), output)


__all__ = ["attribution"]
