"""A program: one payer's contract about a set of measures, as its file ``payers/<program>/program.yaml`` says it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal, TypeVar

from pydantic import Field, field_validator, model_validator

from measureharmony.measures.measure import Key
from measureharmony.measures.names import Model
from measureharmony.payers.attribution_rule import AttributionTerms
from measureharmony.payers.evidence import EvidencePolicy
from measureharmony.payers.payments import Gate, ProgramPayment
from measureharmony.payers.source import Source
from measureharmony.payers.targets import Rounding
from measureharmony.payers.variant import CANONICAL, Membership, OwnCoverage
from measureharmony.periods import Period

#: As the dataset contract names them (``practice.contract.PRODUCT_LINES``; a test keeps the two equal).
ProductLine = Literal["commercial", "medicare_advantage", "medicare_ffs", "medicaid", "marketplace", "other"]
#: A day of the year, written ``07-01``.
DayOfYear = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$", examples=["07-01"])]

#: What every contract has to decide, if only by saying that canonical decides it (``validation.decisions`` asks).
Decision = Literal[
    "missing_result", "boundary", "reading", "age_as_of", "enrolment", "source", "cut_off", "minimum_denominator",
]  # fmt: skip


class Acceptance(Model):
    """Decisions that a contract leaves as the canonical measure has them, on purpose: nothing else says so.

    What it changes needs no acceptance, and what it neither changes nor accepts is left open: ``validate`` warns.
    """

    decisions: Annotated[tuple[Decision, ...], Field(min_length=1)]
    source: Source
    reason: str = ""

    @field_validator("decisions")
    @classmethod
    def _each_once(cls, decisions: tuple[Decision, ...]) -> tuple[Decision, ...]:
        twice = sorted({one for one in decisions if decisions.count(one) > 1})
        if twice:
            raise ValueError(f"accepted twice: {', '.join(twice)}; name each decision once")
        return decisions


class PeriodRule(Model):
    """When the measurement period begins, and how long it is.

    A period that crosses New Year belongs to two calendar years; ``named_for`` says whether edition 2026 is the one
    that starts in 2026 or the one that ends in 2026, as most fiscal years do.
    """

    start: DayOfYear = "01-01"
    months: Annotated[int, Field(ge=1, le=36)] = 12
    named_for: Literal["start", "end"] = "start"

    @field_validator("start")
    @classmethod
    def _every_year(cls, start: str) -> str:
        # 2025 is a common year: a period that begins on 29 February would not exist in most years.
        try:
            dt.date.fromisoformat(f"2025-{start}")
        except ValueError:
            raise ValueError(f"{start} is not a day that every year has; write month-day, such as 07-01") from None
        return start

    def period(self, year: int) -> Period:
        """The period that ``year`` names.

        >>> str(PeriodRule(start="07-01", named_for="end").period(2026))
        '2025-07-01..2026-06-30'
        """
        month, day = (int(part) for part in self.start.split("-"))
        period = Period.starting(dt.date(year, month, day), self.months)
        if self.named_for == "start" or period.end.year == year:
            return period
        earlier = year - (period.end.year - year)
        return Period.starting(dt.date(earlier, month, day), self.months)


class CutOffs(Model):
    """The last days on which evidence may reach the payer and still count."""

    claims: dt.date | None = None
    supplemental: dt.date | None = None

    @model_validator(mode="after")
    def _something(self) -> CutOffs:
        if self.claims is None and self.supplemental is None:
            raise ValueError("give at least one of: claims, supplemental")
        return self


class MembershipRule(Model):
    """Who the program's people are.

    With a ``roster``: whoever the roster lists on the period's last day (or the as-of date, if earlier). Without one:
    whoever has the payer's coverage, in one of the program's product lines, on that day (``covered: last_day``) or on
    any day of the period up to it (``covered: any_day``).
    """

    roster: bool
    covered: Literal["last_day", "any_day"] | None = None

    @model_validator(mode="after")
    def _one_truth(self) -> MembershipRule:
        if self.roster and self.covered is not None:
            raise ValueError("a roster already says whose people they are; remove 'covered', or set roster: false")
        if not self.roster and self.covered is None:
            raise ValueError("without a roster, say which coverage counts; add covered: last_day or covered: any_day")
        return self


class ProgramMeasure(Model):
    """A measure that a program uses; ``overlay: true`` when ``<measure>.yaml`` beside the program changes it.

    ``id`` and ``title`` are the program's own words for it, as its lists and reports show them. A program that shows
    how many people do *not* have the poor result of an inverse rate says ``shown_as: complement``. ``weight`` is that
    of its rates in a quality score; what is ``reporting_only`` earns nothing.
    """

    measure: Key
    overlay: bool = False
    id: str | None = None
    title: str | None = None
    shown_as: Literal["rate", "complement"] = "rate"
    weight: Annotated[Decimal, Field(gt=0)] = Decimal(1)
    reporting_only: bool = False


class Program(Model):
    """A payer's contract: whose people, which measures, which period, which deadlines.

    ``payer`` is the identifier in ``coverage.payer``. ``fictional`` programs show what real ones do without being one.
    ``attribution`` says whose patients people are whom no roster lists.
    ``gates`` and ``payments`` are what it pays for all measures together; ``minimum_denominator`` and
    ``rates_rounded_to`` hold for every target that does not say otherwise.
    Without ``evidence`` the payer is taken to have whatever the practice has.
    """

    program: Key
    title: str
    payer: Annotated[str, Field(min_length=1)]
    fictional: bool
    product_lines: tuple[ProductLine, ...] = ()
    edition: int
    period: PeriodRule = PeriodRule()
    membership: MembershipRule
    attribution: AttributionTerms = AttributionTerms()
    cut_offs: CutOffs | None = None
    evidence: EvidencePolicy | None = None
    accepts: tuple[Acceptance, ...] = ()
    measures: Annotated[tuple[ProgramMeasure, ...], Field(min_length=1)]
    minimum_denominator: Annotated[int, Field(ge=1)] | None = None
    rates_rounded_to: Rounding = "none"
    gates: tuple[Gate, ...] = ()
    payments: tuple[ProgramPayment, ...] = ()
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    notes: str = ""

    @model_validator(mode="after")
    def _each_once(self) -> Program:
        keys = [listed.measure for listed in self.measures]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(f"listed twice under measures: {', '.join(twice)}; list each measure once")
        for word, parts in (("payments", self.payments), ("gates", self.gates)):
            ids = [(one.id, one.effective or dt.date.min) for one in parts]
            again = sorted({key for key in ids if ids.count(key) > 1})
            if again:
                raise ValueError(f"two of the {word} are called '{again[0][0]}'; give each an id or a day of its own")
        if self.program == CANONICAL:
            raise ValueError("'canonical' is the name of the measures without any payer's changes; choose another")
        return self

    @model_validator(mode="after")
    def _evidence_for_its_measures(self) -> Program:
        listed = {entry.measure for entry in self.measures}
        for way in self.evidence.send if self.evidence else ():
            others = [key for key in way.measures if key not in listed]
            if others:
                raise ValueError(
                    f"evidence is sent for '{others[0]}', which is not under measures; list it there, or take it away"
                )
        return self

    def on(self, day: dt.date) -> Program:
        """The program with those of its gates and payments that count on ``day``: of each id, the latest by then."""
        return self.model_copy(update={"payments": _in_force(self.payments, day), "gates": _in_force(self.gates, day)})

    @property
    def own(self) -> OwnCoverage:
        """Which coverage spans are this program's."""
        return OwnCoverage(self.payer, self.product_lines)

    @property
    def people(self) -> Membership:
        """Whose rates the program's are."""
        rule = self.membership
        listed_as = self.attribution.roster or self.program
        return Membership(listed_as, rule.roster, self.own, rule.covered == "any_day")

    def listed(self, measure: str) -> ProgramMeasure | None:
        """The entry for ``measure`` under ``measures``, or ``None``."""
        return next((entry for entry in self.measures if entry.measure == measure), None)


_Dated = TypeVar("_Dated", ProgramPayment, Gate)


def _in_force(parts: tuple[_Dated, ...], day: dt.date) -> tuple[_Dated, ...]:
    """Of each id the part that became effective last by ``day``, in the file's order of ids."""
    found: dict[str, _Dated] = {}
    for part in sorted(parts, key=lambda one: one.effective or dt.date.min):
        if part.effective is None or part.effective <= day:
            found[part.id] = part
    return tuple(found[key] for key in dict.fromkeys(part.id for part in parts) if key in found)


__all__ = [
    "Acceptance", "CutOffs", "DayOfYear", "Decision", "MembershipRule", "PeriodRule", "ProductLine", "Program",
    "ProgramMeasure", "Source",
]  # fmt: skip
