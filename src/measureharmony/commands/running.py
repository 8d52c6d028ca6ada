"""How commands come to specs, a practice and a run over it, and how a run ends."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from measureharmony.commands.terminal import say_written, stderr, stdout
from measureharmony.errors import UsageError

if TYPE_CHECKING:
    from measureharmony.history import History
    from measureharmony.practice import Practice
    from measureharmony.reports.remarks import Found
    from measureharmony.reports.results import Results
    from measureharmony.specs import Specs

#: The day to which the demo practice is shown.
DEMO_DAY = dt.date(2026, 10, 31)


def load(specs: Path | None, value_sets: Path | None, risk_tables: Path | None = None) -> Specs:
    """The specs asked for, or the shipped ones; ``SpecError`` where they have problems."""
    from measureharmony.specs import load_specs

    return load_specs(specs, value_sets, risk_tables)


def read(practice: Path, memory: str | None = None, previous: Path | None = None) -> Practice:
    """The practice at a path, in any format; ``memory`` and ``previous`` as ``read_practice`` has them."""
    from measureharmony.practice.source import read_practice

    return read_practice(practice, memory, previous)


def practice_or_demo(practice: Path | None) -> Practice:
    """The practice at a path; without a path the demo practice."""
    if practice is not None:
        return read(practice)
    from measureharmony.harmonize import demo_practice

    return demo_practice()


def recorded(file: Path) -> History:
    """The history of runs in a file that is there; :class:`UsageError` where there is none."""
    from measureharmony.history import History

    if not file.is_file():
        raise UsageError(f"There is no history {file}. Record runs with: measureharmony run … --history {file}")
    return History(file)


@contextmanager
def shown_progress() -> Iterator[Callable[[int, int], None]]:
    """A bar that shows how far the evaluation has come, while it runs; in a file or a log it would be in the way."""
    from rich.progress import Progress

    console = stderr()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("evaluating", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def evaluated(specs: Specs, practice: Path | None, as_of: dt.date | None, **asked: Any) -> Results:
    """A run over the practice at a path (or the demo practice, to its own day), showing its progress.

    ``asked`` are the other arguments of :func:`measureharmony.harmonize.evaluate`.
    """
    from measureharmony.harmonize import evaluate

    people = practice_or_demo(practice)
    day = DEMO_DAY if practice is None and as_of is None else as_of
    with shown_progress() as progress:
        return evaluate(people, specs, as_of=day, progress=progress, **asked)


def write_and_sum_up(results: Found, specs: Specs, output: Path, *more: Any) -> None:
    """Write what a run found to ``output``, and say the most important of it; ``more`` goes to ``Results.write``."""
    from measureharmony.reports.payers_shown import payers_shown
    from measureharmony.reports.results import Results
    from measureharmony.reports.summary import summary

    titles = specs.programs.titles
    paths = results.write(output, *more) if isinstance(results, Results) else results.write(output)
    stdout().print(summary(results, titles))
    if isinstance(results, Results) and results.payers:
        stdout().print(payers_shown(results, titles))
    rules = Counter(results.practice.rejects["rule"].to_pylist())
    if rules:
        counted = ", ".join(f"{rule} × {count:,}" for rule, count in rules.most_common())
        typer.echo(f"Not accepted ({counted}): see {output / 'rejects.csv'}.")
    say_written(paths, output)


__all__ = [
    "DEMO_DAY",
    "evaluated",
    "load",
    "practice_or_demo",
    "read",
    "recorded",
    "shown_progress",
    "write_and_sum_up",
]
