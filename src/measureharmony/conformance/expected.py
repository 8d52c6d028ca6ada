"""What is expected of a deck's people: ``expected.csv``, read strictly.

Its columns are ``patient_id, group, population, count, period_start, period_end``. A group ``2`` is the measure's
second rate; ``1/2`` is its first rate in the second stratum.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from measureharmony.errors import DataError, Issue, shown
from measureharmony.measures.measure import POPULATIONS
from measureharmony.periods import Period

EXPECTED = "expected.csv"
COLUMNS = ("patient_id", "group", "population", "count", "period_start", "period_end")

_GROUP = re.compile(r"[1-9]\d*(/[1-9]\d*)?")


@dataclass(frozen=True)
class Expected:
    """One line of ``expected.csv``: so many subjects of a person in a population of a group."""

    person: str
    group: str
    population: str
    count: int
    period: Period


def read_expected(path: Path) -> list[Expected]:
    """The lines of an ``expected.csv``; :class:`DataError` tells every line that cannot be read, and why."""
    issues: list[Issue] = []
    lines: dict[int, Expected] = {}
    for number, row in _rows(path):
        try:
            lines[number] = _expected(row)
        except ValueError as error:
            issues.append(Issue(shown(path), number, "deck-line", str(error), "correct the line"))
    issues += [Issue(shown(path), number, *problem) for number, problem in _contradictions(lines)]
    if not issues and not lines:
        issues = [Issue(shown(path), 0, "deck-empty", "no lines", "give at least one expected count")]
    if issues:
        raise DataError(issues)
    return list(lines.values())


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells of each line; a cell that is not there is empty."""
    fix = f"save it as CSV in UTF-8 with the columns {', '.join(COLUMNS)}"
    try:
        # Spreadsheets write a byte order mark; it is no part of the first column's name.
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise DataError([Issue(shown(path), 1, "deck-columns", f"no column {', '.join(missing)}", fix)])
            for row in reader:
                yield reader.line_num, {name: row[name].strip() for name in COLUMNS}
    except (UnicodeDecodeError, csv.Error):
        raise DataError([Issue(shown(path), 0, "deck-columns", "it is no CSV text in UTF-8", fix)]) from None


def _expected(row: Mapping[str, str]) -> Expected:
    """One line's cells; ``ValueError`` says which cell is wrong, without quoting it."""
    population = row["population"].replace("-", "_")
    if not row["patient_id"]:
        raise ValueError("patient_id is empty")
    if not _GROUP.fullmatch(row["group"]):
        raise ValueError("group is neither a rate's number (1) nor a rate's and a stratum's (1/2)")
    if population not in POPULATIONS:
        known = ", ".join(name.replace("_", "-") for name in POPULATIONS)
        raise ValueError(f"population is none of {known}")
    if not re.fullmatch(r"\d+", row["count"]):
        raise ValueError("count is not a whole number")
    return Expected(row["patient_id"], row["group"], population, int(row["count"]), _period(row))


def _period(row: Mapping[str, str]) -> Period:
    days = []
    for column in ("period_start", "period_end"):
        try:
            days.append(dt.date.fromisoformat(row[column]))
        except ValueError:
            raise ValueError(f"{column} is not a date written YYYY-MM-DD") from None
    if days[1] < days[0]:
        raise ValueError("period_end is before period_start")
    return Period(*days)


def _contradictions(lines: Mapping[int, Expected]) -> Iterator[tuple[int, tuple[str, str, str]]]:
    """Lines that say a second thing of a person's count, or name a second period for a person."""
    counts: dict[tuple[str, str, str], int] = {}
    periods: dict[str, Period] = {}
    for number, line in lines.items():
        key = (line.person, line.group, line.population)
        if counts.setdefault(key, line.count) != line.count:
            yield number, ("deck-line", "an earlier line gives another count for the same thing", "keep the right one")
        if periods.setdefault(line.person, line.period) != line.period:
            what = "an earlier line gives another period for the same person"
            yield number, ("deck-line", what, "give each period a deck of its own")


def people_by_period(lines: list[Expected]) -> dict[Period, set[str]]:
    """Whom to evaluate over which period."""
    people: dict[Period, set[str]] = defaultdict(set)
    for line in lines:
        people[line.period].add(line.person)
    return dict(people)


__all__ = ["COLUMNS", "EXPECTED", "Expected", "people_by_period", "read_expected"]
