"""Tables that a contract's targets refer to: cut points and baselines, CSV files in the program's folder.

Licensed percentiles and last year's rates change every year, and are nobody's to ship; users put their own file in the
place of the one there.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

from measureharmony.errors import Issue, shown
from measureharmony.payers.overlay import Overlay
from measureharmony.payers.targets import SetTarget, Tier, order_problem

#: A rate of a measure: ``("bcs", "screened")``.
RateKey: TypeAlias = tuple[str, str]
#: The tiers of each rate, the easiest first.
CutPointTable: TypeAlias = Mapping[RateKey, tuple[Tier, ...]]
#: The rates of an earlier year.
BaselineTable: TypeAlias = Mapping[RateKey, Fraction]

#: How a baseline may say its value; a run's ``rates.csv`` has the first pair.
_VALUES = (("above", "below"), ("numerator", "denominator"), ("value",))


@dataclass(frozen=True)
class ContractTables:
    """The tables of programs, by program and file name."""

    cut_points: Mapping[tuple[str, str], CutPointTable] = field(default_factory=dict)
    baselines: Mapping[tuple[str, str], BaselineTable] = field(default_factory=dict)

    def beside(self, others: ContractTables) -> ContractTables:
        """These tables, and those of other programs."""
        return ContractTables({**others.cut_points, **self.cut_points}, {**others.baselines, **self.baselines})


@dataclass(frozen=True)
class _Row:
    """A line of a table and its cells by column."""

    line: int
    cells: Mapping[str, str]

    @property
    def rate(self) -> RateKey:
        return self.cells["measure"], self.cells["rate"]


def tables_of(program: str, home: Path, overlays: Iterable[Overlay]) -> tuple[ContractTables, list[Issue]]:
    """The tables in ``home`` that targets in ``overlays`` name, and what is wrong with them; some may not be there."""
    cut_points: dict[tuple[str, str], CutPointTable] = {}
    baselines: dict[tuple[str, str], BaselineTable] = {}
    issues: list[Issue] = []
    targets = [change.what for overlay in overlays for change in overlay.changes if isinstance(change.what, SetTarget)]
    for file in sorted({target.cut_points.file for target in targets if target.cut_points}):
        if (home / file).is_file():
            table, found = read_cut_points(home / file)
            cut_points[program, file] = {} if found else table  # its own problems come first
            issues += found
    for file in sorted({target.improvement.baseline for target in targets if target.improvement}):
        if (home / file).is_file():
            rates, found = read_baselines(home / file, program)
            baselines[program, file] = {} if found else rates
            issues += found
    return ContractTables(cut_points, baselines), issues


def read_cut_points(path: Path) -> tuple[CutPointTable, list[Issue]]:
    """The tiers in a file with the columns ``measure,rate,tier`` and ``at_least`` or ``at_most`` (and ``points``)."""
    rows, issues = _rows(path, ("measure", "rate", "tier"))
    if issues:
        return {}, issues
    tiers: dict[RateKey, list[Tier]] = {}
    for row in rows:
        tier = _tier(row)
        if isinstance(tier, str):
            fix = "give a key as tier, and one bound as a decimal number: at_least or at_most"
            issues.append(_issue(path, row.line, "program-table-value", tier, fix))
            continue
        earlier = tiers.setdefault(row.rate, [])
        problem = order_problem([(one.id, one.side, one.bound) for one in (*earlier, tier)])
        if problem:
            what, _, fix = problem.partition("; ")
            told = f"{'.'.join(row.rate)}: {what}"
            issues.append(_issue(path, row.line, "program-table-order", told, fix))
            continue
        earlier.append(tier)
    return {rate: tuple(found) for rate, found in tiers.items()}, issues


def read_baselines(path: Path, program: str) -> tuple[BaselineTable, list[Issue]]:
    """The rates in a file with ``measure,rate`` and counts or a value; a run's ``rates.csv`` is such a file.

    Rows of other programs and of strata are passed over.
    """
    rows, issues = _rows(path, ("measure", "rate"), any_of=_VALUES)
    found: dict[RateKey, Fraction] = {}
    for row in rows:
        if row.cells.get("program", program) != program or row.cells.get("stratum"):
            continue
        value = _value(row)
        if value is None:
            what = f"{'.'.join(row.rate)} has no rate here that can be read"
            fix = "give two whole numbers, the second above 0, or a decimal number"
            issues.append(_issue(path, row.line, "program-table-value", what, fix))
        elif row.rate in found:
            what = f"{'.'.join(row.rate)} has a rate already"
            issues.append(_issue(path, row.line, "program-table-order", what, "keep one of the two"))
        else:
            found[row.rate] = value
    return found, issues


def _tier(row: _Row) -> Tier | str:
    """The tier of a row, or what is wrong with it."""
    given = {side: row.cells[side] for side in ("at_least", "at_most") if row.cells.get(side)}
    points = row.cells.get("points")
    numbers = {name: _number(text) for name, text in {**given, **({"points": points} if points else {})}.items()}
    wrong = next((name for name, number in numbers.items() if number is None or number < 0), None)
    if wrong is not None:
        return f"{wrong} is no number from 0 on"
    if len(given) != 1:
        return f"the tier has {'no bound' if not given else 'two bounds'}"
    try:
        return Tier.model_validate({"id": row.cells["tier"], **numbers})
    except ValueError:
        return "the name of the tier is no key: lower-case letters, digits and underscores"


def _value(row: _Row) -> Fraction | None:
    for names in _VALUES:
        if all(row.cells.get(name) for name in names):
            numbers = [_number(row.cells[name]) for name in names]
            if None in numbers or (numbers[-1] == 0 and len(numbers) == 2):
                return None
            first, *rest = (Fraction(number) for number in numbers if number is not None)
            return first / rest[0] if rest else first
    return None


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _rows(path: Path, needed: Sequence[str], any_of: Sequence[Sequence[str]] = ()) -> tuple[list[_Row], list[Issue]]:
    """The lines of a file with something in them, or why it cannot be read."""
    code, fix = "program-table-unreadable", "save it as CSV in UTF-8"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            columns = list(reader.fieldnames or ())
            problem = _columns_problem(columns, needed, any_of)
            if problem:
                fix = f"let its first line name them: {','.join([*needed, *(any_of[0] if any_of else ('at_least',))])}"
                return [], [_issue(path, 1, "program-table-columns", problem, fix)]
            return list(_filled(reader)), []
    except UnicodeDecodeError:
        return [], [_issue(path, 0, code, "the table is not text in UTF-8", fix)]
    except (OSError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        return [], [_issue(path, 0, code, f"the table cannot be read: {why}", fix)]


def _columns_problem(columns: Sequence[str], needed: Sequence[str], any_of: Sequence[Sequence[str]]) -> str:
    missing = [name for name in needed if name not in columns]
    if missing:
        return f"the table has no column {' and no column '.join(missing)}"
    if any_of and not any(set(names) <= set(columns) for names in any_of):
        return f"the table has none of: {'; '.join(' and '.join(names) for names in any_of)}"
    return ""


def _filled(reader: csv.DictReader[str]) -> Iterator[_Row]:
    for row in reader:
        cells = {name: (cell or "").strip() for name, cell in row.items() if isinstance(name, str)}
        if any(cells.values()):
            yield _Row(reader.line_num, cells)


def _issue(path: Path, line: int, code: str, what: str, fix: str) -> Issue:
    return Issue(shown(path), line, code, what, fix)


__all__ = [
    "BaselineTable",
    "ContractTables",
    "CutPointTable",
    "RateKey",
    "read_baselines",
    "read_cut_points",
    "tables_of",
]
