"""A comparison in a terminal: measure by measure, a line for each difference and one for where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from measureharmony.comparison.axes import TITLES
from measureharmony.comparison.compare import Comparison
from measureharmony.comparison.difference import AxisDifference
from measureharmony.measures.measure import Measure
from measureharmony.measures.plain_words import how_many, listed, plain


def shown(comparison: Comparison, measures: Mapping[str, Measure]) -> RenderableType:
    """The whole comparison. ``measures`` have the titles."""
    counted = f"{how_many(len(comparison.measures), 'measure')}, {how_many(len(comparison.differences), 'difference')}"
    head = Text.assemble(
        (comparison.after, "bold"), " compared with ", (comparison.before, "bold"), (f"  {counted}", "dim")
    )
    parts: list[RenderableType] = [head]
    if comparison.of_contract:
        parts += [Text(), Text("Every measure", style="bold"), _lines(comparison.of_contract)]
    for key in comparison.measures:
        if comparison.of(key):
            name = Text.assemble((key, "bold"), f"  {measures[key].title if key in measures else ''}")
            parts += [Text(), name, _lines(comparison.of(key))]
    same = [key for key in comparison.measures if not comparison.of(key)]
    parts += [Text(), Text(f"The same in both: {', '.join(same)}", style="dim")] if same else []
    for side, only in ((comparison.before, comparison.only_before), (comparison.after, comparison.only_after)):
        parts += [Text(f"Only in {side}: {', '.join(only)}", style="dim")] if only else []
    return Group(*parts)


def _lines(differences: Iterable[AxisDifference]) -> Table:
    lines = Table.grid(padding=(0, 2))
    lines.add_column(style="dim", width=18)
    lines.add_column(ratio=1, overflow="fold")
    for one in differences:
        lines.add_row(TITLES[one.axis], Group(Text(one.sentence + _where(one)), *_sources(one)))
    return lines


def _where(one: AxisDifference) -> str:
    """The rates, where not every one is touched."""
    rates = listed(map(plain, one.rates), "and")
    return f" (rate {rates})" if one.rates and rates not in one.sentence else ""


def _sources(one: AxisDifference) -> list[Text]:
    return [Text(text, style="dim") for text in dict.fromkeys(map(str, one.citations))]


__all__ = ["shown"]
