"""The five measures in SQL, as an analyst writes them: one query a measure, run by DuckDB for each payer.

The tables are read once; a payer's contract comes in as the query's parameters. What the measures share stands before
each of them, as analysts copy it (or have it copied).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
from contracts import MEASURES, Contract

#: Denominator, exclusions in it, and numerator without them.
Counts = tuple[int, int, int]

_SQL = Path(__file__).with_name("sql")
_SHARED = (_SQL / "shared.sql").read_text(encoding="utf-8")
_QUERIES = {measure: f"WITH {_SHARED}{(_SQL / f'{measure}.sql').read_text(encoding='utf-8')}" for measure in MEASURES}
_VISIT_LISTS = {"ccs": "ccs_visit", "gsd": "gsd_visit"}


def read(folder: Path, code_lists: Path) -> duckdb.DuckDBPyConnection:
    """Read the tables and the code lists from Parquet."""
    connection = duckdb.connect()
    statements = (_SQL / "tables.sql").read_text(encoding="utf-8").format(data=folder, code_lists=code_lists)
    connection.execute(statements)
    return connection


def rates(connection: duckdb.DuckDBPyConnection, contract: Contract) -> dict[tuple[str, str], Counts]:
    """All five measures of one payer, by measure and rate."""
    found: dict[tuple[str, str], Counts] = {}
    for measure, query in _QUERIES.items():
        given = _parameters(contract, measure)
        asked = {name: given[name] for name in set(re.findall(r"\$(\w+)", query))}
        for rate, *counts in connection.execute(query, asked).fetchall():
            found[measure, rate] = (counts[0], counts[1], counts[2])
    return found


def _parameters(contract: Contract, measure: str) -> dict[str, Any]:
    start, end = contract.period
    gaps, gap_days = contract.enrolment or (0, 0)
    return {
        **contract.of(measure),
        "payer": contract.payer,
        "product_line": contract.product_line,
        "period_start": start,
        "period_end": end,
        "enrolment": contract.enrolment is not None,
        "gaps": gaps,
        "gap_days": gap_days,
        "visit": contract.visit,
        "visit_list": _VISIT_LISTS.get(measure, "visit"),
        "exclusions_from": list(contract.exclusions_from),
        "evidence_from": list(contract.numerator_from(measure)),
    }
