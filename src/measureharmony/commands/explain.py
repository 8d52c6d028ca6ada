"""The command ``measureharmony explain``."""

from __future__ import annotations

from typing import Annotated

import typer

from measureharmony.commands import options
from measureharmony.commands.running import load, read
from measureharmony.commands.terminal import errors_shown


def explain(  # noqa: PLR0913 - its options
    practice: options.Practice,
    person: Annotated[str, typer.Argument(help="person_id")],
    measure: Annotated[str, typer.Option("--measure", "-m", help="Which measure.")],
    program: Annotated[str, typer.Option("--program", "-p", help="Whose version of it.")] = "canonical",
    specs: options.Specs = None,
    value_sets: options.ValueSets = None,
    risk_tables: options.RiskTables = None,
    as_of: options.AsOf = None,
    year: options.Year = None,
    edition: options.Edition = None,
) -> None:
    """Explain why one person is in or out of a measure: criteria, evidence, near misses."""
    with errors_shown():
        from measureharmony.harmonize import explain_person

        loaded = load(specs, value_sets, risk_tables)
        told = explain_person(read(practice), loaded, person, measure, program, year=year, edition=edition, as_of=as_of)
        typer.echo(str(told))


__all__ = ["explain"]
