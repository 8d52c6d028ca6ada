"""Parts of several versions of one measure under one roof: what is the same is there once, what differs side by side.

Parts are compared after everything they refer to, so that two parts are the same when they mean the same events in the
same days through the same sources. A period other than the common one is written as a shift of it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from measureharmony.measures.bind import with_values
from measureharmony.measures.event_set import EventSet, RowFilter
from measureharmony.measures.link import qualified_parts
from measureharmony.measures.measure import POPULATIONS, SECTIONS, Parameter, Shared
from measureharmony.measures.names import Name, ParameterName, WindowName, rewrite
from measureharmony.measures.references import BUILT_IN, SECTION_OF, Part
from measureharmony.measures.window import Point, Shift, Window
from measureharmony.payers.variant import Variant
from measureharmony.periods import Period, add_months

T = TypeVar("T")


@dataclass(frozen=True)
class View:
    """One population's look at the parts of its version: through the sources of evidence that it accepts."""

    variant: Variant
    sources: tuple[str, ...] = ()

    @classmethod
    def of(cls, variant: Variant, population: str) -> View:
        """The view of a population of a version."""
        return cls(variant, tuple(variant.sources.get(population, ())))


class Merging:
    """Takes parts of versions over into one measure with the period ``base``.

    ``shared`` are the shared files: a part that is still as such a file has it keeps its dotted name.
    """

    def __init__(self, base: Period, shared: Mapping[str, Shared]):
        self.base = base
        self.parts: dict[Part, object] = {}
        self._shared = _as_shared(shared)
        self._taken: dict[tuple[str, tuple[str, ...], Part], str] = {}
        self._original: dict[Part, str] = {}
        self._versions: defaultdict[Part, list[str]] = defaultdict(list)

    def take(self, view: View, content: T) -> T:
        """``content`` of a version as the merged measure says it, with every part that it refers to."""
        shift = _shift_of(self.base, view.variant.period)

        def change(inner: object) -> object:
            match inner:
                case ParameterName():
                    return inner
                case WindowName() if inner == "period" and shift.is_any:
                    return WindowName(self._shifted_period(shift, view))
                case Name() if inner in BUILT_IN.get(SECTION_OF[type(inner)], ()):
                    return inner
                case Name():
                    return type(inner)(self._name(view, (SECTION_OF[type(inner)], str(inner))))
                case Point() if inner.anchor == "period" and shift.is_any:
                    return shift.of(inner)
                case EventSet() if view.sources and inner.from_ is None:
                    return inner.model_copy(update={"where": (*inner.where, RowFilter(source=view.sources))})
            return inner

        return rewrite(content, change)

    def prefer(self, variant: Variant) -> None:
        """Give a version's parts their own names, whatever other versions have under these names."""
        for rate in variant.measure.rates:
            for population in POPULATIONS:
                self.take(View.of(variant, population), variant.measure.population(rate, population))

    @property
    def originals(self) -> Mapping[Part, str]:
        """What the parts are called in the versions that they come from."""
        return self._original

    def definitions(self) -> dict[str, dict[str, Any]]:
        """The parts taken so far, by section."""
        found: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
        for (section, name), content in self.parts.items():
            found[section][name] = content
        return found

    def add(self, section: str, name: str, content: object, original: str = "") -> str:
        """A part of the merged measure's own under a name like ``name``; the name it has."""
        for candidate in _names_like(name):
            if self.parts.setdefault((section, candidate), content) == content:
                self._original.setdefault((section, candidate), original or name)
                return candidate
        raise AssertionError("names never end")

    def _name(self, view: View, part: Part) -> str:
        key = (view.variant.id, view.sources, part)
        if key not in self._taken:
            section, name = part
            content = self.take(view, getattr(view.variant.measure, section)[name])
            self._taken[key] = self._named(section, name, content, view.variant.program)
        return self._taken[key]

    def _named(self, section: str, name: str, content: object, program: str) -> str:
        """The name under which a part is held: its own where that is free or holds the same, else a longer one."""
        if self._shared.get((section, name)) == content:
            return self.add(section, name, content)
        own = name.replace(".", "_")
        for known in self._versions[section, name]:
            if self.parts[section, known] == content:
                return known
        is_taken = (section, own) in self.parts or (section, name) in self._shared
        found = f"{own}_{program}" if is_taken else own
        found = self.add(section, found, content, name)
        self._versions[section, name].append(found)
        return found

    def _shifted_period(self, shift: _PeriodShift, view: View) -> str:
        window = Window.model_validate({"from": shift.of(_point("start")), "to": shift.of(_point("end"))})
        return self.add("windows", f"period_of_{view.variant.program}", window)


def _names_like(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}_{number}"
        number += 1


# --- shared parts -----------------------------------------------------------------------------------------------------


def _as_shared(shared: Mapping[str, Shared]) -> dict[Part, object]:
    """Every part of the shared files as measures see it that change nothing in it: with its parameters' values."""
    parts = {part: content for name, file in shared.items() for part, content in qualified_parts(file, name).items()}
    values = {name: content for (section, name), content in parts.items() if section == "parameters"}
    parameters = cast("Mapping[str, Parameter]", values)
    return {
        part: with_values(content, parameters, f"shared part '{part[1]}'")
        for part, content in parts.items()
        if part[0] != "parameters"
    }


# --- periods ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _PeriodShift:
    """How a period lies to another: what its first and its last day are shifted by."""

    start: tuple[Shift, ...]
    end: tuple[Shift, ...]

    @property
    def is_any(self) -> bool:
        """The two periods are not the same."""
        return bool(self.start or self.end)

    def of(self, point: Point) -> Point:
        """A point of the other period, told from the common one."""
        shifts = self.start if point.edge == "start" else self.end
        return point.model_copy(update={"shifts": (*shifts, *point.shifts)})


def _shift_of(base: Period, other: Period) -> _PeriodShift:
    return _PeriodShift(_shift(base.start, other.start), _shift(base.end, other.end))


def _shift(day: dt.date, other: dt.date) -> tuple[Shift, ...]:
    """From one day to another, in whole months where that leads there."""
    if day == other:
        return ()
    months = (other.year - day.year) * 12 + other.month - day.month
    if add_months(day, months) == other:
        return (Shift(sign=1 if months > 0 else -1, amount=abs(months), unit="months"),)
    days = (other - day).days
    return (Shift(sign=1 if days > 0 else -1, amount=abs(days), unit="days"),)


def _point(edge: str) -> Point:
    return Point.model_validate(f"period.{edge}")


__all__ = ["Merging", "View"]
