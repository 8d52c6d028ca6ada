"""The command ``measureharmony common-target``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from measureharmony.commands import options
from measureharmony.commands.running import load, read
from measureharmony.commands.terminal import errors_shown, require_folder, stdout
from measureharmony.measures.plain_words import how_many


class Format(StrEnum):
    """How common targets are written."""

    TEXT = "text"
    YAML = "yaml"
    JSON = "json"


def common_target(  # noqa: PLR0913 - its options
    measure: Annotated[
        list[str] | None, typer.Argument(help="Only these measures. Default: what the programs list.")
    ] = None,
    program: options.OnlyPrograms = None,
    format: Annotated[
        Format, typer.Option("--format", help="Sentences, spec files, or everything as JSON.")
    ] = Format.TEXT,
    practice: Annotated[
        Path | None, typer.Option("--practice", help="Say who of this practice meets the targets (as for `run`).")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the specs, and for the table of people.")
    ] = None,
    specs: options.Specs = None,
    value_sets: options.ValueSets = None,
    as_of: options.AsOf = None,
    year: options.Year = None,
    edition: options.Edition = None,
) -> None:
    """Say what satisfies every program at once, proved: as a sentence, as a spec, and for people."""
    with errors_shown(output):
        from measureharmony.common_target import common_targets, people_of_targets
        from measureharmony.common_target.shown import as_json, shown, summary
        from measureharmony.common_target.written import spec_text, write_specs

        require_folder(output)
        loaded = load(specs, value_sets)
        found = common_targets(loaded, measures=measure, programs=program, year=year, edition=edition, as_of=as_of)
        match format:
            case Format.TEXT:
                stdout().print(shown(found))
            case Format.YAML:
                typer.echo("---\n".join(map(spec_text, found)), nl=False)
            case Format.JSON:
                typer.echo(as_json(found))
        paths = write_specs(found, output) if output else []
        if practice is not None:
            people = people_of_targets(read(practice), loaded, found, as_of=as_of)
            if format is Format.TEXT:
                stdout().print()
                stdout().print(summary(people))
            paths += people.write(output) if output else []
        if paths:
            typer.echo(f"wrote {how_many(len(paths), 'file')} to {output}", err=True)


__all__ = ["common_target"]
