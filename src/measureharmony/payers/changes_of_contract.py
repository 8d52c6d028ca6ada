"""The kinds of change that only a contract has: enrolment, evidence, period and deadlines.

Targets (``payers.targets``) and payment (``payers.payments``) are such, too.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field, model_validator

from measureharmony.measures.criterion import Criterion, Enrolled
from measureharmony.measures.measure import Measure, Population
from measureharmony.measures.names import Model
from measureharmony.measures.window import Point, WindowRef
from measureharmony.measures.words import Wording
from measureharmony.payers.changes_of_measure import Path
from measureharmony.payers.evidence_source import EvidenceSource
from measureharmony.payers.payments import SetPayment
from measureharmony.payers.program import CutOffs, PeriodRule
from measureharmony.payers.targets import SetTarget
from measureharmony.payers.words import title


class RestrictSources(Model):
    """Only evidence from these sources counts for a population."""

    population: Population
    sources: Annotated[tuple[EvidenceSource, ...], Field(min_length=1)]

    @property
    def path(self) -> Path:
        """The population's sources."""
        return ("sources", self.population)

    def sentence(self, measure: Measure) -> str:
        """Such as: "Evidence for the numerator only from: claim"."""
        sources = ", ".join(source.replace("_", " ") for source in self.sources)
        return f"Evidence for the {title(self.population).lower()} only from: {sources}"


class RequireEnrolment(Model):
    """Count only people continuously enrolled with the program's own payer (see "enrolled" in the spec language)."""

    window: WindowRef
    gaps: Annotated[int, Field(ge=0)] = 0
    gap_days: Annotated[int, Field(ge=0)] = 0
    anchor: Point | None = None
    benefits: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _gaps_have_length(self) -> RequireEnrolment:
        if bool(self.gaps) != bool(self.gap_days):
            raise ValueError("give both gaps (how many) and gap_days (how long each), or neither")
        return self

    @property
    def enrolled(self) -> Enrolled:
        """The criterion that is joined to the initial population."""
        return Enrolled(
            window=self.window, gaps=self.gaps, gap_days=self.gap_days, anchor=self.anchor, benefits=self.benefits
        )

    @property
    def path(self) -> Path:
        """The enrolment rule; a measure has one."""
        return ("enrolment",)

    def sentence(self, measure: Measure) -> str:
        """Such as: "Enrolled with the payer in the period, but for at most 1 gap of at most 45 days, and on …"."""
        words = Wording(measure).criterion(Criterion(enrolled=self.enrolled))
        return words[0].upper() + words[1:]


class ShiftPeriod(PeriodRule):
    """Another measurement period for this measure."""

    @property
    def path(self) -> Path:
        """The period."""
        return ("period",)

    def sentence(self, measure: Measure) -> str:
        """Such as: "Measured over 12 months from 07-01"."""
        return f"Measured over {self.months} months from {self.start}"


class SetCutOff(CutOffs):
    """Other last days for evidence to arrive, for this measure."""

    @property
    def path(self) -> Path:
        """The cut-off days."""
        return ("cut_offs",)

    def sentence(self, measure: Measure) -> str:
        """Such as: "Last day for claims 2027-03-31"."""
        days = [("claims", self.claims), ("supplemental data", self.supplemental)]
        return "Last day for " + ", ".join(f"{name} {day}" for name, day in days if day)


#: What stands under the key of a change that only a contract has.
ContractPayload: TypeAlias = RestrictSources | RequireEnrolment | ShiftPeriod | SetCutOff | SetTarget | SetPayment

__all__ = [
    "ContractPayload", "EvidenceSource", "RequireEnrolment", "RestrictSources", "SetCutOff", "SetPayment", "SetTarget",
    "ShiftPeriod",
]  # fmt: skip
