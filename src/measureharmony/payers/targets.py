"""What a contract wants a rate to reach: a bound, tiers, cut points of a file, improvement over a baseline.

Bounds are proportions (0.72, not 72), but where the measure compares with what is expected, or averages: there they are
the ratio or the number itself. They are written as decimal numbers and compared exactly as written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from measureharmony.measures.measure import Key, Measure
from measureharmony.measures.names import Model, one_of
from measureharmony.payers.changes_of_measure import Path

Bound = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(gt=0, le=1)]
#: A file beside the program's own: never a path, so that nothing outside its folder is read.
TableFile = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+\.csv$", examples=["cut_points_2026.csv"])]
#: To what a rate is rounded (half up) before it is compared.
Rounding = Literal["none", "whole_percent", "tenth_of_percent"]
Side = Literal["at_least", "at_most"]
#: Into how many parts 1 is divided by rounding.
ROUNDED_TO_PARTS: Mapping[Rounding, int] = {"whole_percent": 100, "tenth_of_percent": 1000}


class Tier(Model):
    """A level of a target, what the program calls it, and how many points a quality score gives for it."""

    id: Key
    at_least: Bound | None = None
    at_most: Bound | None = None
    points: Annotated[Decimal, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Tier:
        one_of(self, "at_least", "at_most")
        return self

    @property
    def side(self) -> Side:
        """On which side of its bound a rate has reached it."""
        return "at_least" if self.at_least is not None else "at_most"

    @property
    def bound(self) -> Decimal:
        """The bound as written."""
        return exact(self.at_least if self.at_least is not None else self.at_most or 0)


class CutPoints(Model):
    """Tiers from a file of the program's folder: percentiles, star cut points. ``target`` is the tier to be reached."""

    file: TableFile
    target: Key


class Improvement(Model):
    """Better than a baseline, by ``points`` or by a share of what lies between the baseline and the target.

    ``baseline`` is a file of the program's folder: a run's ``rates.csv``, or measure, rate and value. Improvement by
    a share may be asked to be ``least`` points.
    """

    baseline: TableFile
    points: Bound | None = None
    share_of_gap: Share | None = None
    least: Bound = 0.0

    @model_validator(mode="after")
    def _one_measure(self) -> Improvement:
        one_of(self, "points", "share_of_gap")
        if self.least and self.points is not None:
            raise ValueError("'least' goes with share_of_gap; remove it, or write the larger number as points")
        return self

    @property
    def words(self) -> str:
        """Such as: "better than the baseline by 3 points"."""
        if self.points is not None:
            return f"better than the baseline by {_percent(exact(self.points))} points"
        least = f", at least {_percent(exact(self.least))} points" if self.least else ""
        return (
            f"better than the baseline by {_percent(exact(self.share_of_gap or 0))} % of the gap to the target{least}"
        )


class Peers(Model):
    """How the true rates of practices like this one lie, as the payer reports it: their mean and standard deviation."""

    mean: Annotated[float, Field(gt=0, lt=1)]
    sd: Annotated[float, Field(gt=0, lt=1)]

    @model_validator(mode="after")
    def _possible(self) -> Peers:
        if self.sd**2 >= self.mean * (1 - self.mean):
            raise ValueError(
                f"rates around {self.mean:g} cannot have a standard deviation of {self.sd:g}; write 8 points as 0.08"
            )
        return self


class SetTarget(Model):
    """What the rate must reach; below ``minimum_denominator`` people it does not count.

    With ``improvement`` beside a bound, either is enough. ``rounded_to`` and ``minimum_denominator`` are the program's
    unless said. ``peers`` say how reliable a rate of so many people is.
    """

    rate: Key
    at_least: Bound | None = None
    at_most: Bound | None = None
    cut_points: CutPoints | None = None
    improvement: Improvement | None = None
    tiers: tuple[Tier, ...] = ()
    minimum_denominator: Annotated[int, Field(ge=1)] | None = None
    rounded_to: Rounding | None = None
    peers: Peers | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> SetTarget:
        by_itself = self.improvement is not None and self.improvement.points is not None
        given = [name for name in ("at_least", "at_most", "cut_points") if getattr(self, name) is not None]
        if given or not by_itself:
            one_of(self, "at_least", "at_most", "cut_points")
        if self.tiers and self.at_least is None and self.at_most is None:
            raise ValueError("tiers go with at_least or at_most; cut points bring their own")
        sides = {tier.side for tier in self.tiers} - set(given)
        if sides:
            raise ValueError(f"a tier says {min(sides)}, the target {given[0]}; say the same in both")
        problem = order_problem([(tier.id, tier.side, tier.bound) for tier in self.tiers])
        if problem:
            raise ValueError(problem)
        return self

    @property
    def side(self) -> Side | None:
        """On which side of its bound the rate has reached the target; ``None`` where a file or the direction says."""
        return "at_least" if self.at_least is not None else "at_most" if self.at_most is not None else None

    @property
    def bound(self) -> Decimal | None:
        """The bound as written, if it is written here."""
        written = self.at_least if self.at_least is not None else self.at_most
        return None if written is None else exact(written)

    @property
    def path(self) -> Path:
        """The rate's target."""
        return ("targets", self.rate)

    @property
    def words(self) -> str:
        """Such as: "at least 72 %", "star_4 of cut_points.csv", "better than the baseline by 3 points"."""
        parts = []
        if self.cut_points is not None:
            parts.append(f"{self.cut_points.target} of {self.cut_points.file}")
        elif self.side is not None and self.bound is not None:
            parts.append(in_words(self.side, self.bound))
        if self.improvement is not None:
            parts.append(self.improvement.words)
        return ", or ".join(parts)

    def sentence(self, measure: Measure) -> str:
        """Such as: "Target for poor_control: at most 20 %"."""
        ratio = measure.scoring != "proportion" and self.side is not None and self.bound is not None
        told = f"{self.side} {self.bound}".replace("_", " ") if ratio else self.words
        return f"Target for {self.rate}: {told}"


def exact(written: float) -> Decimal:
    """A number of a spec file exactly as it is written there.

    >>> exact(0.7) + exact(0.1)
    Decimal('0.8')
    """
    return Decimal(str(written))


def in_words(side: Side, bound: Decimal) -> str:
    """A bound of a proportion: ``at least 72 %``."""
    return f"{side.replace('_', ' ')} {_percent(bound)} %"


def order_problem(tiers: Sequence[tuple[str, Side, Decimal]]) -> str:
    """What is wrong with the order of tiers given as id, side and bound; empty if nothing.

    They begin with the easiest, and no two are one.
    """
    for number, (key, side, bound) in enumerate(tiers):
        if key in [other for other, *_ in tiers[:number]]:
            return f"two tiers are called '{key}'; give each a name of its own"
        if number == 0:
            continue
        easier, _, before = tiers[number - 1]
        if bound == before:
            return f"the tiers '{easier}' and '{key}' have the same bound; remove one, or correct it"
        if (bound < before) == (side == "at_least"):
            return f"the tier '{key}' is easier than '{easier}' above it; begin with the easiest"
    return ""


def _percent(proportion: Decimal) -> str:
    return f"{(proportion * 100).normalize():f}"


__all__ = [
    "ROUNDED_TO_PARTS", "CutPoints", "Improvement", "Peers", "Rounding", "SetTarget", "Side", "TableFile", "Tier",
    "exact", "in_words", "order_problem",
]  # fmt: skip
