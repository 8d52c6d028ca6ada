"""Points and windows in time, as specs write them."""

from __future__ import annotations

import re
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from measureharmony.measures.names import AnchorName, Model, ParameterName, WindowName, one_of
from measureharmony.periods import Unit

#: One moment of an event: `latest` is its end, or its start when the end is unknown or never comes; `earliest` the
#: other way round (shared eCQM logic 2026, section 4).
PointOfEvent = Literal["start", "end", "latest", "earliest", "authored", "recorded"]
Precision = Literal["day", "exact"]

_NAME = r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*"
_POINT = re.compile(
    rf"(?P<anchor>{_NAME})(?P<shifts>(?: [+-] (?:\d+ (?:millisecond|day|week|month|year)s?|\${_NAME}))*)"
)
_SHIFT = re.compile(rf"([+-]) (?:(\d+) (millisecond|day|week|month|year)s?|(\${_NAME}))")
#: Anchors that last, so that a point must say which moment of them is meant.
_EVENTS = ("this", "other", "index")
_MOMENTS: tuple[str, ...] = get_args(PointOfEvent)


class Shift(Model):
    """``+ 2 years`` or ``- $lookback``; a parameter brings its own unit.

    ``- 1 millisecond`` from the start of a day is the last instant of the day before. Only the period's points know it.
    """

    sign: Literal[1, -1]
    amount: int | ParameterName
    unit: Unit | Literal["milliseconds"] | None = None


class Point(Model):
    """A moment: an anchor, which moment of it, and calendar shifts, applied from left to right.

    Written ``period.start - 15 months``, ``birth + 2 years``, ``other.authored + 3 days``, ``ipsd - $days_before``.
    Anchors are ``period``, ``birth``, ``death``, ``index`` (the event an episode measure counts), ``this`` and
    ``other`` (the two rows of a relation), and those a measure declares under ``anchors``. ``period.end`` is the
    period's last instant; whoever is not dead dies never.
    """

    anchor: AnchorName
    edge: PointOfEvent | None = None
    shifts: tuple[Shift, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        match = _POINT.fullmatch(value.strip())
        if match is None:
            raise ValueError(
                f"{value!r} is not a point in time; write an anchor and shifts, such as 'period.start - 15 months'"
            )
        anchor, _, edge = match["anchor"].partition(".")
        if anchor != "period" and anchor not in _EVENTS:  # a dot stands between a shared file and its anchor
            anchor, edge = match["anchor"], ""
        shifts = tuple(
            {"sign": 1 if sign == "+" else -1, "amount": int(number) if number else name, "unit": unit + "s" or None}
            if number
            else {"sign": 1 if sign == "+" else -1, "amount": name}
            for sign, number, unit, name in _SHIFT.findall(match["shifts"])
        )
        return {"anchor": anchor, "edge": edge if edge in _MOMENTS else None, "shifts": shifts}

    @model_validator(mode="after")
    def _edge_where_needed(self) -> Point:
        if self.anchor == "period" and self.edge not in ("start", "end"):
            raise ValueError("'period' is no single moment; write period.start or period.end")
        if self.anchor in _EVENTS and self.edge is None:
            moments = ", ".join(f"{self.anchor}.{edge}" for edge in _MOMENTS)
            raise ValueError(f"'{self.anchor}' is no single moment; say which one: {moments}")
        if self.anchor != "period" and any(shift.unit == "milliseconds" for shift in self.shifts):
            raise ValueError("only period.start and period.end are instants that milliseconds can be added to")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {
            "type": "string",
            "pattern": f"^{_POINT.pattern.replace('?P<anchor>', '?:').replace('?P<shifts>', '?:')}$",
        }

    def __str__(self) -> str:
        edge = f".{self.edge}" if self.edge else ""
        shifts = "".join(
            f" {'+' if s.sign > 0 else '-'} {s.amount}{f' {s.unit}' if s.unit else ''}" for s in self.shifts
        )
        return f"{self.anchor}{edge}{shifts}"


def listed(value: object) -> object:
    """A single item where a list is expected, as a list of one."""
    if value is None:
        return None
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


#: One point, or several of which the one counts that makes the window shortest.
Bound = Annotated[tuple[Point, ...], Field(min_length=1), BeforeValidator(listed)]


class Window(Model):
    """A stretch of time. ``from`` and ``to`` belong to it, ``after`` and ``before`` do not; a missing bound is open.

    A bound may be a list: the window begins at the latest of ``from`` (or ``after``) and ends at the earliest of ``to``
    (or ``before``), as in ``to: [period.end, death]``.
    """

    from_: Bound | None = Field(None, alias="from")
    to: Bound | None = None
    after: Bound | None = None
    before: Bound | None = None

    @model_validator(mode="after")
    def _bounds(self) -> Window:
        if self.from_ and self.after:
            raise ValueError("give 'from' (included) or 'after' (not included), not both")
        if self.to and self.before:
            raise ValueError("give 'to' (included) or 'before' (not included), not both")
        if not (self.from_ or self.to or self.after or self.before):
            raise ValueError("a window needs at least one of: from, to, after, before")
        return self


#: ``period``, ``index``, ``this``, ``other``, the name of an entry under ``windows``, or a window written out.
WindowRef = WindowName | Window


class Timing(Model):
    """Which moment or stretch of an event must lie where.

    ``start``, ``end``, ``latest``, ``earliest``, ``authored``, ``recorded``: that moment lies in the window.
    ``whole``: the event begins and ends in it. ``overlaps``: the event and the window share some time.
    ``precision: day`` compares calendar dates as written; ``exact`` compares instants, and a date without time of
    day that ties is unknown, hence not met (shared eCQM logic 2026, section 1).
    """

    start: WindowRef | None = None
    end: WindowRef | None = None
    latest: WindowRef | None = None
    earliest: WindowRef | None = None
    authored: WindowRef | None = None
    recorded: WindowRef | None = None
    whole: WindowRef | None = None
    overlaps: WindowRef | None = None
    precision: Precision = "day"

    @model_validator(mode="after")
    def _one_relation(self) -> Timing:
        one_of(self, *RELATIONS)
        return self

    @property
    def relation(self) -> str:
        """The key that was given: ``start``, …, ``whole`` or ``overlaps``."""
        return next(name for name in RELATIONS if getattr(self, name) is not None)

    @property
    def window(self) -> WindowRef:
        """The window it names."""
        window: WindowRef = getattr(self, self.relation)
        return window


RELATIONS = ("start", "end", "latest", "earliest", "authored", "recorded", "whole", "overlaps")


__all__ = [
    "RELATIONS", "Bound", "Point", "PointOfEvent", "Precision", "Shift", "Timing", "Window", "WindowRef", "listed",
]  # fmt: skip
