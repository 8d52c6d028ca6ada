"""Attribution of a practice: for each program, whose patient everybody is, and what speaks against its roster."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from measureharmony.attribution.asked import Asked
from measureharmony.attribution.by_roster import create_listing, has_roster
from measureharmony.attribution.by_rule import create_by_rule
from measureharmony.attribution.columns import ATTRIBUTION_COLUMNS, COUNT_COLUMNS, DISPUTE_COLUMNS, schema
from measureharmony.attribution.plug_ins import create_by_function
from measureharmony.attribution.standing import attribution_rows, counts, create_standing, disputes
from measureharmony.attribution.visits import create_clinicians, create_own_visits, create_visits
from measureharmony.evaluation.terminology import Terminology
from measureharmony.payers.attribution_rule import CountedVisits
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
        notes = dict.fromkeys(note for one in asked for note in _lacking(connection, one))
    parts = [answers[place] for place in range(len(asked))]
    return Attributed(
        _joined(ATTRIBUTION_COLUMNS, [part.people for part in parts]),
        _joined(COUNT_COLUMNS, [part.counts for part in parts]),
        _joined(DISPUTE_COLUMNS, [part.disputes for part in parts]),
        tuple(notes),
    )


def _standings(
    connection: duckdb.DuckDBPyConnection, practice: Practice, asked: Sequence[Asked], terminology: Terminology
) -> Iterator[tuple[int, bool]]:
    """Make ``standing`` for one question after the other; gives its place in ``asked``, and whether a roster decides.

    What counts as a visit is looked up once for all that ask alike.
    """
    create_clinicians(connection)
    at_hand: tuple[CountedVisits, int, dt.date, dt.date | None] | None = None
    for place in sorted(range(len(asked)), key=lambda place: _sort_key(asked[place])):
        one = asked[place]
        wanted = (one.rule.visits, one.rule.months, one.day, one.as_of)
        if wanted != at_hand:
            create_visits(connection, one, terminology)
            at_hand = wanted
        create_own_visits(connection, one)
        if one.function is None:
            create_by_rule(connection, one)
        else:
            create_by_function(connection, practice, one, one.function)
        listed = one.roster is not None and has_roster(connection, one.roster)
        create_listing(connection, one)
        create_standing(connection, one, listed=listed)
        yield place, listed


def _sort_key(asked: Asked) -> tuple[str, str, int]:
    return str(asked.day), str(asked.rule.visits), asked.rule.months


def _lacking(connection: duckdb.DuckDBPyConnection, asked: Asked) -> Iterator[str]:
    """What the dataset does not hold, without which a rule finds nobody."""
    checks = {
        "No event names a provider, so no rule can attribute anybody. Fill event.provider_id.":
            "SELECT 1 FROM accepted_event WHERE provider_id IS NOT NULL LIMIT 1",
    }  # fmt: skip
    if any(step.clinicians.primary_care for step in asked.rule.steps):
        checks[
            f"No provider is marked as primary care, and the rule {asked.rule_name} asks for it. "
            "Fill provider.primary_care."
        ] = "SELECT 1 FROM accepted_provider WHERE primary_care LIMIT 1"
    if asked.rule.weigh == "amount":
        checks[f"No event has an amount, and the rule {asked.rule_name} weighs amounts. Fill event.amount."] = (
            "SELECT 1 FROM accepted_event WHERE amount IS NOT NULL LIMIT 1"
        )
    for note, query in checks.items():
        if not connection.execute(query).fetchall():
            yield note


def _joined(columns: Mapping[str, str], tables: Sequence[pa.Table]) -> pa.Table:
    return pa.concat_tables([schema(columns).empty_table(), *tables])


__all__ = ["Attributed", "attribute"]
