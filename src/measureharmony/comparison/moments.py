"""Points and windows by what they resolve to, not by how they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, lru_cache

from measureharmony.comparison.form import Key
from measureharmony.measures.window import Point, Shift, Timing, Window
from measureharmony.periods import Period, Unit, add

#: The years in which two points of the period must be the same moment to be the same: a leap year, and those around it.
_YEARS = tuple(Period.calendar_year(year) for year in range(2023, 2028))
_MS_PER_DAY = 24 * 60 * 60 * 1000
#: Fixed so that every bound of a window can be said with "from" or "to": whole days lie after one and from the next on.
_NEXT = {"after": ("from", 1), "before": ("to", -1)}

#: What identifies an anchor that a measure declares.
AnchorKey = Callable[[str], Key]


def point_key(point: Point, anchor: AnchorKey, *, exact: bool = False, days: int = 0) -> Key:
    """Equal for points that are the same moment in every year. ``days`` later; to the day unless ``exact``."""
    if point.anchor == "period":
        return ("period", _resolved(str(point), exact=exact, days=days))
    shifts = [*(_plain(shift) for shift in point.shifts), ("days", days)]
    return (anchor(point.anchor), str(point.edge), tuple(_together(shifts)))


@lru_cache(maxsize=10_000)
def _resolved(text: str, *, exact: bool, days: int) -> tuple[str, ...]:
    point = Point.model_validate(text)
    return tuple(_in_year(point, period, exact=exact, days=days) for period in _YEARS)


def _in_year(point: Point, period: Period, *, exact: bool, days: int) -> str:
    day, ms = (period.start, 0) if point.edge == "start" else (period.end, _MS_PER_DAY - 1)
    try:
        for shift in point.shifts:
            amount = shift.sign * int(shift.amount)
            if shift.unit == "milliseconds":
                carried, ms = divmod(ms + amount, _MS_PER_DAY)
                day = add(day, carried, "days")
            else:
                day = add(day, amount, shift.unit or "days")
        day = add(day, days, "days")
    except (OverflowError, ValueError):
        return f"beyond the calendar: {point}"
    return f"{day} {ms}" if exact else str(day)


def _plain(shift: Shift) -> tuple[str, int]:
    """A shift in days, months or milliseconds."""
    amount = shift.sign * int(shift.amount)
    units: dict[Unit | str, tuple[str, int]] = {"weeks": ("days", 7), "years": ("months", 12)}
    unit, times = units.get(str(shift.unit), (str(shift.unit), 1))
    return unit, amount * times


def _together(shifts: Iterable[tuple[str, int]]) -> Iterable[tuple[str, int]]:
    """Days that follow days are added up; months are not, because each of them is clipped by itself."""
    waiting = 0
    for unit, amount in shifts:
        if unit == "days":
            waiting += amount
            continue
        if waiting:
            yield "days", waiting
            waiting = 0
        if amount:
            yield unit, amount
    if waiting:
        yield "days", waiting


def bounds(window: Window, anchor: AnchorKey, *, exact: bool = False) -> tuple[tuple[Key, ...], tuple[Key, ...]]:
    """The points of a window's lower and upper bound, each with whether it belongs to the window."""
    sides: dict[str, set[Key]] = {"from": set(), "to": set()}
    for key in ("from", "after", "to", "before"):
        for point in getattr(window, "from_" if key == "from" else key) or ():
            side, days = _NEXT.get(key, (key, 0))
            strict = exact and bool(days)
            sides[side].add((point_key(point, anchor, exact=exact, days=0 if exact else days), strict))
    return tuple(sorted(sides["from"], key=repr)), tuple(sorted(sides["to"], key=repr))


def comparisons(timing: Timing, window: Window, anchor: AnchorKey) -> tuple[Key, ...]:
    """A timing as comparisons of a moment with a point: (moment, side, point and strictness, precision)."""
    low, high = {"whole": ("start", "end"), "overlaps": ("end", "start")}.get(timing.relation, (timing.relation,) * 2)
    lower, upper = bounds(window, anchor, exact=timing.precision == "exact")
    return tuple(
        (moment, side, point, timing.precision)
        for moment, side, points in ((low, "from", lower), (high, "to", upper))
        for point in points
    )


@cache
def built_in_window(name: str) -> Window:
    """``period``, ``index``, ``this`` or ``other``, written out."""
    return Window.model_validate({"from": f"{name}.start", "to": f"{name}.end"})


__all__ = ["AnchorKey", "bounds", "built_in_window", "comparisons", "point_key"]
