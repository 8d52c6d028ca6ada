"""The command ``measureharmony changelog``."""

from __future__ import annotations

from typing import Annotated

import typer

from measureharmony.commands import options
from measureharmony.commands.terminal import errors_shown


def changelog(
    before: Annotated[str, typer.Argument(help="A date (2026-01-01), or a git revision of the specs.")],
    after: Annotated[str, typer.Argument(help="A later date, or another revision.")],
    specs: options.Specs = None,
    json: Annotated[bool, typer.Option("--json", help="JSON instead of Markdown.")] = False,
) -> None:
    """Write what changed in programs' specs between two dates or revisions, what is still open first."""
    with errors_shown():
        from measureharmony.comparison.changelog import between
        from measureharmony.comparison.minutes import as_markdown

        found = between(before, after, specs)
        typer.echo(found.to_json() if json else as_markdown(found), nl=json)


__all__ = ["changelog"]
