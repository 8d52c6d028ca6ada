"""What counts as a visit: one row for each person, clinician and day, whatever tells of it.

In the connection: ``clinician`` (``provider_id``, ``group_id``, ``primary_care``, ``specialty``) and ``counted_visit``
(``person_key``, ``provider_id``, ``day`` since 1970, ``cents`` allowed).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from measureharmony.attribution.asked import Asked
from measureharmony.attribution.literals import text, texts
from measureharmony.evaluation.terminology import CodeIndex, Coding, Terminology
from measureharmony.payers.attribution_rule import AttributionRule, CountedVisits, Stretch
from measureharmony.payers.variant import OwnCoverage
from measureharmony.periods import add_months, day_number

#: Statuses of what was meant to happen and did not, or not yet.
_DID_NOT_HAPPEN = (
    "planned", "booked", "proposed", "pending", "waitlist", "preparation", "draft", "cancelled", "noshow", "not-done",
    "stopped", "entered-in-error",
)  # fmt: skip


def create_clinicians(connection: duckdb.DuckDBPyConnection) -> None:
    """Make ``clinician``, its texts ready to be compared."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE clinician AS SELECT CAST(provider_id AS VARCHAR) AS provider_id, "
        "CAST(group_id AS VARCHAR) AS group_id, primary_care, lower(trim(specialty)) AS specialty "
        "FROM accepted_provider"
    )


@dataclass(frozen=True)
class Wanted:
    """Which visits are asked for: what counts as one, and what was known."""

    visits: CountedVisits
    as_of: dt.date | None

    @classmethod
    def by(cls, asked: Asked) -> Wanted:
        """Those that a rule counts."""
        return cls(asked.rule.visits, asked.as_of)


def create_visits(
    connection: duckdb.DuckDBPyConnection, wanted: Wanted, asked: Sequence[Asked], terminology: Terminology
) -> None:
    """Make ``counted_visit``: those wanted, in all the months that the rules of ``asked`` look back on."""
    visits = wanted.visits
    first, last = min(first_day(one.day, one.rule.months) for one in asked), max(one.day for one in asked)
    conditions = [
        f"kind IN ({texts(visits.kinds)})",
        "NOT not_done AND provider_id IS NOT NULL AND start_lo = start_hi",
        f"coalesce(status, '') NOT IN ({texts(_DID_NOT_HAPPEN)})",
        f"start_lo BETWEEN {first} AND {day_number(last)}",
        *([f"source IN ({texts(visits.sources)})"] if visits.sources else []),
        *([_known_by(wanted.as_of)] if wanted.as_of else []),
        *([_coded(connection, visits, terminology)] if visits.codes else []),
    ]
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE counted_visit AS
        SELECT person_key, CAST(provider_id AS VARCHAR) AS provider_id, start_lo AS day,
               CAST(coalesce(sum(CAST(round(amount * 100) AS BIGINT)), 0) AS BIGINT) AS cents
        FROM accepted_event WHERE {" AND ".join(conditions)} GROUP BY ALL
        """
    )


def first_day(day: dt.date, months: int) -> int:
    """The first of so many months that end with ``day``.

    >>> first_day(dt.date(2026, 12, 31), 12) == day_number(dt.date(2026, 1, 1))
    True
    """
    return day_number(add_months(day + dt.timedelta(days=1), -months))


def weight(day: dt.date, lookback: tuple[Stretch, ...]) -> str:
    """SQL: what a visit on ``day`` of the visit weighs; NULL before the lookback."""
    cases, months = [], 0
    for stretch in lookback:
        months += stretch.months
        cases.append(f"WHEN day >= {first_day(day, months)} THEN {stretch.weight}")
    return f"CASE {' '.join(cases)} END"


def considered(rule: AttributionRule, number: int) -> str:
    """SQL: the clinician is one that step ``number`` considers."""
    clinicians = rule.steps[number].clinicians
    conditions = ["true"]
    if clinicians.primary_care is not None:
        conditions.append(f"coalesce(primary_care, false) = {str(clinicians.primary_care).lower()}")
    if clinicians.specialties:
        conditions.append(f"specialty IN ({texts(name.strip().lower() for name in clinicians.specialties)})")
    return " AND ".join(conditions)


def in_groups(groups: tuple[str, ...]) -> str:
    """SQL: ``group_id`` is one of the practice's own; any is where none are named."""
    return f"coalesce(group_id IN ({texts(groups)}), false)" if groups else "true"


def own_spans(own: OwnCoverage | None) -> str:
    """SQL: the spans of coverage that are the program's own."""
    conditions = ["true"]
    if own is not None:
        conditions.append(f"payer = {text(own.payer)}")
        if own.product_lines:
            conditions.append(f"product_line IN ({texts(own.product_lines)})")
    return f"SELECT person_key, start_day, end_day FROM accepted_coverage WHERE {' AND '.join(conditions)}"


def create_own_visits(connection: duckdb.DuckDBPyConnection, asked: Asked) -> None:
    """Make ``own_visit``: the counted visits to the day asked for, on days that the payer covered.

    Of the practice as a whole, all of them.
    """
    covered = ""
    if asked.own is not None:
        covered = (
            f"SEMI JOIN ({own_spans(asked.own)}) c "
            "ON c.person_key = v.person_key AND v.day >= c.start_day AND v.day <= c.end_day"
        )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE own_visit AS "
        f"SELECT v.*, c.group_id, c.primary_care, c.specialty "
        f"FROM (SELECT v.* FROM counted_visit v {covered} WHERE v.day <= {day_number(asked.day)}) v "
        "LEFT JOIN clinician c USING (provider_id)"
    )


def _known_by(as_of: dt.date) -> str:
    day = day_number(as_of)
    return f"(received_day <= {day} OR (received_day IS NULL AND start_lo <= {day}))"


def _coded(connection: duckdb.DuckDBPyConnection, visits: CountedVisits, terminology: Terminology) -> str:
    """SQL: one of the event's codings is among the rule's codes. Makes ``visit_coding``."""
    kinds = texts(visits.kinds)
    present = connection.execute(
        f"SELECT DISTINCT code_system, code FROM accepted_event WHERE kind IN ({kinds}) AND code IS NOT NULL "
        "UNION SELECT DISTINCT system, code FROM accepted_event_code WHERE role = 'code'"
    ).fetchall()
    index = CodeIndex((("code", tuple(visits.codes)),), terminology)
    wanted = [(system, code) for system, code in present if index.groups_of(Coding("code", system, code))]
    table = pa.table(
        {name: pa.array([pair[i] for pair in wanted], pa.string()) for i, name in enumerate(("system", "code"))}
    )
    connection.register("wanted_coding", table)
    connection.execute("CREATE OR REPLACE TEMP TABLE visit_coding AS FROM wanted_coding")
    connection.unregister("wanted_coding")
    return (
        "(EXISTS (FROM visit_coding w WHERE w.code = accepted_event.code "
        "AND w.system IS NOT DISTINCT FROM accepted_event.code_system) "
        "OR event_id IN (SELECT c.event_id FROM accepted_event_code c SEMI JOIN visit_coding w "
        "ON c.role = 'code' AND w.code = c.code AND w.system IS NOT DISTINCT FROM c.system))"
    )


__all__ = [
    "Wanted", "considered", "create_clinicians", "create_own_visits", "create_visits", "first_day", "in_groups",
    "own_spans", "weight",
]  # fmt: skip
