"""Small worked examples of the spec language: a criterion, a few people, and what must come out for each.

Every example runs on every engine (see ``conftest.py``). An engine answers only yes or no, so each criterion is asked
twice, plainly and under ``not``: true is (yes, no), false is (no, yes), unknown is (no, no).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from measureharmony.evaluation.reference.record import (
    EVER,
    NEVER,
    UNKNOWN,
    Event,
    PersonRecord,
    Span,
    Time,
)
from measureharmony.measures.measure import Measure
from measureharmony.payers.variant import OwnCoverage, Variant
from measureharmony.periods import Period, add_months, day_number
from measureharmony.value_sets import ValueSet, ValueSets

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"

#: The value sets that examples speak of; the codes are made up.
VALUE_SETS = ValueSets((
    ValueSet("mammogram", "", "", frozenset({(LOINC, "M-1"), (LOINC, "M-2")})),
    ValueSet("glucose", "", "", frozenset({(LOINC, "G-1")})),
    ValueSet("office_visit", "", "", frozenset({(SNOMED, "V-1")})),
    ValueSet("diabetes", "", "", frozenset({(SNOMED, "D-1")}), patterns=((SNOMED, "D-2"),)),
))  # fmt: skip

#: The period of examples that name none.
YEAR = Period.calendar_year(2026)

#: Outcomes by person, rate and population.
Outcomes = dict[str, dict[str, dict[str, bool]]]
Evaluate = Callable[[Variant, Sequence[PersonRecord], dt.date | None], Outcomes]


# --- people -----------------------------------------------------------------------------------------------------------


def when(text: str) -> Time:
    """``2026``, ``2026-03``, ``2026-03-09``, ``2026-03-09T14:30:00-05:00``, ``unknown``, ``never`` or ``ever``."""
    words = {"unknown": UNKNOWN, "never": NEVER, "ever": EVER}
    if text in words:
        return words[text]
    if "T" in text:
        instant = dt.datetime.fromisoformat(text)
        day = day_number(instant.date())
        return Time(day, day, round(instant.timestamp() * 1000))
    first = dt.date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    last = first if len(text) == 10 else add_months(first, 12 if len(text) == 4 else 1) - dt.timedelta(days=1)
    return Time(day_number(first), day_number(last))


def event(event_id: str = "e", start: str = "unknown", end: str | None = None, **columns: Any) -> Event:
    """An event; ``end`` is ``start`` if not given, ``code`` is a LOINC code, times are texts as for :func:`when`."""
    times = {name: when(columns.pop(name)) for name in ("authored", "recorded") if name in columns}
    codes = {role: frozenset(codings) for role, codings in columns.pop("codes", {}).items()}
    if "code" in columns:
        codes["code"] = frozenset({(columns.pop("system", LOINC), columns.pop("code"))})
    for name, column in (("types", "types"), ("categories", "categories")):
        if columns.get(name) is not None:
            columns[column] = frozenset(columns[name])
    made = Event(event_id, columns.pop("kind", "observation"), codes=codes, source=columns.pop("source", "ehr"))
    return replace(made, start=when(start), end=when(start if end is None else end), **times, **columns)


def person(*events: Event, **columns: Any) -> PersonRecord:
    """A person with these events; without a name (``person_id``) until an example gives one."""
    for name in ("birth", "death"):
        if name in columns:
            columns[name] = when(columns[name])
    return PersonRecord(**{"person_id": "", "events": events, **columns})


def span(start: str, end: str, payer: str = "blue", product_line: str | None = None, *benefits: str) -> Span:
    """A coverage span; ``never`` as its end is ongoing. No benefits: all."""
    return Span(payer, product_line, when(start).day_lo, when(end).day_lo, frozenset(benefits) if benefits else None)


# --- examples ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Example:
    """``people`` maps a sentence about a person to their data and whether the criterion holds (``None``: unknown).

    ``covers`` is the key of the language that the example shows. ``criterion`` and ``sections`` are YAML; the other
    fields say how it is asked.
    """

    covers: str
    criterion: str
    people: Mapping[str, tuple[PersonRecord, bool | None]]
    sections: str = ""
    period: Period = YEAR
    own: OwnCoverage | None = None
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    as_of: dt.date | None = None

    def __str__(self) -> str:
        return f"{self.covers}: {' '.join(self.criterion.split())}"

    @property
    def variant(self) -> Variant:
        """The criterion as a numerator, and its opposite as another rate's."""
        criterion = yaml.safe_load(self.criterion)
        made = measure(
            self.sections,
            "initial_population: {always: true}",
            rates=[
                {"id": "plain", "title": "t", "populations": {"numerator": criterion}},
                {"id": "opposite", "title": "t", "populations": {"numerator": {"not": criterion}}},
            ],
        )
        return Variant("canonical", made, self.period, self.own, self.sources)

    def truths(self, evaluate: Evaluate) -> dict[str, bool | None]:
        """What an engine answers, by person."""
        records = [replace(record, person_id=name) for name, (record, _) in self.people.items()]
        outcomes = evaluate(self.variant, records, self.as_of)
        return {name: _truth(rates) for name, rates in outcomes.items()}

    @property
    def expected(self) -> dict[str, bool | None]:
        """What must come out, by person."""
        return {name: truth for name, (_, truth) in self.people.items()}


def _truth(rates: Mapping[str, Mapping[str, bool]]) -> bool | None:
    plain, opposite = rates["plain"]["numerator"], rates["opposite"]["numerator"]
    assert not (plain and opposite), "a criterion and its opposite cannot both be true"
    return True if plain else False if opposite else None


def measure(sections: str, populations: str, rates: list[dict[str, Any]] | None = None) -> Measure:
    """A bound measure from the YAML of its sections and populations."""
    return Measure.model_validate({
        "measure": "example", "title": "Example", "edition": 2026, "description": "…",
        **(yaml.safe_load(sections) or {}), "populations": yaml.safe_load(populations),
        "rates": rates or [{"id": "rate", "title": "Rate"}],
    })  # fmt: skip


__all__ = [
    "LOINC", "SNOMED", "VALUE_SETS", "YEAR", "Evaluate", "Example", "Outcomes", "event", "measure", "person", "span",
    "when",
]  # fmt: skip
