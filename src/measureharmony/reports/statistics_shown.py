"""Statistics of rates in the terminal: program by program, at 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from measureharmony.payers.variant import CANONICAL
from measureharmony.reports.tables import ResultTable

Row = Mapping[str, object]


def statistics_shown(table: ResultTable, titles: Mapping[str, str]) -> RenderableType:
    """The statistics of every program's rates. ``titles`` are what programs are called."""
    rows = table.to_dicts()
    parts: list[RenderableType] = []
    for program in dict.fromkeys(str(row["program"]) for row in rows):
        own = [row for row in rows if row["program"] == program and row["below"]]
        if own:
            parts += [_heading(program, titles), _rates(own)]
    return Group(*parts, _legend(rows)) if parts else Text("No rate is a proportion of anybody.")


def _heading(program: str, titles: Mapping[str, str]) -> Text:
    name = "The practice, all payers together" if program == CANONICAL else titles.get(program, program)
    return Text(name, style="bold")


def _rates(rows: Iterable[Row]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=0, header_style="dim")
    table.add_column("Rate", width=26, overflow="fold")
    for column, width in (("Value", 6), ("Of", 6), ("Interval", 8), ("Reliable", 8), ("Meets", 6), ("Pooled", 12)):
        table.add_column(column, justify="right", width=width)
    for row in rows:
        small = "*" if row["small"] else ""
        table.add_row(
            f"{row['measure']}.{row['rate']}", _percent(row["value"]), f"{row['below']}{small}",
            f"{_number(row['low'])}–{_number(row['high'])}", _share(row["reliability"]), _share(row["p_meets_target"]),
            _pooled(row),
        )  # fmt: skip
    return table


def _pooled(row: Row) -> str:
    """The pooled rate, and of how many."""
    return "" if row["pooled_value"] is None else f"{_percent(row['pooled_value'])} of {row['pooled_below']}"


def _percent(value: object) -> str:
    return f"{100 * value:.0f} %" if isinstance(value, float) else "–"


def _number(value: object) -> str:
    return f"{100 * value:.0f}" if isinstance(value, float) else "–"


def _share(value: object) -> str:
    """A probability; never quite none or all, where it is not."""
    if not isinstance(value, float):
        return ""
    return "> 0.99" if 0.995 <= value < 1 else "< 0.01" if 0 < value < 0.005 else f"{value:.2f}"


def _legend(rows: Iterable[Row]) -> Text:
    first = next(iter(rows))
    method = "Wilson" if first["interval"] == "wilson" else "Clopper-Pearson"
    return Text(
        f"Interval: {float(str(first['confidence'])) * 100:g} % confidence ({method}), in percent. *: fewer people "
        "than the minimum. Reliable: which part of the differences between such rates is true, not chance; from 0.7 on "
        "is customary. Meets: the probability that the true rate meets the target. Pooled: with the people of programs "
        "that mean the same, each once.",
        style="dim",
    )


__all__ = ["statistics_shown"]
