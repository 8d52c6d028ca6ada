"""The catalogue in a terminal: a table of measures, or one of them in full."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from measureharmony.catalogue.entry import Entry
from measureharmony.catalogue.page import measure_page
from measureharmony.measures.plain_words import how_many


def table(entries: Sequence[Entry]) -> RenderableType:
    """Key, title and identifiers of each."""
    lines = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    lines.add_column("Measure", no_wrap=True)
    lines.add_column("Title", overflow="fold", ratio=2)
    lines.add_column("Rates", justify="right")
    lines.add_column("Identifiers", overflow="fold", ratio=2, style="dim")
    for entry in entries:
        names = dict.fromkeys(identifier.id for identifier in entry.identifiers if not identifier.id.isdecimal())
        lines.add_row(entry.key, entry.measure.title, str(len(entry.measure.rates)), ", ".join(names))
    hint = f"{how_many(len(entries), 'measure')}; read one with: measureharmony catalog --measure KEY"
    return Group(lines, Text(hint, style="dim"))


def full(entry: Entry) -> RenderableType:
    """All that the catalogue says of one measure."""
    return Markdown(measure_page(entry))


def as_json(entries: Sequence[Entry]) -> str:
    """The entries as a JSON list."""
    return orjson.dumps([entry.to_dict() for entry in entries], option=orjson.OPT_INDENT_2).decode()


__all__ = ["as_json", "full", "table"]
