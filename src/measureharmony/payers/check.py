"""Does an overlay fit the measure it changes? Every misfit is found at once, with its place in the overlay's file.

Three rounds: what a change says by itself (does its parameter exist, is the value in bounds), how the changes of one
overlay stand to each other (two on one path), and, if all that is well, what becomes of the measure (circles, changes
without effect).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from measureharmony.measures.bind import value_problems, whole
from measureharmony.measures.measure import SECTIONS, Definitions, Measure, Shared
from measureharmony.measures.names import CodeRef, walk
from measureharmony.measures.references import Part, definitions, lookup, references
from measureharmony.measures.rules import (
    impossible_bounds,
    parameter_unit,
    reference_cycle,
    relation_anchor,
    reserved_name,
)
from measureharmony.measures.rules.finding import Finding, Surroundings
from measureharmony.measures.shape import suggestion
from measureharmony.measures.yaml_lines import Place
from measureharmony.payers.apply import JOINS, applied, members
from measureharmony.payers.change import (
    AddTo,
    AnyPart,
    Change,
    ChooseRates,
    DropFrom,
    ExtendValueSet,
    ReplacePopulation,
    SetParameter,
    SetPayment,
    SetTarget,
    ShiftPeriod,
    SwapValueSet,
    path_text,
)
from measureharmony.payers.overlay import Overlay
from measureharmony.payers.parts import codes_used, with_shared_parts, without_unused
from measureharmony.payers.program import PeriodRule, Program
from measureharmony.payers.words import in_words
from measureharmony.value_sets.systems import parse_code


@dataclass(frozen=True)
class Context:
    """What an overlay is checked against.

    ``measure`` is linked. ``value_sets`` are the names that exist (``None``: not asked). ``line`` gives the line of a
    place in the overlay's file, for findings that speak of a second place.
    """

    program: Program
    measure: Measure
    shared: Mapping[str, Shared]
    value_sets: Collection[str] | None = None
    line: Callable[[Place], int] = lambda place: 0

    @cached_property
    def everything(self) -> Measure:
        """The measure beside all shared parts: what changes can speak of."""
        return with_shared_parts(self.measure, self.shared)


def findings(overlay: Overlay, context: Context) -> list[Finding]:
    """Everything about ``overlay`` that does not fit."""
    found = [*_edition(overlay, context), *_conflicts(overlay, context)]
    defined = {(c.path[0], c.path[1]) for c in overlay.changes if c.kind == "define"}
    for index, change in enumerate(overlay.changes):
        here: Place = ("changes", index, change.kind)
        check = _CHECKS.get(change.kind)
        if check is not None:
            found += check(change.what, context, here)
        found += _unknown_names(change, context, here, defined)
        found += _unknown_codes(change, context, here)
    return found or list(_outcome(overlay, context))


# --- the overlay as a whole -----------------------------------------------------------------------------------------


def _edition(overlay: Overlay, context: Context) -> Iterator[Finding]:
    for whose, edition in (("measure", context.measure.edition), ("program", context.program.edition)):
        if overlay.edition != edition:
            what = f"the overlay changes edition {overlay.edition}, but the {whose} is of edition {edition}"
            yield Finding(("edition",), "overlay-edition", what, "review the changes, then set the edition")


def _conflicts(overlay: Overlay, context: Context) -> Iterator[Finding]:
    for first, second in overlay.conflicts():
        line = context.line(("changes", first))
        other = f"line {line}" if line else f"entry {first + 1} of 'changes'"
        here = context.line(("changes", second))
        mine = f" on line {here}" if here else ""
        what = (
            f"this change{mine} touches {path_text(overlay.changes[second].path)}, and so does the one on {other}; "
            "which of them counts would depend on their order"
        )
        yield Finding(("changes", second), "overlay-conflict", what, "keep one of the two")


# --- each change by itself ------------------------------------------------------------------------------------------


def _set_parameter(change: SetParameter, context: Context, here: Place) -> Iterator[Finding]:
    parameter = context.everything.parameters.get(change.name)
    if parameter is None:
        what = f"measure {context.measure.measure} has no parameter '{change.name}'"
        fix = suggestion(change.name, context.measure.parameters)
        yield Finding((*here, "name"), "overlay-unknown-parameter", what, fix)
        return
    if change.unit not in (None, parameter.unit):
        what = f"{change.name} is in {parameter.unit}, not in {change.unit}"
        yield Finding((*here, "unit"), "overlay-wrong-unit", what, f"give the value in {parameter.unit}")
        return
    for problem in value_problems(change.name, parameter, change.to):
        fix = "correct it; a contract that truly says so needs other bounds in the measure's file"
        yield Finding((*here, "to"), "overlay-out-of-bounds", problem, fix)
    if whole(change.to) == whole(parameter.value):
        what = f"{change.name} is {parameter.value} {parameter.unit} already"
        yield Finding((*here, "to"), "overlay-no-effect", what, "remove the change")


def _replace(change: AnyPart, context: Context, here: Place) -> Iterator[Finding]:
    part: Part = (change.section, change.name)
    old = lookup(part, context.everything)
    if old is None:
        what = f"measure {context.measure.measure} has nothing called '{part[1]}' under {part[0]}"
        fix = suggestion(part[1], getattr(context.measure, part[0]), "use define to bring in something new")
        yield Finding((*here, "name"), "overlay-unknown-part", what, fix)
    elif old == change.with_:
        what = f"'{part[1]}' is defined in just this way already"
        yield Finding((*here, "with"), "overlay-no-effect", what, "remove the change")


def _define(change: AnyPart, context: Context, here: Place) -> Iterator[Finding]:
    part: Part = (change.section, change.name)
    if lookup(part, context.everything) is not None:
        what = f"'{part[1]}' exists under {part[0]} already"
        fix = "use replace to change it everywhere, or choose another name"
        yield Finding((*here, "name"), "overlay-already-defined", what, fix)
    else:
        declared = Definitions.model_validate({part[0]: {part[1]: change.with_}})
        for found in reserved_name.check(declared, Surroundings()):
            yield Finding((*here, "name"), found.code, found.what, found.fix)


def _population(change: AddTo | DropFrom | ReplacePopulation, context: Context, here: Place) -> Iterator[Finding]:
    unknown = list(_rates([change.rate] if change.rate else [], context, (*here, "rate")))
    if unknown:
        yield from unknown
        return
    measure, name = context.everything, change.population
    rates = [rate for rate in measure.rates if change.rate in (None, rate.id)]
    there = [members(measure.population(rate, name), JOINS[name]) for rate in rates]
    match change:
        case AddTo() if all(change.criterion in criteria for criteria in there):
            what = f"{in_words(change.criterion)} is part of the {_words(name)} already"
            yield Finding((*here, "criterion"), "overlay-no-effect", what, "remove the change")
        case DropFrom() if not any(change.criterion in criteria for criteria in there):
            what = f"{in_words(change.criterion)} is not part of the {_words(name)}, so it cannot be dropped"
            known = {str(criterion) for criteria in there for criterion in criteria if isinstance(criterion, str)}
            fix = suggestion(str(change.criterion), known, "write the criterion just as the measure writes it")
            yield Finding((*here, "criterion"), "overlay-nothing-to-drop", what, fix)
        case DropFrom() if name in _NEVER_EMPTY and any(set(criteria) == {change.criterion} for criteria in there):
            what = f"without {in_words(change.criterion)} the {_words(name)} would say nothing"
            yield Finding((*here, "criterion"), "overlay-empty-population", what, "use replace_population")
        case ReplacePopulation() if all(measure.population(rate, name) == change.with_ for rate in rates):
            what = f"the {_words(name)} is said in just this way already"
            yield Finding((*here, "with"), "overlay-no-effect", what, "remove the change")
        case _:
            pass


def _choose_rates(change: ChooseRates, context: Context, here: Place) -> Iterator[Finding]:
    yield from _rates(change.rates, context, (*here, "rates"))
    if {rate.id for rate in context.measure.rates} <= set(change.rates):
        yield Finding((*here, "rates"), "overlay-no-effect", "these are all the rates there are", "remove the change")


def _of_rate(change: SetTarget | SetPayment, context: Context, here: Place) -> Iterator[Finding]:
    yield from _rates([change.rate], context, (*here, "rate"))


def _rates(wanted: Collection[str], context: Context, here: Place) -> Iterator[Finding]:
    known = [rate.id for rate in context.measure.rates]
    for rate in wanted:
        if rate not in known:
            what = f"measure {context.measure.measure} has no rate '{rate}'"
            yield Finding(here, "overlay-unknown-rate", what, suggestion(rate, known))


def _shift_period(change: ShiftPeriod, context: Context, here: Place) -> Iterator[Finding]:
    if PeriodRule(**change.model_dump()) == context.program.period:
        yield Finding(here, "overlay-no-effect", "this is the program's period already", "remove the change")


def _value_set(change: SwapValueSet | ExtendValueSet, context: Context, here: Place) -> Iterator[Finding]:
    instead = (change.with_,) if isinstance(change, SwapValueSet) else change.with_
    if change.value_set in instead:
        what = f"{change.value_set} stands for itself already"
        yield Finding((*here, "with"), "overlay-no-effect", what, "name another one, or remove the change")


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
    "set_target": _of_rate,
    "set_payment": _of_rate,
    "shift_period": _shift_period,
}


# --- names and codes inside a change ----------------------------------------------------------------------------------


def _unknown_names(change: Change, context: Context, here: Place, defined: Collection[Part]) -> Iterator[Finding]:
    if isinstance(change.what, DropFrom):
        return  # what is not there cannot be dropped: said already
    for reference in references(change.what, here):
        if reference.is_built_in or reference.part in defined:
            continue
        if lookup(reference.part, context.everything) is None:
            known = {name for section, name in defined if section == reference.section}
            known |= set(getattr(context.everything, reference.section))
            what = f"nothing under {reference.section} is called '{reference.name}'"
            yield Finding(reference.place, "overlay-unknown-part", what, suggestion(reference.name, known))


def _unknown_codes(change: Change, context: Context, here: Place) -> Iterator[Finding]:
    for place, code in walk(change.what, here):
        if not isinstance(code, CodeRef) or place[-1] == "value_set":
            continue
        if code.is_code:
            try:
                parse_code(code)
            except ValueError as error:
                what, _, fix = str(error).partition("; ")
                yield Finding(place, "overlay-unknown-code-system", what, fix)
        elif context.value_sets is not None and code not in context.value_sets:
            what = f"there is no value set '{code}'"
            yield Finding(place, "overlay-unknown-value-set", what, suggestion(code, context.value_sets))


# --- what becomes of the measure --------------------------------------------------------------------------------------


#: The rules of measures that a change of a sound measure can break.
_RULES = (reference_cycle.check, relation_anchor.check, parameter_unit.check, impossible_bounds.check)


def _outcome(overlay: Overlay, context: Context) -> Iterator[Finding]:
    changed = without_unused(applied(context.everything, overlay.changes), ())
    broken = [
        Finding(_blamed(overlay, found.place, changed), found.code, f"with these changes, {found.what}", found.fix)
        for rule in _RULES
        for found in rule(changed, Surroundings())
    ]
    yield from broken or _without_effect(overlay, context, changed)


def _blamed(overlay: Overlay, place: Place, changed: Measure) -> Place:
    """The change that is answerable for a part of the changed measure: of itself, or of a parameter it mentions."""
    mentioned: set[tuple[str, ...]] = set()
    if place[0] in SECTIONS:
        part = (str(place[0]), str(place[1]))
        mentioned = {part, *(reference.part for reference in references(lookup(part, changed)))}
    for index, change in enumerate(overlay.changes):
        if change.path in mentioned or (change.path[0] == "populations" and change.path[1] in place):
            return "changes", index, change.kind
    return ("changes",)


def _without_effect(overlay: Overlay, context: Context, changed: Measure) -> Iterator[Finding]:
    """Changes of something that the changed measure (of which only the used parts are left) does not use."""
    in_use = {part for part, _ in definitions(changed)}
    asked = _codes_before(overlay, context)
    reported = {rate.id for rate in changed.rates}
    for index, change in enumerate(overlay.changes):
        here: Place = ("changes", index, change.kind)
        what = change.what
        if change.kind in ("set_parameter", "replace", "define") and change.path not in in_use:
            said = f"nothing that the changed measure counts refers to '{change.path[1]}'"
            yield Finding((*here, "name"), "overlay-no-effect", said, "remove the change, or use the part")
        elif isinstance(what, SwapValueSet | ExtendValueSet) and what.value_set not in asked:
            said = f"the measure does not use '{what.value_set}'"
            fix = suggestion(what.value_set, {code for code in asked if not code.is_code})
            yield Finding((*here, "value_set"), "overlay-unknown-value-set", said, fix)
        elif (rate := getattr(what, "rate", None)) is not None and rate not in reported:
            said = f"rate '{rate}' is not among those that choose_rates keeps"
            yield Finding((*here, "rate"), "overlay-no-effect", said, "remove the change, or keep the rate")


def _codes_before(overlay: Overlay, context: Context) -> set[CodeRef]:
    """The value sets and codes that the measure uses after all changes but those of value sets."""
    others = [change for change in overlay.changes if not isinstance(change.what, SwapValueSet | ExtendValueSet)]
    if len(others) == len(overlay.changes):
        return set()  # nobody asks
    return codes_used(applied(context.everything, others))


def _words(population: str) -> str:
    return population.replace("_", " ")


_NEVER_EMPTY = ("initial_population", "numerator")

__all__ = ["Context", "findings"]
