"""What a program's rate says of people, condition by condition, in the words of the merged measure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from measureharmony.common_target.goals import AskedRate
from measureharmony.common_target.merging import Merging, View
from measureharmony.evaluation.conjuncts import conjuncts, disjuncts, resolved
from measureharmony.measures.criterion import Criterion, CriterionRef, Enrolled
from measureharmony.measures.measure import EndOfCoverage, Measure
from measureharmony.measures.names import walk
from measureharmony.measures.references import lookup, references
from measureharmony.payers.parts import reachable

T = TypeVar("T")


def wanted(asked: AskedRate, merging: Merging) -> tuple[CriterionRef, ...]:
    """What a rate wants; all of it must hold. Inverse rates are mirrored: nothing of what they look for may hold."""
    numerator, taken_out = (_population(asked, name) for name in ("numerator", "numerator_exclusion"))
    assert numerator is not None  # only proportions have goals, and each has a numerator
    view, view_out = (View.of(asked.variant, name) for name in ("numerator", "numerator_exclusion"))
    measure = asked.variant.measure
    if asked.is_inverse and taken_out is not None:
        outside = Criterion(not_=merging.take(view, numerator))
        return (Criterion(any=(outside, merging.take(view_out, taken_out))),)
    found = [merging.take(view, part) for part in _conditions(measure, numerator, holds=not asked.is_inverse)]
    if taken_out is not None:
        found += [merging.take(view_out, part) for part in _conditions(measure, taken_out, holds=False)]
    return once(found)


def counted_if(asked: AskedRate, merging: Merging) -> tuple[CriterionRef, ...]:
    """What the initial population and the denominator of a rate ask for; all of it must hold."""
    found: list[CriterionRef] = []
    for name in ("initial_population", "denominator"):
        ref = _population(asked, name)
        if ref is not None:
            view = View.of(asked.variant, name)
            found += [merging.take(view, part) for _, part in conjuncts(asked.variant.measure, ref)]
    return once(found)


def left_out_if(asked: AskedRate, population: str, merging: Merging) -> tuple[CriterionRef, ...]:
    """What an exclusion or exception of a rate asks for; any of it is enough. Nothing: it has none."""
    ref = _population(asked, population)
    if ref is None:
        return ()
    view = View.of(asked.variant, population)
    return once(merging.take(view, part) for _, part in disjuncts(asked.variant.measure, ref))


def asks_for_own_coverage(asked: AskedRate) -> bool:
    """What a rate wants depends on the coverage of the program's own payer, which no common measure knows."""
    measure = asked.variant.measure
    refs = [_population(asked, name) for name in ("numerator", "numerator_exclusion")]
    named = reachable(measure, (reference.part for reference in references(tuple(refs))))
    contents = (*refs, *(lookup(part, measure) for part in named))
    return any(
        isinstance(part, (Enrolled, EndOfCoverage)) and part.payer == "own"
        for content in contents
        for _, part in walk(content)
    )


def once(items: Iterable[T]) -> tuple[T, ...]:
    """The different ones of ``items``, in their order; they are few, and some cannot be hashed."""
    found: list[T] = []
    for item in items:
        if item not in found:
            found.append(item)
    return tuple(found)


def _population(asked: AskedRate, name: str) -> CriterionRef | None:
    return asked.variant.measure.population(asked.rate, name)


def _conditions(measure: Measure, ref: CriterionRef, *, holds: bool) -> Iterator[CriterionRef]:
    """The conditions that must all be true for ``ref`` to hold (or, without ``holds``, not to).

    A name for several conditions gives way to these; other names are kept.
    """
    criterion = resolved(measure, ref)
    if criterion.not_ is not None:
        yield from _conditions(measure, criterion.not_, holds=not holds)
        return
    parts = criterion.all if holds else criterion.any
    alone = criterion.all or criterion.any or ()
    if parts is None and len(alone) == 1:
        parts = alone
    if parts is None:
        yield ref if holds else Criterion(not_=ref)
        return
    for part in parts:
        yield from _conditions(measure, part, holds=holds)


__all__ = ["asks_for_own_coverage", "counted_if", "left_out_if", "once", "wanted"]
