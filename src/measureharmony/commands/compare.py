"""The command ``measureharmony compare``."""

from __future__ import annotations

from typing import Annotated

import typer

from measureharmony.commands import options
from measureharmony.commands.running import load
from measureharmony.commands.terminal import errors_shown, stdout


def compare(  # noqa: PLR0913 - its options
    before: Annotated[str, typer.Argument(help="A program's key, `canonical`, or an edition: `canonical@2025`.")],
    after: Annotated[str, typer.Argument(help="What to set against it.")],
    measure: options.Measures = None,
    year: options.Year = None,
    as_of: options.AsOf = None,
    json: Annotated[bool, typer.Option("--json", help="Print the differences as JSON.")] = False,
    specs: options.Specs = None,
) -> None:
    """Say what differs between two versions of measures, axis by axis, by what they mean."""
    with errors_shown():
        from measureharmony.comparison import compare as compared
        from measureharmony.comparison.terminal import shown

        loaded = load(specs, None)
        found = compared(loaded, before, after, measures=measure, year=year, as_of=as_of)
        if json:
            typer.echo(found.to_json())
        else:
            stdout().print(shown(found, loaded.canonical.measures))


__all__ = ["compare"]
