"""For two versions of a measure and each place in their rates: is somebody in the one and not in the other?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from measureharmony.alignment.codes import CodeFacts
from measureharmony.alignment.confirming import Crowd, Engine, Seat
from measureharmony.alignment.logic import Formula, negated, new_context
from measureharmony.alignment.making import Making
from measureharmony.alignment.questions import Questions
from measureharmony.alignment.solving import Solving
from measureharmony.alignment.somebody import Somebody
from measureharmony.alignment.variations import steps_between, variations
from measureharmony.alignment.versions import Versions
from measureharmony.evaluation.columns import Bools

#: People made smaller are evaluated again so many times at the most.
_ROUNDS = 8
#: So many of the people who are in both places of a side are kept, to be varied.
_NEAR = 4


@dataclass(frozen=True)
class Side:
    """One half of a comparison: whether somebody can be ``inside`` and not in ``outside``.

    ``proved``: nobody can. ``shown``: somebody who is, found by the solver and, once ``confirmed``, seen by the engine.
    Neither: nobody knows; ``why`` says what is missing. ``near`` are people looked at who are in both.
    """

    inside: Seat
    outside: Seat
    proved: bool = False
    shown: Somebody | None = None
    confirmed: bool = False
    why: str = ""
    near: tuple[Somebody, ...] = ()

    @property
    def answer(self) -> bool | None:
        """Nobody can be (``True``: the one lies within the other), somebody is (``False``), or nobody knows."""
        return True if self.proved else False if self.confirmed else None


class Group:
    """The versions of one measure, compared two by two. ``number`` is the measure's among the engine's.

    ``simple``: people whom the solver finds are to be simple, at some cost.
    """

    def __init__(self, versions: Versions, facts: CodeFacts, number: int = 0, *, simple: bool = True):
        self.versions, self.number = versions, number
        self._facts, self._simple = facts, simple
        self._apart: dict[tuple[int, int], Solving] = {}

    @cached_property
    def _context(self) -> Any:
        return new_context()

    @cached_property
    def solving(self) -> Solving:
        """The solver, to whom everything about the versions can be told."""
        questions = Questions(self.versions, self._facts, context=self._context)
        return Solving(questions) if self._simple else Solving(questions, tries=0)

    def apart(self, one: int, other: int) -> Solving:
        """The solver, to whom only that is told by which two versions differ: what it proves of them is so."""
        key = min(one, other), max(one, other)
        if key not in self._apart:
            shared = self.versions.shared(*key)
            self._apart[key] = Solving(Questions(self.versions, self._facts, shared, self._context))
        return self._apart[key]

    def sides(self, one: int, other: int) -> Iterator[Side]:
        """Both halves of every comparison of two versions, the first one's first; where both say the same, proved."""
        for rate, place in self.versions.compared(one, other):
            same = self.versions.is_same(one, other, rate, place)
            mine, theirs = (Seat(self.number, version, rate, place) for version in (one, other))
            yield Side(mine, theirs, proved=same)
            yield Side(theirs, mine, proved=same)

    def proved(self, side: Side) -> Side:
        """The side, proved where the differences of its versions are enough for a proof."""
        solving = self.apart(side.inside.version, side.outside.version)
        return replace(side, proved=solving.can_be(*_asked(solving, side)) == "nobody")

    def found(self, side: Side) -> Side:
        """The side with the solver's answer, told everything: a proof, or somebody for the engine to look at."""
        formulas = _asked(self.solving, side)
        if any(formula is False for formula in formulas):
            return replace(side, proved=True)
        model = self.solving.somebody(*formulas)
        if model is not None:
            shown = Making(self.solving, model).somebody()
            why = "" if shown else "codes are needed that no loaded value set holds"
            return replace(side, shown=shown, why=why)
        match self.solving.can_be(*formulas):
            case "nobody":
                return replace(side, proved=True)
            case "somebody":
                return replace(side, why="neither a proof nor a person was found")
        return replace(side, why="the solver gave up")


def _asked(solving: Solving, side: Side) -> tuple[Formula, Formula]:
    """That somebody is inside, and not outside."""
    inside, outside = side.inside, side.outside
    theirs = solving.questions.places(outside.version, outside.rate)[outside.place]
    return solving.questions.places(inside.version, inside.rate)[inside.place], negated(theirs)


# --- the engine's part -----------------------------------------------------------------------------------------------


def confirmed(sides: Sequence[Side], engine: Engine, others: Crowd) -> list[Side]:
    """The sides as the engine sees them: whom they show, and ``others`` whom it may be seen of, too, are looked at.

    Whom a side shows is kept if that is right; else it is somebody of its measure with the fewest rows.
    """
    open_ = [side for side in sides if side.answer is None]
    crowd = {number: list(people) for number, people in others.items()}
    for side in open_:
        if side.shown is not None:
            crowd.setdefault(side.inside.measure, []).append(side.shown)
    seated = engine.seated(crowd, [seat for side in open_ for seat in (side.inside, side.outside)])
    return [_confirmed(side, crowd, seated) if side.answer is None else side for side in sides]


def _confirmed(side: Side, crowd: Crowd, seated: Mapping[Seat, Bools]) -> Side:
    inside, outside = seated[side.inside], seated[side.outside]
    people = _of(crowd, side, inside & ~outside)
    if not people:
        why = "the person that the solver found is no example to the engine" if side.shown is not None else side.why
        return replace(side, shown=None, why=why, near=_different(_of(crowd, side, inside & outside)))
    shown = side.shown if side.shown in people else min(people, key=lambda somebody: somebody.size)
    return replace(side, shown=shown, confirmed=True, why="")


def _of(crowd: Crowd, side: Side, who: Bools) -> list[Somebody]:
    return [crowd[side.inside.measure][number] for number in np.flatnonzero(who).tolist()]


def _different(people: Sequence[Somebody]) -> tuple[Somebody, ...]:
    """A few of the people, with few rows, who differ by more than their coverage."""
    found: dict[object, Somebody] = {}
    for somebody in sorted(people, key=lambda one: one.size):
        found.setdefault(tuple(tuple(event.cells.items()) for event in somebody.events), somebody)
    return tuple(found.values())[:_NEAR]


def varied(sides: Sequence[Side], measures: Sequence[Versions]) -> Crowd:
    """People one step away from those who are in both places of a side that is still open."""
    crowd: dict[int, list[Somebody]] = {}
    for side in sides:
        if side.answer is None and side.near:
            steps = steps_between(measures[side.inside.measure], side.inside.version, side.outside.version)
            people = [other for somebody in side.near for other in variations(somebody, steps)]
            crowd.setdefault(side.inside.measure, []).extend(people)
    return crowd


def smaller(sides: Sequence[Side], engine: Engine) -> list[Side]:
    """The sides with the people they show made smaller, as long as these show the same to the engine."""
    found = list(sides)
    open_ = [number for number, side in enumerate(found) if side.confirmed]
    for _ in range(_ROUNDS):
        tries = [(number, less) for number in open_ for less in _shown(found[number]).with_less()]
        if not tries:
            break
        still = _still(tries, found, engine)
        better: dict[int, list[Somebody]] = {}
        for number, less in still:
            better.setdefault(number, []).append(less)
        joint = [(n, much) for n, less in better.items() for much in _much_less(_shown(found[n]), less)]
        held: dict[int, Somebody] = {}
        for number, much in _still(joint, found, engine):
            held.setdefault(number, much)
        for number, smaller_ones in better.items():
            found[number] = replace(found[number], shown=held.get(number, smaller_ones[0]))
        open_ = [number for number in better if number not in held or len(better[number]) > 1]
    return found


def _shown(side: Side) -> Somebody:
    assert side.shown is not None
    return side.shown


def _much_less(somebody: Somebody, less: Sequence[Somebody]) -> Iterator[Somebody]:
    """Everything that can go by itself, gone at once; else half of it: of two alike, either can go, and not both."""
    half = (len(less) + 1) // 2
    for some in (less, less[:half], less[half:]):
        if len(some) > 1:
            yield somebody.common(some)


def _still(tries: Sequence[tuple[int, Somebody]], sides: Sequence[Side], engine: Engine) -> list[tuple[int, Somebody]]:
    """Which people still show what their side says."""
    crowd: dict[int, list[Somebody]] = {}
    places = []
    for number, somebody in tries:
        people = crowd.setdefault(sides[number].inside.measure, [])
        places.append(len(people))
        people.append(somebody)
    asked = [sides[number] for number in dict.fromkeys(number for number, _ in tries)]
    seated = engine.seated(crowd, [seat for side in asked for seat in (side.inside, side.outside)])
    return [
        (number, somebody)
        for place, (number, somebody) in zip(places, tries, strict=True)
        if seated[sides[number].inside][place] and not seated[sides[number].outside][place]
    ]


__all__ = ["Group", "Side", "confirmed", "smaller"]
