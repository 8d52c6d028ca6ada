"""Numbers of a subject: how many events, days or units there are, and what is reckoned from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from measureharmony.measures.names import Model, NumberName, ParameterName, one_of
from measureharmony.measures.window import Point, WindowRef, listed

if TYPE_CHECKING:  # criteria bound numbers, which speak of sets of events: criterion.py completes the models below
    from measureharmony.measures.criterion import CoveredDays, CriterionRef
    from measureharmony.measures.event_set import EventsRef

#: A number of a subject lies between minus and plus this; beyond, where nothing is measured, it is unknown.
LIMIT = 10**12


#: The weight of a risk table that belongs to no feature.
INTERCEPT = "intercept"


class EventCount(Model):
    """How many events a subject has; ``distinct: day`` counts calendar days of their start instead."""

    of: EventsRef
    distinct: Literal["event", "day"] = "event"


class AmountSum(Model):
    """Amounts of a subject's events, added up; an event that is in several of the sets counts once.

    ``amount``: a column of the event (``value`` in ``unit``), or ``days``: how many calendar days it lasts. Each amount
    is divided by ``per`` and rounded ``up`` or ``down`` to a whole number before it is added. Events without the amount
    are passed over, so that without any event the sum is 0.
    """

    of: Annotated[tuple[EventsRef, ...], Field(min_length=1), BeforeValidator(listed)]
    amount: Literal["days_supply", "quantity", "value", "days"]
    unit: str | None = None
    per: Annotated[int | float, Field(gt=0)] | ParameterName | None = None
    round: Literal["up", "down"] | None = None

    @model_validator(mode="after")
    def _unit_of_a_value(self) -> AmountSum:
        if (self.amount == "value") != (self.unit is not None):
            raise ValueError("'unit' goes with amount: value, and is needed there; write '1' when results have none")
        return self


class AgeNumber(Model):
    """Completed years (or months) at a point in time."""

    at: Point
    unit: Literal["years", "months"] = "years"


class Risk(Model):
    """What a risk model expects of a subject: ``link`` of the intercept and the weights of the features it has.

    ``table`` names the user's file of weights; without it, the number is unknown. A feature counts where its criterion
    is true. The link is ``logistic``, which makes a probability of the sum, or ``identity``, which leaves it as it is.
    """

    table: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    link: Literal["logistic", "identity"] = "logistic"
    features: Annotated[dict[str, CriterionRef], Field(min_length=1)]

    @model_validator(mode="after")
    def _no_intercept(self) -> Risk:
        if INTERCEPT in self.features:
            raise ValueError(f"'{INTERCEPT}' is no feature but the weight that everybody has; take it out")
        return self


class SubjectNumber(Model):
    """A number of a subject; exactly one key.

    ``share_covered`` is the share of a window's days that are covered, ``days_in`` the calendar days of a window;
    ``plus`` adds, and ``ratio`` divides the first by the second.
    """

    count: EventCount | None = None
    sum: AmountSum | None = None
    days_covered: CoveredDays | None = None
    share_covered: CoveredDays | None = None
    days_in: WindowRef | None = None
    age: AgeNumber | None = None
    plus: Annotated[tuple[NumberRef, ...], Field(min_length=1)] | None = None
    ratio: tuple[NumberRef, NumberRef] | None = None
    risk: Risk | None = None

    @model_validator(mode="after")
    def _one_key(self) -> SubjectNumber:
        one_of(self, *NUMBER_TYPES)
        return self

    @property
    def type(self) -> str:
        """The key that is given: ``count``, …, ``risk``."""
        return next(name for name in NUMBER_TYPES if getattr(self, name) is not None)


NUMBER_TYPES = ("count", "sum", "days_covered", "share_covered", "days_in", "age", "plus", "ratio", "risk")

#: The name of an entry under ``numbers``, or a number written out.
NumberRef = NumberName | SubjectNumber

__all__ = [
    "INTERCEPT", "LIMIT", "NUMBER_TYPES", "AgeNumber", "AmountSum", "EventCount", "NumberRef", "Risk", "SubjectNumber",
]  # fmt: skip
