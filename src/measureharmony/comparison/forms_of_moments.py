"""From named parts, numbers and moments to what they mean: the lowest part of :class:`~.forms.Forms`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, cast

from measureharmony.comparison.form import Fact, Form, Json, Key
from measureharmony.comparison.moments import bounds, built_in_window, comparisons, point_key
from measureharmony.measures.bind import whole
from measureharmony.measures.event_set import EventsRef
from measureharmony.measures.measure import Anchor, Measure
from measureharmony.measures.names import Name, ParameterName
from measureharmony.measures.plain_words import listed, plain
from measureharmony.measures.references import BUILT_IN, Part, lookup, references
from measureharmony.measures.window import Point, Shift, Timing, Window, WindowRef
from measureharmony.measures.words import Wording
from measureharmony.periods import Unit


class MomentForms(ABC):
    """The forms of moments, and the facts that forms are made of, in one ``measure``, linked.

    ``base``: the forms of the measure that this one was made from; what is the very same in both is read there.
    """

    def __init__(self, measure: Measure, base: MomentForms | None = None):
        self.measure = measure
        self.say = Wording(measure)
        self._base_forms = base
        self._named: dict[Part, Form] = {}
        self._as_in_base: dict[Part, bool] = {}
        self._references: dict[int, tuple[Part, ...]] = base._references if base else {}

    def by_name(self, section: str, name: Name, read: Callable[[Any], Form]) -> Form:
        """The form of a named part, known under that name."""
        key = (section, str(name))
        if self._base_forms is not None and self._is_as_in_base(key):
            return self._base_forms.by_name(section, name, getattr(self._base_forms, read.__name__))
        if key not in self._named:
            content = getattr(self.measure, section).get(name)
            if content is None:  # a part that another change defines: asked for when one change is looked at by itself
                form = Form("unknown", {"name": self.plain_fact(str(name))}, source=name)
            else:
                form = read(content)
            self._named[key] = form.named(key)
        return self._named[key]

    def _is_as_in_base(self, part: Part) -> bool:
        """Whether a part, and all that it depends on, is the very same in the measure that this one was made from."""
        if part not in self._as_in_base:
            self._as_in_base[part] = True  # parts do not go round in a circle; were it so, nothing would be lost
            assert self._base_forms is not None  # or nobody asks
            here, there = lookup(part, self.measure), lookup(part, self._base_forms.measure)
            same = here == there if part[0] == "parameters" else here is there
            self._as_in_base[part] = same and all(map(self._is_as_in_base, self._mentioned(here)))
        return self._as_in_base[part]

    def _mentioned(self, content: object) -> tuple[Part, ...]:
        if id(content) not in self._references:
            self._references[id(content)] = tuple({one.part for one in references(content) if not one.is_built_in})
        return self._references[id(content)]

    def value(self, number: object) -> float:
        """A number, or that of a parameter."""
        return whole(cast(float, self.say.value(cast(float, number))))

    def point(self, point: Point) -> Point:
        """A point with the values of its parameters."""
        if not any(isinstance(shift.amount, ParameterName) for shift in point.shifts):
            return point
        shifts = tuple(
            Shift(sign=one.sign, amount=int(self.value(one.amount)), unit=cast(Unit, self.say.unit(one.amount)))
            if isinstance(one.amount, ParameterName)
            else one
            for one in point.shifts
        )
        return point.model_copy(update={"shifts": shifts})

    @abstractmethod
    def events(self, ref: EventsRef) -> Form:
        """What is in a set of events: an anchor may be a moment of one."""

    # --- time ---

    def window_fact(self, ref: WindowRef) -> Fact:
        """A stretch of whole days."""
        return Fact(bounds(self.window(ref), self.anchor_key), self.window_shown(ref), partial(self.say.window, ref))

    def point_fact(self, point: Point) -> Fact:
        """A day."""
        return Fact(point_key(self.point(point), self.anchor_key), str(point), partial(self.say.point, point))

    def timing_fact(self, timings: tuple[Timing, ...]) -> Fact:
        """Timings that must all hold, as the comparisons they make."""
        found = {one for timing in timings for one in self._compared(timing)}
        shown: Json = [self._timing_shown(timing) for timing in timings]
        return Fact(tuple(sorted(found, key=repr)), shown, lambda: " and ".join(map(self.say.timing, timings)))

    def _compared(self, timing: Timing) -> tuple[Key, ...]:
        return comparisons(timing, self.window(timing.window), self.anchor_key)

    def _timing_shown(self, timing: Timing) -> str:
        exact = ", exact" if timing.precision == "exact" else ""
        return f"{timing.relation} {self.window_shown(timing.window)}{exact}"

    def window(self, ref: WindowRef) -> Window:
        """A window, written out, with the values of its parameters."""
        if isinstance(ref, Name):
            if ref in BUILT_IN["windows"]:
                return built_in_window(ref)
            named = self.measure.windows.get(ref)
            if named is None:  # a window that another change defines
                return Window.model_validate({"from": f"{ref}_that_is_not_there"})
            ref = named
        given = {name: getattr(ref, name) for name in ("from_", "to", "after", "before")}
        return ref.model_copy(
            update={name: tuple(map(self.point, points)) for name, points in given.items() if points is not None}
        )

    def window_shown(self, ref: WindowRef) -> str:
        """A window as points: ``from period.start - 15 months to period.end``."""
        window = self.window(ref)
        sides = (("from", window.from_), ("after", window.after), ("to", window.to), ("before", window.before))
        return " ".join(f"{word} {', '.join(map(str, points))}" for word, points in sides if points)

    def anchor_key(self, name: str) -> Key:
        """What an anchor means: itself where it is built in, else what the measure declares under the name."""
        anchor = self.measure.anchors.get(name)
        if anchor is None or name in BUILT_IN["anchors"]:
            return name
        return self.anchor(anchor).identity

    def anchor(self, anchor: Anchor) -> Form:
        """A moment of each subject."""
        if anchor.of is not None:
            return Form("anchor", {"point": self.plain_fact(str(anchor.point))}, {"of": self.events(anchor.of)})
        end = anchor.enrolled
        assert end is not None  # the model has one of the two
        facts = {
            "gap_days": self.number_fact(end.gap_days),
            "payer": self.plain_fact(end.payer),
            "from": self.point_fact(end.from_),
            "benefits": self.words_fact(end.benefits),
        }
        return Form("end_of_coverage", facts)

    # --- facts ---

    def plain_fact(self, value: str | bool | float) -> Fact:
        """A word or number that means itself."""
        return Fact(value, value, lambda: plain(str(value)))

    def number_fact(self, number: object) -> Fact:
        """A number, or a parameter's; 2 and 2.0 are one."""
        value = self.value(number)
        return Fact(float(value), value, lambda: f"{value:g}")

    def words_fact(self, words: Iterable[str | None], column: str = "") -> Fact:
        """Words of which any will do, in no order."""
        every = sorted({word or "" for word in words})

        def say() -> str:
            return column + (listed(plain(word) or "not stated" for word in every) or "any")

        return Fact(tuple(every), list(every), say)

    def codes_fact(self, codes: Iterable[str]) -> Fact:
        """Value sets and codes, in no order."""
        every = sorted(set(codes))
        return Fact(tuple(every), list(every), lambda: self.say.codes(every) or "none")


__all__ = ["MomentForms"]
