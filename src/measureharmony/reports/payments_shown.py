"""Targets, payments and what-if in the terminal: program by program, at 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from measureharmony.payers.contract import Contract
from measureharmony.reports.tables import ResultTable

Row = Mapping[str, object]


def payments_shown(
    targets: ResultTable, payments: ResultTable, contracts: Mapping[str, Contract], *, steps: bool = False
) -> RenderableType:
    """How far each program's rates are from their targets, and what that pays; with ``steps``, how it comes about."""
    parts: list[RenderableType] = []
    for program, contract in contracts.items():
        wanted = [row for row in targets.to_dicts() if row["program"] == program]
        paid = [row for row in payments.to_dicts() if row["program"] == program]
        if wanted or paid:
            parts.append(_heading(contract))
            parts += [_targets(wanted, contract)] if wanted else []
            parts += [_payments(paid), *_how(paid, asked=steps)] if paid else [Text("Pays nothing by these rates.\n")]
    return Group(*parts, _legend()) if parts else Text("No program has targets or payments.")


def what_if_shown(table: ResultTable, contracts: Mapping[str, Contract], *, steps: bool = False) -> RenderableType:
    """What every program pays before and after some gaps are closed."""
    rows = table.to_dicts()
    parts: list[RenderableType] = []
    for program in dict.fromkeys(str(row["program"]) for row in rows):
        own = [row for row in rows if row["program"] == program]
        parts += [_heading(contracts[program]), Text(f"Closed: {own[0]['closed']}")]
        shown = _table("Payment", "Before", "After", "Difference")
        for row in own:
            shown.add_row(str(row["title"]), *(_money(row[name]) for name in ("before", "after", "difference")))
        sums = [_sum(own, name) for name in ("before", "after", "difference")]
        shown.add_row(_total(own), *map(_money, sums), style="bold")
        parts += [shown, *_how(own, asked=steps)]
    return Group(*parts) if parts else Text("No gap would be closed: none of these is open in any program.")


def _heading(contract: Contract) -> Text:
    return Text(contract.program.title, style="bold")


def _targets(rows: Sequence[Row], contract: Contract) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=0, header_style="dim")
    table.add_column("Rate", width=22, overflow="fold")
    for column, width in (("Value", 7), ("Target", 8), ("Tier", 8), ("Next", 13), ("pays", 8), ("Gap", 6)):
        table.add_column(column, justify="right", width=width)
    for row in rows:
        table.add_row(
            f"{row['measure']}.{row['rate']}", _value(row, contract), _bound(row, contract), _reached(row), _next(row),
            _brief(row["value_of_next"]), _brief(row["value_per_gap"]),
        )  # fmt: skip
    return table


def _payments(rows: Sequence[Row]) -> Table:
    table = _table("Payment", "Earned", "Projected", "All closed")
    for row in rows:
        amounts = (_money(row[name]) for name in ("earned", "projected", "if_all_open_gaps_close"))
        table.add_row(str(row["title"]), *amounts)
    sums = [_sum(rows, name) for name in ("earned", "projected", "if_all_open_gaps_close")]
    table.add_row(_total(rows), *map(_money, sums), style="bold")
    return table


def _table(first: str, *amounts: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column(first, width=38, overflow="fold")
    for name in amounts:
        table.add_column(name, justify="right", no_wrap=True, width=12)
    return table


def _how(rows: Iterable[Row], *, asked: bool) -> list[RenderableType]:
    """The steps of each payment."""
    if not asked:
        return []
    parts: list[RenderableType] = []
    for row in rows:
        parts.append(Text(f"{row['title']} ({row['payment']})", style="bold dim"))
        parts += [Padding(Text(line), (0, 0, 0, 2)) for line in str(row["steps"]).split("\n")]
    return [*parts, Text("")]


def _value(row: Row, contract: Contract) -> str:
    return _number(row["value"], row, contract)


def _bound(row: Row, contract: Contract) -> str:
    sign = "≥" if row["side"] == "at_least" else "≤"
    return "" if row["target"] is None else f"{sign} {_number(row['target'], row, contract)}"


def _number(value: object, row: Row, contract: Contract) -> str:
    """A rate or bound, as a percentage where it is a proportion."""
    if not isinstance(value, float):
        return "–"
    ratio = (row["measure"], row["rate"]) in contract.ratios
    return f"{value:.3f}" if ratio else f"{round(100 * value, 1):g} %"


def _reached(row: Row) -> str:
    if row["met"] is None:
        return ""
    if not row["counts"]:
        return "too few"
    return str(row["tier"]) if row["tier"] else "yes" if row["met"] else "no"


def _next(row: Row) -> str:
    """How many gaps to the next tier, in brackets where they are not open any more."""
    if row["reporting_only"]:
        return "report only"
    if row["next_tier"] is None or not row["counts"]:
        return ""
    if row["people_to_next"] is None:
        return f"{row['next_tier']} –"
    number = f"+{row['people_to_next']}"
    return f"{row['next_tier']} {number if row['reachable'] else f'({number})'}"


def _money(value: object) -> str:
    return f"{value:,.2f}" if isinstance(value, Decimal) else "–"


def _brief(value: object) -> str:
    """An amount without needless cents; nothing for nothing."""
    if not isinstance(value, Decimal) or not value:
        return ""
    return f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}"


def _sum(rows: Iterable[Row], name: str) -> Decimal:
    return sum((amount for row in rows if isinstance(amount := row[name], Decimal)), Decimal(0))


def _total(rows: Sequence[Row]) -> str:
    unknown = sum(1 for row in rows if row.get("projected", row.get("after")) is None)
    more = f" (without {unknown} not computed)" if unknown else ""
    return f"Together, in {rows[0]['currency']}{more}"


def _legend() -> Text:
    return Text(
        "Next: the next tier, how many gaps must be closed for it (in brackets where so many are not open), and how "
        "much more the program then pays in all. Gap: how much more it pays for one more gap closed. Earned: for gaps "
        "closed so far; what the last day decides is earned then. Projected: if all rates stay as they are.",
        style="dim",
    )


__all__ = ["payments_shown", "what_if_shown"]
