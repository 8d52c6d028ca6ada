"""The command ``measureharmony people``."""

from __future__ import annotations

from typing import Annotated

import typer

from measureharmony.commands import options
from measureharmony.commands.terminal import NO, OK, errors_shown
from measureharmony.measures.plain_words import how_many


def people(
    measure: Annotated[list[str] | None, typer.Argument(help="Only the people of these measures.")] = None,
    specs: options.Specs = None,
    value_sets: options.ValueSets = None,
) -> None:
    """Evaluate the worked people beside the specs, in both ways. Exits 1 when one is not where the file says."""
    with errors_shown():
        from measureharmony.conformance.worked_people import check_worked_people
        from measureharmony.specs import read_specs

        loaded = read_specs(specs, value_sets).require()
        found = check_worked_people(loaded, measure or ())
        for issue in found:
            typer.echo(str(issue))
        counted = sum(
            len(file.people)
            for library in loaded.editions.libraries.values()
            for key, file in library.people.items()
            if not measure or key in measure
        )
        people_shown = "1 worked person" if counted == 1 else f"{counted} worked people"
        typer.echo(f"{people_shown}: {how_many(len(found), 'problem')}")
        raise typer.Exit(NO if found else OK)


__all__ = ["people"]
