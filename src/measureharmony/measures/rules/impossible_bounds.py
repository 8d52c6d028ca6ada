"""Bounds that nothing can meet leave a population empty without anybody noticing."""

from __future__ import annotations

from collections.abc import Iterator

from measureharmony.measures.criterion import Age, AtLeast, Count
from measureharmony.measures.event_set import AgeAtEvent, NumberTest, ValueTest
from measureharmony.measures.kept import kept
from measureharmony.measures.measure import Definitions, Parameter
from measureharmony.measures.names import ParameterName, pieces
from measureharmony.measures.references import contents, resolve
from measureharmony.measures.rules.finding import Finding, Surroundings
from measureharmony.measures.yaml_lines import Place

_WITH_BOUNDS = (Age, AgeAtEvent, AtLeast, Count, NumberTest, ValueTest)


def check(spec: Definitions, around: Surroundings) -> Iterator[Finding]:
    """Lower bounds above upper bounds, with parameters at their values."""
    for place, part in _every(spec):
        for low, high, strict in _pairs(part):
            lower, upper = _value(low, spec, around), _value(high, spec, around)
            if lower is None or upper is None or lower < upper or (lower == upper and not strict):
                continue
            what = f"nothing can be {_shown(low, lower)} or more and {_shown(high, upper)} or less"
            if strict:
                what = f"no number lies between {_shown(low, lower)} and {_shown(high, upper)}"
            if isinstance(part, AtLeast):
                what = f"{_shown(low, lower)} conditions cannot hold where only {upper} are given"
            yield Finding(place, "spec-impossible-bounds", what, "correct one of the two")


def _every(spec: Definitions) -> Iterator[tuple[Place, object]]:
    for whole, content in contents(spec):
        for place, part in _bounded(content):
            yield (*whole, *place), part


@kept(20_000)  # most parts are the same in every version of a measure
def _bounded(part: object) -> tuple[tuple[Place, object], ...]:
    """Where inside a part bounds stand."""
    return tuple((place, inner) for place, inner in pieces(part) if isinstance(inner, _WITH_BOUNDS))


def _pairs(part: object) -> Iterator[tuple[object, object, bool]]:
    """Lower and upper bounds that stand together; the third says that the bounds themselves do not count."""
    match part:
        case Age() | AgeAtEvent():
            yield part.from_, part.to, False
        case Count():
            yield part.at_least, part.at_most, False
        case AtLeast():
            yield part.n, len(part.of), False
        case NumberTest() | ValueTest():
            for low, low_strict in ((part.above, True), (part.at_least, False)):
                for high, high_strict in ((part.below, True), (part.at_most, False)):
                    yield low, high, low_strict or high_strict


def _value(bound: object, spec: Definitions, around: Surroundings) -> int | float | None:
    if isinstance(bound, ParameterName):
        parameter = resolve(("parameters", bound.key), spec, around.shared)
        return parameter.value if isinstance(parameter, Parameter) else None
    return bound if isinstance(bound, (int, float)) else None


def _shown(bound: object, value: int | float) -> str:
    return f"{bound} = {value}" if isinstance(bound, ParameterName) else str(value)


__all__ = ["check"]
