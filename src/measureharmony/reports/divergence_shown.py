"""Divergence in people as it is read in a terminal: program by program, measure by measure, cause by cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from measureharmony.measures.measure import Measure
from measureharmony.payers.variant import CANONICAL
from measureharmony.reports.divergence import ALL, MEMBERSHIP, Divergence

#: Sentences of changes longer than this are cut; table divergence_counts has them whole.
LONGEST = 115

_LEGEND = (
    "Moved: people who end up elsewhere; on a measure's line by everything together, below by that change only. "
    "Denom.: who comes into the denominator and leaves it. Points: what becomes of the rate. "
    "Alone: those moved by everything together for whom one change, this one, is responsible alone."
)


def divergence_shown(found: Divergence, titles: Mapping[str, str]) -> RenderableType:
    """Each program's measures with what every cause does, then the matrix of agreement, if there is more than one.

    ``titles`` are what programs are called.
    """
    rows = found.counts.to_dicts()
    if not rows:
        return Group(*map(Text, found.notes), Text("There is nothing to compare."))
    variants = [rate.toggled.contrast.after.variant for rate in found.rates]
    measures = {variant.measure.measure: variant.measure for variant in variants}
    tables = [
        _program(Text(titles.get(program, program), style="bold"), measures, lines)
        for program, lines in groupby(rows, key=lambda row: str(row["program"]))
    ]
    head = Text(f"Compared with {_name(str(rows[0]['against']), titles)}:\n")
    matrix = [_matrix(found, titles)] if len(tables) > 1 else []
    return Group(head, *tables, *matrix, *map(Text, found.notes), Text(_LEGEND, "dim"))


def _program(title: Text, measures: Mapping[str, Measure], rows: Iterable[dict[str, Any]]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("Measure, and what differs", width=41, overflow="fold")
    for column, width in (("Moved", 5), ("Denom.", 9), ("Points", 6), ("Alone", 5)):
        table.add_column(column, justify="right", no_wrap=True, width=width)
    for (key, rate), lines in groupby(rows, key=lambda row: (row["measure"], row["rate"])):
        by_cause = {row["cause"]: row for row in lines}
        membership, whole = by_cause.pop(MEMBERSHIP, None), by_cause.pop(ALL)
        alone = sum(row["alone"] for row in by_cause.values())
        table.add_row(_title(measures[key], rate), *_cells(whole | {"alone": alone or None}))
        if membership:
            table.add_row(Text("  own people instead of everybody", "dim"), "", "", Text(_points(membership), "dim"))
        moving = [row for row in by_cause.values() if any(row[name] for name in _MOVES)]
        for row in moving:
            table.add_row(Text(f"  {_cut(str(row['sentence']))}"), *_cells(row))
        if idle := len(by_cause) - len(moving):
            table.add_row(Text(f"  {idle} {'change moves' if idle == 1 else 'changes move'} nobody here", "dim"))
    return table


#: Where none of these counts anybody, the cause makes no difference to anybody here.
_MOVES = ("moved", "alone", "one_of_several", "together")


def _title(measure: Measure, rate_id: str) -> Text:
    rate = next(rate for rate in measure.rates if rate.id == rate_id)
    return Text(f"{measure.title}: {rate.title}" if len(measure.rates) > 1 else measure.title, style="bold")


def _cut(sentence: str) -> str:
    return sentence if len(sentence) <= LONGEST else f"{sentence[: LONGEST - 1]}…"


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    come, gone = row["denominator_in"], row["denominator_out"]
    denominator = " ".join([f"+{come}"] * bool(come) + [f"−{gone}"] * bool(gone)) or "·"
    return str(row["moved"]), denominator, _points(row), "" if row["alone"] is None else str(row["alone"])


def _points(row: Mapping[str, Any]) -> str:
    return "–" if row["points"] is None else f"{round(row['points'], 1) + 0:+.1f}".replace("-", "−")


def _matrix(found: Divergence, titles: Mapping[str, str]) -> RenderableType:
    """Rows are measures, columns programs: how many of 100 people in either denominator end up in the same place."""
    rows = found.matrix.to_dicts()
    programs = [name for name in found.matrix.arrow.column_names if name not in ("measure", "rate")]
    heading = Text("In the same place", style="bold").append("  of people in either denominator, %", "dim not bold")
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("Measure", overflow="fold")
    for place in range(1, len(programs) + 1):
        table.add_column(Text(f"[{place}]"), justify="right")
    for row in rows:
        shares = [row[program] for program in programs]
        cells = ["" if share is None else f"{100 * float(str(share)):.0f}" for share in shares]
        table.add_row(f"{row['measure']}/{row['rate']}", *cells)
    told = [f"[{place}] {_name(program, titles)}" for place, program in enumerate(programs, 1)]
    return Group(heading, table, *map(Text, told), Text())


def _name(program: str, titles: Mapping[str, str]) -> str:
    return "the canonical set" if program == CANONICAL else titles.get(program, program)


__all__ = ["divergence_shown"]
