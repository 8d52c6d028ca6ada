"""Which value sets a rate cannot do without.

A value set is *indispensable* for a rate

1. if its codes decide who is in the initial population, the denominator or the numerator (or, for a measure that counts
   episodes, what is counted): some criterion on the way there reads it, so that with other codes in the set some
   person could be in or out; or
2. if, without it and without the sets that have no codes at all, an exclusion or exception would have one answer for
   everybody: nobody could be excluded any more.

So a set that is not indispensable is one way among several to an exclusion or exception, or only shows evidence or
strata. Reading is followed through every name. That is on the safe side: a set that no criterion of a population
reads certainly cannot change who is in it; one that is read is counted even where the logic around it makes it idle.

A population is *undecided* when, without the sets that have no codes at all, a condition that everybody in it must meet
has one answer for everybody: it is no longer asked, and the rate says nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from measureharmony.measures.criterion import Criterion, CriterionRef
from measureharmony.measures.meanings import Meaning, Meanings, mentions
from measureharmony.measures.measure import POPULATIONS, Measure, Rate
from measureharmony.measures.names import CriterionName
from measureharmony.measures.references import Part, definitions, outside_definitions
from measureharmony.measures.without_codes import ALL_HAVE_CODES, WITHOUT_THE_CODELESS, WithoutCodes

#: What decides the two numbers of a rate; the other populations take people out of it.
DECIDING = ("initial_population", "denominator", "numerator")
#: Keys of a rate that do not decide who counts.
_SHOWN = ("id", "title", "direction", "populations", "evidence", "values")


@dataclass(frozen=True)
class RateParts:
    """The parts of a measure that a rate's numbers depend on, each with what it is called.

    ``deciding`` are those that decide who counts; ``leaving`` the populations that take people out of the rate.
    """

    deciding: tuple[tuple[str, Meaning], ...]
    leaving: tuple[tuple[str, Meaning], ...]


class ValueSetNeeds:
    """What value sets the rates of linked measures need, when the value sets ``codeless`` have no codes at all.

    What measures have in common is looked at once.
    """

    def __init__(self, codeless: Collection[str] = ()):
        self._meanings = Meanings()
        self._without = WithoutCodes(codeless)

    def read(self, measure: Measure, part: object) -> frozenset[str]:
        """Names of the value sets that a part of a measure reads, itself or through the names it mentions."""
        return self._meanings.of_measure(measure).of(part).value_sets

    def parts(self, measure: Measure, rate: Rate, also: CriterionRef | None = None) -> RateParts:
        """What decides about a rate. ``also``: a further condition on who counts, a stratum's.

        Equal ones, whatever their rates, need the same.
        """
        meaning = self._meanings.of_measure(measure).of
        return RateParts(
            tuple((name, meaning(part)) for name, part in _deciding(measure, rate, also)),
            tuple((name, meaning(part)) for name, part in _leaving(measure, rate)),
        )

    def indispensable(self, parts: RateParts) -> dict[str, tuple[str, ...]]:
        """The value sets that a rate cannot do without, in alphabetical order, and the populations that need each."""
        needed: dict[str, list[str]] = {}
        sets = [(name, meaning.value_sets) for name, meaning in parts.deciding]
        for name, value_sets in (*sets, *((name, self._decisive(meaning)) for name, meaning in parts.leaving)):
            for value_set in value_sets:
                needed.setdefault(value_set, []).append(name)
        return {value_set: tuple(dict.fromkeys(needed[value_set])) for value_set in sorted(needed)}

    def _decisive(self, criterion: Meaning) -> Iterable[str]:
        """The value sets without each of which a criterion says the same of everybody, unless it always does."""
        decided = self._without.truth(criterion).decided
        if decided & ALL_HAVE_CODES:
            return ()
        return [value_set for value_set in criterion.value_sets if decided & self._without.case(value_set)]

    def undecided(self, parts: RateParts) -> tuple[str, ...]:
        """Which of the populations that decide the rate are undecided without the value sets that have no codes."""
        populations = [(name, meaning) for name, meaning in parts.deciding if name in DECIDING]
        return tuple(
            name
            for name, meaning in populations
            if any(self._is_lost(part, names) for part, names in _conditions(meaning.part, meaning.names))
        )

    def _is_lost(self, condition: CriterionRef, names: Mapping[Part, Meaning]) -> bool:
        """Whether it would say something, but without the value sets that have no codes says the same of everybody."""
        decided = self._without.truth_of(condition, names).decided
        return bool(decided & WITHOUT_THE_CODELESS) and not decided & ALL_HAVE_CODES


def _conditions(part: object, names: Mapping[Part, Meaning]) -> Iterator[tuple[Criterion, Mapping[Part, Meaning]]]:
    """What must all hold for a criterion, ``all`` inside of ``all`` taken apart, with what the names in it mean."""
    match part:
        case CriterionName():
            named = names["criteria", part]
            yield from _conditions(named.part, named.names)
        case Criterion(all=tuple(inside)):
            for one in inside:
                yield from _conditions(one, names)
        case Criterion():
            yield part, names


def value_sets_named(*measures: Measure) -> frozenset[str]:
    """The names of all the value sets that linked measures refer to, wherever they do."""
    # Versions of a measure share most of their parts.
    parts = {id(part): part for one in measures for _, part in (*definitions(one), *outside_definitions(one))}
    return frozenset().union(*(mentions(part).value_sets for part in parts.values()))


def _deciding(measure: Measure, rate: Rate, also: CriterionRef | None) -> Iterable[tuple[str, object]]:
    """The parts of a measure that decide a rate's two numbers, by what they are called."""
    if not isinstance(measure.subject, str):
        yield "episodes", measure.subject
    for name in DECIDING:
        yield name, measure.population(rate, name)
    for name in type(rate).model_fields:
        if name not in _SHOWN and not (name == "observation" and measure.scoring == "proportion"):
            yield name, getattr(rate, name)
    if also is not None:
        yield "stratum", also


def _leaving(measure: Measure, rate: Rate) -> Iterator[tuple[str, CriterionRef]]:
    """The populations that take people out of a rate."""
    for name in POPULATIONS:
        criterion = measure.population(rate, name)
        if name not in DECIDING and criterion is not None:
            yield name, criterion


__all__ = ["DECIDING", "RateParts", "ValueSetNeeds", "value_sets_named"]
