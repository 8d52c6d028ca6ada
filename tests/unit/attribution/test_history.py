"""Who was attributed when, month by month."""

from __future__ import annotations

from measureharmony.attribution import attribution_history
from measureharmony.evaluation.terminology import Terminology
from measureharmony.value_sets import ValueSets
from tests.unit.attribution.practices import asked, practice, rule


def test_runs_of_months_with_one_clinician_are_spans() -> None:
    made = practice(
        visits={"ann": "d1 2026-08-10; d2 2026-10-10"},
        roster={"bob": "2026-09-15 2026-10-30 d1; 2026-12-01 - d1"},
    )
    of_a_quarter = rule(lookback=[{"months": 3}])
    months = attribution_history(made, [asked(by=of_a_quarter), asked("listed")], Terminology.of(ValueSets(())), 6)
    spans = [
        (row["person_id"], row["provider_id"], str(row["since"])[5:], str(row["until"])[5:] if row["until"] else None,
         row["months"])
        for row in months.to_pylist()
    ]  # fmt: skip
    assert spans == [
        ("ann", "d1", "08-31", "09-30", 2),  # in October both count, and the most recent visit decides
        ("ann", "d2", "10-31", None, 3),
        ("bob", "d1", "09-30", "09-30", 1),
        ("bob", "d1", "12-31", None, 1),
    ]


def test_each_month_is_seen_as_it_was_known_at_its_end() -> None:
    late = {"event_id": "late", "person_id": "ann", "kind": "encounter", "provider_id": "d1", "start": "2026-09-01"}
    made = practice(events=[late | {"received": "2026-11-05"}])
    (row,) = attribution_history(made, [asked()], Terminology.of(ValueSets(())), 6).to_pylist()
    assert (str(row["since"]), row["until"], row["months"]) == ("2026-11-30", None, 2)


def test_nobody_attributed_has_no_history() -> None:
    assert (
        attribution_history(practice({"ann": "d1 2020-01-01"}), [asked()], Terminology.of(ValueSets(())), 2).num_rows
        == 0
    )
