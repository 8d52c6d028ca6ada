"""Where a run is computed: on this machine, or by a Spark cluster."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from measureharmony.commands.terminal import stderr
from measureharmony.errors import UsageError

if TYPE_CHECKING:
    from measureharmony.reports.stored import StoredResults
    from measureharmony.specs import Specs


class Engine(StrEnum):
    """What computes."""

    LOCAL = "local"
    SPARK = "spark"


EngineOption = Annotated[
    Engine, typer.Option("--engine", help="Where it is computed: here, or by Spark from a folder of Parquet files.")
]
SparkMaster = Annotated[
    str | None,
    typer.Option("--spark-master", help="The Spark cluster, such as spark://host:7077. Default: Spark's own settings."),
]


def refuse_with_spark(options: Mapping[str, object]) -> None:
    """:class:`UsageError` for ``options`` that are given, and that Spark has no use for."""
    if given := " and ".join(name for name, value in options.items() if value):
        raise UsageError(f"A run on Spark does not take {given}. Leave it out, or run without Spark.")


def evaluated_on_spark(
    output: Path,
    practice: Path,
    specs: Specs,
    master: str | None,
    people_at_once: int | None,
    asked: Mapping[str, Any],
) -> StoredResults:
    """A run by the Spark cluster at ``master``; ``asked`` are the other arguments of its ``evaluate_to``."""
    from measureharmony.spark import PEOPLE_AT_ONCE, evaluate_to, session_at

    with stderr().status("starting Spark …"):
        session = session_at(master)
    return evaluate_to(output, session, practice, specs, people_at_once=people_at_once or PEOPLE_AT_ONCE, **asked)


__all__ = ["Engine", "EngineOption", "SparkMaster", "evaluated_on_spark", "refuse_with_spark"]
