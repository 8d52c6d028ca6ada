"""What commands share: options, how specs are loaded, how errors are shown."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from measureharmony.errors import MeasureHarmonyError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from measureharmony.practice import Practice
    from measureharmony.reports.results import Results
    from measureharmony.specs import Specs

#: Exit codes: done; the answer is no; the call or its input is wrong.
OK, NO, WRONG = 0, 1, 2
#: The day to which the demo practice is shown.
DEMO_DAY = dt.date(2026, 10, 31)

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


class Further(StrEnum):
    """Tables that a run writes on request (``reports.results.FURTHER``)."""

    ATTRIBUTION = "attribution"
    STATISTICS = "statistics"
    WORK_LIST = "work_list"


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


def stderr() -> Console:
    """Where progress is shown."""
    from rich.console import Console

    return Console(stderr=True)


@contextmanager
def shown_progress() -> Iterator[Callable[[int, int], None]]:
    """A bar that shows how far the evaluation has come, while it runs."""
    from rich.progress import Progress

    with Progress(console=stderr(), transient=True) as bar:
        task = bar.add_task("evaluating", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def number(count: int, word: str) -> str:
    """``1 problem``, ``2 problems``."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def stdout() -> Console:
    """Where results go."""
    from rich.console import Console

    return Console(file=sys.stdout)


def practice_or_demo(practice: Path | None, as_of: dt.datetime | None) -> tuple[Practice, dt.date | None]:
    """The practice at a path and the day asked for; without a path the demo practice, as of its own day."""
    if practice is None:
        from measureharmony.harmonize import demo_practice

        return demo_practice(), as_of.date() if as_of else DEMO_DAY
    from measureharmony.practice.source import read_practice

    return read_practice(practice), as_of.date() if as_of else None


def evaluated(specs: Specs, practice: Path | None, as_of: dt.datetime | None, **asked: Any) -> Results:
    """A run over the practice at a path (or the demo practice), showing its progress.

    ``asked`` are the other arguments of :func:`measureharmony.harmonize.evaluate`.
    """
    from measureharmony.harmonize import evaluate

    people, day = practice_or_demo(practice, as_of)
    with shown_progress() as progress:
        return evaluate(people, specs, as_of=day, progress=progress, **asked)


def load(specs: Path | None, value_sets: Path | None, risk_tables: Path | None = None) -> Specs:
    """The specs asked for, or the shipped ones; ``SpecError`` where they have problems."""
    from measureharmony.specs import load_specs

    return load_specs(specs, value_sets, risk_tables)


__all__ = [
    "DEMO_DAY", "NO", "OK", "WRONG", "AsOf", "Edition", "Further", "Measures", "PayerView", "Programs",
    "RiskTablesOption", "SpecsOption", "ValueSetsOption", "Year", "errors_shown", "evaluated", "load", "number",
    "practice_or_demo", "require_folder",
    "shown_progress", "stderr", "stdout",
]  # fmt: skip
