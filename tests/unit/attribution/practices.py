"""Tiny practices, written as lines, and rules to ask of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pyarrow as pa

from measureharmony.attribution import Asked, Attributed, attribute
from measureharmony.evaluation.terminology import Terminology
from measureharmony.payers import OwnCoverage
from measureharmony.payers.attribution_rule import AttributionRule
from measureharmony.practice import Practice, from_tables
from measureharmony.value_sets import ValueSets

#: Two sites with primary care; a cardiologist and another family doctor elsewhere; somebody nobody knows more of.
PROVIDERS = [
    {"provider_id": "d1", "group_id": "north", "primary_care": "true", "specialty": "Family Medicine"},
    {"provider_id": "d2", "group_id": "south", "primary_care": "true", "specialty": "internal medicine"},
    {"provider_id": "d3", "group_id": "south", "primary_care": "true", "specialty": "internal medicine"},
    {"provider_id": "heart", "group_id": "clinic", "primary_care": "false", "specialty": "Cardiology"},
    {"provider_id": "other", "group_id": "clinic", "primary_care": "true", "specialty": "family medicine"},
    {"provider_id": "blank"},
]
DAY = dt.date(2026, 12, 31)
PAYER = OwnCoverage("acme", ("commercial",))


def practice(
    visits: Mapping[str, str] | None = None,
    roster: Mapping[str, str] | None = None,
    coverage: Mapping[str, str] | None = None,
    events: Sequence[dict[str, str]] = (),
) -> Practice:
    """A practice of everybody who is named, each for one reason.

    By person, separated by semicolons: ``visits``: ``clinician day [amount [source]]``; ``roster``: ``start end
    clinician change`` in the program ``listed``; ``coverage`` by the payer: ``start end``, left out: always. ``-`` is
    an empty cell. ``events``: further rows.
    """
    visits, roster, coverage = visits or {}, roster or {}, coverage or {}
    people = [*dict.fromkeys((*visits, *roster, *coverage, *(event["person_id"] for event in events)))]
    always = {person: "2000-01-01" for person in people if person not in coverage}
    seen = [
        {"event_id": f"e{number}", "kind": "encounter", **row}
        for number, row in enumerate(_rows(visits, "provider_id", "start", "amount", "source"))
    ]
    listed = [{"program": "listed", **row} for row in _rows(roster, "start", "end", "provider_id", "change")]
    covered = [
        {"payer": "acme", "product_line": "commercial", **row} for row in _rows({**always, **coverage}, "start", "end")
    ]
    tables = {
        "person": [{"person_id": person} for person in people],
        "provider": PROVIDERS,
        "coverage": covered,
        "roster": listed,
        "event": [*seen, *events],
    }
    return from_tables({name: _arrow(part) for name, part in tables.items() if part})


def rule(**parts: Any) -> AttributionRule:
    """A rule: most visits with anybody in 12 months, unless ``parts`` say otherwise."""
    plain: dict[str, Any] = {
        "attribution_rule": "plain",
        "title": "Plain",
        "lookback": [{"months": 12}],
        "steps": [{"title": "anybody"}],
        "sources": [{"document": "Test"}],
    }
    return AttributionRule.model_validate({**plain, **parts})


def asked(program: str = "contract", by: AttributionRule | None = None, **others: Any) -> Asked:
    """A question about the payer's people on the last day of 2026."""
    found = by or rule()
    return Asked(
        **{
            "program": program,
            "day": DAY,
            "own": PAYER,
            "rule": found,
            "rule_name": "plain",
            "roster": program,
            **others,
        }
    )


@cache
def attributed(made: Practice, *questions: Asked) -> Attributed:
    """The answers."""
    return attribute(made, questions or (asked(),), Terminology.of(ValueSets(())))


def told(made: Practice, by: AttributionRule | None = None, **others: Any) -> dict[str, tuple[str | None, str]]:
    """By person, to whom the rule attributes them and on what evidence."""
    found = attributed(made, asked(by=by, **others)).people.to_pylist()
    return {row["person_id"]: (row["provider_id"], row["evidence"]) for row in found}


def _rows(cells: Mapping[str, str], *columns: str) -> list[dict[str, Any]]:
    """The rows of everybody; what is not written, or written ``-``, is left out."""
    return [
        {"person_id": person} | {name: cell for name, cell in zip(columns, row.split(), strict=False) if cell != "-"}
        for person, text in cells.items()
        for row in text.split(";")
        if row.strip()
    ]


def _arrow(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    columns = dict.fromkeys(column for row in rows for column in row)
    return pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in columns})
