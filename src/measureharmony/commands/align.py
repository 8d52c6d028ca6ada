"""The command ``measureharmony align``."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Annotated

import typer

from measureharmony.commands import options
from measureharmony.commands.running import load
from measureharmony.commands.terminal import errors_shown, stdout

#: Up to so many comparisons are shown in full, more of them as an overview.
FEW = 6


class Format(StrEnum):
    """How alignments are written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


def align(  # noqa: PLR0913 - its options
    measure: Annotated[list[str] | None, typer.Argument(help="Only these measures. Default: all they share.")] = None,
    program: Annotated[
        list[str] | None,
        typer.Option("--program", "-p", help="Only this program, or `canonical` (repeatable). Default: all."),
    ] = None,
    against: options.Against = "canonical",
    edition: options.Edition = None,
    against_edition: Annotated[
        int | None, typer.Option("--against-edition", help="Edition of what it is compared with. Default: the same.")
    ] = None,
    year: options.Year = None,
    as_of: options.AsOf = None,
    format: Annotated[Format, typer.Option("--format", help="Text, or every claim as JSON or CSV.")] = Format.TEXT,
    specs: options.Specs = None,
    value_sets: options.ValueSets = None,
) -> None:
    """Prove how programs' populations stand to each other: equal, narrower, wider or incomparable, shown by somebody.

    Up to six comparisons are shown in full, more of them as an overview.
    """
    with errors_shown():
        from measureharmony.alignment import Telling, align_pairs, comparisons
        from measureharmony.alignment.overview import overview

        loaded = load(specs, value_sets)
        pairs = comparisons(
            loaded, against=against, programs=program, measures=measure or None, year=year, edition=edition,
            against_edition=against_edition, as_of=as_of,
        )  # fmt: skip
        found = align_pairs(loaded, pairs, smallest=len(pairs) <= FEW, workers=os.cpu_count() or 1)
        telling = Telling(loaded.value_sets)
        if format is Format.JSON:
            typer.echo(telling.json(found))
        elif format is Format.CSV:
            typer.echo(telling.table(found).to_csv(), nl=False)
        elif len(found) > FEW:
            stdout().print(overview(found, loaded.programs.titles))
        else:
            typer.echo("\n\n".join(map(telling.text, found)))


__all__ = ["align"]
