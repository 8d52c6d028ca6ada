"""Some people of a practice, as a practice of their own: what is computed of them does not touch the others' rows."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from measureharmony.practice.normalize import accepted_rows, create_lists
from measureharmony.practice.practice import Practice
from measureharmony.practice.unknown_rows import UNKNOWN_EVENTS


def some_people(practice: Practice, person_keys: pa.Array) -> Practice:
    """The people of ``practice`` who have one of ``person_keys``, under the same keys, ready to be evaluated.

    ``listed_program`` still tells of the whole practice, since whose roster there is concerns everybody. Rejects and
    accounts are the whole practice's; ``table`` has nothing to show, and there are no fingerprints.
    """
    whole = practice.connection.cursor()
    part = duckdb.connect(":memory:")
    _copy(whole, part, "listed_program", "FROM listed_program")
    whole.register("chosen", pa.table({"person_key": person_keys}))
    # In this cursor, it stands before the relation of everybody: whatever is accepted is then about the chosen only.
    people = "SELECT * FROM main.accepted_person SEMI JOIN chosen USING (person_key)"
    whole.execute(f"CREATE TEMP TABLE accepted_person AS {people}")
    _copy(whole, part, "accepted_person", "SELECT * FROM accepted_person ORDER BY person_key")
    if practice.has_view(UNKNOWN_EVENTS) and not _some_known(practice, whole):
        whole.execute(f"CREATE TEMP VIEW kept_event AS FROM {UNKNOWN_EVENTS}")
    for name in ("coverage", "roster", "event"):
        _copy(whole, part, f"accepted_{name}", accepted_rows(whole, name))
    create_lists(part, "accepted_event")
    whole.register("chosen_event", part.sql("SELECT event_id FROM accepted_event").to_arrow_table())
    codes = f"{accepted_rows(whole, 'event_code')} SEMI JOIN chosen_event USING (event_id)"
    _copy(whole, part, "accepted_event_code", codes)
    whole.close()
    return Practice(part, practice.origin, practice.rejects, practice.accounts)


def _some_known(practice: Practice, chosen: duckdb.DuckDBPyConnection) -> bool:
    """Whether somebody among ``accepted_person`` is known, so that the events are not all among the unknown ones."""
    for view in ("said_before", UNKNOWN_EVENTS):
        practice.with_views(view)
    ((known,),) = chosen.execute(
        "SELECT count(*) FROM accepted_person SEMI JOIN said_before USING (person_id)"
    ).fetchall()
    return bool(known)


def _copy(source: duckdb.DuckDBPyConnection, target: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    target.register("arriving", source.sql(query).to_arrow_table())
    target.execute(f"CREATE TABLE {name} AS FROM arriving")
    target.unregister("arriving")


__all__ = ["some_people"]
