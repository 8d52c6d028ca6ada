"""How far true rates lie apart, and what that says of one of them: reliability, shrinkage, chance of meeting a target.

The true rates of several practices, clinicians or payers' people are taken as drawn from a beta distribution, and each
observed count from a binomial one (the beta-binomial model; J. L. Adams, The Reliability of Provider Profiling, RAND
TR-653, 2009).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from measureharmony.payers.targets import Side
from measureharmony.statistics.special import special


@dataclass(frozen=True)
class Spread:
    """A beta distribution of true rates, by its mean (between 0 and 1) and its standard deviation (0: all alike)."""

    mean: float
    sd: float

    @property
    def strength(self) -> float:
        """How many people what is known beforehand weighs as much as: alpha + beta; endless where all are alike."""
        return self.mean * (1 - self.mean) / self.sd**2 - 1 if self.sd else float("inf")

    @property
    def alpha(self) -> float:
        """The first parameter of the beta distribution."""
        return self.mean * self.strength

    @property
    def beta(self) -> float:
        """The second."""
        return (1 - self.mean) * self.strength

    def reliability(self, below: int) -> float:
        """Which part of the differences between observed rates of ``below`` people each is true, not chance.

        Between-variance ÷ (between-variance + mean × (1 − mean) ÷ below). Chance is reckoned at the mean: at a unit's
        own rate it would vanish for 0 of 5 people, as if that were sure. 0.7 is the customary line.

        >>> round(Spread(0.69, 0.08).reliability(50), 2)
        0.6
        """
        if not self.sd:
            return 0.0
        return self.sd**2 / (self.sd**2 + self.mean * (1 - self.mean) / below)

    def shrunken(self, above: int, below: int) -> float:
        """The rate as it is to be expected: the observed one, drawn towards the mean the more the fewer people."""
        if not self.sd:
            return self.mean
        return (self.alpha + above) / (self.strength + below)


#: What is assumed of a rate where nothing is known beforehand: Jeffreys' prior, beta(½, ½).
JEFFREYS = Spread(0.5, 0.125**0.5)
#: Fewer units say nothing about how far they lie apart.
LEAST_UNITS = 3


def spread_of(counts: Sequence[tuple[int, int]]) -> Spread | None:
    """How far the true rates of units lie apart, from (above, below) of each, by the method of moments.

    Kleinman's estimator with the units' sizes as weights (J. C. Kleinman, J Am Stat Assoc 68, 1973). ``None`` for
    fewer than three units with people, or where all or nobody are above. Where observed rates differ no more than by
    chance, the standard deviation is 0.
    """
    units = [(above, below) for above, below in counts if below]
    weight = sum(below for _, below in units)
    mean = sum(above for above, _ in units) / weight if weight else 0.0
    if len(units) < LEAST_UNITS or not 0 < mean < 1:
        return None
    squares = sum(below * (above / below - mean) ** 2 for above, below in units)
    by_chance = sum(1 - below / weight for _, below in units)
    by_size = sum(below * (1 - below / weight) for _, below in units)
    variance = mean * (1 - mean)
    if by_size <= by_chance:  # one person each: nothing can be told apart from chance
        return None
    share = (squares - variance * by_chance) / (variance * (by_size - by_chance))
    # A share of 1 would mean rates of 0 and 100 % only, which no beta distribution has.
    return Spread(mean, (variance * min(max(share, 0.0), 0.999)) ** 0.5)


def chance_of_meeting(above: int, below: int, bound: float, side: Side, prior: Spread = JEFFREYS) -> float:
    """The probability that the true rate is on the right side of ``bound``, given ``above`` of ``below`` and a prior.

    The prior is a beta distribution; Jeffreys' unless said. Where the prior's rates are all alike, it is 0 or 1.
    """
    if not prior.sd:
        return float(prior.mean >= bound if side == "at_least" else prior.mean <= bound)
    bound = min(max(bound, 0.0), 1.0)
    under = float(special().betainc(prior.alpha + above, prior.beta + below - above, bound))
    return 1 - under if side == "at_least" else under


__all__ = ["JEFFREYS", "LEAST_UNITS", "Spread", "chance_of_meeting", "spread_of"]
