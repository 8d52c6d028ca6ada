"""Thresholds: what a result is compared with, the boundary included, and any other parameter by its heading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from measureharmony.intake.knobs import Knob, by_text, meant, with_unit
from measureharmony.intake.saying import About, Proposed, Said, among_them, compared, not_understood, rate_meant
from measureharmony.intake.table import Fact
from measureharmony.intake.written import Bound, Side, number_of, read_bounds, read_durations
from measureharmony.measures.event_set import NumberTest, ValueTest
from measureharmony.measures.measure import Measure
from measureharmony.measures.names import ParameterName, rewrite
from measureharmony.measures.plain_words import plain
from measureharmony.measures.references import definitions, references

#: Keys under which one item may stand without a list.
_MAY_STAND_ALONE = ("from", "where", "when", "take", "type")
_UP: tuple[Side, ...] = ("above", "at_least")


def say_threshold(fact: Fact, about: About) -> Iterator[Said]:
    """Each comparison of a cell: a parameter, or the criterion anew where only the boundary differs."""
    bounds = read_bounds(fact.cell.text)
    if not bounds:
        yield not_understood(fact, "no number to compare with is found in it")
    for bound in bounds:
        among = _candidates(bound, about)
        if bound.second is not None:
            yield from _pair(fact, bound, among, about)
        else:
            yield _single(fact, bound, among, about)


def threshold_rates(text: str, about: About) -> tuple[str, ...]:
    """The rates that a threshold belongs to, if it belongs to some and not to others: above 9 % is poor control."""
    for bound in read_bounds(text):
        among = _candidates(bound, about)
        if bound.side and len(among) == 1:
            return among[0].rates
    return ()


def _candidates(bound: Bound, about: About) -> list[Knob]:
    """The thresholds that are compared the same way; of the rate that the row is about, if it says one."""
    every = about.main("bound")
    same = [knob for knob in every if bound.side is None or (knob.side in _UP) == (bound.side in _UP)]
    rate = about.rate or rate_meant(about.measure, f"{about.called} {bound.words}")
    own = [knob for knob in same if rate is not None and (not knob.rates or rate.id in knob.rates)]
    return own or same


def _single(fact: Fact, bound: Bound, among: Sequence[Knob], about: About) -> Said:
    fitting = [knob for knob in among if _in_unit(knob, bound.number, bound.unit or fact.rule.unit or "") is not None]
    if among and not fitting:
        units = ", ".join(dict.fromkeys(knob.parameter.unit for knob in among))
        return not_understood(fact, f"{bound.number} {bound.unit} is not in {units}, as the measure's thresholds are")
    match = meant(f"{bound.words} {fact.rule.of} {about.called}", fitting)
    if match.knob is None:
        return not_understood(fact, f"{bound.number}: {among_them(match.candidates)}")
    return _bounded(fact, bound, match.knob, bound.number, about)


def _pair(fact: Fact, bound: Bound, among: Sequence[Knob], about: About) -> Iterator[Said]:
    """``140/90``: the greater number is for the parameter that is greater."""
    known = sorted(among, key=lambda knob: -knob.parameter.value)
    if len(known) != 2 or bound.second is None or known[0].parameter.unit != known[1].parameter.unit:
        yield not_understood(fact, f"{bound.number}/{bound.second}: the measure has no two thresholds for it")
        return
    numbers = sorted((bound.number, bound.second), reverse=True)
    for knob, number in zip(known, numbers, strict=True):
        yield _bounded(fact, bound, knob, number, about)


def _bounded(fact: Fact, bound: Bound, knob: Knob, number: float, about: About) -> Said:
    unit = bound.unit or fact.rule.unit or ""
    confirm = []
    value = _in_unit(knob, number, unit)
    if value is None:
        return not_understood(fact, f"{number} {unit} has not the unit of {knob.name}, {knob.parameter.unit}")
    if bound.side is None and knob.side:
        confirm.append(f"the sheet does not say which way: {plain(knob.side)} {value} is meant?")
    if bound.side in (None, knob.side):
        return compared(fact, knob, value, confirm)
    return _boundary(fact, bound, knob, value, about)


def _in_unit(knob: Knob, number: float, unit: str) -> float | int | None:
    """A number in the unit of a threshold; a share above 1 is in per cent."""
    return with_unit(knob, number, "%" if knob.parameter.unit == "1" and number > 1 else unit)


def _boundary(fact: Fact, bound: Bound, knob: Knob, value: float, about: About) -> Said:
    """The same threshold, but its very value counts differently: the one part that compares is said anew."""
    assert bound.side is not None
    assert knob.side is not None
    said = f"{plain(bound.side)} {value}, where the canonical measure has {plain(knob.side)} {knob.parameter.value}"
    found = _compared_in(about.measure, knob)
    part = _said_anew(found[0][2], knob, bound.side, value) if len(found) == 1 else None
    if part is None:
        return not_understood(fact, f"{knob.name}: {said}; replace the criterion by hand")
    section, name, _ = found[0]
    confirm = (f"{said}: does exactly {value} count?",)
    payload = {"section": section, "name": name, "with": part}
    return Said(fact, "placed", f"replace {section}/{name}: {said}", Proposed("replace", payload, confirm))


def _compared_in(measure: Measure, knob: Knob) -> list[tuple[str, str, object]]:
    """The parts of a measure that speak of a parameter."""
    return [
        (section, name, part)
        for (section, name), part in definitions(measure)
        if section in ("criteria", "events", "filters")
        and any(reference.part == ("parameters", knob.name) for reference in references(part))
    ]


def _said_anew(part: object, knob: Knob, side: Side, value: float) -> object | None:
    """A part with the other comparison, as a file has it; ``None`` where it holds more than plain words and numbers."""

    def change(inner: object) -> object:
        if isinstance(inner, (ValueTest, NumberTest)):
            for name, bound in inner.bounds.items():
                if isinstance(bound, ParameterName) and bound.key == knob.name:
                    return inner.model_copy(update={name: None, side: value})
        return inner

    if not isinstance(part, BaseModel):
        return None
    dumped: dict[str, object] = rewrite(part, change).model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return None if "'anchor':" in str(dumped) else _slim(dumped)


def _slim(data: object) -> object:
    """Lists of one where a file may have the item alone."""
    if isinstance(data, dict):
        return {key: _alone(_slim(value)) if key in _MAY_STAND_ALONE else _slim(value) for key, value in data.items()}
    return [_slim(value) for value in data] if isinstance(data, list) else data


def _alone(data: object) -> object:
    return data[0] if isinstance(data, list) and len(data) == 1 else data


# --- any parameter ----------------------------------------------------------------------------------------------------


def say_parameter(fact: Fact, about: About) -> Iterator[Said]:
    """The parameter that the profile names for the column."""
    knob = next((knob for knob in about.knobs if knob.name == fact.rule.parameter), None)
    if knob is None:
        yield not_understood(fact, f"{about.measure.measure} has no parameter '{fact.rule.parameter}'")
    else:
        yield _number(fact, knob, [])


def say_other(fact: Fact, about: About) -> Iterator[Said]:
    """A column that is no known one: a parameter whose text is like the heading."""
    match = by_text(fact.heading, about.knobs)
    if match.knob is not None:
        yield _number(fact, match.knob, [f"is '{fact.heading}' the same as '{match.knob.parameter.text}'?"])
    elif match.candidates:
        yield not_understood(fact, f"'{fact.heading}': {among_them(match.candidates)}")
    else:
        what = f"no parameter of the measure is like '{fact.heading}'" if fact.heading else "its column has no heading"
        yield not_understood(fact, what)


def _number(fact: Fact, knob: Knob, confirm: list[str]) -> Said:
    durations = read_durations(fact.cell.text)
    numbers = re.findall(r"\d+(?:[.,]\d+)?", fact.cell.text)
    if len(durations) == 1:
        number, unit = durations[0].number, durations[0].unit
    elif len(numbers) == 1:
        number, unit = number_of(numbers[0]), "%" if "%" in fact.cell.text else (fact.rule.unit or "")
    else:
        return not_understood(fact, f"not one number for {knob.name} is found in it")
    value = with_unit(knob, number, unit)
    if value is None:
        return not_understood(fact, f"{number} {unit} cannot be said in {knob.parameter.unit}, as {knob.name} is")
    return compared(fact, knob, value, confirm)


__all__ = ["say_other", "say_parameter", "say_threshold", "threshold_rates"]
