"""The accepted rows as the evaluation reads them: ``accepted_<table>``, with the contract's defaults filled in.

Moments are ``<column>_lo``, ``<column>_hi`` (INTEGER days, never NULL, see :mod:`measureharmony.practice.times`) and
``<column>_ms`` (BIGINT or NULL); dates are ``<column>_day``. Empty text is NULL. People are ``person_key``: 0, 1, 2 …
in ascending order of ``person_id`` as text, so that it does not depend on row order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from measureharmony.practice.checks import CellTable
from measureharmony.practice.contract import DEFAULT_STATUS, EVENT, ORDER_KINDS
from measureharmony.practice.times import NO_END_DAY, NO_START_DAY

#: Conditions with these clinical statuses are over; without a written end nobody knows when they were.
OVER_STATUSES = ("inactive", "resolved", "remission")
#: Kinds that last as long as their supply.
SUPPLY_KINDS = ("medication_order", "medication_dispense", "medication_administration")

#: The query behind ``coded_event``: the ids of events that have a coded value. Needs ``cells_event_code``.
CODED_EVENTS = (
    "SELECT DISTINCT event_id FROM cells_event_code WHERE role = 'value' AND code IS NOT NULL AND event_id IS NOT NULL"
)

#: Columns of events with words of their own, and words that are in a list or filled in.
_OPEN_WORDS = ("type", "category", "status", "intent", "verification", "clinical_status", "unit", "quantity_unit")
_LISTED_WORDS: Mapping[str, Iterable[str]] = {
    **{column.name: column.allowed for column in EVENT.columns if column.allowed},
    "status": sorted({*DEFAULT_STATUS.values()} - {""}),
    "intent": ["order"],
}

_PEOPLE = "(SELECT person_id, person_key FROM accepted_person)"
_LONGEST_SUPPLY = 1_000_000  # days; beyond it the end date would leave the range of days


def _listed(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


#: Conditions of the view's CASEs; NULL counts as no. The rarest part comes first, because it spares the others.
_IS_OVER = f"{_listed('clinical_status', OVER_STATUSES)} AND raw_end IS NULL AND kind = 'condition'"
_LASTS_AS_SUPPLIED = f"(days_supply >= 1 AND {_listed('kind', SUPPLY_KINDS)})"
_IS_DEAD = "(coalesce(deceased, false) OR raw_death IS NOT NULL)"
_IS_ORDER = _listed("kind", ORDER_KINDS)


def create_accepted(con: duckdb.DuckDBPyConnection, table: CellTable) -> None:
    """Create ``accepted_<table>``: a view over the kept cells, except that people are numbered once and for all, and
    that few rows are copied, since reading a view costs more than they do.

    All tables but ``provider`` and ``event_code`` need ``accepted_person``; ``accepted_event`` needs ``coded_event``
    (see :func:`create_coded_events`). With the rosters comes ``listed_program``: the programs that have any; with the
    events come ``event_coding``: their codings (``code_system``, ``code``), and ``event_word``: the words (``word``) of
    columns (``name``), some of them twice. Both may have some that no event has: finding out would take a join.
    """
    kind = "TABLE" if table.name == "person" or table.raw.is_few else "VIEW"
    con.execute(f"CREATE {kind} accepted_{table.name} AS {accepted_rows(con, table.name)}")
    if table.name == "roster":
        con.execute("CREATE VIEW listed_program AS SELECT DISTINCT program FROM accepted_roster")
    if table.name == "event":
        create_lists(con, "kept_event")


def create_lists(con: duckdb.DuckDBPyConnection, events: str) -> None:
    """Create ``event_coding`` and ``event_word`` of the relation ``events``."""
    con.execute(f"CREATE VIEW event_coding AS SELECT DISTINCT code_system, code FROM {events}")
    listed = [(name, word) for name, words in _LISTED_WORDS.items() for word in words]
    given = "".join(
        f" UNION ALL SELECT DISTINCT '{name}', {name} FROM {events} WHERE {name} IS NOT NULL" for name in _OPEN_WORDS
    )
    con.execute(f"CREATE VIEW event_word(name, word) AS FROM (VALUES {', '.join(map(str, listed))}){given}")


def accepted_rows(con: duckdb.DuckDBPyConnection, name: str) -> str:
    """The query behind ``accepted_<name>``; only people whom ``accepted_person`` has are in its answer.

    Of events, what the dataset has none of is not looked for: coded values, and events that no measure looks at.
    """
    if name != "event":
        return ACCEPTED[name]
    coded = _is_any(con, "FROM coded_event")
    return _event(coded=coded, others=_is_any(con, "SELECT 1 FROM kept_event WHERE type = 'other' LIMIT 1"))


def _is_any(con: duckdb.DuckDBPyConnection, query: str) -> bool:
    ((there,),) = con.execute(f"SELECT count(*) > 0 FROM ({query})").fetchall()
    return bool(there)


def create_coded_events(con: duckdb.DuckDBPyConnection) -> None:
    """Create ``coded_event``, see :data:`CODED_EVENTS`."""
    con.execute(f"CREATE TABLE coded_event AS {CODED_EVENTS}")


def _person() -> str:
    return f"""
        SELECT CAST(row_number() OVER (ORDER BY CAST(person_id AS VARCHAR)) - 1 AS INTEGER) AS person_key, person_id,
               {_known("birth")}, sex, gender, {_IS_DEAD} AS deceased,
               CASE WHEN {_IS_DEAD} THEN coalesce(death_lo, {NO_START_DAY}) ELSE {NO_END_DAY} END AS death_lo,
               coalesce(death_hi, {NO_END_DAY}) AS death_hi, death_ms,
               name, language, phone, postal_code, race, ethnicity
        FROM kept_person"""


def _coverage() -> str:
    return f"""
        SELECT person_key, payer, product_line, start_day, coalesce(end_day, {NO_END_DAY}) AS end_day,
               benefits, member_id
        FROM kept_coverage JOIN {_PEOPLE} USING (person_id)"""


def _roster() -> str:
    return f"""
        SELECT person_key, program, start_day, coalesce(end_day, {NO_END_DAY}) AS end_day, provider_id, change
        FROM kept_roster JOIN {_PEOPLE} USING (person_id)"""


def _provider() -> str:
    return "SELECT provider_id, npi, name, specialty, group_id, primary_care FROM kept_provider"


def _event_code() -> str:
    return "SELECT event_id, coalesce(role, 'code') AS role, system, code FROM kept_event_code"


def _event(*, coded: bool, others: bool) -> str:
    """``coded``: whether events may have coded values; ``others``: whether some may be of type ``other``.

    Words are filled in by CASE: DuckDB's ``coalesce`` copies text, ten million words in a tenth of a second.
    """
    coded_type = " WHEN event_id IN (FROM coded_event) THEN 'coded'" if coded else ""
    looked_at = " WHERE type IS DISTINCT FROM 'other'" if others else ""
    return f"""
        SELECT event_id, person_key, kind, type, category, code_system, code,
               CASE WHEN status IS NULL THEN {_by_kind(DEFAULT_STATUS)} ELSE status END AS status,
               CASE WHEN intent IS NULL THEN CASE WHEN {_IS_ORDER} THEN 'order' END ELSE intent END AS intent,
               verification, clinical_status, coalesce(not_done, false) AS not_done,
               {_start()}, {_end()}, {_authored()}, {_known("recorded")}, recorded_ms, received_day,
               coalesce(source, 'ehr') AS source, value, unit,
               CASE WHEN value_type IS NOT NULL THEN value_type WHEN value IS NOT NULL THEN 'quantity'{coded_type} END
                   AS value_type,
               quantity, quantity_unit, days_supply, refills, amount, encounter_id, parent_id, based_on_id, provider_id,
               sequence
        FROM kept_event JOIN {_PEOPLE} USING (person_id){looked_at}"""


def _known(column: str) -> str:
    """Both days of a moment; a moment that is not given could have been on any day."""
    return f"coalesce({column}_lo, {NO_START_DAY}) AS {column}_lo, coalesce({column}_hi, {NO_END_DAY}) AS {column}_hi"


def _start() -> str:
    return f"""
        CASE WHEN {_IS_OVER} THEN {NO_START_DAY} ELSE coalesce(start_lo, {NO_START_DAY}) END AS start_lo,
        CASE WHEN {_IS_OVER} THEN {NO_END_DAY} ELSE coalesce(start_hi, {NO_END_DAY}) END AS start_hi,
        CASE WHEN {_IS_OVER} THEN NULL ELSE start_ms END AS start_ms"""


def _end() -> str:
    """The end as written; else by kind, as ``Column("end")`` of the contract says."""
    return f"""
        {_end_day("lo", NO_START_DAY)} AS end_lo,
        {_end_day("hi", NO_END_DAY)} AS end_hi,
        CASE WHEN raw_end IS NOT NULL THEN end_ms
             WHEN kind = 'condition' OR {_LASTS_AS_SUPPLIED} THEN NULL
             ELSE start_ms END AS end_ms"""


def _end_day(side: str, unknown: int) -> str:
    start = f"start_{side}"
    supplied = f"{start} + CAST(floor(least(days_supply, {_LONGEST_SUPPLY})) AS INTEGER) - 1"
    return f"""CASE
            WHEN raw_end IS NOT NULL THEN coalesce(end_{side}, {unknown})
            WHEN kind = 'condition' THEN CASE WHEN {_IS_OVER} THEN {unknown} ELSE {NO_END_DAY} END
            WHEN {_LASTS_AS_SUPPLIED} THEN CASE WHEN {start} <> {NO_START_DAY} THEN {supplied} ELSE {unknown} END
            ELSE coalesce({start}, {unknown}) END"""


def _authored() -> str:
    """When the order was written; orders that do not say were written when they start."""
    as_start = f"raw_authored IS NULL AND {_IS_ORDER}"
    return f"""
        coalesce(authored_lo, CASE WHEN {as_start} THEN start_lo END, {NO_START_DAY}) AS authored_lo,
        coalesce(authored_hi, CASE WHEN {as_start} THEN start_hi END, {NO_END_DAY}) AS authored_hi,
        CASE WHEN {as_start} THEN start_ms ELSE authored_ms END AS authored_ms"""


def _by_kind(words: Mapping[str, str]) -> str:
    """SQL that gives each kind its word; kinds with an empty word have none."""
    cases = " ".join(f"WHEN '{kind}' THEN '{word}'" for kind, word in words.items() if word)
    return f"CASE kind {cases} END"


#: The queries behind ``accepted_<name>``, whatever rows there are.
ACCEPTED: Mapping[str, str] = {
    "person": _person(),
    "coverage": _coverage(),
    "roster": _roster(),
    "provider": _provider(),
    "event": _event(coded=True, others=True),
    "event_code": _event_code(),
}
