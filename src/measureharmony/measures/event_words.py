"""Points in time, windows and events in plain words: the lower half of :class:`~.words.Wording`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from measureharmony.measures.criterion import Age
from measureharmony.measures.event_set import (
    AgeAtEvent,
    EventSet,
    EventsRef,
    FilterRef,
    NumberTest,
    Relation,
    RowFilter,
    Step,
    ValueTest,
)
from measureharmony.measures.measure import Measure
from measureharmony.measures.names import Name, ParameterName
from measureharmony.measures.plain_words import amount, listed, plain
from measureharmony.measures.window import Bound, Point, Timing, WindowRef

#: How a name is shown: its section (``events``, ``criteria``, ``value_sets``) and the name.
Naming = Callable[[str, str], str]

_ANCHORS = {
    "period.start": "the first day of the period",
    "period.end": "the last day of the period",
}
_EVENTS = {"index": "the {} of what is counted", "this": "its {}", "other": "the other's {}"}
_MOMENTS = {
    "start": "start",
    "end": "end",
    "latest": "last day known",
    "earliest": "first day known",
    "authored": "day of ordering",
    "recorded": "day of recording",
}
_WINDOWS = {
    "period": "in the period",
    "index": "during what is counted",
    "this": "while it lasts",
    "other": "while the other lasts",
}
_TIMINGS = {
    "start": "starting",
    "end": "ending",
    "latest": "dated",
    "earliest": "first dated",
    "authored": "ordered",
    "recorded": "recorded",
    "whole": "beginning and ending",
    "overlaps": "lasting some time",
}
_LINKS = {
    "encounter": "its visit",
    "panel": "its panel",
    "component": "its component",
    "based_on": "the order it fulfils",
    "fulfilment": "what fulfils it",
}


@dataclass(frozen=True)
class EventWording:
    """The words for what a criterion says of events and days, in one ``measure``."""

    measure: Measure
    name: Naming = lambda section, name: plain(name)

    def value(self, number: float | str | None) -> float | str:
        """A number, or that of a parameter."""
        found = self.measure.parameters.get(number.key) if isinstance(number, ParameterName) else None
        return "" if number is None else number if found is None else found.value

    def unit(self, number: object) -> str:
        """The unit of a parameter; a plain number has none of its own."""
        found = self.measure.parameters.get(number.key) if isinstance(number, ParameterName) else None
        return "" if found is None else found.unit

    # --- time ---

    def point(self, point: Point) -> str:
        """Such as: "15 months before the first day of the period"."""
        text = _ANCHORS.get(f"{point.anchor}.{point.edge}", plain(point.anchor))
        if point.anchor in _EVENTS:
            text = _EVENTS[point.anchor].format(_MOMENTS[str(point.edge)])
        for shift in point.shifts:
            side = "after" if shift.sign > 0 else "before"
            text = f"{amount(self.value(shift.amount), str(shift.unit or self.unit(shift.amount)))} {side} {text}"
        return text

    def window(self, ref: WindowRef) -> str:
        """Such as: "from 15 months before the first day of the period to the last day of the period"."""
        if isinstance(ref, Name):
            named = self.measure.windows.get(ref)
            return _WINDOWS.get(ref) or (f"in {plain(ref)}" if named is None else self.window(named))
        last = "to" if ref.from_ or ref.after else "until"
        lower = (
            f"{word} {self._bound('latest', points)}"
            for word, points in (("from", ref.from_), ("after", ref.after))
            if points
        )
        upper = (
            f"{word} {self._bound('earliest', points)}"
            for word, points in ((last, ref.to), ("before", ref.before))
            if points
        )
        return " ".join((*lower, *upper))

    def _bound(self, which: str, points: Bound) -> str:
        """Such as: "the earliest of the last day of the period and death"."""
        several = listed(map(self.point, points), "and")
        return several if len(points) == 1 else f"the {which} of {several}"

    def timing(self, timing: Timing) -> str:
        """Such as: "ending in the period"."""
        exact = " (compared to the instant)" if timing.precision == "exact" else ""
        return f"{_TIMINGS[timing.relation]} {self.window(timing.window)}{exact}"

    # --- events ---

    def events(self, events: EventsRef) -> str:
        """A named set by its name, any other in full."""
        return self.name("events", events) if isinstance(events, Name) else self.event_set(events)

    def event_set(self, events: EventSet) -> str:
        """Such as: "observation in mammography, ending in the period, status final"."""
        conditions = [self.row_filter(RowFilter(type=events.type))] if events.type else []
        conditions += [self.timing(timing) for timing in events.when]
        conditions += [text for item in events.where for text in self._row_texts(item)]
        return "; ".join([self._source(events), *conditions, *map(self.step, events.take)])

    def _source(self, events: EventSet) -> str:
        if events.from_ is not None:
            return listed(self.name("events", name) for name in events.from_)
        codes = f" in {self.codes(events.codes)}" if events.codes else ""
        role = "" if events.role == "code" else f" whose {plain(events.role)} is"
        if events.components_of is not None:
            return f"components of {self.name('events', events.components_of)}{role}{codes}"
        not_done = " that was not done" if events.not_done else ""
        return f"{listed(plain(kind) for kind in events.kind or ())}{not_done}{role}{codes}"

    def codes(self, codes: Iterable[str]) -> str:
        """Value sets by their names, single codes as written."""
        return listed(code if "|" in code else self.name("value_sets", code) for code in codes)

    def step(self, step: Step) -> str:
        """Such as: "of these the one with the lowest value"."""
        by, days = getattr(step, step.choice), amount(self.value(step.days), "days")
        match step.choice:
            case "lowest" | "highest":
                return f"of these the one with the {step.choice} {plain(by)}"
            case "spaced":
                return f"of these the first, then each at least {days} after the one before"
            case "chain":
                return f"of these the {by} of each chain in which one starts within {days}"
            case "first_day" | "last_day":
                return f"of these all on the {step.choice.removesuffix('_day')} day ({by})"
        return f"of these the {step.choice} ({by})"

    # --- conditions on one event ---

    def row_filter(self, item: FilterRef) -> str:
        """Such as: "status final or amended", "with a result at least 9 %"."""
        return " and ".join(self._row_texts(item))

    def _row_texts(self, item: FilterRef) -> list[str]:
        while isinstance(item, Name):
            if item not in self.measure.filters:
                return [plain(item)]
            item = self.measure.filters[item]
        return list(self._row_parts(item))

    def _row_parts(self, item: RowFilter) -> Iterator[str]:
        if item.all is not None:
            yield from (text for part in item.all for text in self._row_texts(part))
        if item.any is not None:
            yield self._either(item.any)
        if item.not_ is not None:
            yield f"not ({self.row_filter(item.not_)})"
        yield from self._own_parts(item)
        if item.with_ is not None:
            yield f"there is {self._relation(item.with_)}"
        if item.without is not None:
            yield f"there is no {self._relation(item.without)}"

    def _own_parts(self, item: RowFilter) -> Iterator[str]:
        yield from map(self.timing, item.when)
        yield from self._words(item)
        if item.coded is not None:
            yield f"its {plain(item.coded.role)} is in {self.codes(item.coded.codes)}"
        if item.value is not None:
            yield self._value(item.value)
        for column in ("days_supply", "refills"):
            test: NumberTest | None = getattr(item, column)
            if test is not None:
                yield f"{plain(column)} {self.bounds(test.bounds, '')}"
        if item.daily_dose is not None:
            yield f"a daily dose {self.bounds(item.daily_dose.bounds, '')}"
        if item.age is not None:
            yield f"aged {self.years(item.age)} at its {item.age.at}"

    def _words(self, item: RowFilter) -> Iterator[str]:
        for column in ("type", "category", "status", "intent", "verification", "clinical_status", "source"):
            words: tuple[str | None, ...] | None = getattr(item, column)
            if words is not None:
                yield f"{plain(column)} {listed(words)}"

    def _value(self, value: ValueTest) -> str:
        parts = []
        if value.present is not None:
            parts.append("with a result" if value.present else "without a result")
        if value.type is not None:
            parts.append(f"a result of type {listed(str(word) for word in value.type)}")
        if value.bounds:
            parts.append(f"a result {self.bounds(value.bounds, value.unit or '')}")
        return " and ".join(parts)

    def _relation(self, relation: Relation) -> str:
        other = "another event of" if relation.distinct else "an event of"
        parts = [f"{other} {self.events(relation.events)}"]
        if relation.link is not None:
            parts.append(f"which is {_LINKS[relation.link]}")
        if relation.alike:
            parts.append(f"both in the same one of {self.codes(relation.alike)}")
        parts += [f"this {self.timing(timing)}" for timing in relation.when]
        parts += [f"that {self.timing(timing)}" for timing in relation.other_when]
        return "(" + ", ".join(parts) + ")"

    def _either(self, items: Iterable[FilterRef]) -> str:
        parts = [self.row_filter(item) for item in items]
        return parts[0] if len(parts) == 1 else "either (" + ") or (".join(parts) + ")"

    def years(self, age: Age | AgeAtEvent) -> str:
        """Such as: "18 to 75"."""
        first, last = self.value(age.from_), self.value(age.to)
        if age.from_ is not None and age.to is not None:
            return f"{first} to {last}"
        return f"{first} and over" if age.from_ is not None else f"up to {last}"

    def bounds(self, bounds: Mapping[str, int | float | str], unit: str) -> str:
        """Such as: "at least 9 % and below 12 %"."""
        return " and ".join(f"{plain(name)} {amount(self.value(bound), unit)}" for name, bound in bounds.items())


__all__ = ["EventWording", "Naming"]
