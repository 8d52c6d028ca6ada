"""A spec in plain words: points in time, windows, events and criteria, as people say them who do not read YAML.

Windows and filters are written out where they are used; sets of events and criteria keep their names, because readers
want to look those up. ``Wording.name`` says how such a name is shown (as a link, say). Parameters appear as their
values. A name or parameter that the measure does not have (a change may speak of one that another change brings) is
shown as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from measureharmony.measures.criterion import (
    Age,
    AgeAtEvent,
    Count,
    Criterion,
    CriterionRef,
    DaysCovered,
    Enrolled,
    EventSet,
    EventsRef,
    FilterRef,
    NumberTest,
    Relation,
    RowFilter,
    Step,
    ValueTest,
)
from measureharmony.measures.measure import Anchor, EndOfCoverage, Measure
from measureharmony.measures.names import (
    CriterionName,
    EventsName,
    FilterName,
    Name,
    NumberName,
    ParameterName,
    WindowName,
)
from measureharmony.measures.number import AmountSum, NumberRef, SubjectNumber
from measureharmony.measures.window import Bound, Point, Timing, Window, WindowRef

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
_BOUNDS = {"above": "above", "at_least": "at least", "below": "below", "at_most": "at most"}
_LINKS = {
    "encounter": "its visit",
    "panel": "its panel",
    "component": "its component",
    "based_on": "the order it fulfils",
    "fulfilment": "what fulfils it",
}


def plain(name: str) -> str:
    """A name of a spec as words: ``hospice.received_care`` is "hospice: received care"."""
    return name.replace("_", " ").replace(".", ": ")


def listed(words: Iterable[str], conjunction: str = "or") -> str:
    """``a, b or c``."""
    every = list(words)
    return f" {conjunction} ".join(filter(None, (", ".join(every[:-1]), *every[-1:])))


def amount(number: float | str, unit: str) -> str:
    """``1 day``, ``15 months``; a parameter that is not bound keeps its name."""
    if str(unit) in ("", "1", "None"):
        return str(number)
    return f"{number} {unit.removesuffix('s') if number == 1 else unit}"


@dataclass(frozen=True)
class Wording:
    """The words for the parts of one ``measure``, linked; bound, its parameters appear as their values."""

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

    def part(self, part: object) -> str:
        """The content of a named part: a criterion, set of events, number, condition on events, window or anchor."""
        match part:
            case Criterion() | CriterionName():
                return self.criterion(part)
            case EventSet() | EventsName():
                return self.events(part)
            case SubjectNumber() | NumberName():
                return self.number(part)
            case Window() | WindowName():
                return self.window(part)
            case RowFilter() | FilterName():
                return self.row_filter(part)
            case Anchor():
                return self.anchor(part)
        return str(part)

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

    def anchor(self, anchor: Anchor) -> str:
        """Such as: "the start of first dispense"."""
        if anchor.of is not None:
            return f"the {anchor.point} of {self.events(anchor.of)}"
        end = cast(EndOfCoverage, anchor.enrolled)
        gaps = f", but for gaps of at most {amount(self.value(end.gap_days), 'days')}" if end.gap_days else ""
        return f"the last day of coverage with {_payer(end)}{gaps}, continuous from {self.point(end.from_)} on"

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
                yield f"{plain(column)} {self._bounds(test.bounds, '')}"
        if item.daily_dose is not None:
            yield f"a daily dose {self._bounds(item.daily_dose.bounds, '')}"
        if item.age is not None:
            yield f"aged {self._years(item.age)} at its {item.age.at}"

    def _words(self, item: RowFilter) -> Iterator[str]:
        for column in ("type", "category", "status", "intent", "verification", "clinical_status", "source"):
            words: tuple[str | None, ...] | None = getattr(item, column)
            if words is not None:
                yield f"{plain(column)} {listed('not stated' if word is None else str(word) for word in words)}"

    def _value(self, value: ValueTest) -> str:
        parts = []
        if value.present is not None:
            parts.append("with a result" if value.present else "without a result")
        if value.type is not None:
            parts.append(f"a result of type {listed(str(word) for word in value.type)}")
        if value.bounds:
            parts.append(f"a result {self._bounds(value.bounds, value.unit or '')}")
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

    def _years(self, age: Age | AgeAtEvent) -> str:
        first, last = self.value(age.from_), self.value(age.to)
        if age.from_ is not None and age.to is not None:
            return f"{first} to {last}"
        return f"{first} and over" if age.from_ is not None else f"up to {last}"

    def _bounds(self, bounds: Mapping[str, int | float | str], unit: str) -> str:
        return " and ".join(f"{_BOUNDS[name]} {amount(self.value(bound), unit)}" for name, bound in bounds.items())

    # --- criteria ---

    def criterion(self, criterion: CriterionRef) -> str:
        """A criterion in one line; named criteria by their names."""
        if isinstance(criterion, Name):
            return self.name("criteria", criterion)
        parts = parts_of(criterion)
        if criterion.not_ is not None:
            return f"not: {self.criterion(criterion.not_)}"
        if not parts:
            return self._leaf(criterion)
        word = self._heading(criterion)
        return f"{word}: " + "; ".join(map(self._inside, parts)) if word else self.criterion(parts[0])

    def _inside(self, criterion: CriterionRef) -> str:
        """A criterion in a line of others; a combination in brackets, to show where it ends."""
        text = self.criterion(criterion)
        if isinstance(criterion, Name):
            return text
        set_, mark, conditions = text.partition("; ")
        if mark and not parts_of(criterion):
            return f"{set_} ({conditions})"
        return f"({text})" if heading(criterion) not in ("", "not") else text

    def outline(self, criterion: CriterionRef, depth: int = 0) -> Iterator[tuple[int, str]]:
        """A criterion as an indented list, named criteria with what they mean: (depth, text) line by line."""
        label = ""
        while isinstance(criterion, Name):
            label = label or f"{self.name('criteria', criterion)}: "
            criterion = self.measure.criteria[criterion]
        parts = parts_of(criterion)
        if len(parts) == 1 and criterion.not_ is None and criterion.at_least is None:
            yield from self._relabelled(label, self.outline(parts[0], depth))
            return
        if criterion.not_ is not None and not self._is_combined(parts[0]):
            yield depth, f"{label}not: {self.criterion(parts[0])}"
            return
        yield depth, f"{label}{self._heading(criterion) if parts else self._leaf(criterion)}"
        for part in parts:
            yield from self.outline(part, depth + 1)

    def _heading(self, criterion: Criterion) -> str:
        word = heading(criterion)
        return (
            word
            if criterion.at_least is None
            else word.replace(str(criterion.at_least.n), str(self.value(criterion.at_least.n)))
        )

    def _is_combined(self, criterion: CriterionRef) -> bool:
        return isinstance(criterion, Name) or bool(parts_of(criterion))

    def _relabelled(self, label: str, lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
        depth, text = next(lines)
        yield depth, f"{label}{text}"
        yield from lines

    def _leaf(self, criterion: Criterion) -> str:
        part = getattr(criterion, criterion.type)
        match criterion.type:
            case "age":
                return self._age(part)
            case "exists":
                return f"has {self.events(part)}"
            case "count":
                return self._count(part)
            case "days_covered":
                return self._days_covered(part)
            case "number":
                return f"{self.number(part.of)} {self._bounds(part.bounds, '')}"
            case "enrolled":
                return self._enrolled(part)
            case "moment":
                return f"{self.point(part.point)} falls {self.window(part.in_)}"
            case "always":
                return "everybody" if part else "nobody"
        return f"{criterion.type} is {part}"

    def _age(self, age: Age) -> str:
        unit = "" if age.unit == "years" else f" {age.unit}"
        return f"aged {self._years(age)}{unit} on {self.point(age.at)}"

    def _count(self, count: Count) -> str:
        limits = (("at least", count.at_least), ("at most", count.at_most))
        asked = " and ".join(f"{word} {self.value(limit)}" for word, limit in limits if limit is not None)
        days = " on different days" if count.distinct == "day" else ""
        return f"has {asked} of {self.events(count.of)}{days}"

    def _days_covered(self, covered: DaysCovered) -> str:
        asked = [f"at least {self.value(covered.at_least)} days"] if covered.at_least is not None else []
        asked += [f"at least {self.value(covered.share)} of the days"] if covered.share is not None else []
        saved = ", early refills saved up" if covered.shift else ""
        left_out = f", but for days covered by {listed(map(self.events, covered.except_))}" if covered.except_ else ""
        sets = listed(self.events(item) for item in covered.of)
        return f"{' and '.join(asked)} {self.window(covered.within)} are covered by {sets}{saved}{left_out}"

    # --- numbers ---

    def number(self, ref: NumberRef) -> str:
        """A number in one line; named numbers by their names."""
        return self.name("numbers", ref) if isinstance(ref, Name) else self.number_text(ref)

    def number_text(self, number: NumberRef) -> str:
        """Such as: "the number of days in the period covered by fills"; of another name, that name."""
        if isinstance(number, Name):
            return self.number(number)
        part = getattr(number, number.type)
        match number.type:
            case "count":
                days = "different days of " if part.distinct == "day" else ""
                return f"the number of {days}{self.events(part.of)}"
            case "sum":
                return self._sum(part)
            case "days_covered" | "share_covered":
                what = "the number of days" if number.type == "days_covered" else "the share of days"
                left_out = f", without those of {listed(map(self.events, part.except_))}" if part.except_ else ""
                saved = ", early refills saved up" if part.shift else ""
                sets = listed(map(self.events, part.of))
                return f"{what} {self.window(part.within)} covered by {sets}{left_out}{saved}"
            case "days_in":
                return f"the number of days {self.window(part)}"
            case "age":
                return f"the age in {part.unit} on {self.point(part.at)}"
            case "plus":
                return listed(map(self.number, part), "plus")
            case "risk":
                features = "; ".join(f"{plain(name)} ({self.criterion(ref)})" for name, ref in part.features.items())
                return f"the {part.link} risk by the table {part.table}, from: {features}"
        return f"{self.number(part[0])} divided by {self.number(part[1])}"

    def _sum(self, asked: AmountSum) -> str:
        unit = f" in {asked.unit}" if asked.unit else ""
        each = f", each divided by {self.value(asked.per)}" if asked.per is not None else ""
        rounding = f" and rounded {asked.round}" if asked.round else ""
        return f"the sum of {plain(asked.amount)}{unit} over {listed(map(self.events, asked.of))}{each}{rounding}"

    def _enrolled(self, enrolled: Enrolled) -> str:
        many, days = self.value(enrolled.gaps), amount(self.value(enrolled.gap_days), "days")
        gaps = f"1 gap of at most {days}" if many == 1 else f"{many} gaps of at most {days} each"
        gap = f", but for at most {gaps}" if enrolled.gaps else ""
        anchor = f", and on {self.point(enrolled.anchor)}" if enrolled.anchor else ""
        benefits = f", with {listed(enrolled.benefits, 'and')} benefits" if enrolled.benefits else ""
        return f"enrolled with {_payer(enrolled)} {self.window(enrolled.window)}{gap}{anchor}{benefits}"


def _payer(covered: Enrolled | EndOfCoverage) -> str:
    return "the payer" if covered.payer == "own" else "one payer"


def parts_of(criterion: Criterion) -> tuple[CriterionRef, ...]:
    """What a combination combines; nothing for any other criterion."""
    if criterion.not_ is not None:
        return (criterion.not_,)
    if criterion.at_least is not None:
        return criterion.at_least.of
    return criterion.all or criterion.any or ()


def heading(criterion: Criterion) -> str:
    """How the parts of a combination belong together: "all of", "any of", "not", "at least 2 of"."""
    if criterion.not_ is not None:
        return "not"
    if criterion.at_least is not None:
        return f"at least {criterion.at_least.n} of"
    parts = parts_of(criterion)
    return "" if len(parts) < 2 else ("all of" if criterion.all is not None else "any of")


__all__ = ["Naming", "Wording", "amount", "heading", "listed", "parts_of", "plain"]
