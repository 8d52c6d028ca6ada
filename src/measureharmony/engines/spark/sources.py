"""A practice as Spark has it: frames, or a folder of Parquet, held against the contract before anything is computed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote

import duckdb
import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - its customary name
from pyspark.sql.types import BinaryType

from measureharmony.errors import DataError, Issue, UsageError, shown
from measureharmony.practice.folder import TableFiles, table_files
from measureharmony.practice.raw import ORIGIN_COLUMNS, damaged_parquet
from measureharmony.practice.reading import require_contract

#: Where a row comes from: the place of its file among those of its table, and its row in it, counted from 1.
FILE, ROW = ORIGIN_COLUMNS

#: What the contract's checks call Spark's types, where they have another name for them.
_SQL_TYPES = {
    "string": "VARCHAR",
    "int": "INTEGER",
    "timestamp": "TIMESTAMPTZ",
    "timestamp_ntz": "TIMESTAMP",
    "void": "NULL",
}

#: A practice by name of the contract's tables, or the folder of its Parquet files.
SparkPractice: TypeAlias = Mapping[str, DataFrame] | str | Path


@dataclass(frozen=True)
class Source:
    """A table of a practice: the contract's columns that it has, with :data:`FILE` and :data:`ROW`."""

    name: str
    frame: DataFrame
    files: tuple[str, ...]

    @property
    def columns(self) -> list[str]:
        """The contract's columns."""
        return [name for name in self.frame.columns if name not in ORIGIN_COLUMNS]

    def text(self, column: str) -> Column:
        """A column as text, empty where there is none."""
        if column not in self.frame.columns:
            return F.lit(None).cast("string")
        return F.nullif(F.col(column).cast("string"), F.lit(""))

    def with_frame(self, frame: DataFrame) -> Source:
        """The same table with other rows or columns."""
        return replace(self, frame=frame)


def sources_of(session: SparkSession, practice: SparkPractice, origin: str) -> dict[str, Source]:
    """The tables of ``practice``; :class:`DataError` with everything that is wrong with their columns and types."""
    if isinstance(practice, Mapping):
        return _checked({name: _of_frame(name, frame, origin) for name, frame in practice.items()}, origin)
    folder = Path(practice)
    files, issues = table_files(folder)
    if text := [one.table for one in files if one.format == "csv"]:
        raise UsageError(
            f"Spark reads Parquet, and {shown(folder)} holds {', '.join(text)} as CSV. Write Parquet, "
            "or run without Spark."
        )
    with duckdb.connect(":memory:") as con:
        issues += [issue for one in files for path in one.paths if (issue := damaged_parquet(con, path))]
    if issues:
        raise DataError(issues)
    return _checked({one.table: _of_files(session, one) for one in files}, shown(folder))


def _of_frame(name: str, frame: DataFrame, origin: str) -> Source:
    return Source(name, frame.withColumns({FILE: F.lit(0), ROW: F.monotonically_increasing_id() + 1}), (origin,))


def _of_files(session: SparkSession, files: TableFiles) -> Source:
    """The files' rows; they are numbered in the files' order, as the local engine does."""
    frame = _read(session, files)
    text = {f.name: F.col(f.name).cast("string") for f in frame.schema if isinstance(f.dataType, BinaryType)}
    row = (F.col("_metadata.row_index") + 1).alias(ROW)
    if len(files.paths) == 1:
        frame = frame.withColumns(text).select("*", row, F.lit(0).alias(FILE))
    else:
        numbers = F.broadcast(session.createDataFrame(_numbered(frame.inputFiles(), files)))
        frame = frame.withColumns(text).select("*", row, F.col("_metadata.file_path").alias("_path"))
        frame = frame.join(numbers, "_path", "left").drop("_path").fillna({FILE: 0})
    return Source(files.table, frame, tuple(shown(path) for path in files.paths))


def _read(session: SparkSession, files: TableFiles) -> DataFrame:
    paths = [f"file:{path.resolve()}" for path in files.paths]
    # Dates are those of the calendar that everybody else writes, also before 1582.
    options = {"mergeSchema": len(paths) > 1, "datetimeRebaseMode": "CORRECTED", "int96RebaseMode": "CORRECTED"}
    try:
        return session.read.options(**options).parquet(*paths)  # type: ignore[arg-type]
    except Exception as error:  # Spark says so in several ways, each of many lines
        if "CANNOT_MERGE" not in str(error):
            raise
        what = f"The files of table {files.table} give a column different types, which Spark does not bring together."
        place = shown(files.paths[0].parent)
        raise DataError([Issue(place, 0, "data-wrong-type", what, "Write all files with the same types.")]) from None


def _numbered(names: Sequence[str], files: TableFiles) -> pa.Table:
    """The places of files by the names that Spark has for them, which begin with one slash or with three."""
    places = {str(path.resolve()): place for place, path in enumerate(files.paths)}
    bare = {name: re.sub("^file:/+", "/", name) for name in names}
    pairs = [(start + path[1:], places[unquote(path)]) for path in bare.values() for start in ("file:/", "file:///")]
    return pa.table({"_path": [name for name, _ in pairs], FILE: pa.array([place for _, place in pairs], pa.int32())})


def _checked(sources: Mapping[str, Source], origin: str) -> dict[str, Source]:
    """``sources``, if the contract has nothing against their names, columns and types."""
    require_contract({name: _types(source.frame.drop(*ORIGIN_COLUMNS)) for name, source in sources.items()}, origin)
    return dict(sources)


def _types(frame: DataFrame) -> list[tuple[str, str]]:
    """The columns with their types, as the contract's checks call them; others keep the name they have in Spark."""
    types = [(field.name, field.dataType.simpleString()) for field in frame.schema]
    return [(name, _SQL_TYPES.get(kind, kind.upper())) for name, kind in types]
