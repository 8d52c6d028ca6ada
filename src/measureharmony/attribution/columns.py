"""Columns of the tables that attribution gives, with what they hold."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

ATTRIBUTION_COLUMNS: Mapping[str, str] = {
    "program": "The program, or `canonical` for the practice as a whole.",
    "person_id": "Who.",
    "provider_id": "The clinician; empty where there is none, or where a roster names none and no rule finds one.",
    "group_id": "The clinician's group.",
    "since": (
        "By roster: first day of the unbroken listing with this clinician. By a rule: first of the visits that count."
    ),
    "rule": (
        "`roster`; the name of a rule; or both, `roster, RULE`, where the roster names no clinician and the rule finds "
        "one. Empty where nobody is found."
    ),
    "evidence": "On what evidence, or why there is none.",
    "attributed": "Whether the program has the person as the practice's: listed, or by the rule one of its own.",
    "enrolled": "Whether the program's payer covers the person on the day (for `canonical`: any payer).",
    "seen": "Whether a clinician of the practice whom the rule considers saw the person in its lookback.",
}
COUNT_COLUMNS: Mapping[str, str] = {
    "program": "The program, or `canonical` for the practice as a whole.",
    "day": "The day that is looked at.",
    "attributed": "Whether they are attributed to the practice.",
    "enrolled": "Whether they are enrolled.",
    "seen": "Whether they were seen.",
    "people": "How many people of the practice they are.",
}
DISPUTE_COLUMNS: Mapping[str, str] = {
    "program": "The program whose roster it is.",
    "person_id": "Who.",
    "dispute": (
        "`another_clinician`: by the rule somebody else's. `never_seen`: listed without a visit. `not_listed`: never "
        "listed, though enrolled and by the rule the practice's. `dropped_but_covered`: no longer listed, still "
        "enrolled. "
        "`not_covered`: listed, not enrolled. `listed_twice`: several spans on the day."
    ),
    "roster_provider_id": "To whom the roster attributes the person.",
    "rule_provider_id": "To whom the rule does.",
    "why": "What speaks for it.",
}
HISTORY_COLUMNS: Mapping[str, str] = {
    "program": "The program, or `canonical` for the practice as a whole.",
    "person_id": "Who.",
    "provider_id": "The clinician.",
    "group_id": "The clinician's group.",
    "since": "End of the first month in which it was so.",
    "until": "End of the last month in which it was so; empty if it still is on the last day looked at.",
    "months": "In how many months in a row.",
}
_FLAGS = ("attributed", "enrolled", "seen")


def schema(columns: Mapping[str, str]) -> pa.Schema:
    """The types of a table with these columns."""
    return pa.schema([(name, _type(name)) for name in columns])


def _type(name: str) -> pa.DataType:
    if name in _FLAGS:
        return pa.bool_()
    if name in ("people", "months"):
        return pa.int64()
    return pa.date32() if name in ("since", "until", "day") else pa.string()


__all__ = ["ATTRIBUTION_COLUMNS", "COUNT_COLUMNS", "DISPUTE_COLUMNS", "HISTORY_COLUMNS", "schema"]
