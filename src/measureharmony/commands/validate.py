"""The command ``measureharmony validate``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from measureharmony.commands import options
from measureharmony.commands.terminal import NO, OK, errors_shown, stdout
from measureharmony.errors import UsageError
from measureharmony.measures.plain_words import how_many

if TYPE_CHECKING:
    from measureharmony.validation.checking import Validation
    from measureharmony.validation.report import ProgramShown


class Format(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def validate(  # noqa: PLR0913 - its options
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="A program's folder (repeatable; or files in it), or a folder of specs. Default: the shipped specs.",
        ),
    ] = None,
    against: Annotated[
        str, typer.Option("--against", help="(program) What to compare with: `canonical`, or a program.")
    ] = "canonical",
    sample: Annotated[
        str | None, typer.Option("--sample", help="(program) A practice to count people in, or `demo`.")
    ] = None,
    specs: options.Specs = None,
    value_sets: options.ValueSets = None,
    risk_tables: options.RiskTables = None,
    year: options.Year = None,
    format: Annotated[Format, typer.Option("--format", help="For people, machines, or reviews.")] = Format.TEXT,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 on warnings, too.")] = False,
    hints: Annotated[bool, typer.Option("--hints/--no-hints", help="Show what could be better, too.")] = True,
) -> None:
    """Check spec files: every problem at once, with file, line and fix. Exits 1 when something is wrong.

    Of one program's folder also: what is contradictory or left open, how it stands to the canonical set, whom it moves.
    """
    with errors_shown():
        from measureharmony.validation.program_folder import is_program_folder

        folders = list(dict.fromkeys(path.parent if path.is_file() else path for path in paths or ()))
        programs = [folder for folder in folders if is_program_folder(folder)]
        if not programs:
            _require_no_more(folders, against, sample)
            raise typer.Exit(_specs(folders, value_sets, risk_tables, format, hints=hints))
        if len(programs) < len(folders):
            other = next(folder for folder in folders if folder not in programs)
            raise UsageError(f"{other} is no program's folder. Check folders of specs by themselves.")
        from measureharmony.validation.checking import validate_program
        from measureharmony.validation.impact import read_sample

        practice = read_sample(sample) if sample else None
        found = [
            validate_program(
                folder, against=against, sample=practice, year=year, specs=specs, value_sets=value_sets,
                risk_tables=risk_tables,
            )
            for folder in programs
        ]  # fmt: skip
        _programs(found, format, hints=hints)
        levels = {finding.level for one in found for finding in one.findings}
        raise typer.Exit(NO if "error" in levels or (strict and "warning" in levels) else OK)


def _require_no_more(folders: Sequence[Path], against: str, sample: str | None) -> None:
    """What is asked of a program is not asked of a folder of specs."""
    if len(folders) > 1:
        raise UsageError("Several folders can only be programs' folders, which hold program.yaml. Give one of specs.")
    if sample or against != "canonical":
        raise UsageError("--against and --sample need a program's folder, which holds its program.yaml.")


def _specs(
    folders: Sequence[Path], value_sets: Path | None, risk_tables: Path | None, format: Format, *, hints: bool
) -> int:
    """Check the shipped specs or one folder of them; the exit code."""
    from measureharmony.specs import check_specs
    from measureharmony.validation.finding import Finding

    issues, counted = check_specs(next(iter(folders), None), value_sets, risk_tables)
    wrong = [issue for issue in issues if not issue.code.startswith("hint-")]
    shown = issues if hints else wrong
    if format is Format.TEXT:
        for issue in shown:
            typer.echo(str(issue))
        told = how_many(len(wrong), "problem") + (f", {how_many(len(issues) - len(wrong), 'hint')}" if hints else "")
        typer.echo(f"{counted}: {told}")
    else:
        from measureharmony.validation.report import ProgramShown, finding_shown

        findings = tuple(finding_shown(Finding(issue)) for issue in shown)
        folder = str(folders[0]) if folders else ""
        _written([ProgramShown(program=None, title=counted, folder=folder, against=None, findings=findings)], format)
    return NO if wrong else OK


def _programs(found: Sequence[Validation], format: Format, *, hints: bool) -> None:
    """Print what was found about programs."""
    if format is Format.TEXT:
        from measureharmony.validation.terminal import validation_shown

        for one in found:
            stdout().print(validation_shown(one, hints=hints), crop=False)  # places stay whole
        return
    from measureharmony.validation.report import report

    kept = report(found).programs
    _written([one if hints else one.without_hints() for one in kept], format)


def _written(programs: Iterable[ProgramShown], format: Format) -> None:
    from measureharmony.validation.github import workflow_commands
    from measureharmony.validation.report import reported
    from measureharmony.validation.sarif import sarif

    whole = reported(list(programs))
    match format:
        case Format.SARIF:
            typer.echo(sarif(whole))
        case Format.GITHUB:
            for line in workflow_commands(whole):
                typer.echo(line)
        case _:
            typer.echo(whole.to_json())


__all__ = ["validate"]
