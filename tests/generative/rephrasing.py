"""The same measure in other words: other names, another order, nested otherwise, said in place instead of by name."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from measureharmony.measures.criterion import Criterion
from measureharmony.measures.event_set import EventSet, RowFilter
from measureharmony.measures.measure import SECTIONS, Measure
from measureharmony.measures.names import (
    CriterionName,
    FilterName,
    Name,
    ParameterName,
    WindowName,
    rewrite,
)
from measureharmony.measures.references import BUILT_IN, SECTION_OF
from measureharmony.measures.window import Point, Shift, Timing, Window

Way = Callable[[Measure, Random], Measure]


def renamed(measure: Measure, chance: Random) -> Measure:
    """Every part under another name, in another order, and from what looks like another shared file."""
    names = {section: list(getattr(measure, section)) for section in SECTIONS}
    for every in names.values():
        chance.shuffle(every)
    new = {
        (section, name): f"{chance.choice(('', 'elsewhere.'))}part_{section}_{place}"
        for section, every in names.items()
        for place, name in enumerate(every)
    }

    def other(part: object) -> object:
        if isinstance(part, ParameterName):
            return ParameterName(f"${new['parameters', part.key]}")
        if isinstance(part, Name) and part not in BUILT_IN.get(SECTION_OF[type(part)], ()):
            return type(part)(new[SECTION_OF[type(part)], str(part)])
        return part

    turned = rewrite(measure, other)
    sections = {s: {new[s, name]: getattr(turned, s)[name] for name in every} for s, every in names.items()}
    return turned.model_copy(update=sections)


def reordered(measure: Measure, chance: Random) -> Measure:
    """Everything that is in no order, in another order."""

    def shuffled(part: object) -> object:
        update: dict[str, Any] = {}
        keys = {
            Criterion: ("all", "any"),
            RowFilter: ("all", "any", "when"),
            EventSet: ("kind", "codes", "from_", "where", "when"),
        }
        for key in keys.get(type(part), ()):  # type: ignore[call-overload]
            items = getattr(part, key)
            if items is not None and len(items) > 1:
                update[key] = tuple(chance.sample(items, len(items)))
        return part.model_copy(update=update) if update else part  # type: ignore[attr-defined]

    return rewrite(measure, shuffled)


def nested(measure: Measure, chance: Random) -> Measure:
    """Combinations in combinations, of one, twice negated, turned inside out."""

    def other(part: object) -> object:
        if not isinstance(part, (Criterion, RowFilter)) or chance.random() < 0.5:
            return part
        make: Any = type(part)
        for key in ("all", "any"):
            items = getattr(part, key)
            if items is not None and len(items) > 1 and (make is Criterion or part.model_fields_set == {key}):
                inner = make(**{key: items[1:]})
                outer = make(**{key: (inner, items[0])})
                contrary = make(**{"any" if key == "all" else "all": tuple(make(not_=item) for item in items)})
                return chance.choice((outer, make(not_=contrary)))
        return chance.choice((make(all=(part,)), make(any=(part, part)), make(not_=make(not_=part))))

    return rewrite(measure, other)


def in_place(measure: Measure, chance: Random) -> Measure:
    """Criteria, conditions and windows written where they were named."""
    sections = {CriterionName: "criteria", FilterName: "filters", WindowName: "windows"}

    def written(part: object) -> object:
        section = sections.get(type(part))  # type: ignore[call-overload]
        if section is None or part in BUILT_IN.get(section, ()) or chance.random() < 0.4:
            return part
        return rewrite(getattr(measure, section)[part], written)

    return rewrite(measure, written)


def said_otherwise(measure: Measure, chance: Random) -> Measure:
    """Years as months, weeks as days, ``period`` by its points, a type or a time as one condition among others."""

    def other(part: object) -> object:
        match part:
            case Shift(unit="years", amount=int()) if part.sign:
                return part.model_copy(update={"unit": "months", "amount": 12 * part.amount})  # type: ignore[operator]
            case Shift(unit="weeks", amount=int()):
                return part.model_copy(update={"unit": "days", "amount": 7 * part.amount})  # type: ignore[operator]
            case Timing() if part.window == "period" and chance.random() < 0.5:
                window = Window.model_validate({"from": "period.start", "to": "period.end"})
                return part.model_copy(update={part.relation: window})
            case EventSet() if chance.random() < 0.5:
                moved = [RowFilter(type=part.type)] if part.type else []
                moved += [RowFilter(when=(timing,)) for timing in part.when]
                return part.model_copy(update={"type": None, "when": (), "where": (*moved, *part.where)})
        return part

    return rewrite(measure, other)


def bounds_moved(measure: Measure, chance: Random) -> Measure:
    """To the day, after a day is from the next one on."""

    def other(part: object) -> object:
        if not (isinstance(part, Timing) and part.precision == "day" and isinstance(part.window, Window)):
            return part
        window = part.window
        update = {}
        for outer, inner, days in (("after", "from_", 1), ("before", "to", -1)):
            points = getattr(window, outer)
            if points is not None:
                shift = Shift(sign=days, amount=1, unit="days")  # type: ignore[arg-type]
                update |= {outer: None, inner: tuple(_later(point, shift) for point in points)}
        return part.model_copy(update={part.relation: window.model_copy(update=update)}) if update else part

    return rewrite(measure, other)


def _later(point: Point, shift: Shift) -> Point:
    return point.model_copy(update={"shifts": (*point.shifts, shift)})


WAYS: tuple[Way, ...] = (renamed, reordered, nested, in_place, said_otherwise, bounds_moved)


def rephrased(measure: Measure, chance: Random) -> Measure:
    """``measure`` in other words, several times over."""
    for way in chance.sample(WAYS, len(WAYS)):
        measure = way(measure, chance)
    return measure


__all__ = ["WAYS", "rephrased"]
