"""A reconciliation in the terminal."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from measureharmony.reconciliation.causes import CAUSES
from measureharmony.reconciliation.reconcile import Reconciliation


def reconciliation_shown(found: Reconciliation, title: str) -> RenderableType:
    """How far the payer and the practice agree, and what the differences come from."""
    rows = found.summary.to_dicts()
    every = sum(int(str(row["rows"])) for row in rows)
    agree = sum(int(str(row["rows"])) for row in rows if row["cause"] == "agree")
    head = Text(title, style="bold").append(f"  {agree:,} of {every:,} rows agree", style="not bold")
    if agree == every:
        return head
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("Cause")
    table.add_column("Rows", justify="right")
    table.add_column("Meaning", ratio=1)
    table.add_column("Ask", ratio=1)
    for cause, (meaning, ask) in CAUSES.items():
        count = sum(int(str(row["rows"])) for row in rows if row["cause"] == cause)
        if count and cause != "agree":
            table.add_row(cause.replace("_", " "), f"{count:,}", meaning, ask)
    return Group(head, table)


__all__ = ["reconciliation_shown"]
