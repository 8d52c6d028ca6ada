"""What commands share: options, how specs are loaded, how errors are shown."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from measureharmony.errors import MeasureHarmonyError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from measureharmony.harmonize import Specs

#: Exit codes: done; the answer is no; the call or its input is wrong.
OK, NO, WRONG = 0, 1, 2

SpecsOption = Annotated[
    Path | None,
    typer.Option("--specs", help="Folder with canonical/, payers/, value_sets/. Default: the shipped specs."),
]
ValueSetsOption = Annotated[
    Path | None,
    typer.Option("--value-sets", help="Folder or file of your own value sets: FHIR JSON, .xlsx, CSV, YAML."),
]
RiskTablesOption = Annotated[
    Path | None,
    typer.Option("--risk-tables", help="Folder of your own risk tables, <table>.csv: feature,weight."),
]
AsOf = Annotated[
    dt.datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="Evaluate with what was known at the end of this day."),
]
PayerView = Annotated[
    dt.datetime | None,
    typer.Option(
        "--payer-view", formats=["%Y-%m-%d"], help="Also what payers would see on this day, and why gaps are gaps."
    ),
]
Year = Annotated[int | None, typer.Option("--year", help="Measurement year. Default: the edition's, else 2026.")]
Edition = Annotated[
    int | None,
    typer.Option("--edition", help="Yearly edition of the measures. Default: each measure's own file."),
]
Programs = Annotated[
    list[str] | None,
    typer.Option("--program", "-p", help="Only this program (repeatable); the unified rate is always there."),
]
Measures = Annotated[
    list[str] | None,
    typer.Option(
        "--measure", "-m", help="Only this measure (repeatable). Default: what the programs list; 'all': all."
    ),
]


@contextmanager
def errors_shown() -> Iterator[None]:
    """Errors the library raises on purpose are messages, not tracebacks."""
    try:
        yield
    except MeasureHarmonyError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG) from None
    except BrokenPipeError:
        raise  # whoever reads the output has seen enough; Typer ends quietly
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        typer.echo(f"{place}{error.strerror or error}. Check the path, its permissions and the space there.", err=True)
        raise typer.Exit(WRONG) from None


def require_folder(output: Path) -> None:
    """A wrong path shows before the work, not after it."""
    if output.exists() and not output.is_dir():
        raise UsageError(f"{output} is a file. Give a folder for the results with --output.")


def number(count: int, word: str) -> str:
    """``1 problem``, ``2 problems``."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def stdout() -> Console:
    """Where results go."""
    from rich.console import Console

    return Console(file=sys.stdout)


def load(specs: Path | None, value_sets: Path | None, risk_tables: Path | None = None) -> Specs:
    """The specs asked for, or the shipped ones; ``SpecError`` where they have problems."""
    from measureharmony.harmonize import load_specs

    return load_specs(specs, value_sets, risk_tables)


__all__ = [
    "NO", "OK", "WRONG", "AsOf", "Edition", "Measures", "PayerView", "Programs", "RiskTablesOption", "SpecsOption",
    "ValueSetsOption", "Year", "errors_shown", "load", "number", "require_folder", "stdout",
]  # fmt: skip
