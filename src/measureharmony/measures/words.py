"""A spec in plain words: points in time, windows, events and criteria, as people say them who do not read YAML.

Windows and filters are written out where they are used; sets of events and criteria keep their names, because readers
want to look those up. ``Wording.name`` says how such a name is shown (as a link, say). Parameters appear as their
values. A name or parameter that the measure does not have (a change may speak of one that another change brings) is
shown as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from measureharmony.measures.criterion import Age, Count, Criterion, CriterionRef, DaysCovered, Enrolled
from measureharmony.measures.event_set import EventSet, RowFilter
from measureharmony.measures.event_words import EventWording, Naming
from measureharmony.measures.measure import Anchor, EndOfCoverage
from measureharmony.measures.names import CriterionName, EventsName, FilterName, Name, NumberName, WindowName
from measureharmony.measures.number import AmountSum, NumberRef, SubjectNumber
from measureharmony.measures.plain_words import amount, listed, plain
from measureharmony.measures.window import Window


class Wording(EventWording):
    """The words for the parts of one ``measure``, linked; bound, its parameters appear as their values."""

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

    def anchor(self, anchor: Anchor) -> str:
        """Such as: "the start of first dispense"."""
        if anchor.of is not None:
            return f"the {anchor.point} of {self.events(anchor.of)}"
        end = cast(EndOfCoverage, anchor.enrolled)
        gaps = f", but for gaps of at most {amount(self.value(end.gap_days), 'days')}" if end.gap_days else ""
        return f"the last day of coverage with {_payer(end)}{gaps}, continuous from {self.point(end.from_)} on"

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
                return f"{self.number(part.of)} {self.bounds(part.bounds, '')}"
            case "enrolled":
                return self._enrolled(part)
            case "moment":
                return f"{self.point(part.point)} falls {self.window(part.in_)}"
            case "always":
                return "everybody" if part else "nobody"
        return f"{criterion.type} is {part}"

    def _age(self, age: Age) -> str:
        unit = "" if age.unit == "years" else f" {age.unit}"
        return f"aged {self.years(age)}{unit} on {self.point(age.at)}"

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


__all__ = ["Naming", "Wording", "heading", "parts_of"]
