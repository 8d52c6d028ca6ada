"""The command ``measureharmony catalog``."""

from __future__ import annotations

from typing import Annotated

import typer

from measureharmony.commands import options
from measureharmony.commands.running import load
from measureharmony.commands.terminal import NO, errors_shown, stdout


def catalog(
    text: Annotated[
        list[str] | None, typer.Argument(help="An identifier (CMS125, BCS-E), or words to search for.")
    ] = None,
    measure: Annotated[str | None, typer.Option("--measure", "-m", help="Show this measure in full.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the entries as JSON.")] = False,
    specs: options.Specs = None,
    value_sets: options.ValueSets = None,
) -> None:
    """List, search and read the canonical measures. Exits 1 when nothing is found."""
    with errors_shown():
        from measureharmony.catalogue import entries, search
        from measureharmony.catalogue.terminal import as_json, full, table

        every = entries(load(specs, value_sets))
        if measure:
            every = tuple(entry for entry in every if entry.key == measure)
        chosen = [found.entry for found in search(every, " ".join(text))] if text else list(every)
        if not chosen:
            typer.echo(f"No measure is like {' '.join(text or [measure or ''])!r}. List all: measureharmony catalog")
            raise typer.Exit(NO)
        if json:
            typer.echo(as_json(chosen))
        else:
            stdout().print(full(chosen[0]) if measure else table(chosen))


__all__ = ["catalog"]
