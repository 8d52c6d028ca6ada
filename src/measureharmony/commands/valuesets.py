"""The commands ``measureharmony valuesets …``."""

from __future__ import annotations

from typing import Annotated

import typer

from measureharmony.commands import options
from measureharmony.commands.running import load
from measureharmony.commands.terminal import NO, OK, errors_shown, stdout
from measureharmony.errors import UsageError

VALUE_SETS = "Which value sets there are, which codes they hold, and which rates can be final with them."

value_set_commands = typer.Typer(
    name="valuesets",
    help=VALUE_SETS,
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@value_set_commands.command(epilog="Example: measureharmony valuesets check --value-sets licensed/ -m cbp")
def check(  # noqa: PLR0913 - its options
    specs: options.Specs = None,
    value_sets: options.ValueSets = None,
    measure: options.Measures = None,
    program: options.Programs = None,
    year: options.Year = None,
    edition: options.Edition = None,
    partial: Annotated[
        bool, typer.Option("--allow-partial", help="Be content with sets of which only some codes are there.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print every measure's value sets as JSON.")] = False,
) -> None:
    """Say for each measure which value sets are complete, partial or missing. Exits 1 unless all rates can be final."""
    with errors_shown():
        from measureharmony.harmonize import check_value_sets
        from measureharmony.reports.value_sets_shown import check_shown, lacking

        loaded = load(specs, value_sets)
        found = check_value_sets(loaded, year=year, edition=edition, programs=program, measures=measure)
        if json:
            typer.echo(found.to_json())
        else:
            titles = {key: spec.title for key, spec in loaded.canonical.measures.items()}
            stdout().print(check_shown(found, titles, loaded.value_sets, in_full=bool(measure)))
        raise typer.Exit(NO if lacking(found, missing_only=partial) else OK)


@value_set_commands.command("list", epilog="Example: measureharmony valuesets list hospice")
def list_value_sets(
    text: Annotated[list[str] | None, typer.Argument(help="Words that the name, title or OID holds.")] = None,
    specs: options.Specs = None,
    value_sets: options.ValueSets = None,
) -> None:
    """List the value sets that specs can name, and those you loaded. Exits 1 when none has all the words."""
    with errors_shown():
        from measureharmony.reports.value_sets_shown import list_shown

        words = [word.casefold() for word in text or ()]
        every = load(specs, value_sets).value_sets.values()
        chosen = [s for s in every if all(word in f"{s.name} {s.title} {s.oid}".casefold() for word in words)]
        stdout().print(list_shown(chosen))
        raise typer.Exit(OK if chosen else NO)


@value_set_commands.command(epilog="Example: measureharmony valuesets show diabetes")
def show(
    name: Annotated[str, typer.Argument(help="Its name or OID.")],
    specs: options.Specs = None,
    value_sets: options.ValueSets = None,
) -> None:
    """Show one value set: where it comes from, its state, and its codes."""
    with errors_shown():
        from measureharmony.reports.value_sets_shown import set_shown
        from measureharmony.value_sets import shipped_systems

        sets = load(specs, value_sets).value_sets
        if name not in sets:
            raise UsageError(f"There is no value set {name}. List them: measureharmony valuesets list")
        stdout().print(set_shown(sets[name], shipped_systems()))


__all__ = ["value_set_commands"]
