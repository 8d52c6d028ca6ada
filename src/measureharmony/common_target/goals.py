"""Goals: which rates of which programs ask for the same thing.

Rates of one name are one goal. A rate joins another one's goal where, in the canonical measure, it counts nobody whom
the other does not count, and wants nothing of them that the other does not want: whoever is well controlled is not
poorly controlled, and whoever was followed up in 7 days was so in 30.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from measureharmony.alignment.codes import CodeFacts
from measureharmony.alignment.logic import Formula, all_of, negated
from measureharmony.alignment.questions import Questions
from measureharmony.alignment.solving import Solving
from measureharmony.alignment.versions import Versions
from measureharmony.measures.measure import Rate
from measureharmony.payers.variant import Variant
from measureharmony.value_sets import ValueSets

#: What the solver may spend on one question about two rates; most are answered with a hundredth of it.
EFFORT = 300_000


@dataclass(frozen=True)
class AskedRate:
    """A rate of a program's version."""

    variant: Variant
    rate: Rate

    @property
    def program(self) -> str:
        """Whose rate it is."""
        return self.variant.program

    @property
    def is_inverse(self) -> bool:
        """It is good not to be in its numerator."""
        return self.variant.measure.direction_of(self.rate) == "lower"


@dataclass(frozen=True)
class Goal:
    """What some programs' rates have in common, called by the rate that wants most."""

    id: str
    title: str
    asked: tuple[AskedRate, ...]

    @property
    def programs(self) -> tuple[str, ...]:
        """The programs that ask for it."""
        return tuple(dict.fromkeys(one.program for one in self.asked))


def goals_of(canonical: Variant, versions: Sequence[Variant], value_sets: ValueSets) -> tuple[Goal, ...]:
    """The goals of one measure, in the order of its rates; every rate of every version is part of at least one."""
    asked = [AskedRate(variant, rate) for variant in versions for rate in variant.measure.rates]
    used = {one.rate.id for one in asked}
    rates = [rate for rate in canonical.measure.rates if rate.id in used]
    joins = _joined(canonical, rates, value_sets) if len(rates) > 1 else {}
    leaders = [rate for rate in rates if not joins.get(rate.id)]
    return tuple(Goal(leader.id, leader.title, _of(leader, asked, joins)) for leader in leaders)


def _of(leader: Rate, asked: Iterable[AskedRate], joins: dict[str, set[str]]) -> tuple[AskedRate, ...]:
    return tuple(one for one in asked if one.rate.id == leader.id or leader.id in joins.get(one.rate.id, ()))


def _joined(canonical: Variant, rates: Sequence[Rate], value_sets: ValueSets) -> dict[str, set[str]]:
    """For each rate that joins others' goals, which: of two that want the same, the later one joins."""
    questions = Questions(Versions([canonical]), CodeFacts(value_sets))
    places = {rate.id: questions.places(0, rate.id) for rate in rates}
    solving = Solving(questions, EFFORT)
    counted: dict[str, Formula] = {key: found["denominator_counted"] for key, found in places.items()}
    good: dict[str, Formula] = {rate.id: good_formula(AskedRate(canonical, rate), places[rate.id]) for rate in rates}

    def follows(one: str, other: str) -> bool:
        inside = solving.can_be(counted[one], negated(counted[other])) == "nobody"
        return inside and solving.can_be(counted[one], good[other], negated(good[one])) == "nobody"

    joins: dict[str, set[str]] = {}
    for place, rate in enumerate(rates):
        for number, other in enumerate(rates):
            if number != place and follows(rate.id, other.id) and (number < place or not follows(other.id, rate.id)):
                joins.setdefault(rate.id, set()).add(other.id)
    leaders = {rate.id for rate in rates if rate.id not in joins}
    return {one: others & leaders for one, others in joins.items()}


def good_formula(asked: AskedRate, places: Mapping[str, Formula]) -> Formula:
    """Whether somebody has what a rate wants, given its places' formulas: whether they count is not asked."""
    met = all_of([places["numerator"], negated(places["numerator_exclusion"])])
    return negated(met) if asked.is_inverse else met


__all__ = ["AskedRate", "Goal", "goals_of", "good_formula"]
