"""The command ``measureharmony payments``."""

from __future__ import annotations

from typing import Annotated

import typer

from measureharmony.commands import options
from measureharmony.commands.running import evaluated, load
from measureharmony.commands.terminal import errors_shown, require_folder, say_written, stdout
from measureharmony.errors import UsageError


def payments(  # noqa: PLR0913 - its options
    practice: options.PracticeOrDemo = None,
    what_if: Annotated[
        list[str] | None,
        typer.Option(
            "--what-if",
            help="Gaps to close, `bcs.screened=+10`, or a tier to reach, `cbp.controlled=gold` (repeatable).",
        ),
    ] = None,
    steps: Annotated[bool, typer.Option("--steps", help="Show how every amount comes about.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the payments (or the what-if) as JSON.")] = False,
    output: options.Tables = None,
    program: options.Programs = None,
    specs: options.Specs = None,
    value_sets: options.ValueSets = None,
    risk_tables: options.RiskTables = None,
    as_of: options.AsOf = None,
    year: options.Year = None,
    edition: options.Edition = None,
) -> None:
    """Say how far each program's rates are from their targets, what that pays, and what more would."""
    with errors_shown(output):
        from measureharmony.reports.payments_shown import payments_shown, what_if_shown

        require_folder(output)
        wishes = dict(_wish(text) for text in what_if or ())
        loaded = load(specs, value_sets, risk_tables)
        results = evaluated(loaded, practice, as_of, year=year, edition=edition, programs=program)
        found = results.what_if(wishes) if wishes else results.payments
        if json:
            typer.echo(found.to_json())
        elif wishes:
            stdout().print(what_if_shown(found, results.contracts, steps=steps))
        else:
            stdout().print(payments_shown(results.targets, found, results.contracts, steps=steps))
        if output:
            paths = [path for table in (results.targets, found) for path in table.write(output)]
            say_written(paths, output, aside=json)


def _wish(text: str) -> tuple[str, int | str]:
    """``bcs.screened=+10`` as a rate and a number, ``bcs.screened=gold`` as a rate and a tier."""
    rate, equals, wish = text.partition("=")
    number = wish.removeprefix("+")
    if not equals or not rate or not wish or (wish[0] == "+" and not number.isdecimal()):
        raise UsageError(f"'{text}' is no what-if. Write a rate and a number of gaps, bcs.screened=+10, or a tier.")
    return rate, int(number) if number.isdecimal() else wish


__all__ = ["payments"]
