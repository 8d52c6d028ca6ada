"""Why a payer's list and our outcomes differ: the causes, in the order in which they are looked for."""

from __future__ import annotations

from collections.abc import Mapping

#: By cause: what it means, and what to ask the payer.
CAUSES: Mapping[str, tuple[str, str]] = {
    "agree": ("both say the same", ""),
    "identity": ("nobody of the practice is recognised", "check the member's number, name and date of birth"),
    "attribution": ("the person is the practice's on one side only", "check the attribution of the member"),
    "enrolment": ("the payer does not cover the person, as we know it", "check the member's coverage dates"),
    "timing": ("the evidence is newer than the other side's data", "wait for the next list, or send the evidence"),
    "value_boundary": ("the same result, read differently", "ask which threshold, and whether the boundary counts"),
    "version": ("the canonical rule gives the payer's answer, the contract's does not", "ask which version is used"),
    "evidence_missing_there": ("we have evidence that the payer has not", "send the evidence"),
    "evidence_missing_here": ("the payer has evidence that we have not", "ask for date, result and source"),
    "unexplained": ("none of the known causes", "ask for the payer's reason"),
}

DISPUTE_COLUMNS: Mapping[str, str] = {
    "row": "Row of the payer's list; empty where it has none for the person and rate.",
    "member_id": "The payer's number for the person; of who is not recognised, what else the list calls them.",
    "person_id": "The practice's; empty where nobody is recognised.",
    "measure": "Key of the measure.",
    "rate": "Which rate of the measure.",
    "payer_says": "`open`, `closed`, `excluded`, `not_applicable`, or `not_listed`.",
    "we_say": "`open`, `closed`, `excluded`, `excepted`, `not_counted`, or `not_a_member`.",
    "cause": "Why they differ, or `agree`.",
    "why": "The cause in words, with what it rests on.",
    "ask": "What to do about it.",
    "payer_date": "The date that the payer gives.",
    "payer_value": "The result that it gives.",
    "evidence_id": "The event that we show as evidence.",
    "evidence_date": "Its date.",
    "evidence_value": "Its number, or numbers to be read together.",
    "evidence_source": "Where it comes from.",
    "matched_by": "How the person was recognised: `person_id`, `member_id`, `name_and_birth`.",
}
SUMMARY_COLUMNS: Mapping[str, str] = {
    "measure": "Key of the measure.",
    "rate": "Which rate of the measure.",
    "cause": "Why the two sides differ, or `agree`.",
    "rows": "How many people (or events) it is so of.",
}

__all__ = ["CAUSES", "DISPUTE_COLUMNS", "SUMMARY_COLUMNS"]
