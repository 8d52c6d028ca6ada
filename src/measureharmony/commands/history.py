"""The command ``measureharmony history``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from measureharmony.commands.running import recorded
from measureharmony.commands.terminal import errors_shown, require_folder, say_written, stdout


def history(
    file: Annotated[Path, typer.Argument(help="A history that `run --history` has recorded runs in.")],
    program: Annotated[
        str | None, typer.Option("--program", "-p", help="Rates and changes of this program; `canonical`: unified.")
    ] = None,
    measure: Annotated[str | None, typer.Option("--measure", "-m", help="Rates and changes of this measure.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the tables: runs, rate_history, gap_changes.")
    ] = None,
) -> None:
    """Show recorded runs: rates over time, and the gaps that the last run opened and closed, and by what."""
    with errors_shown(output):
        from measureharmony.history.shown import history_shown

        require_folder(output)
        with recorded(file) as kept:
            stdout().print(history_shown(kept, program, measure))
            if output:
                tables = (kept.runs(), kept.rates(program, measure), kept.changes(None, program, measure))
                paths = [path for table in tables for path in table.write(output)]
                say_written(paths, output)


__all__ = ["history"]
