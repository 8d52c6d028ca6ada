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

from collections.abc import Callable, Collection, Iterable
from functools import reduce

from measureharmony.measures.criterion import (
    Count,
    Criterion,
    CriterionRef,
    DaysCovered,
    EventSet,
    EventsRef,
    FilterRef,
    Relation,
    RowFilter,
)
from measureharmony.measures.kept import kept
from measureharmony.measures.measure import POPULATIONS, Measure, Rate
from measureharmony.measures.names import CodeRef, Name, walk
from measureharmony.measures.references import SECTION_OF, Part, definitions, lookup, outside_definitions

#: What decides the two numbers of a rate; the other populations take people out of it.
DECIDING = ("initial_population", "denominator", "numerator")
#: Keys of a rate that do not decide who counts.
_SHOWN = ("id", "title", "direction", "populations", "evidence", "values")


class ValueSetNeeds:
    """What value sets the parts of one linked measure read. Each named part is looked through once."""

    def __init__(self, measure: Measure):
        self.measure = measure
        self._named: dict[Part, tuple[frozenset[str], frozenset[Part]]] = {}
        self._read: dict[Part, frozenset[str]] = {}
        self._answers: dict[tuple[Part, frozenset[str]], bool | None] = {}

    def once(self, named: Part, codeless: Collection[str], find: Callable[[], bool | None]) -> bool | None:
        """What ``find`` says of a named part without these codes, found once for those of them that the part reads."""
        if named not in self._read:
            self._read[named] = self.read(lookup(named, self.measure))
        key = named, self._read[named].intersection(codeless)
        if key not in self._answers:
            self._answers[key] = find()
        return self._answers[key]

    def read(self, part: object) -> frozenset[str]:
        """Names of the value sets that a part reads, itself or through the names it mentions."""
        sets, mentioned = _direct(part)
        found, waiting, seen = set(sets), set(mentioned), set(mentioned)
        while waiting:
            named = waiting.pop()
            if named not in self._named:
                self._named[named] = _direct(lookup(named, self.measure))
            sets, mentioned = self._named[named]
            found |= sets
            waiting |= mentioned - seen
            seen |= mentioned
        return frozenset(found)

    def indispensable(
        self, rate: Rate, codeless: Collection[str] = (), also: CriterionRef | None = None
    ) -> dict[str, tuple[str, ...]]:
        """The value sets that a rate cannot do without, in alphabetical order, and the populations that need each.

        ``codeless``: the sets that have no codes at all. ``also``: a further condition on who counts, a stratum's.
        """
        needed: dict[str, list[str]] = {}
        for name, part in _deciding(self.measure, rate, also):
            for value_set in self.read(part):
                needed.setdefault(value_set, []).append(name)
        for name in POPULATIONS:
            criterion = self.measure.population(rate, name)
            if name in DECIDING or criterion is None or answer(self, criterion, ()) is not None:
                continue
            for value_set in self.read(criterion):
                if answer(self, criterion, {*codeless, value_set}) is not None:
                    needed.setdefault(value_set, []).append(name)
        return {value_set: tuple(dict.fromkeys(needed[value_set])) for value_set in sorted(needed)}

    def undecided(self, rate: Rate, codeless: Collection[str]) -> tuple[str, ...]:
        """Which of the populations that decide the rate are undecided when the sets ``codeless`` have no codes."""
        found = []
        for name in DECIDING:
            criterion = self.measure.population(rate, name)
            for part in _conditions(self.measure, criterion) if criterion is not None else ():
                if answer(self, part, ()) is None and answer(self, part, codeless) is not None:
                    found.append(name)
                    break
        return tuple(found)


def _conditions(measure: Measure, ref: CriterionRef) -> Iterable[CriterionRef]:
    """What must all hold for a criterion, ``all`` inside of ``all`` taken apart."""
    criterion = ref if isinstance(ref, Criterion) else measure.criteria[ref]
    if not isinstance(criterion, Criterion):
        yield from _conditions(measure, criterion)
    elif criterion.all is None:
        yield criterion
    else:
        for part in criterion.all:
            yield from _conditions(measure, part)


def value_sets_named(measure: Measure) -> frozenset[str]:
    """The names of all the value sets that a linked measure refers to, wherever it does."""
    parts = (part for _, part in (*definitions(measure), *outside_definitions(measure)))
    return frozenset().union(*(_direct(part)[0] for part in parts))


@kept(20_000)
def _direct(part: object) -> tuple[frozenset[str], frozenset[Part]]:
    """The value sets and the named parts that a part mentions itself."""
    sets, parts = set(), set()
    for _, found in walk(part):
        if isinstance(found, CodeRef) and not found.is_code:
            sets.add(str(found))
        elif isinstance(found, Name) and type(found) in SECTION_OF:
            parts.add((SECTION_OF[type(found)], str(found)))
    return frozenset(sets), frozenset(parts)


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


# --- what is left without codes ------------------------------------------------------------------------------------


def answer(needs: ValueSetNeeds, ref: CriterionRef, codeless: Collection[str]) -> bool | None:
    """What a criterion says of everybody when the value sets ``codeless`` have no codes; None where people differ."""
    if isinstance(ref, Name):
        return needs.once(("criteria", ref), codeless, lambda: answer(needs, needs.measure.criteria[ref], codeless))
    return _answer(needs, ref, codeless)


def _answer(needs: ValueSetNeeds, criterion: Criterion, codeless: Collection[str]) -> bool | None:
    match criterion.type:
        case "all":
            return _all(answer(needs, part, codeless) for part in criterion.all or ())
        case "any":
            return _not(_all(_not(answer(needs, part, codeless)) for part in criterion.any or ()))
        case "not_":
            return _not(answer(needs, criterion.not_, codeless)) if criterion.not_ is not None else None
        case "at_least":
            return _at_least(needs, criterion, codeless)
        case "exists":
            return False if criterion.exists is not None and _is_empty(needs, criterion.exists, codeless) else None
        case "count" | "days_covered":
            return _amount(needs, criterion.count or criterion.days_covered, codeless)
        case "always":
            return criterion.always
    return None


def _not(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def _and(one: bool | None, other: bool | None) -> bool | None:
    return False if one is False or other is False else None if one is None or other is None else True


def _all(truths: Iterable[bool | None]) -> bool | None:
    start: bool | None = True
    return reduce(_and, truths, start)


def _at_least(needs: ValueSetNeeds, criterion: Criterion, codeless: Collection[str]) -> bool | None:
    wanted = criterion.at_least
    if wanted is None or not isinstance(wanted.n, int):
        return None
    truths = [answer(needs, part, codeless) for part in wanted.of]
    if truths.count(True) >= wanted.n:
        return True
    return False if len(truths) - truths.count(False) < wanted.n else None


def _amount(needs: ValueSetNeeds, wanted: Count | DaysCovered | None, codeless: Collection[str]) -> bool | None:
    """Of nothing there are none, and no day is covered by it."""
    if wanted is None:
        return None
    sets = wanted.of if isinstance(wanted, DaysCovered) else (wanted.of,)
    if not all(_is_empty(needs, ref, codeless) for ref in sets):
        return None
    least = [wanted.at_least, wanted.share] if isinstance(wanted, DaysCovered) else [wanted.at_least]
    bounds = [bound for bound in least if bound is not None]
    if not all(isinstance(bound, (int, float)) for bound in bounds):
        return None
    return not any(isinstance(bound, (int, float)) and bound > 0 for bound in bounds)


def _is_empty(needs: ValueSetNeeds, ref: EventsRef, codeless: Collection[str]) -> bool:
    """Whether nobody can have an event in the set."""
    if not isinstance(ref, EventSet):
        named = needs.measure.events.get(ref)
        if named is None:
            return False
        return bool(needs.once(("events", ref), codeless, lambda: _is_empty(needs, named, codeless)))
    if ref.codes is not None and all(code in codeless for code in ref.codes):
        return True
    if ref.from_ is not None and all(_is_empty(needs, part, codeless) for part in ref.from_):
        return True
    if ref.components_of is not None and _is_empty(needs, ref.components_of, codeless):
        return True
    return _all(_passes(needs, item, codeless) for item in ref.where) is False


def _passes(needs: ValueSetNeeds, ref: FilterRef, codeless: Collection[str]) -> bool | None:
    """What a filter says of every row when these value sets have no codes; None where rows differ."""
    if not isinstance(ref, RowFilter):
        return needs.once(("filters", ref), codeless, lambda: _passes(needs, needs.measure.filters[ref], codeless))
    truths: list[bool | None] = []
    for key in ref.model_fields_set:
        value = getattr(ref, key)
        match key:
            case "all":
                truths.append(_all(_passes(needs, part, codeless) for part in value))
            case "any":
                truths.append(_not(_all(_not(_passes(needs, part, codeless)) for part in value)))
            case "not_":
                truths.append(_not(_passes(needs, value, codeless)))
            case "coded":
                truths.append(False if all(code in codeless for code in value.codes) else None)
            case "with_" | "without":
                truths.append(_related(needs, value, codeless, wanted=key == "with_"))
            case _:
                truths.append(None)
    return _all(truths)


def _related(needs: ValueSetNeeds, relation: Relation, codeless: Collection[str], *, wanted: bool) -> bool | None:
    return not wanted if _is_empty(needs, relation.events, codeless) else None


__all__ = ["DECIDING", "ValueSetNeeds", "answer", "value_sets_named"]
