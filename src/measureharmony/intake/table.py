"""A sheet read with its profile: for each measure the facts that the payer gives, and the text around the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from measureharmony.errors import Issue, shown
from measureharmony.intake.cells import Cell, Grid, IntakeError, Ledger, letter
from measureharmony.intake.profile import ColumnRule, Profile, plain_heading, rule_of
from measureharmony.measures.shape import suggestion

_OTHER = ColumnRule(holds="other")
#: Columns that say which measure a row is about, or where a fact stands, and are no facts themselves.
_ABOUT_THE_ROW = ("id", "name", "rate", "page", "document")


@dataclass(frozen=True)
class Fact:
    """One thing that the payer says of a measure: the cell, what it holds, and the words that stand over it.

    ``page`` and ``document`` are the cells that say where the payer's own source has it.
    """

    cell: Cell
    rule: ColumnRule
    heading: str
    page: Cell | None = None
    document: Cell | None = None


@dataclass(frozen=True)
class MeasureRow:
    """What stands in a row (of a long sheet: in several) about one measure, by the payer's identifier and name."""

    id: Cell | None
    name: Cell | None
    rate: Cell | None
    facts: tuple[Fact, ...]

    @property
    def named_by(self) -> tuple[Cell, ...]:
        """The cells that name the measure."""
        return tuple(cell for cell in (self.id, self.name, self.rate) if cell is not None)


@dataclass(frozen=True)
class Table:
    """The rows of a sheet that are about measures, and the cells above, below and between that are just text."""

    rows: tuple[MeasureRow, ...]
    text: tuple[Cell, ...]


def headings(grid: Grid, header_rows: Sequence[int]) -> dict[int, str]:
    """The heading of each column that holds any text: what a reader sees above it, the upper row first, nothing twice.

    A column without a heading has an empty one.
    """
    found: dict[int, list[str]] = {column: [] for _, column in grid.cells}
    for row in header_rows:
        for column, cell in grid.seen(row).items():
            texts = found.setdefault(column, [])
            if cell.text not in texts:
                texts.append(cell.text)
    return {column: " ".join(texts) for column, texts in sorted(found.items())}


def rules(profile: Profile, heads: Mapping[int, str]) -> dict[int, ColumnRule]:
    """What each column holds, by its heading or its letter; columns that the profile does not name are left out."""
    found: dict[int, ColumnRule] = {}
    for column, heading in heads.items():
        rule = profile.rule(heading) or rule_of(profile.columns, letter(column))
        if rule is not None:
            found[column] = rule
    return found


def read_table(grid: Grid, profile: Profile, path: Path, ledger: Ledger) -> Table:
    """The measures of a sheet; :class:`IntakeError` when the profile names headings that are not there."""
    heads = headings(grid, profile.header_rows)
    columns = rules(profile, heads)
    _require_columns(grid, profile, path, heads)
    text = [cell for row in grid.rows if row < min(profile.header_rows) for cell in grid.own(row)]
    for row in profile.header_rows:
        for cell in grid.own(row):
            rule = columns.get(cell.column)
            ledger.note(cell, "read", f"heading, {rule.holds}" if rule else "heading that the profile does not know")
    body = _Body(grid, columns, heads, ledger, text)
    first = max(profile.header_rows) + 1
    rows = body.long(first, profile) if profile.layout == "long" else body.wide(first)
    return Table(tuple(rows), tuple(text))


def _require_columns(grid: Grid, profile: Profile, path: Path, heads: Mapping[int, str]) -> None:
    there = {plain_heading(heading) for heading in heads.values()} | {letter(column).casefold() for column in heads}
    missing = [heading for heading in profile.columns if plain_heading(heading) not in there]
    if missing and len(missing) == len(profile.columns):
        what = f"none of the profile's headings stands in row {_numbers(profile.header_rows)}"
        fix = "correct header_rows, or columns; without --profile, the headings are looked for"
        raise IntakeError([_issue(grid, path, profile, "no-table", what, fix)])
    if missing:
        raise IntakeError([
            _issue(grid, path, profile, "unknown-column", f"there is no heading '{heading}'",
                   suggestion(heading, set(heads.values())))
            for heading in missing
        ])  # fmt: skip


def _issue(grid: Grid, path: Path, profile: Profile, code: str, what: str, fix: str) -> Issue:
    place = f"{shown(path)}[{grid.name}]" if grid.name else shown(path)
    return Issue(place, profile.header_rows[0], f"intake-{code}", what, fix)


def _numbers(rows: Sequence[int]) -> str:
    return " and ".join(map(str, rows))


@dataclass(frozen=True)
class _Body:
    """The rows below the headings."""

    grid: Grid
    columns: Mapping[int, ColumnRule]
    heads: Mapping[int, str]
    ledger: Ledger
    text: list[Cell]

    def wide(self, first: int) -> Iterator[MeasureRow]:
        """One measure a row."""
        above = MeasureRow(None, None, None, ())
        for row, seen in self._rows(first):
            identifier, name, rate = (self._cell(seen, holds) for holds in ("id", "name", "rate"))
            if identifier is None and name is None and rate is not None:
                identifier, name = above.id, above.name  # a further rate of the measure above
            if identifier is None and name is None:
                for cell in self.grid.own(row):
                    self.ledger.note(cell, "not understood", "the row names no measure", self._heading(cell))
                continue
            above = MeasureRow(identifier, name, rate, tuple(self._facts(seen)))
            yield above

    def long(self, first: int, profile: Profile) -> Iterator[MeasureRow]:
        """One fact a row; rows that name no measure belong to the one above."""
        about: tuple[Cell | None, Cell | None, Cell | None] = (None, None, None)
        facts: list[Fact] = []
        for row, seen in self._rows(first):
            names = tuple(self._cell(seen, holds) for holds in ("id", "name", "rate"))
            if any(names) and _texts(names) != _texts(about):
                if any(about):
                    yield MeasureRow(*about, tuple(facts))
                about, facts = (names[0], names[1], names[2]), []
            elif any(names):
                for cell, known in zip(names, about, strict=True):
                    if cell is not None and cell != known:
                        self.ledger.note(cell, "read", "the same measure again", self._heading(cell))
            if not any(about):
                for cell in self.grid.own(row):
                    self.ledger.note(cell, "not understood", "no measure is named yet", self._heading(cell))
                continue
            facts += self._long_facts(seen, profile)
        if any(about):
            yield MeasureRow(*about, tuple(facts))

    def _long_facts(self, seen: Mapping[int, Cell], profile: Profile) -> Iterator[Fact]:
        attribute, value = self._cell(seen, "attribute"), self._cell(seen, "value")
        page, document = self._cell(seen, "page"), self._cell(seen, "document")
        if attribute is not None:
            rule = rule_of(profile.attributes, attribute.text) or _OTHER
            said = f"says what the value is: {rule.holds}" if value else "without a value, it says nothing"
            self.ledger.note(attribute, "read" if value else "not understood", said, self._heading(attribute))
            if value is not None:
                yield Fact(value, rule, attribute.text, page, document)
        elif value is not None:
            self.ledger.note(value, "not understood", "nothing says what this value is", self._heading(value))
        for fact in self._facts(seen):
            if fact.rule.holds not in ("attribute", "value"):
                yield fact

    def _facts(self, seen: Mapping[int, Cell]) -> Iterator[Fact]:
        page, document = self._cell(seen, "page"), self._cell(seen, "document")
        for column, cell in seen.items():
            rule = self.columns.get(column, _OTHER)
            if rule.holds in ("page", "document"):
                self.ledger.note(cell, "read", "cited as the source", self._heading(cell))
            if rule.holds not in _ABOUT_THE_ROW and cell.column == column:
                yield Fact(cell, rule, self.heads.get(column, ""), page, document)

    def _rows(self, first: int) -> Iterator[tuple[int, dict[int, Cell]]]:
        """The rows of the table; what is only text, or the headings again, is set aside."""
        for row in self.grid.rows:
            if row < first:
                continue
            own, seen = self.grid.own(row), self.grid.seen(row)
            if self._is_text(row, seen):
                self.text.extend(own)
            elif _repeats(self.heads, seen):
                for cell in own:
                    self.ledger.note(cell, "ignored", "the headings again")
            else:
                yield row, seen

    def _is_text(self, row: int, seen: Mapping[int, Cell]) -> bool:
        """A single cell over several columns, or in a column that names no measure, below or between the measures."""
        if len(set(seen.values())) != 1:
            return False
        rule = self.columns.get(next(iter(seen)))
        return (
            len(seen) > 1
            or rule is None
            or rule.holds not in ("id", "name", "attribute")
            or len(next(iter(seen.values())).text) > 90
        )

    def _cell(self, seen: Mapping[int, Cell], holds: str) -> Cell | None:
        columns = (column for column, rule in self.columns.items() if rule.holds == holds)
        return next((seen[column] for column in columns if column in seen), None)

    def _heading(self, cell: Cell) -> str:
        return self.heads.get(cell.column, "")


def _texts(cells: Sequence[Cell | None]) -> tuple[str | None, ...]:
    return tuple(cell.text if cell else None for cell in cells)


def _repeats(heads: Mapping[int, str], seen: Mapping[int, Cell]) -> bool:
    same = sum(plain_heading(heads.get(column, "")) == plain_heading(cell.text) for column, cell in seen.items())
    return len(seen) > 1 and same >= 0.75 * len(seen)


__all__ = ["Fact", "MeasureRow", "Table", "headings", "read_table", "rules"]
