"""What a gap weighs in a work list: data that a practice can change."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import Field

from measureharmony.errors import SpecError
from measureharmony.measures.measure import Key
from measureharmony.measures.names import Model
from measureharmony.measures.reader import read_model
from measureharmony.spec_files import spec_folder

#: Points with one decimal, so that what is shown adds up.
Points: TypeAlias = Annotated[Decimal, Field(ge=0, le=1000, decimal_places=1)]


class Due(Model):
    """Points that rise evenly, from none ``within_days`` before the last day to all of them on it."""

    within_days: Annotated[int, Field(ge=1)]
    points: Points


class PerAmount(Model):
    """Points for each ``amount`` of money that closing a gap earns, in the currency of the program that pays."""

    amount: Annotated[Decimal, Field(gt=0)]
    points: Points


class FromAge(Model):
    """Points for people of this age (in completed years, on the run's day) or older."""

    from_: Annotated[int, Field(alias="from", ge=0)]
    points: Points


class Weights(Model):
    """What a gap weighs, in points; ``measures`` weigh their own instead of ``gap``. What is left out: nothing."""

    gap: Points = Decimal(1)
    measures: dict[Key, Points] = Field(default_factory=dict)
    further_program: Points = Decimal(0)
    due: Due | None = None
    per_amount: PerAmount | None = None
    per_risk: Points = Decimal(0)
    age: FromAge | None = None


def read_weights(path: Path | None = None) -> Weights:
    """The weights in a file, or the shipped ones; :class:`SpecError` with everything that is wrong with the file."""
    reading = read_model(path or spec_folder() / "work_list.yaml", Weights)
    if reading.model is None or reading.issues:
        raise SpecError(reading.issues)
    return reading.model


__all__ = ["Weights", "read_weights"]
