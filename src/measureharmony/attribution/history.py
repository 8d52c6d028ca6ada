"""Who was attributed to whom when: the same question at the end of every month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb
import pyarrow as pa

from measureharmony.attribution.asked import Asked
from measureharmony.attribution.attribute import attribute
from measureharmony.attribution.columns import HISTORY_COLUMNS, schema
from measureharmony.evaluation.terminology import Terminology
from measureharmony.periods import add_months
from measureharmony.practice import Practice


def attribution_history(practice: Practice, asked: Sequence[Asked], terminology: Terminology, months: int) -> pa.Table:
    """The spans in which everybody was attributed to a clinician, looked at on ``months`` days.

    The last of them is the day asked for, the others are the ends of the months before it, each with what was known on
    it. A span is a run of days in a row with one clinician (``HISTORY_COLUMNS``), by person and program.
    """
    parts = []
    for number in range(months):
        on = [one if number == 0 else one.on(month_end(one.day, number)) for one in asked]
        people = attribute(practice, on, terminology).people
        kept = people.filter(people["attributed"]).select(["program", "person_id", "provider_id", "group_id"])
        days = {one.program: one.day for one in on}
        day = pa.array([days[name] for name in days], pa.date32())
        index = pa.array(list(days), pa.string())
        kept = kept.append_column("back", pa.array([number] * kept.num_rows, pa.int32()))
        parts.append(kept.join(pa.table({"program": index, "day": day}), "program"))
    with duckdb.connect() as connection:
        connection.register("month", pa.concat_tables(parts))
        return connection.sql(_RUNS).to_arrow_table().cast(schema(HISTORY_COLUMNS))


def month_end(day: dt.date, back: int) -> dt.date:
    """The last day of the month that lies ``back`` months before that of ``day``.

    >>> str(month_end(dt.date(2026, 10, 31), 1))
    '2026-09-30'
    """
    return add_months(day.replace(day=1), 1 - back) - dt.timedelta(days=1)


_RUNS = """
    SELECT program, person_id, any_value(provider_id) AS provider_id, any_value(group_id) AS group_id,
           min(day) AS since, CASE WHEN min(back) > 0 THEN max(day) END AS until, count(*) AS months
    FROM (
        SELECT *, back + row_number() OVER (
            PARTITION BY program, person_id, provider_id ORDER BY back DESC) AS run
        FROM month
    ) GROUP BY program, person_id, provider_id, run ORDER BY program, person_id, since
    """

__all__ = ["attribution_history", "month_end"]
