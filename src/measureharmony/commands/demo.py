"""The command ``measureharmony demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from measureharmony.commands import options
from measureharmony.commands.running import DEMO_DAY, load, shown_progress, write_and_sum_up
from measureharmony.commands.terminal import errors_shown, require_folder, stderr


def demo(
    output: options.Results = Path("demo-output"),
    people: Annotated[int, typer.Option("--people", min=1, help="How many people to make up.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", help="Another seed, another practice.")] = 2026,
    as_of: options.AsOf = None,
    payer_view: options.PayerView = None,
    practice_only: Annotated[
        bool, typer.Option("--practice-only", help="Only write the practice, as CSV, its broken rows included.")
    ] = False,
) -> None:
    """Make up a practice, evaluate all programs over it, and show what comes out."""
    with errors_shown():
        from measureharmony.harmonize import demo_practice, evaluate
        from measureharmony.practice.demo import write_demo

        if practice_only:
            write_demo(output, people=people, seed=seed, format="csv", broken=True)
            typer.echo(f"wrote a practice of {people:,} people to {output}")
            return
        require_folder(output)
        with stderr().status("making up a practice …"):
            loaded, practice = load(None, None), demo_practice(people, seed)
        typer.echo(f"\n{practice!r}\n")
        with shown_progress() as progress:
            results = evaluate(practice, loaded, as_of=as_of or DEMO_DAY, payer_view=payer_view, progress=progress)
        write_and_sum_up(results, loaded, output)


__all__ = ["demo"]
