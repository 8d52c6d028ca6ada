"""The command ``measureharmony conformance``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from measureharmony.commands import options
from measureharmony.commands.running import load
from measureharmony.commands.terminal import NO, OK, errors_shown


def conformance(  # noqa: PLR0913 - its options
    deck: Annotated[Path, typer.Argument(help="Folder with one sub-folder per measure (CMS122, …).")],
    value_sets: options.ValueSets = None,
    measure: options.Measures = None,
    json: Annotated[
        Path | None,
        typer.Option("--json", help="Write the whole report to this file."),
    ] = None,
    exceptions: Annotated[
        Path | None,
        typer.Option("--exceptions", help="YAML list of documented exceptions, each with its proof."),
    ] = None,
    edition: options.Edition = None,
    specs: options.Specs = None,
) -> None:
    """Compare with published test people. Exits 1 on any disagreement that is not a documented exception."""
    with errors_shown():
        from measureharmony.conformance import check_deck

        report = check_deck(deck, load(specs, value_sets), measure or (), exceptions, edition)
        typer.echo(str(report))
        if json:
            json.write_bytes(report.to_json())
        raise typer.Exit(OK if report.agrees else NO)


__all__ = ["conformance"]
