"""Rules of one's own: functions registered under an entry point group, and what they must answer."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

import duckdb
import pyarrow as pa

from measureharmony.attribution.asked import Asked, AttributionFunction
from measureharmony.attribution.literals import date
from measureharmony.errors import UsageError
from measureharmony.practice import Practice

#: The group of entry points; the name of an entry point is the rule's name in programs.
GROUP = "measureharmony.attribution"


def registered_rules() -> dict[str, EntryPoint]:
    """The functions that installed packages register, by name; none is loaded yet."""
    return {point.name: point for point in entry_points(group=GROUP)}


def registered_rule(name: str) -> AttributionFunction | None:
    """The function registered as ``name``; ``None`` if there is none."""
    point = registered_rules().get(name)
    if point is None:
        return None
    function: AttributionFunction = point.load()
    return function


def create_by_function(
    connection: duckdb.DuckDBPyConnection, practice: Practice, asked: Asked, function: AttributionFunction
) -> None:
    """Fill ``by_rule`` with what ``function`` answers; :class:`UsageError` where that is no attribution."""
    visits = connection.sql(
        f"""
        SELECT CAST(p.person_id AS VARCHAR) AS person_id, v.provider_id, v.group_id, v.primary_care, v.specialty,
               {date("v.day")} AS day, v.cents / 100 AS amount
        FROM own_visit v JOIN accepted_person p USING (person_key) ORDER BY p.person_key, v.provider_id, v.day
        """
    ).to_arrow_table()
    answer = _checked(function(practice, visits, asked), asked.rule_name)
    connection.register("answer", answer)
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE by_rule AS
        SELECT p.person_key, a.provider_id, c.group_id, CAST(a.since - DATE '1970-01-01' AS INTEGER) AS since_day,
               coalesce(a.evidence, 'as the rule says') AS evidence
        FROM answer a JOIN accepted_person p ON CAST(p.person_id AS VARCHAR) = a.person_id
        LEFT JOIN clinician c USING (provider_id)
        """
    )
    connection.unregister("answer")
    (found,) = connection.execute("SELECT count(*) FROM by_rule").fetchall()[0]
    if found < answer.num_rows:
        missing = answer.num_rows - found
        raise UsageError(
            f"The attribution rule {asked.rule_name} names people who are not in the practice ({missing} of them). "
            "Answer with the person_id of the visits it is given."
        )


def _checked(answer: object, name: str) -> pa.Table:
    """The answer in the columns and types asked for, a person at most once."""
    if not isinstance(answer, pa.Table):
        raise UsageError(f"The attribution rule {name} answers with {type(answer).__name__}, not with a pyarrow table.")
    missing = [column for column in ("person_id", "provider_id") if column not in answer.column_names]
    if missing:
        raise UsageError(f"The table of the attribution rule {name} has no column {' and '.join(missing)}.")
    columns = {}
    for column, kind in (("person_id", pa.string()), ("provider_id", pa.string()), ("since", pa.date32()),
                         ("evidence", pa.string())):  # fmt: skip
        given = answer[column] if column in answer.column_names else pa.nulls(answer.num_rows, kind)
        try:
            columns[column] = given.cast(kind)
        except pa.ArrowException:  # its words may quote a cell
            raise UsageError(
                f"The column {column} of the attribution rule {name} is {given.type}, not {kind}."
            ) from None
    if columns["person_id"].null_count or columns["provider_id"].null_count:
        raise UsageError(f"The attribution rule {name} leaves person_id or provider_id empty. Leave out such rows.")
    if len(columns["person_id"].unique()) < answer.num_rows:
        raise UsageError(f"The attribution rule {name} attributes a person twice. Answer with one row for each person.")
    return pa.table(columns)


__all__ = ["GROUP", "create_by_function", "registered_rule", "registered_rules"]
