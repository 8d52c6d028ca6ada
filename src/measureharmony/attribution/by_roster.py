"""Who is whose patient by the payer's list.

In the connection: ``listing``, one row for everybody the program's roster lists on the day (``person_key``,
``provider_id``, ``since_day``, ``until_day``, ``change``, ``spans`` and ``providers`` on that day), and ``was_listed``:
who was listed only before (``person_key``, ``until_day``, ``change``).
"""

from __future__ import annotations

import duckdb

from measureharmony.attribution.asked import Asked
from measureharmony.attribution.literals import text
from measureharmony.periods import day_number


def has_roster(connection: duckdb.DuckDBPyConnection, program: str) -> bool:
    """Whether the dataset has a roster of the program, by the name that rosters give it."""
    query = "SELECT count(*) > 0 FROM (FROM accepted_roster WHERE program = ? LIMIT 1)"
    (some,) = connection.execute(query, [program]).fetchall()[0]
    return bool(some)


def create_listing(connection: duckdb.DuckDBPyConnection, asked: Asked) -> None:
    """Make ``listing`` and ``was_listed``; both are empty for a program without roster.

    Of several spans on the day the one that began last counts, then the lowest identifier. Spans with one clinician
    that touch or overlap are one, so that a list sent month by month reads as what it means.
    """
    day = day_number(asked.day)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE listed_span AS SELECT person_key, start_day, end_day, change, "
        f"CAST(provider_id AS VARCHAR) AS provider_id FROM accepted_roster "
        f"WHERE program = {text(asked.roster or '')} AND start_day <= {day}"
    )
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE listing AS
        WITH today AS (
            SELECT * FROM listed_span WHERE end_day >= {day} QUALIFY row_number() OVER
            (PARTITION BY person_key ORDER BY start_day DESC, provider_id, end_day DESC, change) = 1
        ), counted AS (
            SELECT person_key, count(*) AS spans,
                   string_agg(DISTINCT provider_id, ', ' ORDER BY provider_id) AS providers
            FROM listed_span WHERE end_day >= {day} GROUP BY person_key
        ), before AS (
            SELECT s.person_key, s.start_day, max(s.end_day) OVER (PARTITION BY s.person_key
                   ORDER BY s.start_day, s.end_day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
            FROM listed_span s JOIN today t
            ON t.person_key = s.person_key AND t.provider_id IS NOT DISTINCT FROM s.provider_id
        ), runs AS (
            SELECT person_key, max(start_day) AS since_day FROM before
            WHERE reached IS NULL OR start_day > reached + 1 GROUP BY person_key
        )
        SELECT person_key, provider_id, since_day, end_day AS until_day, change, spans, providers
        FROM today JOIN runs USING (person_key) JOIN counted USING (person_key)
        """
    )
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE was_listed AS
        SELECT person_key, max(end_day) AS until_day,
               arg_max(change, row(end_day, start_day, coalesce(change, ''))) AS change
        FROM listed_span ANTI JOIN listing USING (person_key) GROUP BY person_key
        """
    )


__all__ = ["create_listing", "has_roster"]
