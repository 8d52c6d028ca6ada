"""Which population switches off which: the truth table of a proportion, in one place.

The functions work on a single subject (``bool``) and on whole columns (NumPy boolean arrays, one entry a subject)
alike: ``&`` means *and*, ``^ True`` means *not* on both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Booleans = TypeVar("Booleans", bool, NDArray[np.bool_])
#: Numbers of :data:`CATEGORIES`, one a subject.
Categories: TypeAlias = NDArray[np.uint8]

#: Where a subject ends up: the innermost population that it is in. The number of each is its place here.
CATEGORIES = (
    "outside", "initial_population", "denominator", "denominator_exception", "numerator", "numerator_exclusion",
    "denominator_exclusion",
)  # fmt: skip
#: The numbers of the categories that make up each population, and those below and above the line of the rate.
CATEGORIES_IN: Mapping[str, tuple[int, ...]] = {
    "initial_population": (1, 2, 3, 4, 5, 6),
    "denominator": (2, 3, 4, 5, 6),
    "denominator_exclusion": (6,),
    "numerator": (4, 5),
    "numerator_exclusion": (5,),
    "denominator_exception": (3,),
    "below": (2, 4, 5),
    "above": (4,),
}


def populations(holds: Mapping[str, Booleans]) -> dict[str, Booleans]:
    """Who is in which population, from whether each population's own criterion is true.

    ``holds`` has an entry for every population that the rate defines, ``initial_population`` at least. A missing
    ``denominator`` is the initial population; other missing populations are empty. The answer has all six.
    """
    initial = holds["initial_population"]
    nobody = initial & _not(initial)
    denominator = initial & holds.get("denominator", initial)
    excluded = denominator & holds.get("denominator_exclusion", nobody)
    eligible = denominator & _not(excluded)
    numerator = eligible & holds.get("numerator", nobody)
    return {
        "initial_population": initial,
        "denominator": denominator,
        "denominator_exclusion": excluded,
        "numerator": numerator,
        "numerator_exclusion": numerator & holds.get("numerator_exclusion", nobody),
        "denominator_exception": eligible & _not(numerator) & holds.get("denominator_exception", nobody),
    }


def categories(members: Mapping[str, NDArray[np.bool_]]) -> Categories:
    """The number in :data:`CATEGORIES` of each subject, from who is in which population."""
    number = members["initial_population"].astype(np.uint8)
    for place, name in enumerate(CATEGORIES):
        if place > 1:  # each lies within an earlier one, and none of the later overlap each other but in this order
            np.maximum(number, members[name].view(np.uint8) * np.uint8(place), out=number)
    return number


def inside(category: Categories, name: str) -> NDArray[np.bool_]:
    """Whether subjects of these categories are in what ``name`` of :data:`CATEGORIES_IN` says."""
    first, last = CATEGORIES_IN[name][0], CATEGORIES_IN[name][-1]
    found = (category >= first) & (category <= last)
    for outside in set(range(first, last)) - set(CATEGORIES_IN[name]):
        found &= category != outside
    return np.asarray(found)


def falls_short(category: Categories, *, inverse: bool | NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether subjects of these categories are gaps: below the line of the rate, and not above it (inverse: above)."""
    return np.asarray(inside(category, "below") & (inside(category, "above") == inverse))


def narrowed(members: Mapping[str, Booleans], stratum: Booleans) -> dict[str, Booleans]:
    """The same populations, of one stratum only."""
    return {name: inside & stratum for name, inside in members.items()}


def counts_below(members: Mapping[str, Booleans]) -> Booleans:
    """Who counts below the line of the rate: the denominator without exclusions and exceptions."""
    return members["denominator"] & _not(members["denominator_exclusion"]) & _not(members["denominator_exception"])


def counts_above(members: Mapping[str, Booleans]) -> Booleans:
    """Who counts above the line of the rate: the numerator without its exclusion."""
    return members["numerator"] & _not(members["numerator_exclusion"])


def _not(truth: Booleans) -> Booleans:
    return truth ^ True


__all__ = [
    "CATEGORIES", "CATEGORIES_IN", "Booleans", "Categories", "categories", "counts_above",
    "counts_below", "falls_short", "inside", "narrowed", "populations",
]  # fmt: skip
