"""For two versions of a measure and each place in their rates: is somebody in the one and not in the other?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from measureharmony.alignment.confirming import Engine, Seat
from measureharmony.alignment.logic import Formula, negated
from measureharmony.alignment.making import Making
from measureharmony.alignment.questions import PLACES, Place, Questions
from measureharmony.alignment.solving import Solving
from measureharmony.alignment.somebody import Somebody

#: People made smaller are evaluated again so many times at the most.
_ROUNDS = 8


@dataclass(frozen=True)
class Side:
    """One half of a comparison: whether somebody can be ``inside`` and not in ``outside``.

    ``proved``: nobody can. ``shown``: somebody who is, found by the solver and, once ``confirmed``, seen by the engine.
    Neither: nobody knows; ``why`` says what is missing.
    """

    inside: Seat
    outside: Seat
    proved: bool = False
    shown: Somebody | None = None
    confirmed: bool = False
    why: str = ""

    @property
    def answer(self) -> bool | None:
        """Nobody can be (``True``: the one lies within the other), somebody is (``False``), or nobody knows."""
        return True if self.proved else False if self.confirmed else None


class Group:
    """The versions of one measure before the solver. ``first`` is the number of the first one among all versions.

    ``simple``: people who are shown are to be simple, at some cost.
    """

    def __init__(self, questions: Questions, first: int = 0, *, simple: bool = True):
        self.questions, self.first = questions, first
        self.solving = Solving(questions) if simple else Solving(questions, tries=0)
        self._places: dict[tuple[int, str], dict[Place, Formula]] = {}

    def places(self, variant: int, rate: str) -> dict[Place, Formula]:
        """The formulas of a rate's places."""
        if (variant, rate) not in self._places:
            self._places[variant, rate] = self.questions.places(variant, rate)
        return self._places[variant, rate]

    def rates(self, one: int, other: int) -> list[str]:
        """The rates that both versions have."""
        there = {rate.id for rate in self.questions.variants[other].measure.rates}
        return [rate.id for rate in self.questions.variants[one].measure.rates if rate.id in there]

    def prepare(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Put all questions before the solver first: what it takes for somebody plain depends on all of them."""
        for one, other in pairs:
            for rate in self.rates(one, other):
                for variant in (one, other):
                    self.places(variant, rate)

    def sides(self, one: int, other: int) -> Iterator[Side]:
        """Both halves of every comparison of two versions, the first one's first."""
        for rate in self.rates(one, other):
            told = [p for p in PLACES if self.questions.defines(one, rate, p) or self.questions.defines(other, rate, p)]
            # Who is counted shows most about the populations, too: the solver is asked for them first.
            found = {p: (self._side(one, other, rate, p), self._side(other, one, rate, p)) for p in reversed(told)}
            for place in told:
                yield from found[place]

    def _side(self, one: int, other: int, rate: str, place: Place) -> Side:
        side = Side(Seat(self.first + one, rate, place), Seat(self.first + other, rate, place))
        mine, theirs = self.places(one, rate)[place], self.places(other, rate)[place]
        if mine is theirs or (not isinstance(mine, bool) and not isinstance(theirs, bool) and mine.eq(theirs)):
            return replace(side, proved=True)
        return self.asked(side, mine, negated(theirs))

    def asked(self, side: Side, *formulas: Formula) -> Side:
        """The side with the solver's answer about somebody who meets the formulas."""
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


# --- the engine's part -----------------------------------------------------------------------------------------------


def confirmed(sides: Sequence[Side], engine: Engine, others: Sequence[Somebody] = ()) -> list[Side]:
    """The sides as the engine sees them: who is shown is looked at, and where that is wrong, so is everybody else.

    ``others`` are further people who may show what is not known yet.
    """
    people = list(dict.fromkeys([side.shown for side in sides if side.shown is not None])) + list(others)
    open_ = [side for side in sides if not side.proved]
    if not open_ or not people:
        return list(sides)
    seated = engine.seated(people, [seat for side in open_ for seat in (side.inside, side.outside)])
    return [side if side.proved else _confirmed(side, people, seated) for side in sides]


def _confirmed(side: Side, people: Sequence[Somebody], seated: dict[Seat, list[bool]]) -> Side:
    inside, outside = seated[side.inside], seated[side.outside]
    showing = [somebody for n, somebody in enumerate(people) if inside[n] and not outside[n]]
    if not showing:
        why = side.why or "the person that the solver found is no example to the engine"
        return replace(side, shown=None, why=why)
    return replace(side, shown=side.shown if side.shown in showing else showing[0], confirmed=True, why="")


def smaller(sides: Sequence[Side], engine: Engine) -> list[Side]:
    """The sides with the people they show made smaller, as long as these show the same to the engine."""
    found = list(sides)
    open_ = [number for number, side in enumerate(found) if side.confirmed]
    for _ in range(_ROUNDS):
        tries = [(number, less) for number in open_ for less in (_shown(found[number])).with_less()]
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
    if not tries:
        return []
    people = [somebody for _, somebody in tries]
    asked = [sides[number] for number in dict.fromkeys(number for number, _ in tries)]
    seated = engine.seated(people, [seat for side in asked for seat in (side.inside, side.outside)])
    return [
        (number, somebody)
        for place, (number, somebody) in enumerate(tries)
        if seated[sides[number].inside][place] and not seated[sides[number].outside][place]
    ]


__all__ = ["Group", "Side", "confirmed", "smaller"]
