"""Contradictions within one version of a measure: populations that nobody can be in, whatever the data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from measureharmony.alignment.claims import TITLES
from measureharmony.alignment.finding import Group
from measureharmony.alignment.logic import Formula, all_of, negated
from measureharmony.alignment.seen import Seen
from measureharmony.alignment.versions import Place
from measureharmony.evaluation.conjuncts import conjuncts
from measureharmony.measures.criterion import CriterionRef
from measureharmony.measures.plain_words import listed
from measureharmony.measures.words import Wording
from measureharmony.payers.variant import Variant
from measureharmony.specs import Specs

#: Where nobody is counted in the denominator, nobody is in what comes after it.
_IN_ORDER: tuple[Place, ...] = (
    "initial_population", "denominator", "denominator_exclusion", "denominator_counted", "numerator",
    "numerator_exclusion", "denominator_exception",
)  # fmt: skip


@dataclass(frozen=True)
class Contradiction:
    """A population of a rate that is empty for every possible person, and why in words.

    ``all_excluded``: not the place is empty, but what it leaves of the denominator.
    """

    rate: str
    place: Place
    sentence: str
    all_excluded: bool = False


def empty_populations(specs: Specs, variant: Variant, seen: Seen | None = None) -> tuple[Contradiction, ...]:
    """The populations of a variant that are proved to be empty for every possible person.

    Of populations that are empty because of an earlier one in their order, only that one is told. An exclusion that
    takes out everybody in the denominator is told of the exclusion. ``seen``: several variants, this one among them, of
    which more is asked than this.
    """
    seen = seen or Seen(specs, [variant])
    return tuple(found for rate in variant.measure.rates for found in _of_rate(seen, variant, rate.id))


def _of_rate(seen: Seen, variant: Variant, rate: str) -> Iterator[Contradiction]:
    group = seen.group(variant)
    for place in _IN_ORDER:
        if not group.versions.defines(0, rate, place) or not _is_empty(seen, variant, rate, place):
            continue
        if place == "denominator_counted":
            yield Contradiction(rate, "denominator_exclusion", _swallowed(group, rate), True)
            return
        yield Contradiction(rate, place, _empty(group, rate, place))
        if place in ("initial_population", "denominator"):
            return  # everything else is empty for that alone


def _is_empty(seen: Seen, variant: Variant, rate: str, place: Place) -> bool:
    """Nobody is in the place, whatever the data: the solver need not be asked where somebody is known to be."""
    if next(seen.people(variant, rate, place), None) is not None:
        return False
    solving = seen.group(variant).solving
    return solving.can_be(solving.questions.in_order(0, rate)[place]) == "nobody"


def _swallowed(group: Group, rate: str) -> str:
    exclusion = group.solving.questions.places(0, rate)["denominator_exclusion"]
    denominator = group.solving.questions.in_order(0, rate)["denominator"]
    if group.solving.can_be(denominator, negated(exclusion)) == "nobody":
        return "everybody in the denominator is excluded from it: nobody is left to be counted"
    return "everybody in the denominator is excluded from it or an exception: nobody is left to be counted"


def _empty(group: Group, rate: str, place: Place) -> str:
    """The fewest conditions of the population that nobody can meet together."""
    variant, own = group.versions.variants[0], group.versions.rate(0, rate)
    ref = None if own is None else variant.measure.population(own, place)
    title = TITLES[place]
    if ref is None:
        return f"nobody can be in the {title}"
    parts = [(part, group.solving.questions.holds(0, place, part)) for _, part in conjuncts(variant.measure, ref)]
    if group.solving.can_be(*(formula for _, formula in parts)) != "nobody":
        return f"nobody who could be in the {title} is left by the populations before it"
    needed = _fewest(group, parts)
    words = Wording(variant.measure)
    return f"nobody can be in the {title}, which asks for {listed(map(words.criterion, needed), 'and')}"


def _fewest(group: Group, parts: list[tuple[CriterionRef, Formula]]) -> list[CriterionRef]:
    kept = list(parts)
    for part in parts:
        rest = [other for other in kept if other is not part]
        if rest and group.solving.can_be(all_of(formula for _, formula in rest)) == "nobody":
            kept = rest
    return [ref for ref, _ in kept]


__all__ = ["Contradiction", "empty_populations"]
