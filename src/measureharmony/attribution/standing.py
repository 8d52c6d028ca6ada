"""Where everybody stands with a program: attributed, enrolled, seen; and where its roster may be wrong.

In the connection: ``standing``, one row for everybody of the practice, made of ``listing``, ``was_listed`` and
``by_rule``.
"""

from __future__ import annotations

import datetime as dt

import duckdb
import pyarrow as pa

from measureharmony.attribution.asked import Asked
from measureharmony.attribution.columns import ATTRIBUTION_COLUMNS, COUNT_COLUMNS, DISPUTE_COLUMNS, schema
from measureharmony.attribution.literals import date, text
from measureharmony.attribution.visits import considered, first_day, in_groups, own_spans
from measureharmony.periods import day_number


def create_standing(connection: duckdb.DuckDBPyConnection, asked: Asked, *, listed: bool) -> None:
    """Make ``standing``. ``listed``: the roster decides who is attributed, else the rule."""
    day = day_number(asked.day)
    seen = " OR ".join(
        f"(day >= {first_day(asked.day, sum(stretch.months for stretch in asked.rule.lookback_of(step)))} "
        f"AND {considered(asked.rule, number)})"
        for number, step in enumerate(asked.rule.steps)
    )
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE standing AS
        WITH enrolled AS (
            SELECT DISTINCT person_key FROM ({own_spans(asked.own)}) WHERE start_day <= {day} AND end_day >= {day}
        ), seen AS (
            SELECT DISTINCT person_key FROM counted_visit LEFT JOIN clinician USING (provider_id)
            WHERE day <= {day} AND ({seen}) AND {in_groups(asked.groups)}
        ), ruled AS (
            SELECT *, {in_groups(asked.groups)} AS ours FROM by_rule
        ), named AS (
            SELECT listing.*, clinician.group_id FROM listing LEFT JOIN clinician USING (provider_id)
        )
        SELECT p.person_key, CAST(p.person_id AS VARCHAR) AS person_id,
               l.person_key IS NOT NULL AS listed, l.provider_id AS roster_provider, l.group_id AS roster_group,
               l.since_day AS listed_since, l.until_day AS listed_until, l.change, l.spans, l.providers,
               w.until_day AS dropped_on, w.change AS dropped_as,
               r.provider_id AS rule_provider, r.group_id AS rule_group, r.since_day AS ruled_since,
               r.evidence AS ruled_by, coalesce(r.ours, false) AS ours,
               {"l.person_key IS NOT NULL" if listed else "coalesce(r.ours, false)"} AS attributed,
               e.person_key IS NOT NULL AS enrolled, s.person_key IS NOT NULL AS seen
        FROM accepted_person p LEFT JOIN named l USING (person_key) LEFT JOIN was_listed w USING (person_key)
        LEFT JOIN ruled r USING (person_key) LEFT JOIN enrolled e USING (person_key) LEFT JOIN seen s USING (person_key)
        """
    )


def attribution_rows(connection: duckdb.DuckDBPyConnection, asked: Asked, *, listed: bool) -> pa.Table:
    """Everybody who is attributed or enrolled, by person."""
    columns = _by_roster(asked) if listed else _by_rule(asked)
    selected = ", ".join(f"{columns.get(name, name)} AS {name}" for name in ATTRIBUTION_COLUMNS)
    query = f"SELECT {selected} FROM standing WHERE attributed OR enrolled ORDER BY person_key"
    return connection.sql(query).to_arrow_table().cast(schema(ATTRIBUTION_COLUMNS))


def _by_roster(asked: Asked) -> dict[str, str]:
    """SQL by column: the roster's clinician, and where it names none, the rule's."""
    filled = "listed AND roster_provider IS NULL AND ours"
    evidence = f"""
        CASE WHEN {filled} THEN {_listing()} || ', no clinician named; ' || ruled_by
             WHEN listed THEN {_listing()}
             WHEN dropped_on IS NOT NULL THEN 'not on the roster since ' || CAST({date("(dropped_on + 1)")} AS VARCHAR)
             ELSE 'not on the roster' END"""
    return {
        "program": text(asked.program),
        "provider_id": f"CASE WHEN {filled} THEN rule_provider ELSE roster_provider END",
        "group_id": f"CASE WHEN {filled} THEN rule_group ELSE roster_group END",
        "since": date("listed_since"),
        "rule": f"CASE WHEN {filled} THEN {text('roster, ' + asked.rule_name)} WHEN listed THEN 'roster' END",
        "evidence": evidence,
    }


def _by_rule(asked: Asked) -> dict[str, str]:
    """SQL by column: the rule's clinician, also one elsewhere."""
    covered = "" if asked.own is None else " while covered"
    start = dt.date(1970, 1, 1) + dt.timedelta(days=first_day(asked.day, asked.rule.months))
    nobody = f"no visit that counts{covered}, {start} to {asked.day}"
    return {
        "program": text(asked.program),
        "provider_id": "rule_provider",
        "group_id": "rule_group",
        "since": date("ruled_since"),
        "rule": f"CASE WHEN rule_provider IS NOT NULL THEN {text(asked.rule_name)} END",
        "evidence": f"CASE WHEN rule_provider IS NULL THEN {text(nobody)} WHEN ours THEN ruled_by "
        "ELSE 'elsewhere: ' || ruled_by END",
    }


def _listing() -> str:
    """SQL: how the roster lists somebody, in words."""
    since, until = date("listed_since"), date("listed_until")
    return (
        f"'on the roster' || coalesce(' from ' || CAST({since} AS VARCHAR), '') "
        f"|| coalesce(' to ' || CAST({until} AS VARCHAR), ', open') || coalesce(' (' || change || ')', '')"
    )


def counts(connection: duckdb.DuckDBPyConnection, asked: Asked) -> pa.Table:
    """How many people of the practice each of the eight combinations has; those without anybody, too."""
    query = f"""
        WITH flag AS (SELECT unnest([true, false]) AS it)
        SELECT {text(asked.program)} AS program, DATE '{asked.day}' AS day, a.it AS attributed, e.it AS enrolled,
               s.it AS seen, count(person_key) AS people
        FROM flag a CROSS JOIN flag e CROSS JOIN flag s
        LEFT JOIN standing ON attributed = a.it AND enrolled = e.it AND seen = s.it
        GROUP BY ALL ORDER BY attributed DESC, enrolled DESC, seen DESC
        """
    return connection.sql(query).to_arrow_table().cast(schema(COUNT_COLUMNS))


def disputes(connection: duckdb.DuckDBPyConnection, asked: Asked) -> pa.Table:
    """Where the roster and the practice's own data say different things; a person may have several."""
    payer = "some payer" if asked.own is None else asked.own.payer
    ended = f"CAST({date('dropped_on')} AS VARCHAR) || coalesce(' (' || dropped_as || ')', '')"
    cases = {
        "another_clinician": (
            "listed AND roster_provider <> rule_provider",
            f"{_listing()} || '; by rule: ' || ruled_by",
        ),
        "never_seen": (
            "listed AND NOT seen",
            f"{_listing()} || '; no visit that counts in the {asked.rule.months} months to {asked.day}'",
        ),
        "not_listed": (
            "enrolled AND ours AND NOT listed AND dropped_on IS NULL",
            f"{text(f'covered by {payer} and not on the roster; by rule: ')} || ruled_by",
        ),
        "dropped_but_covered": (
            "enrolled AND NOT listed AND dropped_on IS NOT NULL",
            f"'on the roster until ' || {ended} || {text(f'; covered by {payer} on {asked.day}')} "
            "|| CASE WHEN ours THEN '; by rule: ' || ruled_by ELSE '' END",
        ),
        "not_covered": (
            "listed AND NOT enrolled",
            f"{_listing()} || {text(f'; not covered by {payer} on {asked.day}')}",
        ),
        "listed_twice": ("spans > 1", f"spans || ' spans on {asked.day}' || coalesce(', with ' || providers, '')"),
    }
    parts = [
        f"SELECT {text(asked.program)} AS program, person_id, {text(name)} AS dispute, "
        f"roster_provider AS roster_provider_id, rule_provider AS rule_provider_id, {why} AS why, person_key "
        f"FROM standing WHERE {condition}"
        for name, (condition, why) in cases.items()
    ]
    query = f"SELECT * EXCLUDE (person_key) FROM ({' UNION ALL '.join(parts)}) ORDER BY person_key, dispute"
    return connection.sql(query).to_arrow_table().cast(schema(DISPUTE_COLUMNS))


__all__ = ["attribution_rows", "counts", "create_standing", "disputes"]
