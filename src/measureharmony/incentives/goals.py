"""How a rate stands to its target: met or not, which tier, and how many more people it takes. All exact."""

from __future__ import annotations

import bisect
import math
from dataclasses import dataclass
from fractions import Fraction

from measureharmony.incentives.standing import Count
from measureharmony.payers.contract import Target
from measureharmony.payers.targets import ROUNDED_TO_PARTS, Rounding, Tier

#: What the target is called where it is no tier of its own.
TARGET = "target"


@dataclass(frozen=True)
class Level:
    """Something to be reached: a tier, or the target itself."""

    id: str
    bound: Fraction


def rounded(value: Fraction, to: Rounding) -> Fraction:
    """``value`` as it is compared: half of a unit is rounded up.

    >>> rounded(Fraction(145, 200), "whole_percent")
    Fraction(73, 100)
    """
    parts = ROUNDED_TO_PARTS.get(to)
    return value if parts is None else Fraction(math.floor(value * parts + Fraction(1, 2)), parts)


def counts(count: Count, target: Target) -> bool:
    """Whether enough people are below the line for the rate to count at all."""
    return count.value is not None and count.below >= (target.minimum_denominator or 1)


def reaches(count: Count, target: Target, bound: Fraction) -> bool:
    """Whether the rate, rounded as the contract says, is on the right side of ``bound``."""
    if count.value is None:
        return False
    value = rounded(count.value, target.rounded_to)
    return value >= bound if target.side == "at_least" else value <= bound


def met(count: Count, target: Target) -> bool:
    """Whether the rate counts and has reached its target."""
    return counts(count, target) and reaches(count, target, target.bound)


def tier_reached(count: Count, target: Target) -> Tier | None:
    """The highest tier that the rate has reached; ``None`` for none, or where it does not count."""
    if not counts(count, target):
        return None
    return next((tier for tier in reversed(target.tiers) if reaches(count, target, Fraction(tier.bound))), None)


def next_level(count: Count, target: Target) -> Level | None:
    """The easiest of the tiers and the target that the rate has not reached."""
    levels = [Level(tier.id, Fraction(tier.bound)) for tier in target.tiers]
    if target.bound not in [level.bound for level in levels]:
        levels.append(Level(TARGET, target.bound))
    levels.sort(key=lambda level: level.bound, reverse=target.side == "at_most")
    return next((level for level in levels if not reaches(count, target, level.bound)), None)


def needed(count: Count, target: Target, bound: Fraction) -> int | None:
    """The smallest number of gaps to close until the rate reaches ``bound``; ``None`` if closing all is not enough.

    The more gaps are closed the better the rate, so the smallest number is found by halving.
    """
    enough = bisect.bisect_left(range(count.gaps + 1), True, key=lambda k: reaches(count.after(k), target, bound))
    return enough if enough <= count.gaps else None


__all__ = ["TARGET", "Level", "counts", "met", "needed", "next_level", "reaches", "rounded", "tier_reached"]
