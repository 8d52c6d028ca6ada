"""The command ``measureharmony intake``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from measureharmony.commands import options
from measureharmony.commands.running import load
from measureharmony.commands.terminal import NO, OK, errors_shown, require_folder, stdout


def intake(  # noqa: PLR0913 - its options
    file: Annotated[Path, typer.Argument(help="A payer's sheet of measures: .xlsx, .xls, .csv or .tsv.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the drafts.")] = Path("drafts"),
    profile: Annotated[
        Path | None,
        typer.Option("--profile", help="What stands where in the sheet. Default: guessed."),
    ] = None,
    program: Annotated[
        str | None, typer.Option("--program", "-p", help="The contract's key. Default: the file's name.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Write over drafts that are there already.")] = False,
    specs: options.Specs = None,
    value_sets: options.ValueSets = None,
) -> None:
    """Make overlay drafts from a payer's sheet, every guess marked, every cell accounted for.

    Exits 1 when no measure is recognised, or a draft has problems.
    """
    with errors_shown(output):
        from measureharmony.intake import take_in
        from measureharmony.intake.report import shown

        require_folder(output)
        loaded = load(specs, value_sets)
        taken = take_in(file, loaded, profile=profile, program=program)
        taken.write(output, overwrite=overwrite)
        wrong = [issue for issue in taken.problems(output, loaded) if not issue.code.startswith("hint-")]
        stdout().print(shown(taken, wrong))
        typer.echo(f"wrote drafts, the profile and a report of every cell to {output}")
        raise typer.Exit(OK if taken.drafts and not wrong else NO)


__all__ = ["intake"]
