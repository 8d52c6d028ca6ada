"""A result as a table: Arrow inside, pandas on request, readable in a terminal and in a notebook."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import orjson
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from measureharmony.reports.safe_cells import safe_table

if TYPE_CHECKING:
    import pandas as pd

SHOWN_ROWS = 20
_FOUND_BY = ("program", "measure", "rate")
#: How many rows of a Parquet file share their dictionaries, and how many of them are encoded at once (measured).
ROWS_IN_GROUP, _ROWS_AT_ONCE = 1 << 22, 1 << 16
#: What a table is written as.
TableFormat: TypeAlias = Literal["parquet", "csv"]
TABLE_FORMATS: tuple[TableFormat, ...] = ("parquet", "csv")


@dataclass(frozen=True, repr=False)
class ResultTable:
    """A named result table. ``columns`` says what each column holds."""

    name: str
    arrow: pa.Table
    columns: Mapping[str, str]

    def to_arrow(self) -> pa.Table:
        """The table as pyarrow."""
        return self.arrow

    def to_pandas(self) -> pd.DataFrame:
        """The table as a pandas frame."""
        frame: pd.DataFrame = self.arrow.to_pandas()
        return frame

    def to_dicts(self) -> list[dict[str, object]]:
        """The rows as dictionaries."""
        rows: list[dict[str, object]] = self.arrow.to_pylist()
        return rows

    def to_json(self) -> str:
        """The rows as a JSON list of objects; amounts of money are text, so that they stay exact."""
        return orjson.dumps(self.to_dicts(), default=_exact, option=orjson.OPT_INDENT_2).decode()

    def to_csv(self) -> str:
        """The rows as CSV, with the columns' names above them."""
        written = pa.BufferOutputStream()
        pa_csv.write_csv(_plain(self.arrow), written)
        return str(written.getvalue().to_pybytes(), "utf-8")

    def write(self, folder: str | Path, formats: Collection[TableFormat] = TABLE_FORMATS) -> list[Path]:
        """Write ``<name>.parquet`` and ``<name>.csv`` (those of ``formats``) into ``folder``; returns their paths.

        A folder that is not there is made. Parquet holds the cells as they are; CSV is opened in spreadsheets, and no
        cell of it is run as a formula.
        """
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        paths = {name: target / f"{self.name}.{name}" for name in TABLE_FORMATS if name in formats}
        if "parquet" in paths:
            write_parquet(self.arrow, paths["parquet"])
        if "csv" in paths:
            pa_csv.write_csv(safe_table(self.arrow), paths["csv"])
        return list(paths.values())

    def __len__(self) -> int:
        return int(self.arrow.num_rows)

    def __repr__(self) -> str:
        head = self.arrow.slice(0, SHOWN_ROWS).to_pylist()
        names = self.arrow.column_names
        cells = [names, *([shown(row[name]) for name in names] for row in head)]
        widths = [max(len(line[i]) for line in cells) for i in range(len(names))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells]
        more = f"\n… {len(self) - SHOWN_ROWS:,} more rows" if len(self) > SHOWN_ROWS else ""
        return f"{self.name}: {len(self):,} rows\n" + "\n".join(line.rstrip() for line in lines) + more

    def _repr_html_(self) -> str:
        names = self.arrow.column_names
        head = "".join(f"<th title='{escape(self.columns.get(n, ''), quote=True)}'>{escape(n)}</th>" for n in names)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(shown(row[name]))}</td>" for name in names) + "</tr>"
            for row in self.arrow.slice(0, SHOWN_ROWS).to_pylist()
        )
        return (
            f"<p><b>{escape(self.name)}</b>: {len(self):,} rows</p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


def write_parquet(table: pa.Table, path: Path | pa.NativeFile) -> None:
    """Write a table as Parquet, with statistics of the columns by which its rows are found.

    Those of all columns take two fifths of the time that writing outcomes does; groups and batches of the usual size,
    another fifth.
    """
    with _writer(path, table.schema) as writer:
        writer.write_table(table, ROWS_IN_GROUP)


def write_groups(tables: Iterable[pa.Table], path: Path | pa.NativeFile) -> None:
    """Write tables as the one Parquet file that :func:`write_parquet` makes of their rows, if it is cut at groups.

    All but the last have :data:`ROWS_IN_GROUP` rows, and all the same dictionaries. Each is made while the one before
    is written. There is at least one.
    """
    remaining = iter(tables)
    table = next(remaining)
    with ThreadPoolExecutor(1) as pool, _writer(path, table.schema) as writer:
        written = pool.submit(writer.write_table, table, ROWS_IN_GROUP)
        for table in remaining:
            written.result()
            written = pool.submit(writer.write_table, table, ROWS_IN_GROUP)
        written.result()


def _writer(path: Path | pa.NativeFile, schema: pa.Schema) -> pq.ParquetWriter:
    found_by = [name for name in _FOUND_BY if name in schema.names]
    return pq.ParquetWriter(path, schema, write_statistics=found_by, write_batch_size=_ROWS_AT_ONCE)


def shown(value: object) -> str:
    """A cell as people read it: nothing for missing, yes/no, numbers without needless digits."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)


def shown_value(rate: Mapping[str, object]) -> tuple[str, str]:
    """The value of a row of the rate table, and what it is made of, as people read them.

    >>> shown_value({"scoring": "proportion", "value": 0.5, "above": 1, "below": 2})
    ('50.0 %', '1 of 2')
    """
    value = rate["value"]
    match rate["scoring"]:
        case "observed_to_expected":
            expected = rate["observation_total"]
            told = f"{expected:,.1f}" if isinstance(expected, float) else "?"
            return f"{value:.3f}" if isinstance(value, float) else "–", f"{rate['above']} / {told}"
        case "continuous":
            return shown(value) or "–", f"of {rate['observations']}"
    return f"{100 * value:.1f} %" if isinstance(value, float) else "–", f"{rate['above']} of {rate['below']}"


def _exact(value: object) -> str:
    """What JSON has no exact number for."""
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"a table holds a {type(value).__name__}, which JSON has no word for")


def _plain(table: pa.Table) -> pa.Table:
    """Dictionary columns as text, which the CSV writer wants."""
    return pa.table(
        {
            name: table[name].cast(table[name].type.value_type)
            if pa.types.is_dictionary(table[name].type)
            else table[name]
            for name in table.column_names
        }
    )


__all__ = [
    "ROWS_IN_GROUP", "SHOWN_ROWS", "TABLE_FORMATS", "ResultTable", "TableFormat", "shown", "shown_value",
    "write_groups", "write_parquet",
]  # fmt: skip
