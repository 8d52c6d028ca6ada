"""From sets of events and conditions on events to what they mean: the middle part of :class:`~.forms.Forms`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import cast

from measureharmony.comparison.form import ALL, Fact, Form, Json, Key, all_of, any_of, negated
from measureharmony.comparison.forms_of_moments import MomentForms
from measureharmony.measures.event_set import (
    DailyDose,
    EventSet,
    EventsRef,
    FilterRef,
    NumberTest,
    Relation,
    RowFilter,
    Step,
    ValueTest,
)
from measureharmony.measures.names import Name
from measureharmony.measures.plain_words import listed, plain
from measureharmony.measures.references import BUILT_IN, Part
from measureharmony.measures.window import Timing

_WORD_COLUMNS = ("type", "category", "status", "intent", "verification", "clinical_status", "source")
#: An empty cell answers yes to questions about these columns anyway.
_OPEN_COLUMNS = ("type", "category")
_MONTHS = 12
_SIDES = {"above": ("lower", False), "at_least": ("lower", True), "below": ("upper", False), "at_most": ("upper", True)}


class EventForms(MomentForms):
    """The forms of sets of events, and of conditions on one event."""

    # --- sets of events ---

    def events(self, ref: EventsRef) -> Form:
        """What is in a set of events."""
        if ref in BUILT_IN["events"]:
            return Form("index", source=ref)
        if isinstance(ref, Name):
            return self.by_name("events", ref, self.events)
        base = self._base(ref)
        where = self._conditions(ref)
        take, missing = self._take(ref.take), self._missing(ref.take)
        if base.kind == "events" and not base.fact("take"):  # narrowing a set that only narrows is narrowing once
            where = all_of([_called(base.roles["where"], base.names), where], ref)
            base = base.roles["base"].named(*base.names)
        elif base.kind == "events" and not where.members and where.kind == ALL:  # choosing, then choosing among those
            where, take, missing = (
                base.roles["where"],
                _then(base.facts["take"], take),
                _then(base.facts["missing"], missing),
            )
            base = base.roles["base"].named(*base.names)
        if not (where.members or where.kind != ALL or take.key):
            return base
        return Form("events", {"take": take, "missing": missing}, {"base": base, "where": where}, source=ref)

    def _base(self, events: EventSet) -> Form:
        if events.from_ is not None:
            return _united([self.events(name) for name in events.from_], events)
        facts = {"role": self.plain_fact(events.role), "not_done": self.plain_fact(events.not_done)}
        if events.codes is not None:
            facts["codes"] = self.codes_fact(events.codes)
        if events.components_of is not None:
            return Form("components", facts, {"of": self.events(events.components_of)}, source=events)
        return Form("match", {"kinds": self.words_fact(events.kind or ()), **facts}, source=events)

    def _conditions(self, events: EventSet) -> Form:
        own = [self.row_filter(RowFilter(type=events.type))] if events.type else []
        own += [self._when(events.when)] if events.when else []
        return _together(self, [*own, *map(self.row_filter, events.where)], events)

    def _take(self, steps: Sequence[Step]) -> Fact:
        key = tuple(
            (step.choice, str(getattr(step, step.choice)), step.days and self.value(step.days), step.unit or "")
            for step in steps
        )
        shown: Json = [step.model_dump(mode="json", exclude_defaults=True) for step in steps]
        return Fact(cast(Key, key), shown, lambda: ", ".join(map(self.say.step, steps)) or "each of them")

    def _missing(self, steps: Sequence[Step]) -> Fact:
        """Only where a choice goes by number it matters which events have none."""
        by_number = [step for step in steps if step.choice in ("lowest", "highest")]
        words = tuple(str(step.missing) for step in by_number)
        return Fact(words, list(words), lambda: ", ".join(map(_missing_in_words, by_number)))

    # --- conditions on one event ---

    def row_filter(self, ref: FilterRef) -> Form:
        """What a condition on one event means."""
        if isinstance(ref, Name):
            return self.by_name("filters", ref, self.row_filter)
        return _together(self, self._parts(ref), ref)

    def _parts(self, item: RowFilter) -> Iterator[Form]:
        if item.all is not None:
            yield _together(self, map(self.row_filter, item.all), item)
        if item.any is not None:
            yield any_of(map(self.row_filter, item.any), item)
        if item.not_ is not None:
            yield negated(self.row_filter(item.not_), item)
        if item.with_ is not None:
            yield self._related(item.with_, RowFilter(with_=item.with_))
        if item.without is not None:
            yield negated(self._related(item.without, RowFilter(with_=item.without)), RowFilter(without=item.without))
        if item.when:
            yield self._when(item.when)
        yield from self._own(item)

    def _own(self, item: RowFilter) -> Iterator[Form]:
        for column in _WORD_COLUMNS:
            words: tuple[str | None, ...] | None = getattr(item, column)
            if words is not None:
                accepted = tuple(word for word in words if word) if column in _OPEN_COLUMNS else words
                facts = {"column": self.plain_fact(column), "words": self.words_fact(accepted, f"{plain(column)} ")}
                yield Form("word", facts, source=RowFilter(**{column: words}))  # type: ignore[arg-type]
        if item.coded is not None:
            facts = {"role": self.plain_fact(item.coded.role), "codes": self.codes_fact(item.coded.codes)}
            yield Form("coded", facts, source=RowFilter(coded=item.coded))
        if item.value is not None:
            yield from self._value(item.value)
        for column in ("days_supply", "refills"):
            test: NumberTest | None = getattr(item, column)
            for name, limit in (test.bounds if test else {}).items():
                source = RowFilter(**{column: NumberTest(**{name: limit})})  # type: ignore[arg-type]
                yield self.bound(name, limit, "", {"of": Form(column)}, source)
        if item.daily_dose is not None:
            yield from self._dose(item.daily_dose)
        if item.age is not None:
            facts = {"band": self.band(item.age.from_, item.age.to, "years"), "at": self.plain_fact(item.age.at)}
            yield Form("age_then", facts, source=RowFilter(age=item.age))

    def band(self, from_: object, to: object, unit: str) -> Fact:
        """Ages between two bounds, both included."""
        low, high = (None if bound is None else int(self.value(bound)) for bound in (from_, to))
        key: tuple[Key, Key] = (low, high)
        if unit == "years":
            key = (low and low * _MONTHS, None if high is None else high * _MONTHS + _MONTHS - 1)
        shown: Json = {"from": low, "to": high, "unit": unit}
        return Fact((key[0] or 0, key[1]), shown, partial(_band_in_words, low, high, unit))

    def _value(self, value: ValueTest) -> Iterator[Form]:
        if value.present is not None:
            form = Form("result", source=RowFilter(value=ValueTest(present=True)))
            yield form if value.present else negated(form, RowFilter(value=ValueTest(present=False)))
        if value.type is not None:
            yield Form(
                "result_type",
                {"words": self.words_fact(value.type)},
                source=RowFilter(value=ValueTest(type=value.type)),
            )
        for name, limit in value.bounds.items():
            source = RowFilter(value=ValueTest(unit=value.unit, **{name: limit}))  # type: ignore[arg-type]
            yield self.bound(name, limit, value.unit or "", {"of": Form("value")}, source)

    def _dose(self, dose: DailyDose) -> Iterator[Form]:
        strengths = [(self.codes_fact(one.codes).key, one.amount, one.per) for one in dose.strengths]
        shown: Json = [one.model_dump(mode="json") for one in dose.strengths]
        of = Form("daily_dose", {"strengths": Fact(cast(Key, tuple(strengths)), shown, lambda: "the strengths listed")})
        for name, limit in dose.bounds.items():
            source = RowFilter(daily_dose=DailyDose(strengths=dose.strengths, **{name: limit}))
            yield self.bound(name, limit, "", {"of": of}, source)

    def bound(self, name: str, limit: object, unit: str, of: Mapping[str, Form], source: object) -> Form:
        """A limit on a number: which side, where, and whether the limit itself is inside."""
        side, inclusive = _SIDES[name]
        number = float(self.value(limit))
        in_unit = f" {unit}" if unit not in ("", "1") else ""
        facts = {
            "side": self.plain_fact(side),
            "unit": self.plain_fact(unit),
            "value": Fact(
                number, {"value": number, "unit": unit}, lambda: f"{name.replace('_', ' ')} {number:g}{in_unit}"
            ),
            "inclusive": Fact(
                inclusive,
                inclusive,
                lambda: f"{number:g}{in_unit} itself {'counts' if inclusive else 'does not count'}",
            ),
        }
        return Form("bound", facts, of, source=source)

    def _related(self, relation: Relation, source: RowFilter) -> Form:
        timings = [
            (side, timing)
            for side, many in (("this", relation.when), ("other", relation.other_when))
            for timing in many
        ]
        found = {(side, *cast("tuple[Key, ...]", one)) for side, timing in timings for one in self._compared(timing)}
        facts = {
            "link": self.plain_fact(relation.link or ""),
            "distinct": self.plain_fact(relation.distinct),
            "codes": self.codes_fact(relation.alike or ()),
            "comparisons": Fact(
                tuple(sorted(found, key=repr)),
                [f"{side}: {self._timing_shown(timing)}" for side, timing in timings],
                lambda: " and ".join(self.say.timing(timing) for _, timing in timings) or "at any time",
            ),
        }
        return Form("related", facts, {"events": self.events(relation.events)}, source=source)

    def _when(self, timings: Sequence[Timing]) -> Form:
        return Form("when", {"comparisons": self.timing_fact(tuple(timings))}, source=RowFilter(when=tuple(timings)))


def _called(where: Form, names: tuple[Part, ...]) -> Form:
    """Conditions that belong to a set of this name, each of them by itself."""
    if where.kind != ALL:
        return where.named(*names)
    return replace(where, members=tuple(member.named(*names) for member in where.members))


def _together(forms: EventForms, parts: Iterable[Form], source: object) -> Form:
    """All of these conditions on one event; timings among them are one condition, however they are written."""
    whole = all_of(parts, source)
    members = whole.members if whole.kind == ALL else (whole,)
    timings = [member for member in members if member.kind == "when"]
    if len(timings) < 2:
        return whole
    every = tuple(timing for one in timings for timing in cast(RowFilter, one.source).when)
    names = tuple(name for one in timings for name in one.names)
    one = Form("when", {"comparisons": forms.timing_fact(every)}, names=names, source=RowFilter(when=every))
    return all_of([*(member for member in members if member.kind != "when"), one], source).named(*whole.names)


def _united(sets: list[Form], source: object) -> Form:
    """The union of sets; bare sets of the same kinds are one set of all their codes."""
    whole = any_of(sets, source)
    if whole.kind != "any" or not whole.members:
        return whole
    alike: dict[Key, list[Form]] = {}
    for member in whole.members:
        same = member.kind == "match" and "codes" in member.facts
        alike.setdefault(
            (tuple(member.fact(n) for n in ("kinds", "role", "not_done")),) if same else member.identity, []
        ).append(member)
    return any_of([_one_match(group) for group in alike.values()], source)


def _one_match(group: list[Form]) -> Form:
    if len(group) == 1:
        return group[0]
    codes = sorted({code for form in group for code in cast("tuple[str, ...]", form.fact("codes"))})
    words = [form.facts["codes"].words for form in group]
    fact = Fact(tuple(codes), list(codes), lambda: listed(said() for said in words))
    names = tuple(dict.fromkeys(name for form in group for name in form.names))
    return Form("match", {**group[0].facts, "codes": fact}, names=names, source=group[0].source)


def _missing_in_words(step: Step) -> str:
    if step.missing == "first":
        return f"one without a number is taken before any with the {step.choice}"
    return "one without a number is passed over where another has one"


def _then(first: Fact, second: Fact) -> Fact:
    """What two facts about choosing say, one after the other."""
    key = (*cast("tuple[Key, ...]", first.key), *cast("tuple[Key, ...]", second.key))
    shown = [*cast("list[Json]", first.shown), *cast("list[Json]", second.shown)]
    said = [one.words for one in (first, second) if one.key]
    return Fact(key, shown, lambda: ", ".join(say() for say in said))


def _band_in_words(low: int | None, high: int | None, unit: str) -> str:
    words = (
        f"{low} to {high}"
        if low is not None and high is not None
        else f"{low} and over"
        if high is None
        else f"up to {high}"
    )
    return words if unit == "years" else f"{words} {unit}"


__all__ = ["EventForms"]
