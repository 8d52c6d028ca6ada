"""Attribution as it is read in a terminal: how many people of each sort, by group, and what speaks against rosters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from measureharmony.payers.variant import CANONICAL
from measureharmony.reports.attribution import Attribution
from measureharmony.reports.tables import shown

#: What each dispute says, in the order in which they are shown.
DISPUTES = {
    "another_clinician": "listed, by the rule another clinician's",
    "never_seen": "listed, never seen",
    "not_covered": "listed, not covered by the payer",
    "listed_twice": "listed more than once",
    "not_listed": "never listed, though covered and by the rule ours",
    "dropped_but_covered": "no longer listed, still covered",
}
_FLAGS = ("attributed", "enrolled", "seen")


def attribution_shown(found: Attribution, titles: Mapping[str, str]) -> RenderableType:
    """How many people are attributed, enrolled, seen; to which groups; disputes by roster. ``titles`` of programs."""
    programs = [asked.program for asked in found.asked]
    legend = [Text(line) for line in _legend(found, titles)]
    disputes = [_disputes(found, programs)] if len(found.disputes) else []
    return Group(_standing(found, programs), *legend, Text(), *disputes, *map(Text, found.notes))


def _standing(found: Attribution, programs: list[str]) -> Table:
    table = _numbered("", range(1, len(programs) + 1), [flag.capitalize() for flag in _FLAGS])
    rows: dict[tuple[object, ...], list[str]] = {}
    for row in found.counts.to_dicts():
        rows.setdefault(tuple(row[flag] for flag in _FLAGS), []).append(_count(row["people"]))
    for flags, cells in rows.items():
        table.add_row(*(shown(flag) if flag else Text("no", "dim") for flag in flags), *cells)
    return table


def _disputes(found: Attribution, programs: list[str]) -> Table:
    counted = Counter((row["dispute"], row["program"]) for row in found.disputes.to_dicts())
    listing = {program: place for place, program in enumerate(programs, 1) if program in {key[1] for key in counted}}
    table = _numbered("Where rosters and the practice's data disagree", listing.values(), ["People who are"])
    for dispute, words in DISPUTES.items():
        table.add_row(words, *(_count(counted.get((dispute, program), 0)) for program in listing))
    return table


def _numbered(title: str, places: Iterable[int], heads: list[str]) -> Table:
    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0), header_style="dim")
    for head in heads:
        table.add_column(head, overflow="fold")
    for place in places:
        table.add_column(Text(f"[{place}]"), justify="right", no_wrap=True)
    return table


def _count(people: object) -> str:
    return f"{people:,}" if people else "·"


def _legend(found: Attribution, titles: Mapping[str, str]) -> Iterator[str]:
    """What each column is: the program, the day, the rule or roster, and the groups people are attributed to."""
    rows = found.people.arrow
    counted = rows.filter(rows["attributed"]).group_by(["program", "group_id"]).aggregate([("person_id", "count")])
    groups: dict[str, list[tuple[str, int]]] = {}
    for row in counted.to_pylist():
        groups.setdefault(row["program"], []).append((row["group_id"] or "no group", row["person_id_count"]))
    used = _rules(found)
    for place, asked in enumerate(found.asked, 1):
        title = "the practice, all payers together" if asked.program == CANONICAL else titles.get(asked.program)
        named = ", ".join(f"{name} {people:,}" for name, people in sorted(groups.get(asked.program, [])))
        rules = " and ".join(used.get(asked.program) or [asked.rule_name])
        yield f"[{place}] {title or asked.program}, on {asked.day}, by {rules}: {named or 'nobody'}"


def _rules(found: Attribution) -> dict[str, list[str]]:
    """Which rules, rosters among them, attributed somebody, by program."""
    rows = found.people.arrow
    counted = rows.filter(rows["attributed"]).group_by(["program", "rule"]).aggregate([]).to_pylist()
    used: dict[str, list[str]] = {}
    for row in sorted(counted, key=lambda row: (row["program"], row["rule"])):
        used.setdefault(row["program"], []).append(row["rule"])
    return used


__all__ = ["DISPUTES", "attribution_shown"]
