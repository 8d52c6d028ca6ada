"""A parameter can stand only where its unit fits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from measureharmony.measures.criterion import Age, AtLeast, Count, Enrolled
from measureharmony.measures.event_set import AgeAtEvent, NumberTest, RowFilter, ValueTest
from measureharmony.measures.kept import kept
from measureharmony.measures.measure import Definitions, EndOfCoverage, Parameter
from measureharmony.measures.names import ParameterName, pieces
from measureharmony.measures.references import contents, parameters_of, resolve
from measureharmony.measures.rules.finding import Finding, Surroundings
from measureharmony.measures.window import Shift
from measureharmony.measures.yaml_lines import Place
from measureharmony.periods import Unit

_CALENDAR: tuple[str, ...] = get_args(Unit)
#: A place where a number may stand: where, what stands there, and the units that fit (empty: any).
_Slot = tuple[Place, object, tuple[str, ...]]


def check(spec: Definitions, around: Surroundings) -> Iterator[Finding]:
    """Parameters of the wrong unit, and parameters with a fraction where a whole number is needed."""
    for place, found, units in _parameters(spec):
        parameter = resolve(("parameters", found.key), spec, around.shared)
        if not isinstance(parameter, Parameter):
            continue
        if units and parameter.unit not in units:
            wanted = " or ".join([", ".join(units[:-1]), units[-1]] if len(units) > 1 else units)
            what = f"'{found}' is in {parameter.unit}, where {wanted} must stand"
            yield Finding(place, "spec-parameter-unit", what, f"use a parameter whose unit is {wanted}")
        elif (not units or units[0] in _CALENDAR) and not float(parameter.value).is_integer():
            what = f"'{found}' is {parameter.value}, where a whole number must stand"
            yield Finding(place, "spec-parameter-unit", what, "give the parameter a whole number")


def _parameters(spec: Definitions) -> Iterator[tuple[Place, ParameterName, tuple[str, ...]]]:
    for whole, content in contents(spec):
        for place, found, units in _parameters_in(content) if parameters_of(content) else ():
            yield (*whole, *place), found, units


@kept(20_000)
def _parameters_in(content: object) -> tuple[tuple[Place, ParameterName, tuple[str, ...]], ...]:
    """Where inside a part parameters stand for numbers, and the units that fit there."""
    return tuple((place, found, units) for place, found, units in _slots(content) if isinstance(found, ParameterName))


def _slots(content: object) -> Iterator[_Slot]:
    for place, part in pieces(content):
        match part:
            case Shift():
                yield (*place, "amount"), part.amount, _CALENDAR
            case Age():
                yield from _bounds(place, part, (part.unit,))
            case AgeAtEvent():
                yield from _bounds(place, part, ("years",))
            case Enrolled() | EndOfCoverage():
                yield (*place, "gap_days"), part.gap_days, ("days",)
                yield (*place, "gaps"), getattr(part, "gaps", None), ()
            case RowFilter(days_supply=NumberTest() as test):
                yield from (((*place, "days_supply", key), bound, ("days",)) for key, bound in test.bounds.items())
            case ValueTest(unit=str(unit)):
                yield from (((*place, key), bound, (unit,)) for key, bound in part.bounds.items())
            case AtLeast():
                yield (*place, "n"), part.n, ()
            case Count():
                yield (*place, "at_least"), part.at_least, ()
                yield (*place, "at_most"), part.at_most, ()


def _bounds(place: Place, age: Age | AgeAtEvent, units: tuple[str, ...]) -> Iterator[_Slot]:
    yield (*place, "from"), age.from_, units
    yield (*place, "to"), age.to, units


__all__ = ["check"]
