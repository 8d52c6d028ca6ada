"""Does a change fit the measure by itself: is what it speaks of there, is its value in bounds, does it do anything?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from measureharmony.measures.bind import value_problems, whole
from measureharmony.measures.measure import Definitions
from measureharmony.measures.plain_words import plain
from measureharmony.measures.references import Part, lookup
from measureharmony.measures.rules import reserved_name
from measureharmony.measures.rules.finding import Finding, Surroundings
from measureharmony.measures.shape import suggestion
from measureharmony.measures.words import Wording
from measureharmony.measures.yaml_lines import Place
from measureharmony.payers.apply import JOINS, members
from measureharmony.payers.change import PartChange
from measureharmony.payers.changes_of_contract import SetPayment, SetTarget, ShiftPeriod
from measureharmony.payers.changes_of_measure import (
    AddStratum,
    AddTo,
    AnyPart,
    ChooseRates,
    DropFrom,
    DropStratum,
    ExtendValueSet,
    ReplacePopulation,
    SetDirection,
    SetEvidence,
    SetParameter,
    SwapValueSet,
)
from measureharmony.payers.context import Context
from measureharmony.payers.program import PeriodRule

_NEVER_EMPTY = ("initial_population", "numerator")


def change_problems(change: PartChange, context: Context, here: Place) -> Iterator[Finding]:
    """What does not fit about ``change``, which stands at the place ``here``; not the names and codes inside it."""
    check = _CHECKS.get(change.kind)
    return iter(()) if check is None else check(change.what, context, here)


def _set_parameter(change: SetParameter, context: Context, here: Place) -> Iterator[Finding]:
    parameter = context.everything.parameters.get(change.name)
    if parameter is None:
        what = f"{context.whose} has no parameter '{change.name}'"
        fix = suggestion(change.name, context.measure.parameters)
        yield Finding((*here, "name"), "change-unknown-parameter", what, fix)
        return
    if change.unit not in (None, parameter.unit):
        what = f"{change.name} is in {parameter.unit}, not in {change.unit}"
        yield Finding((*here, "unit"), "change-wrong-unit", what, f"give the value in {parameter.unit}")
        return
    for problem in value_problems(change.name, parameter, change.to):
        fix = "correct it; a contract that truly says so needs other bounds in the measure's file"
        yield Finding((*here, "to"), "change-out-of-bounds", problem, fix)
    if whole(change.to) == whole(parameter.value):
        what = f"{change.name} is {parameter.value} {parameter.unit} already"
        yield Finding((*here, "to"), "change-no-effect", what, "remove the change")


def _replace(change: AnyPart, context: Context, here: Place) -> Iterator[Finding]:
    part: Part = (change.section, change.name)
    old = lookup(part, context.everything)
    if old is None:
        what = f"{context.whose} has nothing called '{part[1]}' under {part[0]}"
        fix = suggestion(part[1], getattr(context.measure, part[0]), "use define to bring in something new")
        yield Finding((*here, "name"), "change-unknown-part", what, fix)
    elif old == change.with_:
        what = f"'{part[1]}' is defined in just this way already"
        yield Finding((*here, "with"), "change-no-effect", what, "remove the change")


def _define(change: AnyPart, context: Context, here: Place) -> Iterator[Finding]:
    part: Part = (change.section, change.name)
    if lookup(part, context.everything) is not None:
        what = f"'{part[1]}' exists under {part[0]} already"
        fix = "use replace to change it everywhere, or choose another name"
        yield Finding((*here, "name"), "change-already-defined", what, fix)
    else:
        own = change.name if context.measure.rates else change.name.partition(".")[2]  # in a shared file: without it
        declared = Definitions.model_validate({part[0]: {own: change.with_}})
        for found in reserved_name.check(declared, Surroundings()):
            yield Finding((*here, "name"), found.code, found.what, found.fix)


def _population(change: AddTo | DropFrom | ReplacePopulation, context: Context, here: Place) -> Iterator[Finding]:
    unknown = list(_rates([change.rate] if change.rate else [], context, (*here, "rate")))
    if unknown:
        yield from unknown
        return
    measure, name = context.everything, change.population
    says = Wording(measure, lambda section, part: part)  # authors know parts by their names
    rates = [rate for rate in measure.rates if change.rate in (None, rate.id)]
    there = [members(measure.population(rate, name), JOINS[name]) for rate in rates]
    match change:
        case AddTo() if all(change.criterion in criteria for criteria in there):
            what = f"{says.criterion(change.criterion)} is part of the {plain(name)} already"
            yield Finding((*here, "criterion"), "change-no-effect", what, "remove the change")
        case DropFrom() if not any(change.criterion in criteria for criteria in there):
            what = f"{says.criterion(change.criterion)} is not part of the {plain(name)}, so it cannot be dropped"
            known = {str(criterion) for criteria in there for criterion in criteria if isinstance(criterion, str)}
            fix = suggestion(str(change.criterion), known, "write the criterion just as the measure writes it")
            yield Finding((*here, "criterion"), "change-nothing-to-drop", what, fix)
        case DropFrom() if name in _NEVER_EMPTY and any(set(criteria) == {change.criterion} for criteria in there):
            what = f"without {says.criterion(change.criterion)} the {plain(name)} would say nothing"
            yield Finding((*here, "criterion"), "change-empty-population", what, "use replace_population")
        case ReplacePopulation() if all(measure.population(rate, name) == change.with_ for rate in rates):
            what = f"the {plain(name)} is said in just this way already"
            yield Finding((*here, "with"), "change-no-effect", what, "remove the change")
        case _:
            pass


def _choose_rates(change: ChooseRates, context: Context, here: Place) -> Iterator[Finding]:
    yield from _rates(change.rates, context, (*here, "rates"))
    if {rate.id for rate in context.measure.rates} <= set(change.rates):
        yield Finding((*here, "rates"), "change-no-effect", "these are all the rates there are", "remove the change")


def _set_direction(change: SetDirection, context: Context, here: Place) -> Iterator[Finding]:
    unknown = list(_rates([change.rate] if change.rate else [], context, (*here, "rate")))
    yield from unknown
    measure = context.measure
    rates = [rate for rate in measure.rates if change.rate in (None, rate.id)]
    if not unknown and all(measure.direction_of(rate) == change.to for rate in rates):
        yield Finding((*here, "to"), "change-no-effect", f"{change.to} is better already", "remove the change")


def _set_evidence(change: SetEvidence, context: Context, here: Place) -> Iterator[Finding]:
    yield from _rates([change.rate], context, (*here, "rate"))
    for rate in context.measure.rates:
        if (rate.id, rate.evidence, rate.values) == (change.rate, change.evidence, change.values):
            what = f"the evidence of {rate.id} is said in just this way already"
            yield Finding(here, "change-no-effect", what, "remove the change")


def _add_stratum(change: AddStratum, context: Context, here: Place) -> Iterator[Finding]:
    if any(stratum.id == change.id for stratum in context.measure.strata):
        what = f"{context.whose} has a stratum '{change.id}' already"
        yield Finding((*here, "id"), "change-already-defined", what, "choose another id")


def _drop_stratum(change: DropStratum, context: Context, here: Place) -> Iterator[Finding]:
    known = [stratum.id for stratum in context.measure.strata]
    if change.stratum not in known:
        what = f"{context.whose} has no stratum '{change.stratum}', so it cannot be dropped"
        yield Finding((*here, "stratum"), "change-nothing-to-drop", what, suggestion(change.stratum, known))


def _of_rate(change: SetTarget | SetPayment, context: Context, here: Place) -> Iterator[Finding]:
    yield from _rates([change.rate], context, (*here, "rate"))


def _rates(wanted: Collection[str], context: Context, here: Place) -> Iterator[Finding]:
    known = [rate.id for rate in context.measure.rates]
    for rate in wanted:
        if rate not in known:
            what = f"{context.whose} has no rate '{rate}'"
            yield Finding(here, "change-unknown-rate", what, suggestion(rate, known))


def _shift_period(change: ShiftPeriod, context: Context, here: Place) -> Iterator[Finding]:
    if context.program and PeriodRule(**change.model_dump()) == context.program.period:
        yield Finding(here, "change-no-effect", "this is the program's period already", "remove the change")


def _value_set(change: SwapValueSet | ExtendValueSet, context: Context, here: Place) -> Iterator[Finding]:
    instead = (change.with_,) if isinstance(change, SwapValueSet) else change.with_
    if change.value_set in instead:
        what = f"{change.value_set} stands for itself already"
        yield Finding((*here, "with"), "change-no-effect", what, "name another one, or remove the change")


_CHECKS: Mapping[str, Callable[..., Iterator[Finding]]] = {
    "set_parameter": _set_parameter,
    "replace": _replace,
    "define": _define,
    "add_to": _population,
    "drop_from": _population,
    "replace_population": _population,
    "swap_value_set": _value_set,
    "extend_value_set": _value_set,
    "choose_rates": _choose_rates,
    "set_direction": _set_direction,
    "set_evidence": _set_evidence,
    "add_stratum": _add_stratum,
    "drop_stratum": _drop_stratum,
    "set_target": _of_rate,
    "set_payment": _of_rate,
    "shift_period": _shift_period,
}


__all__ = ["change_problems"]
