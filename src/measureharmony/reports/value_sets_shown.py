"""Value sets in a terminal: measure by measure, what to load next, and the codes of one set."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from measureharmony.measures.plain_words import plain
from measureharmony.reports.tables import ResultTable
from measureharmony.value_sets import CodeSystems, ValueSet, ValueSets
from measureharmony.value_sets.model import SHIPPED

STYLES = {"complete": "green", "partial": "yellow", "missing": "bold red"}
#: So many value sets are listed under "to load".
_TO_LOAD = 12
#: So many codes of one system are shown of a set.
_CODES = 40
Row = Mapping[str, object]


def lacking(table: ResultTable, *, missing_only: bool = False) -> list[Row]:
    """The rows of indispensable value sets that are not complete (``missing_only``: that have no code at all)."""
    wanted = ("missing",) if missing_only else ("missing", "partial")
    return [row for row in table.to_dicts() if row["indispensable_for"] and row["state"] in wanted]


def check_shown(
    table: ResultTable, titles: Mapping[str, str], value_sets: ValueSets, *, in_full: bool
) -> RenderableType:
    """What :func:`~measureharmony.harmonize.check_value_sets` found: each measure's standing, then each of its sets
    (``in_full``) or the sets that would help most. ``titles`` are the measures', ``value_sets`` those it looked at.
    """
    rows: list[Row] = [*table.to_dicts()]
    by_measure = [(measure, list(group)) for measure, group in groupby(rows, key=lambda row: str(row["measure"]))]
    parts: list[RenderableType] = [_standing(by_measure, titles)]
    if in_full:
        parts += [_sets(titles.get(measure, measure), group) for measure, group in by_measure]
    else:
        parts += _to_load(lacking(table))
    return Group(*parts, _verdict(by_measure, in_full=in_full), *_strangers(table, value_sets))


def _standing(by_measure: Sequence[tuple[str, list[Row]]], titles: Mapping[str, str]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("Measure", overflow="ellipsis", no_wrap=True, width=31)
    for state in STYLES:
        table.add_column(state.capitalize(), justify="right", no_wrap=True)
    table.add_column("Final?", no_wrap=True, min_width=14)
    for measure, rows in by_measure:
        states = Counter(str(row["state"]) for row in rows)
        counts = [Text(str(states[state] or "–"), style=STYLES[state] if states[state] else "dim") for state in STYLES]
        name = Text(measure, style="bold").append(f"  {titles.get(measure, '')}", style="not bold")
        table.add_row(name, *counts, _final(rows))
    return table


def _final(rows: Iterable[Row]) -> Text:
    """Whether a measure's rates can be called final with these sets, in a few words."""
    needed = [row for row in rows if row["indispensable_for"]]
    without = sum(row["state"] == "missing" for row in needed)
    if without:
        return Text(f"no codes: {without}", style=STYLES["missing"])
    partial = [row for row in needed if row["state"] == "partial"]
    if not partial:
        return Text("yes", style=STYLES["complete"])
    only = "open codes" if all(row["source"] == SHIPPED for row in partial) else "not all"
    return Text(f"{only}: {len(partial)}", style=STYLES["partial"])


def _sets(title: str, rows: Sequence[Row]) -> Table:
    """Every value set of one measure, the indispensable ones first."""
    table = Table(title=Text(title, style="bold"), title_justify="left", box=SIMPLE_HEAD, pad_edge=False,
                  header_style="dim")  # fmt: skip
    table.add_column("Value set", overflow="fold", width=42)
    table.add_column("State", no_wrap=True)
    table.add_column("Codes", justify="right", no_wrap=True)
    table.add_column("Needed for", overflow="fold", min_width=10)
    for row in sorted(rows, key=lambda row: (not row["indispensable_for"], str(row["value_set"]))):
        name = _named(str(row["value_set"]), str(row["oid"]))
        if row["source"] not in ("", SHIPPED):
            name.append(f"\n{row['source']} {row['version']}".rstrip(), style="dim")
        state, populations = str(row["state"]), str(row["populations"]).split()
        needed = "\n".join(map(plain, populations))
        table.add_row(name, Text(state, style=STYLES[state]), str(row["codes"] or "–"), needed)
    return table


def _named(name: str, oid: str) -> Text:
    """The name, and the OID below it."""
    return Text(name).append(f"\n{oid}" if oid not in ("", name) else "", style="dim")


def _to_load(rows: Sequence[Row]) -> list[RenderableType]:
    """The incomplete indispensable sets, those without any code first, then those that most measures wait for."""
    waiting: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row in rows:
        waiting[str(row["state"]), str(row["value_set"]), str(row["oid"])].add(str(row["measure"]))
    if not waiting:
        return []
    table = Table(title=Text("To load first", style="bold"), title_justify="left", box=SIMPLE_HEAD, pad_edge=False,
                  header_style="dim")  # fmt: skip
    table.add_column("Value set", overflow="fold", width=50)
    table.add_column("State", no_wrap=True)
    table.add_column("Measures", justify="right", no_wrap=True)
    ordered = sorted(waiting.items(), key=lambda item: (item[0][0] != "missing", -len(item[1]), item[0][1]))
    for (state, name, oid), measures in ordered[:_TO_LOAD]:
        table.add_row(_named(name, oid), Text(state, style=STYLES[state]), str(len(measures)))
    rest = len(ordered) - _TO_LOAD
    return [table, Text(f"… and {rest} more; --json lists all\n", style="dim")] if rest > 0 else [table]


def _verdict(by_measure: Sequence[tuple[str, list[Row]]], *, in_full: bool) -> Text:
    final = sum(_final(rows).plain == "yes" for _, rows in by_measure)
    measures = "measure" if len(by_measure) == 1 else "measures"
    text = Text(f"{final} of {len(by_measure)} {measures} can be final with these value sets.")
    if final < len(by_measure):
        text.append(" Load your own with --value-sets.")
    if not in_full:
        text.append(" One measure set by set: measureharmony valuesets check -m KEY")
    return text


def _strangers(table: ResultTable, value_sets: ValueSets) -> list[Text]:
    """Loaded sets that took nobody's place, told while sets are lacking: another publisher's OID may be the reason."""
    found = [value_set for value_set in value_sets.values() if value_set.name == value_set.oid]
    if not found or not lacking(table):
        return []
    example = f"{found[0].title} ({found[0].oid})"
    many = "loaded set has an OID" if len(found) == 1 else "loaded sets have OIDs"
    text = (
        f"{len(found)} {many} that no spec knows, such as {example}. To put it in the place of a set here, name both "
    )
    return [Text(text + f"in columns.yaml: names: {{{found[0].title}: our_name}}", style="dim")]


def list_shown(value_sets: Sequence[ValueSet]) -> RenderableType:
    """Name, OID, state, number of codes and source of each."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    table.add_column("Value set", overflow="fold", ratio=3)
    table.add_column("State")
    table.add_column("Codes", justify="right")
    table.add_column("From", overflow="fold", ratio=2, style="dim")
    for value_set in value_sets:
        count = len(value_set.codes) + len(value_set.patterns)
        source = f"{value_set.source} {value_set.version}".strip()
        table.add_row(
            _named(value_set.name, value_set.oid),
            Text(value_set.state, style=STYLES[value_set.state]),
            str(count or "–"),
            source,
        )
    states = Counter(str(value_set.state) for value_set in value_sets)
    counted = ", ".join(f"{states[state]} {state}" for state in STYLES if states[state])
    return Group(table, Text(f"{len(value_sets)} value sets: {counted}", style="dim"))


def set_shown(value_set: ValueSet, systems: CodeSystems) -> RenderableType:
    """One value set: what it is, where its codes come from, and the codes, system by system."""
    lines = Text(value_set.title, style="bold").append(f"  {value_set.name}", style="dim")
    facts = {
        "OID": value_set.oid,
        "version": value_set.version,
        "from": value_set.source,
        "note": value_set.note,
        "fingerprint": value_set.fingerprint(),
    }
    for word, fact in facts.items():
        lines.append(f"\n{word:<12}", style="dim").append(fact or "–", style="not bold")
    lines.append("\nstate       ", style="dim").append(value_set.state, style=STYLES[value_set.state])
    by_system: defaultdict[str, list[str]] = defaultdict(list)
    for system, code in (*value_set.codes, *((system, f"{code}*") for system, code in value_set.patterns)):
        by_system[systems.short_name(system)].append(code)
    for system, codes in sorted(by_system.items()):
        more = f" … and {len(codes) - _CODES:,} more" if len(codes) > _CODES else ""
        lines.append(f"\n{system} ({len(codes):,}): ", style="bold").append(
            " ".join(sorted(codes)[:_CODES]) + more, style="not bold"
        )
    return lines


__all__ = ["check_shown", "lacking", "list_shown", "set_shown"]
