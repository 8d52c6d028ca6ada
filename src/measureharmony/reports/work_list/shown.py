"""A work list in the terminal, and as files for those who work on it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from measureharmony.reports.file_names import FileNames
from measureharmony.reports.safe_cells import write_safe_csv
from measureharmony.reports.tables import ResultTable


def work_list_shown(found: ResultTable, top: int) -> RenderableType:
    """The first ``top`` lines, most urgent first."""
    if not len(found):
        return Text("Nobody has an open gap that somebody can close.")
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("Points", justify="right", no_wrap=True)
    table.add_column("Person", no_wrap=True)
    table.add_column("Do", ratio=1)
    table.add_column("Until", no_wrap=True)
    for row in found.arrow.slice(0, top).to_pylist():
        who = "\n".join(filter(None, (row["person_id"], row["name"], row["phone"])))
        actions = str(row["actions"]).replace("; ", "\n")
        table.add_row(f"{row['priority']:.1f}", who, actions, str(row["due"] or ""))
    left = len(found) - top
    people = "1 person" if len(found) == 1 else f"{len(found):,} people"
    more = f"{people}, {left:,} of them not shown." if left > 0 else f"{people}."
    return Group(table, Text(more))


def write_work_lists(found: ResultTable, folder: Path, by: str | None = None) -> list[Path]:
    """Write ``work_list.csv``, or one file for each clinician (``by="provider_id"``), the most urgent first."""
    folder.mkdir(parents=True, exist_ok=True)
    if by is None:
        return [write_safe_csv(found.arrow, folder / "work_list.csv")]
    names, paths = FileNames(), []
    for key in sorted(pc.unique(found.arrow[by]).to_pylist(), key=lambda key: (key is None, key)):
        own = found.arrow.filter(_is(found.arrow[by], key))
        stem = f"work_list-{names.stem(key or '', like=key or 'nobody')}"
        paths.append(write_safe_csv(own, folder / f"{stem}.csv"))
    return paths


def _is(column: pa.ChunkedArray, key: str | None) -> pa.ChunkedArray:
    return pc.is_null(column) if key is None else pc.fill_null(pc.equal(column, key), fill_value=False)


__all__ = ["work_list_shown", "write_work_lists"]
