"""A history in the terminal: the runs, the latest changes by cause, and rates over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from measureharmony.history.history import History

#: What each cause of a change is called.
CAUSES: Mapping[str, str] = {
    "care": "closed by care",
    "late_evidence": "closed by evidence that came late",
    "excluded": "excluded now",
    "excepted": "excepted now",
    "left": "no longer in the denominator",
    "regression": "met before, open again",
    "exclusion_ended": "no longer excluded",
    "new": "new in the denominator",
    "new_period": "a new measurement period",
}
#: So many of the latest runs are shown of a rate.
_RUNS = 6


def history_shown(history: History, program: str | None, measure: str | None) -> RenderableType:
    """The runs, what the last one changed, and the rates of ``program`` or ``measure`` over time."""
    runs = history.runs().to_dicts()
    if not runs:
        return Text("No run has been recorded. Add one: measureharmony run … --as-of DAY --history FILE")
    parts: list[RenderableType] = [_heading("Runs"), _runs(runs)]
    if len(runs) > 1:
        changes = history.changes(int(str(runs[-1]["run"])), program, measure).to_dicts()
        parts += [_heading(f"Changes since {runs[-2]['as_of']}, counted once per program"), _changes(changes)]
    if program or measure:
        parts += [_heading("Rates"), _rates(history.rates(program, measure).to_dicts())]
    return Group(*parts)


def changes_told(history: History) -> str:
    """What the latest run changed, in a line."""
    runs = history.runs().to_dicts()
    run, since = runs[-1], runs[-2]["as_of"] if len(runs) > 1 else None
    if since is None:
        return f"{history.path}: the first run is recorded."
    return (
        f"{history.path}: since {since}, {run['closed']:,} gaps closed ({run['by_care']:,} by care), "
        f"{run['opened']:,} opened, counted once per program."
    )


def _heading(text: str) -> Text:
    return Text(text, style="bold")


def _runs(runs: list[dict[str, object]]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("As of")
    for name in ("People", "Gaps opened", "Gaps closed", "by care"):
        table.add_column(name, justify="right")
    for row in runs:
        table.add_row(str(row["as_of"]), *(f"{row[name]:,}" for name in ("people", "opened", "closed", "by_care")))
    return table


def _changes(changes: list[dict[str, object]]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("Change")
    table.add_column("Why")
    table.add_column("Gaps", justify="right")
    counted = Counter((str(row["change"]), str(row["cause"]), bool(row["definition_changed"])) for row in changes)
    for (change, cause, redefined), count in sorted(counted.items(), key=lambda one: (one[0][0], -one[1])):
        told = CAUSES[cause] + (", and the definition changed" if redefined else "")
        table.add_row(change, told, f"{count:,}")
    return table


def _rates(rates: list[dict[str, object]]) -> Table:
    days = sorted({str(row["as_of"]) for row in rates})[-_RUNS:]
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for name in ("Program", "Rate"):
        table.add_column(name, overflow="fold")
    for day in days:
        table.add_column(day, justify="right", no_wrap=True)
    for (program, rate), values in _by_rate(rates).items():
        table.add_row(program, rate, *(values.get(day, "") for day in days))
    return table


def _by_rate(rates: list[dict[str, object]]) -> dict[tuple[str, str], dict[str, str]]:
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in rates:
        if not row["stratum"]:
            key = str(row["program"]), f"{row['measure']}/{row['rate']}"
            found.setdefault(key, {})[str(row["as_of"])] = "".join(_value(row))
    return found


def _value(row: Mapping[str, object]) -> Iterator[str]:
    value = row["value"]
    if not isinstance(value, float):
        yield "–"
        return
    proportion = row["below"] and value == int(str(row["above"])) / int(str(row["below"]))
    yield f"{100 * value:.1f} %" if proportion else f"{value:.3f}"


__all__ = ["CAUSES", "changes_told", "history_shown"]
