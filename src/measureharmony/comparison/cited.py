"""Which changes a difference in meaning comes from: those of the parts passed on the way to it, and of its numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from measureharmony.comparison.contracts import Sides
from measureharmony.comparison.difference import Citation
from measureharmony.comparison.differing import Differing
from measureharmony.comparison.form import Form, Json
from measureharmony.comparison.version import MeasureVersion
from measureharmony.measures.measure import Measure
from measureharmony.measures.references import Part, Reference, lookup, references
from measureharmony.payers.change import PartChange
from measureharmony.payers.changes_of_measure import EVERY_RATE, ExtendValueSet, SetParameter, SwapValueSet


def cited(sides: Sides, one: Differing, populations: Iterable[str], rates: Iterable[str]) -> tuple[Citation, ...]:
    """The changes of either side behind a difference, none where no change is."""
    names = _names(one)
    where = (tuple(populations), tuple(rates))
    found: list[Citation] = []
    for version, side in ((sides.before, sides.old), (sides.after, sides.new)):
        exact = _nearest([change for change in side.changes if _touches(change, one, names, side, where)], one)
        loose = [change for change in side.changes if _in_population(change, where)]
        found += [Citation.of_change(version.name, change) for change in exact or ([] if one.fact else loose)]
    return tuple(found)


def _nearest(changes: list[PartChange], one: Differing) -> list[PartChange]:
    """Of the parts passed on the way that were changed, the innermost: what is around it only leads there."""
    inside = {name for form in (one.before, one.after) if form is not None and not one.fact for name in form.names}
    ways = [name for way in (one.way.before, one.way.after) for name in way if name not in inside]
    passed = [change for change in changes if change.path in ways and not isinstance(change.what, SetParameter)]
    last = max(passed, key=lambda change: len(ways) - ways[::-1].index((change.path[0], change.path[1])), default=None)
    return [change for change in changes if change not in passed or change is last]


def _names(one: Differing) -> set[Part]:
    """The parts passed on the way, and of a whole part those inside it."""
    inside = () if one.fact else tuple(form for form in (one.before, one.after) if form is not None)
    return {*one.way.before, *one.way.after, *(name for form in inside for part in form.walk() for name in part.names)}


def _touches(
    change: PartChange, one: Differing, names: set[Part], side: MeasureVersion, where: tuple[tuple[str, ...], ...]
) -> bool:
    what = change.what
    if isinstance(what, SetParameter):
        return change.path in _parameters(one, names, side, where) and _is_in(what.to, one)
    if isinstance(what, SwapValueSet | ExtendValueSet):
        new = (what.with_,) if isinstance(what, SwapValueSet) else what.with_
        return bool({str(what.value_set), *map(str, new)} & _codes(one))
    if change.path[0] == "populations":
        return _in_population(change, where) and _is_member(change, one)
    if change.path == ("enrolment",):
        return any(form is not None and form.kind == "enrolled" for form in (one.before, one.after))
    return change.path in names


def _parameters(
    one: Differing, names: set[Part], side: MeasureVersion, where: tuple[tuple[str, ...], ...]
) -> set[Part]:
    """The parameters that the parts passed mention, each in its own words; of a value, those of the nearest part."""
    measure = side.measure
    nearest = [*one.way.before[-2:], *one.way.after[-2:]] if one.fact else list(names)
    contents = [lookup(name, measure) for name in nearest]
    if not nearest:
        contents += [measure.population(rate, name) for rate in measure.rates for name in where[0]]
    return {reference.part for content in contents for reference in _deep(content, measure)}


def _deep(content: object, measure: Measure) -> Iterator[Reference]:
    """The parameters mentioned, also by windows and conditions that are named where they are used."""
    for reference in references(content):
        if reference.section == "parameters":
            yield reference
        elif reference.section in ("windows", "filters", "anchors"):
            yield from _deep(lookup(reference.part, measure), measure)


def _is_in(number: float, one: Differing) -> bool:
    """Whether a number is one of those that differ, or stands in a part that is there on one side only."""
    if one.fact:
        shown = [fact.shown for fact in one.values if fact is not None]
    else:
        wholes = [form for form in (one.before, one.after) if form is not None]
        shown = [fact.shown for form in wholes for part in form.walk() for fact in part.facts.values()]
    return any(float(number) in _numbers(value) for value in shown)


def _numbers(value: Json) -> set[float]:
    if isinstance(value, bool) or value is None:
        return set()
    if isinstance(value, (int, float)):
        return {float(value)}
    if isinstance(value, str):
        return {float(word) for word in value.split() if word.lstrip("-").replace(".", "", 1).isdecimal()}
    inner = value.values() if isinstance(value, dict) else value
    return {number for item in inner for number in _numbers(item)}


def _codes(one: Differing) -> set[str]:
    """The codes that differ, or all that a whole part asks for."""
    if one.fact:
        sides = [set(fact.key) if fact is not None and isinstance(fact.key, tuple) else set() for fact in one.values]
        return {str(code) for code in sides[0] ^ sides[1]}
    return {code for form in (one.before, one.after) if form is not None for part in form.walk() for code in _of(part)}


def _of(form: Form) -> Iterator[str]:
    key = form.fact("codes")
    if isinstance(key, tuple):
        yield from map(str, key)


def _in_population(change: PartChange, where: tuple[tuple[str, ...], ...]) -> bool:
    """Whether a change is of one of these populations of one of these rates."""
    path = change.path
    return path[0] == "populations" and path[1] in where[0] and (path[2] == EVERY_RATE or path[2] in where[1])


def _is_member(change: PartChange, one: Differing) -> bool:
    """Whether a difference is the very criterion that a change adds or drops."""
    if len(change.path) < 4:
        return True
    for form in (one.before, one.after):
        if form is not None and ("criteria", change.path[3]) in form.names:
            return True
    return any(("criteria", change.path[3]) in way for way in (one.way.before, one.way.after))


__all__ = ["cited"]
