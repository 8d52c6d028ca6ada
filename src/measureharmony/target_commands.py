"""The command ``measureharmony common-target``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from measureharmony.command_options import (
    AsOf,
    Edition,
    Programs,
    SpecsOption,
    ValueSetsOption,
    Year,
    errors_shown,
    load,
    stdout,
)
from measureharmony.errors import UsageError

Form = Literal["text", "yaml", "json"]


def common_target(  # noqa: PLR0913 - its options
    measure: Annotated[
        list[str] | None, typer.Argument(help="Only these measures. Default: what the programs list.")
    ] = None,
    program: Programs = None,
    form: Annotated[Form, typer.Option("--format", help="Sentences, spec files, or everything as JSON.")] = "text",
    practice: Annotated[
        Path | None, typer.Option("--practice", help="Say who of this practice meets the targets (as for `run`).")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the specs, and for the table of people.")
    ] = None,
    specs: SpecsOption = None,
    value_sets: ValueSetsOption = None,
    as_of: AsOf = None,
    year: Year = None,
    edition: Edition = None,
) -> None:
    """Say what satisfies every program at once, proved: as a sentence, as a spec, and for people."""
    with errors_shown():
        from measureharmony.common_target import common_targets
        from measureharmony.common_target.people import people_of_targets
        from measureharmony.common_target.shown import as_json, shown, summary
        from measureharmony.common_target.written import spec_text, write_specs

        if output is not None and output.exists() and not output.is_dir():
            raise UsageError(f"{output} is a file. Give a folder for the results with --output.")
        loaded, day = load(specs, value_sets), as_of.date() if as_of else None
        found = common_targets(
            loaded, measures=measure, programs=program, year=year, edition=edition, as_of=day
        )  # fmt: skip
        match form:
            case "text":
                stdout().print(shown(found))
            case "yaml":
                typer.echo("---\n".join(map(spec_text, found)), nl=False)
            case "json":
                typer.echo(as_json(found))
        paths = write_specs(found, output) if output else []
        if practice is not None:
            from measureharmony.practice.source import read_practice

            people = people_of_targets(read_practice(practice), loaded, found, as_of=day)
            if form == "text":
                stdout().print()
                stdout().print(summary(people))
            paths += people.write(output) if output else []
        if paths:
            typer.echo(f"wrote {len(paths)} files to {output}", err=True)


__all__ = ["common_target"]
