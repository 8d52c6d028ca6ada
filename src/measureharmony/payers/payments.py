"""What a contract pays, as data: formulas of one rate (in overlays) and of the whole program (in ``program.yaml``).

Money is decimal and has two places at most; it is never a binary number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from measureharmony.measures.measure import Key, Measure
from measureharmony.measures.names import Model, one_of
from measureharmony.payers.changes_of_measure import Path
from measureharmony.payers.source import Source

Money = Annotated[Decimal, Field(ge=0, decimal_places=2)]
#: A part of a whole: 0.5 is half.
Part = Annotated[Decimal, Field(ge=0, le=1)]
#: A rate of the program's measures, written ``bcs.screened``.
RateName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$", examples=["bcs.screened"])]
Frequency = Literal["monthly", "quarterly", "annual"]
#: By what a program measures how well all goes: targets met, their share of those that count, or the quality score.
Yardstick = Literal["met", "share_met", "score"]


class SetPayment(Model):
    """What the program pays for one rate.

    ``per_gap``: for each person whose gap is closed. ``per_member``: for each person who counts, once the target is
    met, or by the tier that is reached. ``flat``: once for all, likewise.
    """

    rate: Key
    per_gap: Money | None = None
    per_member: Money | dict[Key, Money] | None = None
    flat: Money | dict[Key, Money] | None = None
    currency: str = "USD"
    frequency: Frequency = "annual"

    @model_validator(mode="after")
    def _one_formula(self) -> SetPayment:
        one_of(self, "per_gap", "per_member", "flat")
        return self

    @property
    def by_target(self) -> Decimal | dict[str, Decimal] | None:
        """The amount, or the amounts by tier, of a formula that asks for the target; ``None`` for one that does not."""
        return self.per_member if self.per_member is not None else self.flat

    @property
    def tiers(self) -> tuple[str, ...]:
        """The tiers that it names."""
        return tuple(self.by_target) if isinstance(self.by_target, dict) else ()

    @property
    def path(self) -> Path:
        """The rate's payment."""
        return ("payments", self.rate)

    @property
    def words(self) -> str:
        """Such as: "25.00 USD for each closed gap, annual"."""
        if self.per_gap is not None:
            return f"{self.per_gap} {self.currency} for each closed gap, {self.frequency}"
        each = " for each member" if self.per_member is not None else ""
        if isinstance(self.by_target, dict):
            amounts = ", ".join(f"{tier} {amount}" for tier, amount in self.by_target.items())
            return f"by tier ({amounts} {self.currency}){each}, {self.frequency}"
        return f"{self.by_target} {self.currency}{each} if the target is met, {self.frequency}"

    def sentence(self, measure: Measure) -> str:
        """Such as: "Pays 25.00 USD for each closed gap of screened, annual"."""
        if self.per_gap is not None:
            return f"Pays {self.per_gap} {self.currency} for each closed gap of {self.rate}, {self.frequency}"
        return f"Pays for {self.rate}: {self.words}"


class Step(Model):
    """From how much on it pays how much: an amount, or a part of the whole, as the formula says."""

    from_: Annotated[Decimal, Field(alias="from", ge=0)]
    pays: Annotated[Decimal, Field(ge=0)]


class Scale(Model):
    """How much, by how well all goes: the last step that is reached. ``of``: only these rates (left out: all)."""

    by: Yardstick
    of: tuple[RateName, ...] = ()
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _ascending(self) -> Scale:
        for below, above in zip(self.steps, self.steps[1:], strict=False):
            if above.from_ <= below.from_:
                what = f"the step from {above.from_} comes after the one from {below.from_}"
                raise ValueError(f"{what}; begin with the lowest, and have each once")
        return self

    @property
    def words(self) -> str:
        """Such as: "by targets met (from 2 on 0.25, from 3 on 0.5)"."""
        steps = ", ".join(f"from {step.from_} on {step.pays}" for step in self.steps)
        return f"{_YARDSTICKS[self.by]}{_of(self.of)} ({steps})"


class MetTargets(Model):
    """``count`` of the targets ``of`` these rates (left out: all) are met, or a ``share`` of those that count."""

    count: Annotated[int, Field(ge=1)] | None = None
    share: Annotated[Decimal, Field(gt=0, le=1)] | None = None
    of: tuple[RateName, ...] = ()

    @model_validator(mode="after")
    def _possible(self) -> MetTargets:
        one_of(self, "count", "share")
        if self.of and self.count is not None and self.count > len(self.of):
            raise ValueError(
                f"{self.count} of {len(self.of)} targets can never be met; lower count, or name more rates"
            )
        return self

    @property
    def words(self) -> str:
        """Such as: "3 targets met of bcs.screened, col.screened"."""
        many = f"{self.count} targets" if self.count is not None else f"{100 * (self.share or 0):f} % of the targets"
        return f"{many} met{_of(self.of)}"


class TierReached(Model):
    """A rate has reached a tier, or a higher one."""

    rate: RateName
    tier: Key


class Condition(Model):
    """What must hold before something is paid: exactly one of the keys."""

    met: MetTargets | None = None
    tier: TierReached | None = None
    score_at_least: Annotated[Decimal, Field(ge=0)] | None = None
    members_at_least: Annotated[int, Field(ge=1)] | None = None
    all: Annotated[tuple[Condition, ...], Field(min_length=1)] | None = None
    any: Annotated[tuple[Condition, ...], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _one_key(self) -> Condition:
        one_of(self, "met", "tier", "score_at_least", "members_at_least", "all", "any")
        return self

    @property
    def words(self) -> str:
        """Such as: "at least 100 people, and 3 targets met"."""
        if self.met is not None:
            return self.met.words
        if self.tier is not None:
            return f"{self.tier.rate} at {self.tier.tier} or better"
        if self.score_at_least is not None:
            return f"a score of at least {self.score_at_least}"
        if self.members_at_least is not None:
            return f"at least {self.members_at_least} people"
        joint = ", and " if self.all is not None else ", or "
        return joint.join(part.words for part in self.all or self.any or ())


class Gate(Model):
    """A condition without which nothing is paid; with ``payments``, none of these (``bcs.screened``: the rate's).

    ``effective`` as of a :class:`ProgramPayment`.
    """

    id: Key
    effective: dt.date | None = None
    title: str = ""
    needs: Condition
    payments: tuple[Key | RateName, ...] = ()
    source: Source

    @property
    def words(self) -> str:
        """Such as: "3 targets met, else nothing of savings"."""
        return f"{self.needs.words}, else nothing{_of(self.payments)}"


class Pool(Model):
    """A sum of money, and the part of it that is paid."""

    amount: Money
    share: Part | Scale


class SharedSavings(Model):
    """A part of what was saved: benchmark less spending, if that is at least ``minimum_savings`` of the benchmark.

    Both amounts are the payer's, for all the people of the contract. ``cap``: never more than this.
    """

    benchmark: Annotated[Decimal, Field(gt=0, decimal_places=2)]
    spent: Money
    minimum_savings: Part = Decimal(0)
    share: Part | Scale
    cap: Money | None = None


#: What the formulas of a program say they pay: a fixed amount, or more for more.
Amount: TypeAlias = Decimal | Scale


class ProgramPayment(Model):
    """What a program pays for all its measures together, if ``needs`` holds.

    ``flat``: once. ``per_member``: for each of the program's people. ``pool``: a part of a sum. ``shared_savings``: a
    part of what was saved. It counts from the day ``effective`` on (left out: from the contract's beginning), until
    another of the same ``id`` takes its place.
    """

    id: Key
    effective: dt.date | None = None
    title: str = ""
    flat: Money | Scale | None = None
    per_member: Money | Scale | None = None
    pool: Pool | None = None
    shared_savings: SharedSavings | None = None
    needs: Condition | None = None
    currency: str = "USD"
    frequency: Frequency = "annual"
    source: Source

    @model_validator(mode="after")
    def _one_formula(self) -> ProgramPayment:
        one_of(self, "flat", "per_member", "pool", "shared_savings")
        for name in ("flat", "per_member"):
            amount = getattr(self, name)
            steps = amount.steps if isinstance(amount, Scale) else ()
            if any(step.pays != round(step.pays, 2) for step in steps):
                raise ValueError(f"{name}: an amount of money has at most two decimals; correct it")
        for name, whole in (("pool", self.pool), ("shared_savings", self.shared_savings)):
            if whole is not None and isinstance(whole.share, Scale) and any(s.pays > 1 for s in whole.share.steps):
                raise ValueError(f"{name}: a step pays more than the whole; write a tenth as 0.1")
        return self

    @property
    def words(self) -> str:
        """Such as: "2500.00 USD once, annual, if 4 targets met"."""
        needed = f", if {self.needs.words}" if self.needs else ""
        return f"{self._formula}, {self.frequency}{needed}"

    @property
    def _formula(self) -> str:
        if self.shared_savings is not None:
            saved = self.shared_savings
            least = f", if at least {saved.minimum_savings} of it" if saved.minimum_savings else ""
            cap = f", at most {saved.cap} {self.currency}" if saved.cap is not None else ""
            return f"{_amount(saved.share)} of what is saved of {saved.benchmark} {self.currency}{least}{cap}"
        if self.pool is not None:
            return f"{_amount(self.pool.share)} of {self.pool.amount} {self.currency}"
        paid = self.flat if self.flat is not None else self.per_member
        return f"{_amount(paid)} {self.currency} {'once' if self.flat is not None else 'for each member'}"


_YARDSTICKS: Mapping[Yardstick, str] = {
    "met": "by targets met",
    "share_met": "by share of targets met",
    "score": "by score",
}


def _of(names: Sequence[str]) -> str:
    return f" of {', '.join(names)}" if names else ""


def _amount(amount: Amount | None) -> str:
    return amount.words if isinstance(amount, Scale) else str(amount)


__all__ = [
    "Amount", "Condition", "Frequency", "Gate", "MetTargets", "Money", "Pool", "ProgramPayment", "RateName", "Scale",
    "SetPayment", "SharedSavings", "Step", "TierReached", "Yardstick",
]  # fmt: skip
