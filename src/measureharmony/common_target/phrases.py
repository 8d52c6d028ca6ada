"""What a condition asks for, in the terms of a front desk: which thing, how good, how often, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias, cast

from measureharmony.common_target.dated import DatedWording, Span
from measureharmony.evaluation.conjuncts import disjuncts, resolved
from measureharmony.measures.criterion import Count, CriterionRef
from measureharmony.measures.event_set import EventSet, EventsRef, FilterRef, RowFilter, ValueTest
from measureharmony.measures.names import Name, walk
from measureharmony.measures.plain_words import amount, listed, plain
from measureharmony.measures.words import parts_of

#: Which one of several counts; empty: any.
Choice: TypeAlias = Literal["", "first", "last"]
#: A bound's name (``below``, …) and unit, and the number.
Bounds: TypeAlias = Mapping[tuple[str, str], float]
_UPPER, _LOWER = ("below", "at_most"), ("at_least", "above")
#: What a bound becomes when nothing may meet it.
_MIRRORED = {"above": "at_most", "at_least": "below", "below": "at_least", "at_most": "above"}


@dataclass(frozen=True)
class Phrase:
    """One thing that must be there (or, ``absent``, must not).

    ``bounds`` are those of its result, ``besides`` what else that must be. ``at_least`` and ``at_most`` say how many it
    takes, on different days if ``by_day``. ``span`` are the days that are the same for everybody, ``when`` times that
    are not, in words. ``choice``: which one counts. ``codes``: the codes that say that it is the thing.
    """

    thing: str
    absent: bool = False
    bounds: Bounds = field(default_factory=dict)
    besides: tuple[str, ...] = ()
    at_least: int = 1
    at_most: int | None = None
    by_day: bool = False
    span: Span = field(default_factory=Span)
    when: tuple[str, ...] = ()
    choice: Choice = ""
    codes: tuple[str, ...] = ()

    @property
    def can_join(self) -> bool:
        """One thing may do for this and for others: it asks for more, not for less, and not for the first."""
        return not self.absent and self.at_most is None and self.choice != "first"

    def joined(self, other: Phrase) -> Phrase:
        """Both at once, of phrases that can join: each as strict as the stricter one, on days that are in both."""
        return Phrase(
            self.thing,
            bounds=_stricter(self.bounds, other.bounds),
            besides=_both(self.besides, other.besides),
            at_least=max(self.at_least, other.at_least),
            by_day=self.by_day or other.by_day,
            span=self.span.common(other.span),
            when=_both(self.when, other.when),
            choice=self.choice or other.choice,
            codes=_both(self.codes, other.codes),
        )

    def mirrored(self) -> Phrase | None:
        """That the last one may not be so bad, said of how it must be: not above 9 is at most 9."""
        if not self.absent or self.choice != "last" or len(self.bounds) != 1 or self.besides:
            return None
        [((side, unit), number)] = self.bounds.items()
        return replace(self, absent=False, bounds={(_MIRRORED[side], unit): number})

    @property
    def words(self) -> str:
        """Without its days: "latest assessment below 8 %"."""
        bounds = [f"{plain(side)} {amount(number, unit)}" for (side, unit), number in self.bounds.items()]
        is_said = self.absent or self.thing.startswith((self.choice, "latest"))
        choice = "" if is_said else self.choice
        days = "on different days" if self.by_day and self.at_least > 1 else ""
        parts = [self._many, choice, self.thing, listed((*bounds, *self.besides), "and"), days]
        return " ".join(filter(None, parts))

    @property
    def _many(self) -> str:
        if self.absent or self.at_most == 0:
            return "no"
        least = f"at least {self.at_least}" if self.at_least > 1 else ""
        most = "" if self.at_most is None else f"at most {self.at_most}"
        return " and ".join(filter(None, (least, most)))


def _both(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _stricter(one: Bounds, other: Bounds) -> Bounds:
    """The bounds of both, of two upper (or lower) ones in one unit only the stricter."""
    found: dict[tuple[str, str], float] = {}
    for sides, sign in ((_UPPER, 1), (_LOWER, -1)):
        every = [(sign * n, sides.index(side), side, unit) for b in (one, other) for (side, unit), n in b.items()
                 if side in sides]  # fmt: skip
        for unit in dict.fromkeys(unit for *_, unit in every):
            number, _, side, _ = min(bound for bound in every if bound[3] == unit)
            found[side, unit] = sign * number
    return found


class Phrasing:
    """Phrases of the criteria of one measure."""

    def __init__(self, words: DatedWording):
        self._words = words

    def alternatives(self, ref: CriterionRef, *, absent: bool = False) -> tuple[Phrase, ...]:
        """What meets a condition, any of it. ``absent``: none of it may be there."""
        criterion = resolved(self._words.measure, ref)
        if criterion.not_ is not None:
            return self.alternatives(criterion.not_, absent=not absent)
        if criterion.any is not None and not absent:
            parts = disjuncts(self._words.measure, ref)
            return tuple(phrase for _, part in parts for phrase in self.alternatives(part))
        if criterion.exists is not None:
            return (replace(self.events(criterion.exists), absent=absent),)
        if criterion.count is not None and not absent:
            return (self._count(criterion.count),)
        return (Phrase(self._in_words(ref), absent),)

    def _in_words(self, ref: CriterionRef) -> str:
        """A name for a combination, anything else with what it says."""
        criterion = resolved(self._words.measure, ref)
        parts = parts_of(criterion)
        if parts and not isinstance(ref, Name):
            return f"({listed(map(self._in_words, parts), 'and' if criterion.all else 'or')})"
        if not isinstance(ref, Name):
            return self._words.criterion(criterion)
        name = self._words.called("criteria", ref)
        return name if parts else f"{name} ({self._words.criterion(criterion)})"

    def _count(self, count: Count) -> Phrase:
        least, most = cast("int | None", count.at_least), cast("int | None", count.at_most)
        by_day = count.distinct == "day"
        return replace(self.events(count.of), at_least=least or 0, at_most=most, by_day=by_day)

    def events(self, ref: EventsRef) -> Phrase:
        """A set of events as a thing, with what its sets say of results and days."""
        phrase = Phrase(self._thing(ref))
        for events in self._chain(ref):
            said = Phrase(phrase.thing, choice=_choice(events))
            for timing in events.when:
                span = self._words.span(timing.window)
                when = () if span else (self._words.window(timing.window),)
                said = said.joined(Phrase(phrase.thing, span=span or Span(), when=when))
            for item in events.where:
                said = said.joined(self._of_result(item, phrase.thing))
            if events.codes and events.role == "code" and not said.codes:
                said = replace(said, codes=tuple(map(str, events.codes)))
            phrase = phrase.joined(said if not phrase.codes else replace(said, codes=()))
        return phrase

    def _thing(self, ref: EventsRef) -> str:
        while not isinstance(ref, Name):
            if ref.from_ is None or len(ref.from_) > 1:
                return self._words.event_set(EventSet.model_construct(**{**dict(ref), "when": (), "where": ()}))
            ref = ref.from_[0]
        return self._words.called("events", ref)

    def _chain(self, ref: EventsRef) -> Iterator[EventSet]:
        """The set and, as long as it starts from one other set, those it starts from."""
        while ref != "index":
            events = self._words.measure.events[ref] if isinstance(ref, Name) else ref
            yield events
            if events.components_of is not None:
                ref = events.components_of
            elif events.from_ is not None and len(events.from_) == 1:
                ref = events.from_[0]
            else:
                return

    def _of_result(self, item: FilterRef, thing: str) -> Phrase:
        """What a condition on an event says of its result, or its code; what else it says is for the spec to tell."""
        row = self._words.measure.filters[item] if isinstance(item, Name) else item
        if not isinstance(row, RowFilter):
            return self._of_result(row, thing)
        if row.coded is not None and row.coded.role == "code":
            return Phrase(thing, codes=tuple(map(str, row.coded.codes)))
        if row.value is not None and row.value.bounds:
            unit = "" if row.value.unit == "1" else str(row.value.unit)
            bounds = {(side, unit): cast(float, number) for side, number in row.value.bounds.items()}
            return Phrase(thing, bounds=bounds)
        if row.value is None and any(isinstance(part, ValueTest) and part.bounds for _, part in walk(row)):
            return Phrase(thing, besides=(self._words.row_filter(row),))
        return Phrase(thing)


def _choice(events: EventSet) -> Choice:
    for step in events.take:
        if step.last or step.last_day:
            return "last"
        if step.first or step.first_day:
            return "first"
    return ""


__all__ = ["Phrase", "Phrasing"]
