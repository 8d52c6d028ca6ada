"""What a condition asks for, in the terms of a front desk: which thing, how good, how often, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias, cast

from measureharmony.common_target.dated import DatedWording, Span
from measureharmony.evaluation.conjuncts import disjuncts, resolved
from measureharmony.measures.criterion import Count, CriterionRef, EventSet, EventsRef, FilterRef, RowFilter, ValueTest
from measureharmony.measures.names import Name, walk
from measureharmony.measures.words import amount, listed, parts_of

#: A bound's name (``below``, …) and unit, and the number.
Bounds: TypeAlias = Mapping[tuple[str, str], float]
_UPPER, _LOWER = ("below", "at_most"), ("at_least", "above")
#: What a bound becomes when nothing may meet it.
_MIRRORED = {"above": "at_most", "at_least": "below", "below": "at_least", "at_most": "above"}
_WORDS = {"above": "above", "at_least": "at least", "below": "below", "at_most": "at most"}


@dataclass(frozen=True)
class Phrase:
    """One thing that must be there (or, ``absent``, must not).

    ``bounds`` are those of its result, ``many`` how many it takes, ``span`` the days that are the same for everybody,
    ``when`` times that are not, in words. ``is_last``: the last one counts. ``besides``: what else its result must be.
    """

    thing: str
    absent: bool = False
    bounds: Bounds | None = None
    many: str = ""
    span: Span = field(default_factory=Span)
    when: tuple[str, ...] = ()
    is_last: bool = False
    besides: tuple[str, ...] = ()

    def joined(self, other: Phrase) -> Phrase:
        """Both at once, each as strict as the stricter one; days are those in both."""
        return Phrase(
            self.thing, self.absent, _stricter(self.bounds or {}, other.bounds or {}), max(self.many, other.many),
            self.span.common(other.span), tuple(dict.fromkeys((*self.when, *other.when))),
            self.is_last or other.is_last, tuple(dict.fromkeys((*self.besides, *other.besides))),
        )  # fmt: skip

    def mirrored(self) -> Phrase:
        """That nothing may be so bad, said of what must be there: not above 9 is at most 9."""
        return replace(
            self, absent=False, bounds={(_MIRRORED[side], unit): n for (side, unit), n in (self.bounds or {}).items()}
        )

    @property
    def words(self) -> str:
        """Without its days: "latest assessment below 8 %"."""
        bounds = [f"{_WORDS[side]} {amount(number, unit)}" for (side, unit), number in (self.bounds or {}).items()]
        is_said = self.absent or self.thing.startswith(("last", "latest"))
        last = "last " if self.is_last and not is_said else ""
        parts = ["no" if self.absent else "", self.many, f"{last}{self.thing}", listed((*bounds, *self.besides), "and")]
        return " ".join(filter(None, parts))


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
        limits = (("at least", count.at_least), ("at most", count.at_most))
        many = " and ".join(f"{word} {limit}" for word, limit in limits if limit is not None)
        return replace(self.events(count.of), many="" if many == "at least 1" else many)

    def events(self, ref: EventsRef) -> Phrase:
        """A set of events as a thing, with what its sets say of results and days."""
        phrase = Phrase(self._thing(ref))
        for events in self._chain(ref):
            for timing in events.when:
                span = self._words.span(timing.window)
                when = () if span else (self._words.window(timing.window),)
                phrase = phrase.joined(Phrase(phrase.thing, span=span or Span(), when=when))
            for item in events.where:
                phrase = phrase.joined(self._of_result(item, phrase.thing))
            if any(step.last or step.last_day for step in events.take):
                phrase = replace(phrase, is_last=True)
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
        """What a condition on an event says of its result; what else it says is for the spec to tell."""
        row = self._words.measure.filters[item] if isinstance(item, Name) else item
        if not isinstance(row, RowFilter):
            return self._of_result(row, thing)
        if row.value is not None and row.value.bounds:
            unit = "" if row.value.unit == "1" else str(row.value.unit)
            bounds = {(side, unit): cast(float, number) for side, number in row.value.bounds.items()}
            return Phrase(thing, bounds=bounds)
        if row.value is None and any(isinstance(part, ValueTest) and part.bounds for _, part in walk(row)):
            return Phrase(thing, besides=(self._words.row_filter(row),))
        return Phrase(thing)


__all__ = ["Phrase", "Phrasing"]
