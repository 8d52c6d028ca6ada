"""Whether a program counts a person, asked of a practice for one person at a time."""

from __future__ import annotations

import datetime as dt

from measureharmony.payers.variant import Membership, Variant
from measureharmony.periods import day_number
from measureharmony.practice import Practice

_ROSTER = "SELECT start_day, end_day FROM accepted_roster SEMI JOIN person USING (person_key) WHERE program = $program"
_COVERAGE = """
    SELECT start_day, end_day FROM accepted_coverage SEMI JOIN person USING (person_key)
    WHERE payer = $payer AND ($any_line OR product_line IN (SELECT unnest($lines)))"""
_PERSON = "WITH person AS (SELECT person_key FROM accepted_person WHERE CAST(person_id AS VARCHAR) = $person_id) "


def counts_person(practice: Practice, person_id: str, variant: Variant, as_of: dt.date | None = None) -> bool:
    """Whether the person is the program's own; everybody is canonical's."""
    membership = variant.membership
    if membership is None:
        return True
    last = min(variant.period.end, as_of or variant.period.end)
    first = min(variant.period.start, last) if membership.any_day else last
    spans = _spans(practice, person_id, membership)
    return any(start <= day_number(last) and end >= day_number(first) for start, end in spans)


def _spans(practice: Practice, person_id: str, membership: Membership) -> list[tuple[int, int]]:
    """First and last days on which the person is listed or, for a program without roster in the data, covered."""
    cursor = practice.connection.cursor()
    listed = "SELECT count(*) > 0 FROM accepted_roster WHERE program = ?"
    if membership.by_roster and cursor.execute(listed, [membership.program]).fetchall()[0][0]:
        found = cursor.execute(_PERSON + _ROSTER, {"person_id": person_id, "program": membership.program})
    else:
        own = membership.coverage
        asked = {"payer": own.payer, "any_line": not own.product_lines, "lines": list(own.product_lines)}
        found = cursor.execute(_PERSON + _COVERAGE, {"person_id": person_id, **asked})
    return [(int(start), int(end)) for start, end in found.fetchall()]


__all__ = ["counts_person"]
