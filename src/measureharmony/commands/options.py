"""The options that commands share. A command says its own beside its function."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is no day. Write year, month and day: 2026-09-30.") from None


Practice = Annotated[Path, typer.Argument(help="The practice, as for `run`.")]
PracticeOrDemo = Annotated[Path | None, typer.Argument(help="The practice, as for `run`. Default: the demo practice.")]
Specs = Annotated[
    Path | None,
    typer.Option("--specs", help="Folder with canonical/, payers/, value_sets/. Default: the shipped specs."),
]
ValueSets = Annotated[
    Path | None,
    typer.Option("--value-sets", help="Folder or file of your own value sets: FHIR JSON, .xlsx, CSV, YAML."),
]
RiskTables = Annotated[
    Path | None,
    typer.Option("--risk-tables", help="Folder of your own risk tables, TABLE.csv: feature,weight."),
]
AsOf = Annotated[
    dt.date | None,
    typer.Option(
        "--as-of", metavar="YYYY-MM-DD", parser=_day, help="Evaluate with what was known at the end of this day."
    ),
]
PayerView = Annotated[
    dt.date | None,
    typer.Option(
        "--payer-view",
        metavar="YYYY-MM-DD",
        parser=_day,
        help="Also what payers would see on this day, and why gaps are gaps.",
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
#: Where there is no unified rate beside the programs.
OnlyPrograms = Annotated[
    list[str] | None, typer.Option("--program", "-p", help="Only this program (repeatable). Default: all.")
]
Measures = Annotated[
    list[str] | None,
    typer.Option(
        "--measure", "-m", help="Only this measure (repeatable). Default: what the programs list; 'all': all."
    ),
]
Against = Annotated[str, typer.Option("--against", help="What to compare with: a program.")]
Results = Annotated[Path, typer.Option("--output", "-o", help="Folder for the results.")]
Tables = Annotated[Path | None, typer.Option("--output", "-o", help="Folder for the tables.")]


class Further(StrEnum):
    """Tables that a run writes on request (``reports.writing.FURTHER``)."""

    ATTRIBUTION = "attribution"
    STATISTICS = "statistics"
    WORK_LIST = "work_list"


class TableFormat(StrEnum):
    """What tables are written as (``reports.tables.TABLE_FORMATS``)."""

    PARQUET = "parquet"
    CSV = "csv"


TableFormats = Annotated[
    list[TableFormat] | None,
    typer.Option("--format", help="Write tables so (repeatable). Default: both, but outcomes as Parquet only."),
]

__all__ = [
    "Against", "AsOf", "Edition", "Further", "Measures", "OnlyPrograms", "PayerView", "Practice", "PracticeOrDemo",
    "Programs", "Results", "RiskTables", "Specs", "TableFormat", "TableFormats", "Tables", "ValueSets", "Year",
]  # fmt: skip
