"""A mapping profile guessed from a file: where its headings are, and what each column holds by its heading."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import get_args

from measureharmony.errors import Issue, shown
from measureharmony.intake.cells import Cell, Grid, IntakeError, letter
from measureharmony.intake.profile import ColumnRule, Holds, Profile, ProgramHead
from measureharmony.intake.table import headings
from measureharmony.intake.vocabulary import in_brackets, vocabulary
from measureharmony.payers.program import ProductLine

#: Headings are looked for in so many rows from the top.
_LOOKED_AT = 40
#: A column of each of these is enough; a second one is only a remark.
_ONLY_ONE = ("id", "name", "rate", "attribute", "value")
#: In a long sheet, only these stand in columns of their own.
_IN_LONG = ("id", "name", "rate", "attribute", "value", "page", "document", "note", "ignore")
_UNITS = ("months", "years", "days", "weeks", "%")
_LINES = {
    "medicare_advantage": ("medicare advantage", " ma ", "mapd"), "medicaid": ("medicaid",),
    "marketplace": ("marketplace", "exchange"), "commercial": ("commercial",), "medicare_ffs": ("medicare",),
}  # fmt: skip

Entry = Holds | ColumnRule


@dataclass(frozen=True)
class _Header:
    """A place that may be the headings of a table."""

    grid: Grid
    rows: tuple[int, ...]
    columns: Mapping[str, Entry]

    @property
    def holds(self) -> tuple[str, ...]:
        """What its columns hold, as far as the headings are understood."""
        entries = (entry.holds if isinstance(entry, ColumnRule) else entry for entry in self.columns.values())
        return tuple(holds for holds in entries if holds not in ("other", "ignore", "note"))

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """More kinds of columns are better, then more of them; then fewer rows of headings, then the higher place."""
        return (len(set(self.holds)), len(self.holds), -len(self.rows), -self.rows[0])


def guess_profile(
    grids: Sequence[Grid], path: Path, edition: int, is_measure: Callable[[str], bool], program: str | None = None
) -> Profile:
    """The profile by which a file can probably be read; :class:`IntakeError` when no row looks like headings.

    ``is_measure`` says whether a text is like the name of a measure: where no heading announces the names, the column
    that holds them is found by what stands in it.
    """
    best = [header for grid in grids if (header := _header(grid, is_measure)) is not None]
    if not best:
        what = "no row looks like headings of a table of measures: none names the measure and something about it"
        fix = "say with --profile which rows the headings are in, and what each column holds"
        raise IntakeError([Issue(shown(path), 0, "intake-no-table", what, fix)])
    chosen = max(best, key=lambda header: header.rank)
    alike = [header for header in best if header.columns == chosen.columns and header.rows == chosen.rows]
    long = {"attribute", "value"} <= set(chosen.holds)
    titles = [cell for row in chosen.grid.rows if row < chosen.rows[0] for cell in chosen.grid.own(row)]
    return Profile(
        program=_program(path, titles, edition, program),
        sheets=tuple(header.grid.name for header in alike if header.grid.name),
        layout="long" if long else "wide",
        header_rows=chosen.rows,
        columns=dict(chosen.columns),
        attributes=_attributes(chosen) if long else {},
    )


def _header(grid: Grid, is_measure: Callable[[str], bool]) -> _Header | None:
    rows = grid.rows[:_LOOKED_AT]
    candidates: list[tuple[int, ...]] = [(row,) for row in rows]
    candidates += [(row, below) for row, below in pairwise(rows) if grid.spans_across(row)]
    found = [_Header(grid, row, _columns(grid, row)) for row in candidates]
    sound = [header for header in found if {"id", "name"} & set(header.holds) and len(set(header.holds)) > 1]
    if not sound:
        likely = max(found, key=lambda header: header.rank, default=None)
        sound = _with_names(likely, is_measure) if likely and likely.holds else []
    return max(sound, key=lambda header: header.rank, default=None)


def _with_names(header: _Header, is_measure: Callable[[str], bool]) -> list[_Header]:
    """The same headings, with the column that holds names of measures, if there is one."""
    heads = headings(header.grid, header.rows)
    for column, heading in heads.items():
        key = heading if heading in header.columns else letter(column)
        is_named = header.columns.get(key) in ("id", "name")
        texts = [
            cell.text
            for (row, place), cell in sorted(header.grid.cells.items())
            if place == column and row > max(header.rows) and not cell.is_number and len(header.grid.own(row)) > 1
        ][:_LOOKED_AT]
        named = sum(map(is_measure, texts))
        if named >= (1 if is_named else 2) and 2 * named >= len(texts):
            return [header if is_named else _Header(header.grid, header.rows, {**header.columns, key: "name"})]
    return []


def _columns(grid: Grid, rows: Sequence[int]) -> dict[str, Entry]:
    heads = headings(grid, rows)
    heads = {c: heading for c, heading in heads.items() if heading and not _is_text_line(grid, rows, c)}
    twice = {heading for heading, count in Counter(heads.values()).items() if count > 1}
    scored = {column: vocabulary().field_of(heading) for column, heading in heads.items()}
    _find_values(scored)
    is_long = {"attribute", "value"} <= {found[0] for found in scored.values() if found}
    columns: dict[str, Entry] = {}
    for column, heading in heads.items():
        found = scored[column]
        holds = found[0] if found else "other"
        if found and holds in _ONLY_ONE and _is_beaten(column, holds, found[1], scored):
            holds = "note"
        if is_long and holds not in _IN_LONG:
            holds = "note"
        if not is_long and holds in ("attribute", "value"):
            holds = "other"
        columns[letter(column) if heading in twice else heading] = entry_of(holds, heading)
    return columns


def _find_values(scored: dict[int, tuple[str, float] | None]) -> None:
    """Where attributes have a column and values none, the next column that is no page holds them."""
    kinds = {column: found[0] if found else "" for column, found in scored.items()}
    if "attribute" not in kinds.values() or "value" in kinds.values():
        return
    after = next(column for column, kind in kinds.items() if kind == "attribute")
    free = [column for column, kind in kinds.items() if column > after and kind in ("", "note", "threshold", "target")]
    if free:
        scored[free[0]] = ("value", 1.0)


def _is_text_line(grid: Grid, rows: Sequence[int], column: int) -> bool:
    """Whether what stands there is a line of text over the whole table, such as its title."""
    cells = {id(cell) for row in rows for cell in grid.seen(row).values()}
    return len(cells) < 2 or any(len(cell.text) > 80 for row in rows if (cell := grid.at(row, column)))


def _is_beaten(column: int, holds: str, score: float, scored: Mapping[int, tuple[str, float] | None]) -> bool:
    """Whether another column has the better claim to be the only one of its kind; of equals, the first."""
    return any(
        found is not None and found[0] == holds and (found[1], -other) > (score, -column)
        for other, found in scored.items()
        if other != column
    )


def entry_of(holds: str, heading: str) -> Entry:
    """What a column holds, with the unit that its heading has in brackets."""
    unit = next((unit for unit in _UNITS if in_brackets(heading).startswith(unit[:3])), None)
    if unit is None and "%" in heading:
        unit = "%"
    if unit is None or holds not in ("lookback", "age", "age_from", "age_to", "other", "gap_days", "threshold"):
        return ColumnRule.model_validate({"holds": holds}).holds
    return ColumnRule.model_validate({"holds": holds, "unit": unit})


def _attributes(header: _Header) -> dict[str, Entry]:
    """What the attributes of a long sheet mean, by their words."""
    heads = headings(header.grid, header.rows)
    column = next(
        number for number, heading in heads.items()
        if "attribute" in (header.columns.get(heading), header.columns.get(letter(number)))
    )  # fmt: skip
    first = max(header.rows) + 1
    cells = (cell for key, cell in sorted(header.grid.cells.items()) if key[0] >= first and key[1] == column)
    texts = [cell.text for cell in cells if cell.text != heads[column]]
    entries: dict[str, Entry] = {}
    for text in dict.fromkeys(texts):
        found = vocabulary().field_of(text)
        holds = found[0] if found and found[0] not in ("id", "attribute", "value", "page", "document") else "other"
        entries[text] = entry_of(holds, text)
    return entries


# --- the program ----------------------------------------------------------------------------------------------------


def _program(path: Path, titles: Iterable[Cell], edition: int, program: str | None) -> ProgramHead:
    title = next((cell.text for cell in titles if len(cell.text) > 8), path.stem.replace("_", " "))
    key = program or key_of(path.stem)
    return ProgramHead(program=key, title=title, payer=key, product_lines=_lines(title), edition=edition)


def key_of(text: str) -> str:
    """A key such as programs and tiers have, made of any text.

    >>> key_of("2026 Lakeshore – Quality!")
    'lakeshore_quality'
    """
    words = re.findall(r"[a-z0-9]+", text.casefold())
    while words and words[0][0].isdigit():
        words = words[1:]
    return "_".join(words) or "payer"


def _lines(title: str) -> tuple[ProductLine, ...]:
    words = f" {title.casefold()} "
    found = [line for line in get_args(ProductLine) if any(word in words for word in _LINES.get(line, ()))]
    if "medicare_advantage" in found and "medicare_ffs" in found:
        found.remove("medicare_ffs")
    return tuple(found)


__all__ = ["entry_of", "guess_profile", "key_of"]
