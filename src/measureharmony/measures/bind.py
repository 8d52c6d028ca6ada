"""Binding: a linked measure with the values of its parameters in place of their names."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import TypeAlias, TypeVar, cast, get_args

from measureharmony.errors import UsageError
from measureharmony.measures.kept import kept
from measureharmony.measures.measure import Measure, Parameter
from measureharmony.measures.names import ParameterName, rewrite
from measureharmony.measures.references import parameters_of
from measureharmony.measures.rules import Surroundings, impossible_bounds
from measureharmony.measures.window import Shift
from measureharmony.periods import Unit

Value: TypeAlias = int | float
T = TypeVar("T")


def bind(measure: Measure, values: Mapping[str, Value] | None = None) -> Measure:
    """``measure``, linked, without parameters: each ``$name`` is replaced by ``values[name]``, else by its own value.

    In a shift of a point (``period.end - $lookback``) a parameter brings its unit along. ``UsageError`` names every
    value that is unknown or out of bounds, every ``$name`` that the measure does not declare, and every pair of bounds
    (an age from 76 to 75) that nothing can meet any more. The arguments are not altered.
    """
    if not values:
        return _as_written(measure)
    problems = list(_problems(measure, values))
    if problems:
        raise UsageError(f"measure '{measure.measure}' cannot be bound: " + "; ".join(problems))
    given = {name: p.model_copy(update={"value": values.get(name, p.value)}) for name, p in measure.parameters.items()}
    return _sound(bound_with(measure, given))


@kept(512)  # many programs leave a measure as it is
def _as_written(measure: Measure) -> Measure:
    """``measure`` with its parameters' own values."""
    return _sound(bound_with(measure, measure.parameters))


def _sound(bound: Measure) -> Measure:
    """The measure itself; ``UsageError`` where nothing can meet its bounds."""
    problems = [finding.what for finding in impossible_bounds.check(bound, Surroundings())]
    if problems:
        raise UsageError(f"measure '{bound.measure}' cannot be bound: " + "; ".join(problems))
    return bound


def bound_with(measure: Measure, parameters: Mapping[str, Parameter]) -> Measure:
    """``measure`` with these parameters' values, named part by named part, and without parameters of its own."""
    where = f"measure '{measure.measure}'"
    update: dict[str, object] = {"parameters": {}}
    for field, held in measure:
        if field == "parameters":
            continue
        if isinstance(held, dict):
            bound = {name: with_values(part, parameters, where) for name, part in held.items()}
            if any(bound[name] is not held[name] for name in held):
                update[field] = bound
        elif (changed := with_values(held, parameters, where)) is not held:
            update[field] = changed
    return measure.model_copy(update=update)


def with_values(part: T, parameters: Mapping[str, Parameter], where: str) -> T:
    """``part`` of a spec with the parameters' values in place of their names; whether they make sense is not asked.

    ``UsageError``, which tells ``where``, for a name that is not among ``parameters``.
    """
    names = parameters_of(part)
    if not names:
        return part
    for name in names:
        if name not in parameters:
            raise UsageError(f"{where} uses ${name}, which is not declared under parameters")
    return _with_values(part, tuple((name, whole(parameters[name].value), parameters[name].unit) for name in names))


@kept(20_000)  # most parts get the same values in most versions of a measure
def _with_values(part: T, given: tuple[tuple[str, Value, str], ...]) -> T:
    """``part`` with these values, each with its unit; given are all the parameters that it mentions."""
    known = {name: (value, unit) for name, value, unit in given}

    def shift_value(inner: object) -> object:
        if not (isinstance(inner, Shift) and isinstance(inner.amount, ParameterName)):
            return inner
        value, unit = known[inner.amount.key]
        if not isinstance(value, int) or unit not in get_args(Unit):
            raise UsageError(f"a point in time cannot be shifted by {inner.amount} = {value} {unit}")
        return Shift(sign=inner.sign, amount=value, unit=cast(Unit, unit))

    def value_of(inner: object) -> object:
        return known[inner.key][0] if isinstance(inner, ParameterName) else inner

    shifted = rewrite(part, shift_value)  # first, while the shifts still say which parameter's unit they take
    return rewrite(shifted, value_of)


def value_problems(name: str, parameter: Parameter, value: Value) -> Iterator[str]:
    """What is wrong with ``value`` for a parameter: bounds, and a fraction where the parameter is a whole number."""
    if parameter.min is not None and value < parameter.min:
        yield f"{name} = {value} is below its minimum of {parameter.min} {parameter.unit}"
    if parameter.max is not None and value > parameter.max:
        yield f"{name} = {value} is above its maximum of {parameter.max} {parameter.unit}"
    if parameter.unit in get_args(Unit) and not isinstance(whole(value), int):
        yield f"{name} = {value} is not a whole number of {parameter.unit}"


def whole(value: Value) -> Value:
    """``24.0`` as ``24``; other numbers as they are."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _problems(measure: Measure, values: Mapping[str, Value]) -> Iterator[str]:
    for name, value in values.items():
        if name in measure.parameters:
            yield from value_problems(name, measure.parameters[name], value)
        else:
            near = difflib.get_close_matches(name, measure.parameters, n=1)
            hint = f", did you mean '{near[0]}'?" if near else ""
            yield f"it has no parameter '{name}'{hint} (it has: {', '.join(sorted(measure.parameters)) or 'none'})"


__all__ = ["Value", "bind", "bound_with", "value_problems", "whole", "with_values"]
