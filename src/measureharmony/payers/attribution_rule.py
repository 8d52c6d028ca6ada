"""Whose patient somebody is where no roster says it: rules as data.

A rule is a file ``attribution/<rule>.yaml`` (:class:`AttributionRule`). A program names one, and may set single parts
of it otherwise (:class:`AttributionTerms`). What it makes of a practice is computed in ``measureharmony.attribution``.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field

from measureharmony.measures.event_set import Kind
from measureharmony.measures.measure import Key
from measureharmony.measures.names import CodeRef, Model
from measureharmony.measures.window import listed
from measureharmony.payers.evidence_source import EvidenceSource
from measureharmony.payers.source import Source

#: What decides among clinicians: on how many days they saw the person, or what was allowed for it.
Weighing: TypeAlias = Literal["visits", "amount"]
#: What decides between clinicians with the same weight.
Tie: TypeAlias = Literal["most_recent", "most_visits", "most_amount", "first_seen", "lowest_id"]


def _each_once(ties: tuple[Tie, ...]) -> tuple[Tie, ...]:
    twice = sorted({tie for tie in ties if ties.count(tie) > 1})
    if twice:
        raise ValueError(f"named twice: {', '.join(twice)}; name each once, the first that decides wins")
    return ties


#: What is asked, one after the other, until one decides.
Ties: TypeAlias = Annotated[tuple[Tie, ...], Field(min_length=1), BeforeValidator(listed), AfterValidator(_each_once)]
#: The rule that is used where neither a program nor the caller names one.
DEFAULT_RULE = "primary_care_visits"


class Stretch(Model):
    """Some months of a lookback, and how much a visit in them weighs."""

    months: Annotated[int, Field(ge=1, le=120)]
    weight: Annotated[int, Field(ge=1, le=1000)] = 1


class CountedVisits(Model):
    """Which events count as visits: their kinds, codes (empty: any) and sources (empty: any).

    All that happens with one clinician on one day is one visit, so that a visit and its claim do not count twice.
    """

    kinds: Annotated[tuple[Kind, ...], Field(min_length=1), BeforeValidator(listed)] = ("encounter",)
    codes: Annotated[tuple[CodeRef, ...], BeforeValidator(listed)] = ()
    sources: Annotated[tuple[EvidenceSource, ...], BeforeValidator(listed)] = ()


class Clinicians(Model):
    """Which clinicians a step considers; what is left out is not asked.

    ``specialties`` are compared with ``provider.specialty`` whatever the case of letters.
    """

    primary_care: bool | None = None
    specialties: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()


class Step(Model):
    """One attempt: the clinicians it considers, over the rule's lookback or one of its own (newest months first)."""

    title: Annotated[str, Field(min_length=1)]
    clinicians: Clinicians = Clinicians()
    lookback: Annotated[tuple[Stretch, ...], Field(min_length=1)] | None = None


class _Parts(Model):
    """What a rule consists of and a program may set otherwise; left out here means: as the rule says it.

    ``lookback``: stretches of months back from the day of attribution, the newest first. ``at_least``: on how many days
    a clinician must have seen the person. ``group_first``: the group is found first, then a clinician within it.
    """

    weigh: Weighing | None = None
    lookback: Annotated[tuple[Stretch, ...], Field(min_length=1)] | None = None
    visits: CountedVisits | None = None
    steps: Annotated[tuple[Step, ...], Field(min_length=1)] | None = None
    group_first: bool | None = None
    at_least: Annotated[int, Field(ge=1)] | None = None
    ties: Ties | None = None


class AttributionTerms(_Parts):
    """How a program attributes people whom no roster lists, and which groups are the practice's.

    ``rule`` is the name of a shipped rule, of one in the folder of specs, or of a registered function. Other keys set
    parts of the rule otherwise. ``groups``: the practice's own (``provider.group_id``); left out, all groups are.
    ``roster``: what the dataset calls the program in ``roster.program``; left out, the program's key.
    """

    rule: Key = DEFAULT_RULE
    groups: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()
    roster: Annotated[str, Field(min_length=1)] | None = None

    @property
    def changes(self) -> dict[str, object]:
        """The parts of the rule that the program sets otherwise, by name."""
        return {name: value for name in _Parts.model_fields if (value := getattr(self, name)) is not None}


class AttributionRule(Model):
    """A rule that attributes people to clinicians by their visits.

    Step by step, whoever is not attributed yet goes to the clinician (with ``group_first``: the group, then a clinician
    in it) with the most visits or the highest allowed amount in the lookback. ``ties`` decide between equals, in this
    order; what they leave undecided goes to the lowest identifier.
    """

    attribution_rule: Key
    title: Annotated[str, Field(min_length=1)]
    weigh: Weighing = "visits"
    lookback: Annotated[tuple[Stretch, ...], Field(min_length=1)] = (Stretch(months=24),)
    visits: CountedVisits = CountedVisits()
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    group_first: bool = False
    at_least: Annotated[int, Field(ge=1)] = 1
    ties: Ties = ("most_recent",)
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    notes: str = ""

    def changed(self, terms: AttributionTerms) -> AttributionRule:
        """This rule with what a program sets otherwise."""
        return self.model_copy(update=terms.changes)

    def lookback_of(self, step: Step) -> tuple[Stretch, ...]:
        """The months that a step looks back on, newest first."""
        return step.lookback or self.lookback

    @property
    def months(self) -> int:
        """How far back the longest of its steps looks."""
        return max(sum(stretch.months for stretch in self.lookback_of(step)) for step in self.steps)


__all__ = [
    "DEFAULT_RULE", "AttributionRule", "AttributionTerms", "Clinicians", "CountedVisits", "Step", "Stretch", "Tie",
    "Weighing",
]  # fmt: skip
