"""What a resolved measure promises to the interpreter: every number is bound, every key asked for is given."""

from __future__ import annotations

from typing import TypeVar

from measureharmony.measures.event_set import Integer, Number
from measureharmony.measures.names import ParameterName

T = TypeVar("T")


def given(part: T | None) -> T:
    """``part``, which the caller knows to be there."""
    assert part is not None, "asked for a key that the spec does not give"
    return part


def as_number(number: Number) -> int | float:
    """The number; ``TypeError`` when a parameter's name still stands there."""
    if isinstance(number, ParameterName):
        raise TypeError(f"the measure is not bound: {number} has no value yet; resolve the variant first")
    return number


def as_whole(number: Integer | None) -> int | None:
    """The whole number, or ``None`` where none is given; ``TypeError`` as above."""
    if isinstance(number, ParameterName):
        raise TypeError(f"the measure is not bound: {number} has no value yet; resolve the variant first")
    return number
