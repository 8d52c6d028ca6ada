"""The user's risk tables: files ``<table>.csv`` with the columns ``feature`` and ``weight``, checked against the specs.

Payers and measure stewards license such tables, so none is shipped. A table must have a weight for each feature that
measures name, and for the ``intercept``, and no others: a weight that nobody asks for would be left out in silence.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel

from measureharmony.errors import Issue, UsageError, shown
from measureharmony.measures.kept import kept
from measureharmony.measures.measure import Definitions
from measureharmony.measures.names import pieces
from measureharmony.measures.number import INTERCEPT, Risk
from measureharmony.measures.references import definitions, outside_definitions
from measureharmony.measures.shape import suggestion
from measureharmony.payers.variant import RiskTables, Variant

_COLUMNS = ("feature", "weight")


@dataclass(frozen=True)
class _Line:
    """A line of a table: where it stands, whose weight it gives, and the weight as written."""

    number: int
    feature: str
    weight: str


def read_risk_tables(folder: Path, asked: Iterable[Risk]) -> tuple[RiskTables, tuple[Issue, ...]]:
    """The tables in ``folder``, and everything wrong with them. ``asked``: the risk models of all measures.

    :class:`UsageError` when there is no such folder.
    """
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}. Give the folder that holds the risk tables, <table>.csv.")
    features: dict[str, set[str]] = {}
    for risk in asked:
        features.setdefault(risk.table, {INTERCEPT}).update(risk.features)
    tables: dict[str, Mapping[str, float]] = {}
    issues: list[Issue] = []
    for path in sorted(folder.glob("*.csv")):
        lines, problems = _lines(path)
        problems = problems or list(_problems(path, lines, features))
        issues += problems
        if all(issue.code.startswith("hint-") for issue in problems):
            tables[path.stem] = {line.feature: float(line.weight) for line in lines}
    return tables, tuple(sorted(issues))


def risk_models(parts: Iterable[BaseModel]) -> Iterator[Risk]:
    """The risk models in measures, overlays or parts of them."""
    for whole in parts:
        if isinstance(whole, Definitions):
            named = (part for _, part in (*definitions(whole), *outside_definitions(whole)))
            yield from (risk for part in named for risk in _risks(part))
        else:
            yield from _risks(whole)


@kept(20_000)  # most parts are the same in every version of a measure
def _risks(part: object) -> tuple[Risk, ...]:
    return tuple(inner for _, inner in pieces(part) if isinstance(inner, Risk))


def with_risk_tables(variant: Variant, tables: RiskTables) -> Variant:
    """``variant`` with those of the ``tables`` that its measure asks for."""
    if not tables:
        return variant
    asked = sorted({risk.table for risk in risk_models([variant.measure])} & tables.keys())
    return replace(variant, risk_tables={name: tables[name] for name in asked}) if asked else variant


def missing_risk_tables(variant: Variant) -> list[str]:
    """The names of the tables without which some number of the measure is unknown."""
    return sorted({risk.table for risk in risk_models([variant.measure])} - variant.risk_tables.keys())


def _lines(path: Path) -> tuple[list[_Line], list[Issue]]:
    """The lines of a file with something in them, or why it cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, skipinitialspace=True)
            missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                what = f"the table has no column {' and no column '.join(missing)}"
                return [], [_issue(path, 1, "columns", what, "let its first line be: feature,weight")]
            lines = [_line(rows.line_num, row) for row in rows]
    except UnicodeDecodeError:
        return [], [_issue(path, 0, "unreadable", "the table is not text in UTF-8", "save it as CSV in UTF-8")]
    except csv.Error as error:
        return [], [_issue(path, 0, "unreadable", f"the table is not CSV: {error}", "save it as CSV in UTF-8")]
    return [line for line in lines if line.feature or line.weight], []


def _line(number: int, row: Mapping[str, str | None]) -> _Line:
    return _Line(number, (row["feature"] or "").strip(), (row["weight"] or "").strip())


def _problems(path: Path, lines: Sequence[_Line], features: Mapping[str, set[str]]) -> Iterator[Issue]:
    if path.stem not in features:
        what = f"no measure asks for a risk table '{path.stem}'"
        yield _issue(path, 0, "unused", what, suggestion(path.stem, features, "no measure asks for any"), "hint-risk")
        wanted = {line.feature for line in lines}
    else:
        wanted = features[path.stem]
    first: dict[str, int] = {}
    for line in lines:
        if line.feature in first:
            what = f"'{line.feature}' has a weight on line {first[line.feature]} already"
            yield _issue(path, line.number, "duplicate-feature", what, "keep one of the two")
        elif line.feature not in wanted:
            what = f"no measure that asks for this table names a feature '{line.feature}'"
            yield _issue(path, line.number, "unknown-feature", what, suggestion(line.feature, wanted))
        first.setdefault(line.feature, line.number)
        if not _is_number(line.weight):
            what = f"the weight of '{line.feature}' is {'missing' if not line.weight else 'no number'}"
            yield _issue(path, line.number, "bad-weight", what, "write it as a decimal number, such as -0.25")
    for name in sorted(wanted - first.keys()):
        fix = "add 'intercept,0' if the model has none" if name == INTERCEPT else f"add a line '{name},…'"
        yield _issue(path, 0, "missing-feature", f"the table has no weight for '{name}'", fix)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _issue(path: Path, line: int, code: str, what: str, fix: str, kind: str = "risk") -> Issue:
    return Issue(shown(path), line, f"{kind}-{code}", what, fix)


__all__ = ["missing_risk_tables", "read_risk_tables", "risk_models", "with_risk_tables"]
