"""What a payer has of the evidence, what it would still take, and what it counts: a contract's evidence policy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import Field, model_validator

from measureharmony.measures.measure import Key
from measureharmony.measures.names import Model
from measureharmony.payers.evidence_source import EvidenceSource
from measureharmony.payers.source import Source
from measureharmony.payers.variant import ELSEWHERE

#: What evidence is needed for: to be counted at all, to be left out, to have what the measure wants.
Role: TypeAlias = Literal["denominator", "exclusion", "numerator"]
Form: TypeAlias = Literal["standard_file", "portal", "chart"]

#: The role of the evidence that each population asks for; what none asks for decides who is counted.
ROLES: dict[str, Role] = {
    "initial_population": "denominator",
    "denominator": "denominator",
    "denominator_exclusion": "exclusion",
    "denominator_exception": "exclusion",
    "numerator": "numerator",
    "numerator_exclusion": "numerator",
    ELSEWHERE: "denominator",
}
#: What evidence counts as once it was sent: a file of fixed layout is standard supplemental data, all else is not.
SENT_AS: dict[Form, EvidenceSource] = {
    "standard_file": "supplemental_standard",
    "portal": "supplemental_nonstandard",
    "chart": "supplemental_nonstandard",
}
EVERY_SOURCE: tuple[EvidenceSource, ...] = get_args(EvidenceSource)

Sources = Annotated[tuple[EvidenceSource, ...], Field(min_length=1)]


class OwnEvidence(Model):
    """Evidence that reaches the payer by itself. ``run_out``: how many days a claim may take, where nobody says."""

    sources: Sources
    run_out: Annotated[int, Field(ge=0, le=366)] = 0


class SentEvidence(Model):
    """Evidence that the payer has only if the practice sends it: in which form, until when, for which measures.

    Without ``by`` the contract's last day for supplemental data holds. ``sent`` are the days on which everything known
    went to the payer (or will). Without ``measures``: for all.
    """

    sources: Sources
    form: Form
    by: dt.date | None = None
    sent: tuple[dt.date, ...] = ()
    measures: tuple[Key, ...] = ()

    @model_validator(mode="after")
    def _sent_in_time(self) -> SentEvidence:
        late = [day for day in self.sent if self.by is not None and day > self.by]
        if late:
            raise ValueError(f"sent on {late[0]}, after the last day {self.by}; correct one of the dates")
        return self


class Counts(Model):
    """Which sources count for each role; a role left out takes all. What was sent counts as supplemental data."""

    denominator: Sources = EVERY_SOURCE
    exclusion: Sources = EVERY_SOURCE
    numerator: Sources = EVERY_SOURCE


class EvidencePolicy(Model):
    """What of the evidence the payer has, what it takes if it is sent, and what it counts for what.

    A source that stands nowhere never reaches the payer. No outcome, rate or divergence depends on the policy, only
    what is said of the payer's view.
    """

    has: tuple[OwnEvidence, ...] = ()
    send: tuple[SentEvidence, ...] = ()
    counts: Counts = Counts()
    source: Source
    status: Literal["agreed", "disputed", "assumed"] | None = None

    @model_validator(mode="after")
    def _one_way_each(self) -> EvidencePolicy:
        own = [source for part in self.has for source in part.sources]
        twice = sorted({source for source in own if own.count(source) > 1})
        if twice:
            raise ValueError(f"'{twice[0]}' stands twice under has; say once how it reaches the payer")
        both = sorted({source for part in self.send for source in part.sources if source in own})
        if both:
            raise ValueError(f"the payer is said to have '{both[0]}', and to be sent it; keep it under has or send")
        if not own and not self.send:
            raise ValueError("no evidence reaches the payer; say what it has, or what it takes if it is sent")
        return self

    @model_validator(mode="after")
    def _what_counts_arrives(self) -> EvidencePolicy:
        arrives = {source for part in self.has for source in part.sources} | {SENT_AS[part.form] for part in self.send}
        for role in self.counts.model_fields_set:
            lost = [source for source in getattr(self.counts, role) if source not in arrives]
            if lost:
                raise ValueError(
                    f"'{lost[0]}' counts for the {role}, but nothing reaches the payer as that; add it to has, or take "
                    "it from counts"
                )
        return self

    @property
    def run_out(self) -> dict[EvidenceSource, int]:
        """The days that evidence may take that reaches the payer by itself, by source."""
        return {source: part.run_out for part in self.has for source in part.sources}

    def ways(self, measure: str) -> Iterator[SentEvidence]:
        """How evidence for a measure may be sent, the first to be tried first."""
        return (way for way in self.send if not way.measures or measure in way.measures)


#: A payer about whom nothing is said has what the practice has.
HAS_EVERYTHING = EvidencePolicy(has=(OwnEvidence(sources=EVERY_SOURCE),), source=Source(document="no policy"))

__all__ = [
    "EVERY_SOURCE", "HAS_EVERYTHING", "ROLES", "SENT_AS", "Counts", "EvidencePolicy", "Form", "OwnEvidence", "Role",
    "SentEvidence",
]  # fmt: skip
