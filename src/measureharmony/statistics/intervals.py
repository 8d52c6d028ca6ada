"""Confidence intervals of a proportion.

Wilson's score interval (E. B. Wilson, J Am Stat Assoc 22, 1927) keeps close to the confidence that it promises, also
for few people and near 0 or 100 %. Clopper and Pearson's (Biometrika 26, 1934) never promises too much, and is wider.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from measureharmony.statistics.special import special


@dataclass(frozen=True)
class Interval:
    """From where to where the true rate is likely to be, both ends between 0 and 1."""

    low: float
    high: float


def wilson(above: int, below: int, confidence: float = 0.95) -> Interval:
    """Wilson's score interval, without correction for continuity, of ``above`` of ``below`` (at least 1).

    >>> interval = wilson(20, 25)
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.609, 0.911)
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, weight = above / below, z * z / below
    middle = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * math.sqrt(share * (1 - share) / below + weight / (4 * below))
    # At the very ends the two terms are equal, and rounding must not push the end inwards.
    return Interval(0.0 if above == 0 else middle - half, 1.0 if above == below else middle + half)


def clopper_pearson(above: int, below: int, confidence: float = 0.95) -> Interval:
    """The "exact" interval of Clopper and Pearson of ``above`` of ``below`` (at least 1)."""
    quantile = special().betaincinv
    tail = (1 - confidence) / 2
    low = quantile(above, below - above + 1, tail) if above else 0.0
    high = quantile(above + 1, below - above, 1 - tail) if above < below else 1.0
    return Interval(float(low), float(high))


__all__ = ["Interval", "clopper_pearson", "wilson"]
