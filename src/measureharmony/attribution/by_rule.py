"""Who is whose patient by a rule.

Step by step, whoever has no clinician yet is ranked over those the step considers; the first of them, if they fit, is
the one. Weights are whole numbers (visits, or cents), so that equals are equal and ties are decided by the rule.

In the connection: ``by_rule`` (``person_key``, ``provider_id``, ``group_id``, ``since_day``, ``evidence``).
"""

from __future__ import annotations

import duckdb

from measureharmony.attribution.asked import Asked
from measureharmony.attribution.literals import text
from measureharmony.attribution.visits import considered, weight
from measureharmony.payers.attribution_rule import AttributionRule, Tie

#: By tie-break: what it sorts by, and what is said of it where it decides; ``{key}`` is the identifier compared.
_TIES: dict[Tie, tuple[str, bool, str]] = {
    "most_recent": ("last_day", True, "the most recent visit decides"),
    "most_visits": ("visits", True, "the number of visits decides"),
    "most_amount": ("cents", True, "the allowed amount decides"),
    "first_seen": ("first_day", False, "the earliest visit decides"),
    "lowest_id": ("{key}", False, "the lowest identifier decides"),
}


def create_by_rule(connection: duckdb.DuckDBPyConnection, asked: Asked) -> None:
    """Fill ``by_rule`` from ``own_visit``, step by step."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE by_rule "
        "(person_key INTEGER, provider_id VARCHAR, group_id VARCHAR, since_day INTEGER, evidence VARCHAR)"
    )
    for number, step in enumerate(asked.rule.steps):
        weighed = weight(asked.day, asked.rule.lookback_of(step))
        connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE considered AS
            SELECT *, coalesce(group_id, provider_id) AS group_key, {weighed} AS weight FROM own_visit
            WHERE weight IS NOT NULL AND {considered(asked.rule, number)}
            AND person_key NOT IN (SELECT person_key FROM by_rule)
            """
        )
        title = f"{step.title}: " if len(asked.rule.steps) > 1 else ""
        connection.execute(f"INSERT INTO by_rule {_chosen(asked.rule, title)}")


def _chosen(rule: AttributionRule, title: str) -> str:
    """SQL: the first clinician of everybody considered, or with ``group_first``, the first in the first group."""
    told = f"{text(title)} || " if title else ""
    if not rule.group_first:
        return f"""
            SELECT person_key, provider_id, group_id, first_day, {told}{_evidence(rule)}
            FROM ({_ranked(rule, "provider_id", "considered", rule.at_least)})
            """
    inside = "(SELECT c.* FROM considered c SEMI JOIN chosen_group g USING (person_key, group_key))"
    return f"""
        WITH chosen_group AS (
            SELECT *, {_evidence(rule)} AS evidence
            FROM ({_ranked(rule, "group_key", "considered", rule.at_least)})
        )
        SELECT person_key, m.provider_id, m.group_id, m.first_day,
               {told}'group ' || g.group_key || ': ' || g.evidence || '; in it: ' || m.evidence
        FROM (SELECT *, {_evidence(rule)} AS evidence FROM ({_ranked(rule, "provider_id", inside, 1)})) m
        JOIN chosen_group g USING (person_key)
        """


def _ranked(rule: AttributionRule, key: str, relation: str, at_least: int) -> str:
    """SQL: everybody's first clinician (or group, by ``key``), with the next one and what decided between them."""
    score = "weight" if rule.weigh == "visits" else "weight * cents"
    ties = [_TIES[tie] for tie in dict.fromkeys((*rule.ties, "lowest_id"))]
    columns = [(column.format(key=key), descending, said) for column, descending, said in ties]
    order = ", ".join(f"{column} {'DESC' if descending else 'ASC'}" for column, descending, _ in columns)
    decided = " ".join(f"WHEN lead({column}) OVER r <> {column} THEN {text(said)}" for column, _, said in columns)
    return f"""
        SELECT *, CASE WHEN next_fits AND next_score = score THEN decides END AS decided FROM (
            SELECT *, row_number() OVER r AS place, lead(fits) OVER r AS next_fits, lead(score) OVER r AS next_score,
                   lead({key}) OVER r AS next_key, CASE {decided} END AS decides,
                   sum(visits) OVER p AS all_visits, sum(score) OVER p AS all_score
            FROM (
                SELECT person_key, {key}, any_value(group_id) AS group_id, count(*) AS visits, sum(cents) AS cents,
                       sum({score}) AS score, min(day) AS first_day, max(day) AS last_day,
                       visits >= {at_least} AND score > 0 AS fits
                FROM {relation} GROUP BY person_key, {key}
            )
            WINDOW p AS (PARTITION BY person_key),
                   r AS (PARTITION BY person_key ORDER BY fits DESC, score DESC, {order})
        ) WHERE place = 1 AND fits
        """


def _evidence(rule: AttributionRule) -> str:
    """SQL: on what evidence, in words: counts, amounts, days, and what decided between equals."""
    weighted = any(stretch.weight > 1 for step in rule.steps for stretch in rule.lookback_of(step))
    visits = "visits || ' of ' || all_visits || ' visits'"
    if rule.weigh == "amount":
        word = "weighted " if weighted else ""
        visits = f"printf('%.2f of %.2f {word}allowed, ', score / 100, all_score / 100) || {visits}"
    elif weighted:
        visits += " || ', weighted ' || score || ' of ' || all_score"
    first, last = (f"CAST(DATE '1970-01-01' + {day} AS VARCHAR)" for day in ("first_day", "last_day"))
    days = f"CASE WHEN first_day = last_day THEN ', on ' || {last} ELSE ', ' || {first} || ' to ' || {last} END"
    tie = f"CASE WHEN decided IS NULL THEN '' ELSE '; as {_MUCH[rule.weigh]} with ' || next_key || ', ' || decided END"
    return f"{visits} || {days} || {tie}"


_MUCH = {"visits": "many", "amount": "much"}

__all__ = ["create_by_rule"]
