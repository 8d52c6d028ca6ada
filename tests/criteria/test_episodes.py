"""Measures that count events: every criterion is asked once for each of them."""

from __future__ import annotations

import yaml

from measureharmony.measures.measure import Measure
from measureharmony.payers.variant import Variant
from measureharmony.practice import from_tables
from tests.criteria.example import YEAR
from tests.generative.outcomes import from_engine, from_interpreter

MEASURE = Measure.model_validate(
    yaml.safe_load("""
    measure: visits
    title: Visits with a pressure taken, and a second visit within 30 days
    edition: 2026
    description: ""
    subject: {episodes: visits}
    windows:
      next_30_days: {after: index.end, to: index.end + 30 days}
    events:
      visits: {kind: encounter, when: {whole: period}}
      pressure: {kind: observation, when: {latest: index}}
      earlier: {kind: encounter, when: {end: {before: index.start}}}
      later: {kind: encounter, when: {start: next_30_days}}
      inpatient: {from: index, where: {coded: {role: class, codes: "*|IMP"}}}
    populations:
      initial_population: {age: {at: index.start, from: 18}}
      denominator_exclusion: {exists: inpatient}
      numerator: {any: [{exists: pressure}, {exists: later}]}
    rates: [{id: met, title: Met, evidence: [pressure]}]
    strata:
      - {id: repeated, title: Not the first, criterion: {exists: earlier}}
    """)
)

PRACTICE = {
    "person": [
        {"person_id": "adult", "birth": "1980-01-01"},
        {"person_id": "turns18", "birth": "2008-06-15"},
        {"person_id": "unseen", "birth": "1950-01-01"},
    ],
    "event": [
        {"event_id": "v1", "person_id": "adult", "kind": "encounter", "start": "2026-01-10"},
        {"event_id": "v2", "person_id": "adult", "kind": "encounter", "start": "2026-02-09"},
        {"event_id": "v3", "person_id": "adult", "kind": "encounter", "start": "2026-03-12", "end": "2026-03-14"},
        {"event_id": "stay", "person_id": "adult", "kind": "encounter", "start": "2026-07-01", "end": "2026-07-03"},
        {"event_id": "bp", "person_id": "adult", "kind": "observation", "start": "2026-03-13", "value": "120"},
        {"event_id": "before18", "person_id": "turns18", "kind": "encounter", "start": "2026-06-14"},
        {"event_id": "after18", "person_id": "turns18", "kind": "encounter", "start": "2026-06-15"},
        {"event_id": "last_year", "person_id": "turns18", "kind": "encounter", "start": "2025-12-31"},
    ],
    "event_code": [{"event_id": "stay", "role": "class", "code": "IMP"}],
}


def test_each_event_is_in_or_out_by_itself() -> None:
    import pandas as pd

    with from_tables({name: pd.DataFrame(rows) for name, rows in PRACTICE.items()}) as practice:
        variant = Variant("canonical", MEASURE, YEAR)
        for size in (10, 1):
            lines = from_engine(practice, [variant], partition_size=size).drop_columns("close_by").to_pylist()
            assert lines == from_interpreter(practice, [variant])
    found = {line["subject_id"]: line for line in lines}
    assert {subject for subject, line in found.items() if line["initial_population"]} == {
        "v1",
        "v2",
        "v3",
        "stay",
        "after18",
    }
    assert {subject for subject, line in found.items() if line["denominator_exclusion"]} == {"stay"}
    # v2 is 30 days after v1, v3 is 31 after v2; the pressure lies in v3 alone.
    assert {subject for subject, line in found.items() if line["numerator"]} == {"v1", "v3"}
    assert {subject for subject, line in found.items() if line["strata"]} == {"v2", "v3", "stay", "before18", "after18"}
    assert found["v3"]["evidence_id"] == "bp"
    assert found["v1"]["person_id"] == "adult"
