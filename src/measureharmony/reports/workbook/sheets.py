"""What stands on each sheet of a workbook, as columns and rows; how cells look is :mod:`.workbook`'s."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from measureharmony.measures.measure import POPULATIONS
from measureharmony.measures.plain_words import plain
from measureharmony.payers.variant import CANONICAL
from measureharmony.reports.content.content import Content
from measureharmony.reports.content.figures import Figure
from measureharmony.reports.content.gap_lists import of_program

#: What a cell may hold.
Value = str | int | float | dt.date | bool | None
#: How a column's cells are shown.
Look = Literal["text", "number", "percent", "points", "money", "date"]
#: Words of a gap list's columns, where the name itself is not enough.
_GAP_TITLES: Mapping[str, str] = {
    "person_id": "Person",
    "title": "Measure",
    "measure": "Measure key",
    "programs": "Payers",
    "reason": "What it takes",
    "missing": "What is missing",
    "evidence": "Last evidence",
}


@dataclass(frozen=True)
class Column:
    """A column: its heading, how its cells are shown, how many characters it is wide."""

    title: str
    look: Look = "text"
    width: int = 12


@dataclass(frozen=True)
class Sheet:
    """One sheet; every row has as many cells as there are columns."""

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Value]]


def sheets(content: Content, program: str = CANONICAL) -> Iterator[Sheet]:
    """The sheets of one program's workbook; of ``canonical``, what the whole practice sees, all programs among it."""
    shown = content.figures if program == CANONICAL else content.of_program(program)
    yield _overview(content, shown)
    yield _rates(shown)
    if content.gaps is not None:
        yield _gaps(content, program)
    yield _divergences(content, program)
    if paid := [row for row in content.payments if program in (CANONICAL, row["program"])]:
        yield _payments(paid)
    if content.clinicians:
        yield _clinicians(content, program)
    yield _computed(content, shown)
    yield _manifest(content)


def _overview(content: Content, shown: Sequence[Figure]) -> Sheet:
    """Measures by programs: each a rate as a percentage."""
    programs = [one.key for one in content.programs if any(figure.program == one.key for figure in shown)]
    cells: dict[tuple[str, str], dict[str, Figure]] = {}
    for one in shown:
        cells.setdefault((one.measure, one.rate), {})[one.program] = one
    rows: list[list[Value]] = []
    for found in cells.values():
        first = next(iter(found.values()))
        rates = [_overview_cell(found.get(program)) for program in programs]
        rows.append([first.title, "lower" if first.direction == "lower" else "higher", *rates])
    heads = [Column("All payers" if key == CANONICAL else key, "percent", max(12, len(key) + 2)) for key in programs]
    return Sheet("Overview", (Column("Measure", width=58), Column("Better is"), *heads), rows)


def _overview_cell(figure: Figure | None) -> Value:
    if figure is None:
        return None
    if figure.hidden:
        return "hidden"
    return figure.value if figure.is_share else figure.words[0]


def _rates(shown: Sequence[Figure]) -> Sheet:
    columns = (
        Column("Program", width=26), Column("Measure", width=58), Column("Rate", "percent"), Column("Low", "percent"),
        Column("High", "percent"), Column("Met", "number"), Column("Counted", "number"), Column("Gaps", "number"),
        Column("Target", "percent"), Column("Target met"), Column("People to target", "number", 16), Column("Final"),
        Column("Remark", width=24),
    )  # fmt: skip
    return Sheet("Rates", columns, [_rate_row(one) for one in shown])


def _rate_row(one: Figure) -> list[Value]:
    target = one.target
    remark = "small counts hidden" if one.hidden else "" if one.is_share else f"{plain(one.scoring)}: {one.words[0]}"
    return [
        one.program, one.title, one.value if one.is_share else None, one.low, one.high, one.above, one.below, one.gaps,
        target.value if target else None, target.met if target else None, target.people if target else None, one.final,
        "undecided: a value set has no codes" if one.undecided else remark,
    ]  # fmt: skip


def _gaps(content: Content, program: str) -> Sheet:
    assert content.gaps is not None  # asked for only then
    table = of_program(content.gaps, program)
    names = [name for name in table.column_names if table[name].null_count < table.num_rows or not table.num_rows]
    looks: dict[str, Look] = {"due": "date", "evidence_date": "date"}
    widths = {"title": 52, "missing": 44, "programs": 30, "how_to_close": 44, "name": 22, "clinician": 20}
    columns = tuple(
        Column(_GAP_TITLES.get(name, plain(name).capitalize()), looks.get(name, "text"), widths.get(name, 13))
        for name in names
    )
    return Sheet("Gaps", columns, list(zip(*(table[name].to_pylist() for name in names), strict=True)))


def _clinicians(content: Content, program: str) -> Sheet:
    """The rates of everybody's patients; in the practice's workbook those of all programs."""
    rows: list[list[Value]] = [
        [
            one.name or one.provider_id,
            rate.figure.program,
            rate.figure.title,
            rate.value,
            rate.above,
            rate.below,
            rate.gaps,
        ]
        for one in content.clinicians
        for rate in (one.rates if program == CANONICAL else one.of_program(program))
    ]
    columns = (
        Column("Clinician", width=26), Column("Program", width=26), Column("Measure", width=58),
        Column("Rate", "percent"), Column("Met", "number"), Column("Counted", "number"), Column("Gaps", "number"),
    )  # fmt: skip
    return Sheet("Clinicians", columns, rows)


def _payments(paid: Sequence[Mapping[str, object]]) -> Sheet:
    """What contracts pay, and how that is computed."""
    amounts = ("earned", "projected", "if_all_open_gaps_close", "next_tier_amount", "value_per_gap")
    words = ("program", "title", "measure", "rate", "currency", "frequency", "steps")
    rows: list[list[Value]] = [
        [*(str(row.get(name) or "") for name in words[:4]), *(_amount(row.get(name)) for name in amounts),
         *(str(row.get(name) or "") for name in words[4:])]
        for row in paid
    ]  # fmt: skip
    columns = (
        Column("Program", width=26), Column("Payment", width=34), Column("Measure"), Column("Rate", width=18),
        *(Column(plain(name).capitalize(), "money", 16) for name in amounts), Column("Currency"),
        Column("Paid"), Column("How it is computed", width=80),
    )  # fmt: skip
    return Sheet("Payments", columns, rows)


def _amount(amount: object) -> float | None:
    """A spreadsheet has no decimal numbers; cents survive."""
    return float(amount) if isinstance(amount, int | float | Decimal) else None


def _divergences(content: Content, program: str) -> Sheet:
    """Every sentence of how programs differ from the canonical measures, and whom that moves."""
    titles = {"": "every measure", **{one.key: one.title for one in content.measures}}
    rows: list[list[Value]] = []
    for (key, measure), found in content.differing.items():
        if program not in (CANONICAL, key):
            continue
        which = [key, titles.get(measure, measure)]
        rows += ([*which, plain(one.axis), one.text, one.sources, None, None] for one in found.sentences)
        for effect in found.effects:
            every = (effect.together, *effect.causes)
            rows += ([*which, "people", f"{effect.rate}: {one.text}", "", one.moved, one.points] for one in every)
    columns = (
        Column("Program", width=26), Column("Measure", width=40), Column("About", width=16),
        Column("Difference", width=80), Column("Source", width=44), Column("Moved", "number"),
        Column("Points", "points"),
    )  # fmt: skip
    return Sheet("Divergences", columns, rows)


def _computed(content: Content, shown: Sequence[Figure]) -> Sheet:
    """The populations behind every rate, its period and edition, and why it is not final."""
    populations = () if content.de_identified else POPULATIONS
    rows: list[list[Value]] = [
        [
            one.program, one.title, one.edition, *one.period, *(one.counts[name] for name in populations), one.final,
            one.why_not_final,
        ]
        for one in shown
    ]  # fmt: skip
    counts = (Column(plain(name).capitalize(), "number", 15) for name in populations)
    columns = (
        Column("Program", width=26), Column("Measure", width=58), Column("Edition"), Column("From", "date"),
        Column("To", "date"), *counts, Column("Final"), Column("Why not", width=80),
    )  # fmt: skip
    return Sheet("How computed", columns, rows)


def _manifest(content: Content) -> Sheet:
    """What the figures depend on, line by line."""
    dataset, value_sets = content.manifest["dataset"], content.manifest["value_sets"]
    assert isinstance(dataset, dict)  # so the manifest is made
    assert isinstance(value_sets, list)
    rows: list[list[Value]] = [
        ["measureharmony", str(content.manifest["measureharmony"]), ""],
        ["with what was known on", content.as_of.isoformat() if content.as_of else "every day in the data", ""],
        ["practice data", str(dataset["fingerprint"]), ""],
    ]
    rows += ([f"value set {one['name']}", str(one["fingerprint"]), str(one["state"])] for one in value_sets)
    return Sheet("Depends on", (Column("What", width=52), Column("Which", width=68), Column("State")), rows)


__all__ = ["Column", "Look", "Sheet", "Value", "sheets"]
