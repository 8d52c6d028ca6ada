"""What the solver says of a common target: what can go without loss, what holds of the rest, and what clashes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TypeAlias, TypeVar

from measureharmony.alignment.codes import CodeFacts
from measureharmony.alignment.logic import Formula, all_of, any_of, negated
from measureharmony.alignment.making import Making
from measureharmony.alignment.questions import Questions
from measureharmony.alignment.solving import Solving
from measureharmony.alignment.somebody import Somebody
from measureharmony.alignment.versions import Versions
from measureharmony.common_target.goals import AskedRate, good_formula
from measureharmony.common_target.joining import Conditions, Joint
from measureharmony.common_target.wanted import once
from measureharmony.measures.criterion import CriterionRef
from measureharmony.payers.variant import Variant
from measureharmony.value_sets import ValueSets

T = TypeVar("T")
#: Two rates, by their places in the goal.
Pair: TypeAlias = tuple[int, int]
#: What the solver may spend on one question, in its own units; beyond, the answer is "unknown".
EFFORT = 1_000_000


@dataclass(frozen=True)
class Clash:
    """Rates (by their place in the goal) that nobody can meet together.

    ``conditions`` are the fewest of their conditions that show it: the place of the rate, and the condition.
    ``is_shared``: somebody may be counted by all of the rates; otherwise each may have a target of its own.
    """

    rates: tuple[int, ...]
    conditions: tuple[tuple[int, CriterionRef], ...]
    is_shared: bool = True


@dataclass(frozen=True)
class Proofs:
    """What is proved of a goal's target; ``None`` stands for "not decided".

    ``within``: for each rate asked for, whether everybody it counts who meets the target meets it. ``exact``: whether
    the reverse holds of all of them together. ``clashes``: minimal sets of rates that contradict each other. ``apart``:
    pairs of rates that never count the same person. ``open``: pairs of which the solver does not know whether they
    clash.
    """

    within: tuple[bool | None, ...]
    exact: bool | None
    clashes: tuple[Clash, ...] = ()
    apart: tuple[Pair, ...] = ()
    open: tuple[Pair, ...] = ()


class Prover:
    """The versions of one measure and their merged measure before the solver.

    ``versions`` are those whose rates the joints ask for; ``whole`` is the merged measure with nothing left away.
    """

    def __init__(self, versions: Sequence[Variant], whole: Variant, value_sets: ValueSets, effort: int = EFFORT):
        self.questions = Questions(Versions([*versions, whole]), CodeFacts(value_sets))
        self._numbers = {version.id: number for number, version in enumerate(versions)}
        self._whole = len(versions)
        self.solving = Solving(self.questions, effort)

    def holds(self, ref: CriterionRef) -> Formula:
        """A condition of the merged measure, as a formula."""
        return self.questions.holds(self._whole, None, ref)

    def good(self, asked: AskedRate) -> Formula:
        """Whether somebody has what a rate wants."""
        return good_formula(asked, self._places(asked))

    def counted(self, asked: AskedRate) -> Formula:
        """Whether a rate counts somebody below its line."""
        return self._places(asked)["denominator_counted"]

    def _places(self, asked: AskedRate) -> Mapping[str, Formula]:
        return self.questions.places(self._numbers[asked.variant.id], asked.rate.id)

    def nobody(self, *formulas: Formula) -> bool | None:
        """Whether it is proved that nobody meets all the formulas; ``None`` where the solver gives up."""
        return {"nobody": True, "somebody": False, "unknown": None}[self.solving.can_be(*formulas)]

    # --- leaving away ------------------------------------------------------------------------------------------------

    def simplified(self, joint: Joint) -> Joint:
        """The joint without what follows from the rest of it, for everybody whom one of the rates counts."""
        asked = joint.goal.asked
        counted = any_of(map(self.counted, asked))
        needed = [joint.wants[number] for number in self._rates_needed(joint)]
        return replace(
            joint,
            wanted=self._needed(once(ref for wants in needed for ref in wants), self.holds, counted),
            counted=self._widest(joint.counted, lambda parts: all_of(map(self.holds, parts))),
            excluded=self._needed(joint.excluded, lambda parts: any_of(map(self.holds, parts))),
            excepted=self._needed(joint.excepted, lambda parts: any_of(map(self.holds, parts))),
        )

    def _rates_needed(self, joint: Joint) -> list[int]:
        """The rates that are not met anyway by whomever they count, once the others are; joined ones go first."""
        asked = joint.goal.asked
        kept = list(range(len(asked)))
        for number in sorted(kept, key=lambda one: (asked[one].rate.id == joint.goal.id, -one)):
            rest = [other for other in kept if other != number]
            met = [self.good(asked[other]) for other in rest]
            if rest and self.nobody(self.counted(asked[number]), *met, negated(self.good(asked[number]))):
                kept = rest
        return kept

    def _needed(self, items: tuple[T, ...], formula: Callable[[T], Formula], given: Formula = True) -> tuple[T, ...]:
        """The items that do not follow from the others that are kept; the last ones are given up first."""
        kept = list(items)
        for item in reversed(items):
            rest = [other for other in kept if other is not item]
            if rest and self.nobody(given, *map(formula, rest), negated(formula(item))):
                kept = rest
        return tuple(kept)

    def _widest(
        self, items: tuple[Conditions, ...], formula: Callable[[Conditions], Formula]
    ) -> tuple[Conditions, ...]:
        """The alternatives that no other one that is kept covers."""
        kept = list(items)
        for item in reversed(items):
            rest = [other for other in kept if other is not item]
            if any(self.nobody(formula(item), negated(formula(other))) for other in rest):
                kept = rest
        return tuple(kept)

    # --- proofs ------------------------------------------------------------------------------------------------------

    def proofs(self, joint: Joint) -> Proofs:
        """What holds of a joint's conditions and the rates it is made for."""
        asked = joint.goal.asked
        target = all_of(map(self.holds, joint.wanted))
        good = [self.good(one) for one in asked]
        within = tuple(
            self.nobody(self.counted(one), target, negated(met)) for one, met in zip(asked, good, strict=True)
        )
        exact = self.nobody(any_of(map(self.counted, asked)), *good, negated(target))
        if self.nobody(*map(self.counted, asked), *good) is False:
            return Proofs(within, exact)  # somebody may be counted by all and have what all want
        apart, open_, clashes = self._pairs(joint)
        clashes = [*self._alone(joint), *clashes] or self._of_all(joint)
        return Proofs(within, exact, tuple(clashes), tuple(apart), tuple(open_))

    def example(self, joint: Joint) -> Somebody | None:
        """Somebody counted by all of the rates, else by one of them, who has what all want; still to be evaluated."""
        asked = joint.goal.asked
        good = [self.good(one) for one in asked]
        for counted in (list(map(self.counted, asked)), *([self.counted(one)] for one in asked)):
            model = self.solving.somebody(*counted, *good)
            somebody = None if model is None else Making(self.solving, model).somebody()
            if somebody is not None:
                return somebody
        return None

    def _alone(self, joint: Joint) -> list[Clash]:
        """Rates that nobody can meet whom they count, other rates aside."""
        return [
            self._clash(joint, (number,))
            for number, one in enumerate(joint.goal.asked)
            if not self.nobody(self.counted(one)) and self.nobody(self.counted(one), self.good(one))
        ]

    def _pairs(self, joint: Joint) -> tuple[list[Pair], list[Pair], list[Clash]]:
        """Pairs that never count the same person, pairs that are not decided, and pairs that clash."""
        asked = joint.goal.asked
        apart, open_, clashes = [], [], []
        for pair in combinations(range(len(asked)), 2):
            one, other = (asked[number] for number in pair)
            counted = [self.counted(one), self.counted(other)]
            if self.nobody(*counted):
                apart.append(pair)
                continue
            clash = self.nobody(*counted, self.good(one), self.good(other))
            each_can = all(self.nobody(*counted, self.good(asked[number])) is False for number in pair)
            if clash and each_can:
                clashes.append(self._clash(joint, pair))
            elif clash is None:
                open_.append(pair)
        return apart, open_, clashes

    def _of_all(self, joint: Joint) -> list[Clash]:
        """Where no two contradict each other, but all of them together do: the fewest that do."""
        numbers = list(range(len(joint.goal.asked)))
        if len(numbers) < 2 or not self._contradict(joint, numbers):
            return []
        for number in tuple(numbers):
            rest = [other for other in numbers if other != number]
            if len(rest) > 1 and self._contradict(joint, rest):
                numbers = rest
        return [self._clash(joint, numbers)]

    def _contradict(self, joint: Joint, numbers: Sequence[int]) -> bool | None:
        """Nobody can be counted by one of the rates and be good for all of them."""
        asked = [joint.goal.asked[number] for number in numbers]
        return self.nobody(any_of(map(self.counted, asked)), *map(self.good, asked))

    def _clash(self, joint: Joint, numbers: Sequence[int]) -> Clash:
        """The clash of some rates, with as few conditions as show it."""
        asked = joint.goal.asked
        counted = [self.counted(asked[number]) for number in numbers]
        is_shared = not self.nobody(*counted)
        around = counted if is_shared else [any_of(counted)]
        kept = [(number, ref) for number in numbers for ref in joint.wants[number]]
        for one in tuple(kept):
            rest = [other for other in kept if other is not one]
            if self.nobody(*around, *(self.holds(ref) for _, ref in rest)):
                kept = rest
        return Clash(tuple(numbers), tuple(kept), is_shared)


__all__ = ["Clash", "Proofs", "Prover"]
