"""Why a gap is one for a payer, what closes it, and until when: in words, from the terms on evidence."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from measureharmony.measures.plain_words import listed, plain
from measureharmony.payers.evidence import ROLES, SENT_AS, Form, Role, SentEvidence
from measureharmony.payers.payer_view import EvidenceTerms

Reason: TypeAlias = Literal["needs_care", "send_evidence", "not_accepted", "in_run_out", "too_late"]
REASONS: tuple[Reason, ...] = get_args(Reason)

#: How evidence is sent, in words.
FORMS: dict[Form, str] = {
    "standard_file": "in the standard file",
    "portal": "through the portal",
    "chart": "as a chart copy",
}
_DOES: dict[Role, str] = {
    "numerator": "closes it",
    "exclusion": "excludes from the measure",
    "denominator": "takes out of the measure",
}


@dataclass(frozen=True)
class Told:
    """What is said of a gap: until when it can be closed (``None``: no day is set), why it is one, what closes it."""

    due: dt.date | None
    why: str
    how_to_close: str


def told(terms: EvidenceTerms, care_by: dt.date, reason: Reason, population: str, source: str | None) -> Told:
    """``source`` is that of the evidence there is, ``population`` what it proves (or would).

    ``care_by`` is the last day on which care closes the gap.
    """
    evidence = f"Evidence here ({plain(source)})" if source else "Evidence here"
    does = f"{evidence} {_DOES[ROLES[population]]}"
    match reason:
        case "needs_care":
            return Told(care_by, "No evidence here closes it.", f"Care by {care_by}.")
        case "too_late":
            return Told(care_by, "No evidence here closes it.", f"Too late: care could close it until {care_by}.")
        case "in_run_out":
            return _run_out(terms, does, source)
        case "send_evidence":
            return _send(terms, does, population, source)
    return _not_accepted(terms, care_by, does, population, source)


def _run_out(terms: EvidenceTerms, does: str, source: str | None) -> Told:
    days = next((lag for own, lag in terms.policy.run_out.items() if own == source and lag), None)
    why = f"{does}; the payer may not have it yet" + (f": that takes up to {days} days." if days else ".")
    due = terms.cut_offs.claims if terms.cut_offs else None
    return Told(due, why, f"Wait, and ask the payer if it is not there by {due}." if due else "Wait.")


def _send(terms: EvidenceTerms, does: str, population: str, source: str | None) -> Told:
    ways = [way for way in terms.ways(population) if terms.is_open(way) and source in (None, *way.sources)]
    how = listed(_sending(terms, way) for way in ways)
    due = terms.until(ways[0]) if ways else None
    return Told(due, f"{does}; the payer does not have it.", f"Send it {how}." if how else "Send it.")


def _not_accepted(terms: EvidenceTerms, care_by: dt.date, does: str, population: str, source: str | None) -> Told:
    would = [f"{plain(own)}" for own in terms.policy.run_out if own in terms.counted(population)]
    ways = [way for way in terms.ways(population) if terms.is_open(way)]
    would += [f"{listed(map(plain, way.sources))} sent {_sending(terms, way)}" for way in ways]
    days = [terms.until(way) for way in ways]
    if terms.cut_offs and terms.cut_offs.claims and terms.on <= terms.cut_offs.claims:
        days.append(terms.cut_offs.claims)
    due = max((day for day in days if day is not None), default=care_by)
    how = f"Would count: {'; '.join(would)}." if would else "Nothing that could still be sent would count."
    return Told(due, f"{does}, but {_objection(terms, population, source)}.", how)


def _objection(terms: EvidenceTerms, population: str, source: str | None) -> str:
    """Why evidence from ``source`` does not count, the last hurdle first."""
    if source is None:
        return "the payer does not accept it"
    role = {"numerator": "for the numerator", "exclusion": "as an exclusion", "denominator": "for the denominator"}
    of_source = [way for way in terms.policy.send if source in way.sources]
    for_measure = [way for way in terms.policy.ways(terms.measure) if source in way.sources]
    counted = [way for way in for_measure if SENT_AS[way.form] in terms.counted(population)]
    if counted:
        return f"was not sent in time: {listed(_until(terms, way) for way in counted)}"
    if for_measure:
        return f"sent {listed(FORMS[way.form] for way in for_measure)} it does not count {role[ROLES[population]]}"
    if of_source:
        return f"is taken {listed(FORMS[way.form] for way in of_source)} for other measures only"
    if source not in terms.policy.run_out:
        return "the payer takes no evidence from that source"
    if source in terms.counted(population):
        return "came too late"
    return f"does not count {role[ROLES[population]]}"


def _sending(terms: EvidenceTerms, way: SentEvidence) -> str:
    until = terms.until(way)
    return FORMS[way.form] + (f" by {until}" if until else "")


def _until(terms: EvidenceTerms, way: SentEvidence) -> str:
    return f"{terms.until(way)} {FORMS[way.form]}"


__all__ = ["FORMS", "REASONS", "Reason", "Told", "told"]
