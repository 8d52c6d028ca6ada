"""The command ``measureharmony run``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from measureharmony.commands import options
from measureharmony.commands.engine import Engine, EngineOption, SparkMaster, evaluated_on_spark, refuse_with_spark
from measureharmony.commands.running import load, read, shown_progress, write_and_sum_up
from measureharmony.commands.terminal import errors_shown, require_folder, stderr
from measureharmony.errors import UsageError

if TYPE_CHECKING:
    from measureharmony.reports.remarks import Found


def run(  # noqa: PLR0913 - its options
    practice: Annotated[Path, typer.Argument(help="CSV or Parquet folder, FHIR bundles, or NDJSON bulk export.")],
    output: options.Results = Path("output"),
    specs: options.Specs = None,
    value_sets: options.ValueSets = None,
    risk_tables: options.RiskTables = None,
    as_of: options.AsOf = None,
    year: options.Year = None,
    edition: options.Edition = None,
    program: options.Programs = None,
    measure: options.Measures = None,
    payer_view: options.PayerView = None,
    previous: Annotated[
        Path | None,
        typer.Option("--previous", help="Results of an earlier such run: evaluate only what has changed since."),
    ] = None,
    memory: Annotated[
        str | None,
        typer.Option("--memory", help="Keep to about this much, such as 4GB: evaluate in parts, go on if stopped."),
    ] = None,
    people_at_once: Annotated[
        int | None,
        typer.Option("--people-at-once", min=1, help="Evaluate about so many people at once. Default: as --memory."),
    ] = None,
    engine: EngineOption = Engine.LOCAL,
    spark_master: SparkMaster = None,
    also: Annotated[
        list[options.Further] | None,
        typer.Option("--also", help="Also write these tables (repeatable); they take some time."),
    ] = None,
    formats: options.TableFormats = None,
    record: Annotated[
        Path | None,
        typer.Option("--history", help="Record the run in this file, and say what changed since the last one."),
    ] = None,
) -> None:
    """Evaluate every payer's version of every measure over a practice; write outcomes, rates and care gaps."""
    with errors_shown(output):
        require_folder(output)
        with stderr().status("reading specs …"):
            loaded = load(specs, value_sets, risk_tables)
        asked = {"as_of": as_of, "year": year, "edition": edition, "programs": program, "measures": measure}
        results: Found
        if engine is Engine.SPARK or spark_master:
            given = {"--payer-view": payer_view, "--previous": previous, "--memory": memory}
            refuse_with_spark({**given, "--also": also, "--format": formats})
            results = evaluated_on_spark(output, practice, loaded, spark_master, people_at_once, asked)
        else:
            if memory or people_at_once:
                _refuse_in_parts(payer_view, also, formats)
            way = _way(output, memory, people_at_once, payer_view, previous)
            with stderr().status(f"reading {practice} …"):
                people = read(practice, memory, previous)
            with shown_progress() as progress:
                results = way(people, loaded, **asked, progress=progress)
        write_and_sum_up(results, loaded, output, also or (), formats)
        if record:
            _record(results, record)


def _refuse_in_parts(
    payer_view: dt.date | None, also: list[options.Further] | None, formats: list[options.TableFormat] | None
) -> None:
    """:class:`UsageError` for what cannot be had when people are evaluated part by part."""
    if payer_view or also:
        what = "A payers' view needs" if payer_view else f"{' and '.join(also or ())} (--also) need"
        raise UsageError(f"{what} everybody at once. Leave out --memory and --people-at-once.")
    if formats:
        raise UsageError("Parts are written as Parquet. Leave out --format, or --memory and --people-at-once.")


def _way(
    output: Path, memory: str | None, people_at_once: int | None, payer_view: dt.date | None, previous: Path | None
) -> Callable[..., Found]:
    """How this machine evaluates: in parts, written as they are found, or everybody at once."""
    from measureharmony.harmonize import evaluate
    from measureharmony.out_of_core import MEMORY, evaluate_to

    if memory or people_at_once:
        return partial(
            evaluate_to, output, memory=memory or MEMORY, people_at_once=people_at_once, previous=previous
        )  # fmt: skip
    return partial(evaluate, payer_view=payer_view, previous=previous)


def _record(results: Found, file: Path) -> None:
    from measureharmony.history import History
    from measureharmony.history.shown import changes_told

    with History(file) as kept:
        kept.record(results)
        typer.echo(changes_told(kept))


__all__ = ["run"]
