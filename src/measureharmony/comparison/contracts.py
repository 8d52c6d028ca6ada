"""What differs beside the meaning of a measure: period, people, deadlines, evidence sources, target and payment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from measureharmony.comparison.axes import Axis
from measureharmony.comparison.difference import AxisDifference, Citation
from measureharmony.comparison.evidence import evidence_differences
from measureharmony.comparison.form import Json
from measureharmony.comparison.version import MeasureVersion, Version
from measureharmony.measures.plain_words import listed, plain
from measureharmony.payers.attribution_rule import AttributionTerms
from measureharmony.payers.change import PartChange
from measureharmony.payers.payments import SetPayment
from measureharmony.payers.program import Program
from measureharmony.payers.targets import SetTarget, in_words
from measureharmony.payers.words import title
from measureharmony.periods import Period

_EVERYBODY = "everybody"
T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True)
class Sides:
    """The two versions of a comparison, and what each has of one measure."""

    before: Version
    after: Version
    old: MeasureVersion
    new: MeasureVersion
    measure: str

    def citations(self, wanted: Callable[[PartChange], bool], *, contract: bool = False) -> tuple[Citation, ...]:
        """The changes of either side that are ``wanted``; with ``contract``, else the contracts themselves."""
        found = [
            Citation.of_change(side.name, change)
            for side, has in ((self.before, self.old), (self.after, self.new))
            for change in has.changes
            if wanted(change)
        ]
        if not found and contract:
            found = [Citation.of_program(side.program) for side in (self.before, self.after) if side.program]
        return tuple(found)

    def differ(  # noqa: PLR0913 - what is said of a difference
        self,
        axis: Axis,
        subject: str,
        values: tuple[Json, Json],
        words: tuple[str, str],
        sentence: str,
        wanted: Callable[[PartChange], bool],
        populations: tuple[str, ...] = (),
        rates: tuple[str, ...] = (),
        contract: bool = False,
    ) -> AxisDifference:
        """A difference, with its citations; of no measure where it is the contract's own."""
        cited = self.citations(wanted)
        of_all = contract and not cited
        return AxisDifference(
            "" if of_all else self.measure, axis, subject, *values, *words, sentence, populations, rates,
            self.citations(wanted, contract=contract),
        )  # fmt: skip


def contract_differences(sides: Sides) -> Iterator[AxisDifference]:
    """Everything that differs beside the meaning."""
    yield from _period(sides)
    yield from _people(sides)
    yield from _cut_offs(sides)
    yield from _sources(sides)
    yield from evidence_differences(sides.before.program, sides.after.program)
    yield from _of_rates(sides, Axis.TARGET, "set_target", sides.old.terms.targets, sides.new.terms.targets, _target)
    yield from _of_rates(
        sides, Axis.PAYMENT, "set_payment", sides.old.terms.payments, sides.new.terms.payments, _payment
    )
    yield from _of_everything(sides)


# --- period ----------------------------------------------------------------------------------------------------------


def _period(sides: Sides) -> Iterator[AxisDifference]:
    """Where it lies in the year that names it; the same days of another year are no difference."""
    old, new = (_in_its_year(one) for one in (sides.old, sides.new))
    if old != new:
        words = (_days(sides.old.period), _days(sides.new.period))
        sentence = f"Measured from {words[1]} instead of {words[0]}"
        values: tuple[Json, Json] = (_period_shown(sides.old.period), _period_shown(sides.new.period))
        yield sides.differ(
            Axis.PERIOD, "Period", values, words, sentence, lambda change: change.kind == "shift_period", contract=True
        )


def _in_its_year(version: MeasureVersion) -> tuple[object, ...]:
    period = version.period
    return tuple((day.year - version.year, day.month, day.day) for day in (period.start, period.end + dt.timedelta(1)))


def _period_shown(period: Period) -> Json:
    return {"from": str(period.start), "to": str(period.end)}


def _days(period: Period) -> str:
    return " to ".join(f"{day.day} {day:%B %Y}" for day in (period.start, period.end))


# --- people ----------------------------------------------------------------------------------------------------------


def _people(sides: Sides) -> Iterator[AxisDifference]:
    programs = (sides.before.program, sides.after.program)
    lines = tuple(list(program.product_lines) if program else [] for program in programs)
    if sorted(lines[0]) != sorted(lines[1]):
        old, new = (listed(map(plain, line)) or "any product line" for line in lines)
        sentence = f"Whose coverage counts: {new} instead of {old}"
        values: tuple[Json, Json] = (lines[0], lines[1])  # type: ignore[assignment]
        yield sides.differ(Axis.PRODUCT_LINE, "Coverage", values, (old, new), sentence, _never, contract=True)
    members = tuple(_membership(program) for program in programs)
    if members[0] != members[1]:
        sentence = f"Whose rate it is: {members[1]} instead of {members[0]}"
        pair = (members[0], members[1])
        yield sides.differ(Axis.MEMBERSHIP, "People", pair, pair, sentence, _never, contract=True)
    if sides.before.program and sides.after.program:
        yield from _attribution(sides, sides.before.program.attribution, sides.after.program.attribution)


def _attribution(sides: Sides, old: AttributionTerms, new: AttributionTerms) -> Iterator[AxisDifference]:
    """By which rule people are attributed; the practice's groups and its name for the roster are no difference."""
    shown = [
        one.model_dump(mode="json", exclude_defaults=True, exclude={"groups", "roster"}) | {"rule": one.rule}
        for one in (old, new)
    ]
    if shown[0] != shown[1]:
        words = (_rule(old), _rule(new))
        sentence = f"Attributed where no roster lists them: {words[1]} instead of {words[0]}"
        pair: tuple[Json, Json] = (shown[0], shown[1])
        yield sides.differ(Axis.MEMBERSHIP, "Attribution", pair, words, sentence, _never, contract=True)


def _rule(terms: AttributionTerms) -> str:
    own = listed(map(plain, terms.changes), "and")
    return f"by {plain(terms.rule)}" + (f" with its own {own}" if own else "")


def _membership(program: Program | None) -> str:
    if program is None:
        return _EVERYBODY
    if program.membership.roster:
        return "whoever is on the roster"
    return f"whoever is covered on {'some day' if program.people.any_day else 'the last day'} of the period"


def _never(change: PartChange) -> bool:
    return False


# --- deadlines, sources, money --------------------------------------------------------------------------------------


def _cut_offs(sides: Sides) -> Iterator[AxisDifference]:
    for kind, word in (("claims", "claims"), ("supplemental", "supplemental data")):
        days: list[dt.date | None] = [getattr(side.terms.cut_offs, kind, None) for side in (sides.old, sides.new)]
        if days[0] != days[1]:
            words = tuple("none" if day is None else f"{day.day} {day:%B %Y}" for day in days)
            sentence = f"Last day for {word}: {_or_none((words[0], words[1]))}"
            shown = tuple(None if day is None else str(day) for day in days)
            yield sides.differ(
                Axis.CUT_OFF, f"Last day for {word}", shown, words, sentence,  # type: ignore[arg-type]
                lambda change: change.kind == "set_cut_off", contract=True,
            )  # fmt: skip


def _sources(sides: Sides) -> Iterator[AxisDifference]:
    old, new = sides.old.sources, sides.new.sources
    for population in dict.fromkeys((*old, *new)):
        was, is_ = (sorted(side.get(population, ())) for side in (old, new))
        if was != is_:
            words = tuple(listed(map(plain, some)) or "any source" for some in (was, is_))
            sentence = f"Evidence for the {title(population).lower()}: {words[1]} instead of {words[0]}"
            path = ("sources", population)
            yield sides.differ(
                Axis.SOURCE, title(population), (was, is_), words, sentence,  # type: ignore[arg-type]
                lambda change, path=path: change.path == path, (population,),  # type: ignore[misc]
            )  # fmt: skip


def _of_rates(
    sides: Sides, axis: Axis, kind: str, old: Mapping[str, T], new: Mapping[str, T], say: Callable[[T], str]
) -> Iterator[AxisDifference]:
    for rate in dict.fromkeys((*old, *new)):
        was, is_ = old.get(rate), new.get(rate)
        if was == is_:
            continue
        words = ("none" if was is None else say(was), "none" if is_ is None else say(is_))
        shown = [None if one is None else one.model_dump(mode="json", exclude_none=True) for one in (was, is_)]
        sentence = f"{axis.capitalize()} of {plain(rate)}: {_or_none(words)}"
        yield sides.differ(
            axis, plain(rate).capitalize(), (shown[0], shown[1]), words, sentence,
            lambda change, rate=rate: change.kind == kind and change.path[1] == rate, rates=(rate,),  # type: ignore[misc]
        )  # fmt: skip


def _of_everything(sides: Sides) -> Iterator[AxisDifference]:
    """What programs pay for all measures together, and the gates before it; whose word it is does not matter."""
    programs = (sides.before.program, sides.after.program)
    for word, section in (("payment", "payments"), ("gate", "gates")):
        old, new = ({one.id: one for one in getattr(program, section, ())} for program in programs)
        for key in dict.fromkeys((*old, *new)):
            words = tuple(one.words if one is not None else "none" for one in (old.get(key), new.get(key)))
            if words[0] != words[1]:
                pair = (words[0], words[1])
                sentence = f"{word.capitalize()} {plain(key)}: {_or_none(pair)}"
                yield sides.differ(Axis.PAYMENT, plain(key).capitalize(), pair, pair, sentence, _never, contract=True)


def _or_none(words: tuple[str, str]) -> str:
    old, new = words
    return f"{new}; before, there was none" if old == "none" else f"{new} instead of {old}"


def _target(target: SetTarget) -> str:
    tiers = [f"{tier.id} {in_words(tier.side, tier.bound)}" for tier in target.tiers]
    few = [f"from {target.minimum_denominator} people on"] if target.minimum_denominator else []
    return ", ".join([target.words, *tiers, *few])


def _payment(payment: SetPayment) -> str:
    return payment.words


__all__ = ["Sides", "contract_differences"]
