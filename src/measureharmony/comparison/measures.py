"""What differs in the meaning of one measure, population by population and rate by rate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from measureharmony.comparison.axes import Axis, axis_of_fact, axis_of_part
from measureharmony.comparison.cited import cited
from measureharmony.comparison.contracts import Sides
from measureharmony.comparison.difference import AxisDifference
from measureharmony.comparison.differing import Differing, differing
from measureharmony.comparison.form import ALL, ANY, Form, Json
from measureharmony.comparison.sentences import about_part, in_words, said_of, subject_of, who_is_counted, written_out
from measureharmony.comparison.version import MeasureVersion
from measureharmony.measures.measure import POPULATIONS, Episodes, Rate
from measureharmony.measures.plain_words import listed, plain
from measureharmony.payers.apply import JOINS
from measureharmony.payers.change import PartChange
from measureharmony.payers.words import title


@dataclass(frozen=True)
class _Found:
    """A difference in a population of some rates."""

    differing: Differing
    population: str
    rates: tuple[str, ...]

    @property
    def key(self) -> tuple[object, ...]:
        """Equal where the same thing differs in the same way."""
        one = self.differing
        if one.fact:
            sides = [None if fact is None else repr(fact.key) for fact in one.values]
            return (one.form.kind, one.fact, *sides, one.way.before[-1:], one.way.after[-1:])
        sides = [None if form is None else form.identity for form in (one.before, one.after)]
        last = one.way.before if one.after is None else one.way.after
        return (one.form.kind, "", *sides, last[-1:], one.way.of_event)


def measure_differences(sides: Sides) -> Iterator[AxisDifference]:
    """Everything in which two versions of a measure differ by meaning; nothing where they only read differently."""
    old, new = sides.old.measure, sides.new.measure
    yield from _rates(sides)
    yield from _directions(sides)
    yield from _method(sides)
    if old is new:
        return
    groups = _together([*_populations(sides.old, sides.new), *_subject(sides)])
    yield from (_told(sides, group) for group in groups)
    yield from _strata(sides)
    yield from _evidence(sides, {group[0].key for group in groups})


def _common_rates(old: MeasureVersion, new: MeasureVersion) -> list[tuple[Rate, Rate]]:
    after = {rate.id: rate for rate in new.measure.rates}
    return [(rate, after[rate.id]) for rate in old.measure.rates if rate.id in after]


# --- populations -----------------------------------------------------------------------------------------------------


def _populations(old: MeasureVersion, new: MeasureVersion) -> Iterator[_Found]:
    pairs = _common_rates(old, new)
    names = POPULATIONS if pairs else [name for name in POPULATIONS if not name.startswith("numerator")]
    # Rates of which none is common still have the people in common that they are about.
    for was, is_ in pairs or [(old.measure.rates[0], new.measure.rates[0])]:
        for name in names:
            before, after = _population(old, was, name), _population(new, is_, name)
            yield from (_Found(one, name, (was.id,)) for one in differing(before, after))
        observed = _observed(old, was), _observed(new, is_)
        yield from (_Found(one, "observation", (was.id,)) for one in differing(*observed))


def _observed(version: MeasureVersion, rate: Rate) -> Form:
    """The number that is kept of each subject, if any."""
    return Form("nothing") if rate.observation is None else version.forms.number(rate.observation)


def _population(version: MeasureVersion, rate: Rate, name: str) -> Form:
    """A population as the combination that it is joined by, so that its parts stand side by side."""
    criterion, kind = version.measure.population(rate, name), JOINS[name]
    if criterion is None:
        return Form(kind)  # everybody of all, nobody of any
    form = version.forms.criterion(criterion)
    if form.kind == kind or (form.kind in (ALL, ANY) and not form.members):
        return form
    return Form(kind, members=(form,))


def _subject(sides: Sides) -> Iterator[_Found]:
    """What is counted: people, or the events of a set."""
    forms = [
        version.forms.events(version.measure.subject.episodes)
        if isinstance(version.measure.subject, Episodes)
        else Form("person")
        for version in (sides.old, sides.new)
    ]
    yield from (_Found(one, "initial_population", ()) for one in differing(forms[0], forms[1]))


def _together(found: Iterable[_Found]) -> list[tuple[_Found, tuple[str, ...], tuple[str, ...]]]:
    """Each difference once, with all populations and rates that it touches."""
    groups: dict[tuple[object, ...], list[_Found]] = {}
    for one in found:
        groups.setdefault(one.key, []).append(one)
    return [
        (many[0], _each(one.population for one in many), _each(rate for one in many for rate in one.rates))
        for many in groups.values()
    ]


def _each(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _told(sides: Sides, found: tuple[_Found, tuple[str, ...], tuple[str, ...]]) -> AxisDifference:
    """A difference as people read it."""
    first, populations, rates = found
    one, population = first.differing, first.population
    says = (sides.old.forms.say, sides.new.forms.say)
    before, after, form = one.before, one.after, one.form
    every = tuple(rate.id for rate, _ in _common_rates(sides.old, sides.new))
    if one.fact and all(one.values):
        axis = axis_of_fact(form, one.fact, population)
        facts = [fact for fact in one.values if fact is not None]
        values: tuple[Json, Json] = (facts[0].shown, facts[1].shown)
        words = (facts[0].words(), facts[1].words())
        sentence = said_of(one, axis, population, _who(sides.new, population))
    else:
        axis = axis_of_part(before, after, population, of_event=one.way.of_event)
        both = before is not None and after is not None
        word = written_out if both else in_words
        words = (word(before, says[0]) if before else "", word(after, says[1]) if after else "")
        values = (words[0] or None, words[1] or None)
        sentence = about_part(one, population, says, nested=one.way.of_event or one.way.depth > 1 or not one.way.within)
    return AxisDifference(
        sides.measure, axis, subject_of(one, population), *values, *words, sentence, populations,
        () if set(rates) >= set(every) else rates, cited(sides, one, populations, rates),
    )  # fmt: skip


def _who(version: MeasureVersion, population: str) -> str:
    rate = version.measure.rates[0]
    initial = _population(version, rate, "initial_population")
    return who_is_counted(initial) if population in ("initial_population", "denominator") else "People"


# --- rates -----------------------------------------------------------------------------------------------------------


def _rates(sides: Sides) -> Iterator[AxisDifference]:
    old, new = ([rate.id for rate in side.measure.rates] for side in (sides.old, sides.new))
    if sorted(old) != sorted(new):
        words = (listed(map(plain, old), "and"), listed(map(plain, new), "and"))
        sentence = f"Rates: {words[1]} instead of {words[0]}"
        yield sides.differ(Axis.RATES, "Rates", (list(old), list(new)), words, sentence, _of_kind("choose_rates"))
    scored = [
        " of ".join(filter(None, (side.measure.aggregate, side.measure.scoring))) for side in (sides.old, sides.new)
    ]
    if scored[0] != scored[1]:
        words = (scored[0], scored[1])
        sentence = f"A rate's value: {words[1]} instead of {words[0]}"
        yield sides.differ(Axis.RATES, "Rates", (scored[0], scored[1]), words, sentence, _of_kind())
    aggregated = [side.measure.aggregation for side in (sides.old, sides.new)]
    if aggregated[0] != aggregated[1]:
        words = (plain(aggregated[0]), plain(aggregated[1]))
        sentence = f"One number made of several rates: {words[1]} instead of {words[0]}"
        yield sides.differ(Axis.RATES, "Rates", (words[0], words[1]), words, sentence, _of_kind())


def _directions(sides: Sides) -> Iterator[AxisDifference]:
    turned: dict[tuple[str, str], list[str]] = {}
    common = _common_rates(sides.old, sides.new)
    for old, new in common:
        pair = (sides.old.measure.direction_of(old), sides.new.measure.direction_of(new))
        if pair[0] != pair[1]:
            turned.setdefault(pair, []).append(old.id)
    for (was, is_), rates in turned.items():
        some = () if len(rates) == len(common) else tuple(rates)
        of = f" of {listed(map(plain, some), 'and')}" if some else ""
        words = (f"{was} is better", f"{is_} is better")
        sentence = f"A {is_} rate{of} is better instead of a {was} one"
        yield sides.differ(
            Axis.DIRECTION, "Direction", (was, is_), words, sentence, _of_kind("set_direction"), rates=some
        )
    shown = (sides.old.shown_as, sides.new.shown_as)
    if shown[0] != shown[1]:
        sentence = f"Shown as the {shown[1]} instead of the {shown[0]}"
        yield sides.differ(Axis.DIRECTION, "Shown as", shown, shown, sentence, _of_kind())


def _method(sides: Sides) -> Iterator[AxisDifference]:
    old, new = (sorted(side.measure.methods) for side in (sides.old, sides.new))
    if old != new:
        words = (listed(old) or "none", listed(new) or "none")
        sentence = f"Reporting method: {words[1]} instead of {words[0]}"
        yield sides.differ(Axis.METHOD, "Method", (list(old), list(new)), words, sentence, _of_kind())


def _strata(sides: Sides) -> Iterator[AxisDifference]:
    """Strata that are reported on one side only; one that has another name only is none."""
    old, new = (
        {side.forms.criterion(stratum.criterion).identity: stratum.title for stratum in side.measure.strata}
        for side in (sides.old, sides.new)
    )
    for identity in dict.fromkeys((*old, *new)):
        before, after = old.get(identity), new.get(identity)
        if before is not None and after is not None:
            continue
        name = before or after or ""
        sentence = f"Also reported by itself: {name}" if after is not None else f"No longer reported by itself: {name}"
        wanted = _of_stratum(
            {stratum.id for side in (sides.old, sides.new) for stratum in side.measure.strata if stratum.title == name}
        )
        yield sides.differ(Axis.STRATA, name, (before, after), (before or "", after or ""), sentence, wanted)


def _evidence(sides: Sides, told: set[tuple[object, ...]]) -> Iterator[AxisDifference]:
    """Other events shown; not the same ones that have themselves become others, which is ``told`` where they count."""
    for old, new in _common_rates(sides.old, sides.new):
        for key in ("evidence", "values"):
            names = [list(getattr(rate, key)) for rate in (old, new)]
            shown = [
                Form(ANY, members=tuple(map(side.forms.events, some)))
                for side, some in zip((sides.old, sides.new), names, strict=True)
            ]
            found = [_Found(one, "numerator", (old.id,)) for one in differing(shown[0], shown[1])]
            if bool(names[0]) == bool(names[1]) and all(one.key in told for one in found):
                continue
            words = tuple(listed(map(plain, some), "and") or "what the numerator asks for" for some in names)
            sentence = f"Shown as {key}: {words[1]} instead of {words[0]}"
            yield sides.differ(
                Axis.EVIDENCE, title(key), (names[0], names[1]), (words[0], words[1]), sentence,
                _of_kind("set_evidence"), rates=(old.id,),
            )  # fmt: skip


def _of_kind(kind: str = "") -> Callable[[PartChange], bool]:
    return lambda change: change.kind == kind


def _of_stratum(keys: Sequence[str] | set[str]) -> Callable[[PartChange], bool]:
    return lambda change: change.path[0] == "strata" and change.path[1] in keys


__all__ = ["measure_differences"]
