"""Attribution of a practice: for each program, whose patient everybody is, and what speaks against its roster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from measureharmony.attribution.asked import Asked
from measureharmony.attribution.by_roster import create_listing, has_roster
from measureharmony.attribution.by_rule import create_by_rule
from measureharmony.attribution.columns import ATTRIBUTION_COLUMNS, COUNT_COLUMNS, DISPUTE_COLUMNS, schema
from measureharmony.attribution.plug_ins import create_by_function
from measureharmony.attribution.standing import attribution_rows, counts, create_standing, disputes
from measureharmony.attribution.visits import Wanted, create_clinicians, create_own_visits, create_visits
from measureharmony.evaluation.terminology import Terminology
from measureharmony.practice import Practice


@dataclass(frozen=True)
class Attributed:
    """Tables of attribution, all programs together; their columns are those of ``attribution.columns``.

    ``notes``: in sentences, what the dataset lacks for it.
    """

    people: pa.Table
    counts: pa.Table
    disputes: pa.Table
    notes: tuple[str, ...] = ()


def attribute(practice: Practice, asked: Sequence[Asked], terminology: Terminology) -> Attributed:
    """Answer every question of ``asked``: program after program in their order, people in theirs."""
    answers: dict[int, Attributed] = {}
    with practice.connection.cursor() as connection:
        for place, listed in _standings(connection, practice, asked, terminology):
            one = asked[place]
            disputed = disputes(connection, one) if listed else schema(DISPUTE_COLUMNS).empty_table()
            people = attribution_rows(connection, one, listed=listed)
            answers[place] = Attributed(people, counts(connection, one), disputed)
        notes = tuple(_lacking(connection, asked))
    parts = [answers[place] for place in range(len(asked))]
    return Attributed(
        _joined(ATTRIBUTION_COLUMNS, [part.people for part in parts]),
        _joined(COUNT_COLUMNS, [part.counts for part in parts]),
        _joined(DISPUTE_COLUMNS, [part.disputes for part in parts]),
        notes,
    )


def _standings(
    connection: duckdb.DuckDBPyConnection, practice: Practice, asked: Sequence[Asked], terminology: Terminology
) -> Iterator[tuple[int, bool]]:
    """Make ``standing`` for one question after the other; gives its place in ``asked``, and whether a roster decides.

    What counts as a visit is looked up once for all that ask alike.
    """
    create_clinicians(connection)
    alike: dict[Wanted, list[int]] = {}
    for place, one in enumerate(asked):
        alike.setdefault(Wanted.by(one), []).append(place)
    for wanted, places in alike.items():
        create_visits(connection, wanted, [asked[place] for place in places], terminology)
        for place in places:
            yield place, _create_standing(connection, practice, asked[place])


def _create_standing(connection: duckdb.DuckDBPyConnection, practice: Practice, asked: Asked) -> bool:
    create_own_visits(connection, asked)
    if asked.function is None:
        create_by_rule(connection, asked)
    else:
        create_by_function(connection, practice, asked, asked.function)
    listed = asked.roster is not None and has_roster(connection, asked.roster)
    create_listing(connection, asked)
    create_standing(connection, asked, listed=listed)
    return listed


def _lacking(connection: duckdb.DuckDBPyConnection, asked: Sequence[Asked]) -> Iterator[str]:
    """What the dataset does not hold, without which rules find nobody."""
    primary_care = _names(one for one in asked if any(step.clinicians.primary_care for step in one.rule.steps))
    amount = _names(one for one in asked if one.rule.weigh == "amount")
    for wanted, what, query, fix in (
        ("rules", "No event names a provider", "accepted_event WHERE provider_id IS NOT NULL", "event.provider_id"),
        (primary_care, "No provider is marked as primary care", "accepted_provider WHERE primary_care",
         "provider.primary_care"),
        (amount, "No event has an amount", "accepted_event WHERE amount IS NOT NULL", "event.amount"),
    ):  # fmt: skip
        if wanted and not connection.execute(f"SELECT 1 FROM {query} LIMIT 1").fetchall():
            yield f"{what}, which {wanted} cannot do without. Fill {fix}."


def _names(asked: Iterable[Asked]) -> str:
    """The rules asked for, each once."""
    return ", ".join(dict.fromkeys(one.rule_name for one in asked))


def _joined(columns: Mapping[str, str], tables: Sequence[pa.Table]) -> pa.Table:
    return pa.concat_tables([schema(columns).empty_table(), *tables])


__all__ = ["Attributed", "attribute"]
