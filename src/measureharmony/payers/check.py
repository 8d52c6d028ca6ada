"""Do changes fit the measure they change? Every misfit is found at once, with its place in the file of changes.

Three rounds: what a change says by itself (does its parameter exist, is the value in bounds), how the changes of one
file stand to each other (two on one path), and, if all that is well, what becomes of the measure (circles, changes
without effect).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from measureharmony.measures.bind import value_problems, whole
from measureharmony.measures.measure import SECTIONS, Definitions, Measure, Shared
from measureharmony.measures.names import CodeRef, walk
from measureharmony.measures.references import Part, definitions, lookup, mentioned, references
from measureharmony.measures.rules import (
    impossible_bounds,
    parameter_unit,
    reference_cycle,
    relation_anchor,
    reserved_name,
)
from measureharmony.measures.rules.finding import Finding, Surroundings
from measureharmony.measures.shape import suggestion
from measureharmony.measures.words import Wording
from measureharmony.measures.yaml_lines import Place
from measureharmony.payers.apply import JOINS, applied, members
from measureharmony.payers.change import PartChange, conflicts, overlaps, path_text
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
from measureharmony.payers.overlay import Overlay
from measureharmony.payers.parts import codes_used, with_shared_parts, without_unused
from measureharmony.payers.program import PeriodRule, Program
from measureharmony.value_sets.systems import parse_code


@dataclass(frozen=True)
class Context:
    """What changes are checked against.

    ``measure`` is linked. ``program``: whose changes they are, where they are a contract's. ``value_sets`` are the
    names that exist (``None``: not asked). ``line`` gives the line of a place in the file of changes, for findings that
    speak of a second place.
    """

    measure: Measure
    shared: Mapping[str, Shared]
    program: Program | None = None
    value_sets: Collection[str] | None = None
    line: Callable[[Place], int] = lambda place: 0

    @property
    def whose(self) -> str:
        """What has the parts, in words."""
        return f"measure {self.measure.measure}" if self.measure.rates else "the whole of the shared files"

    def at(self, places: Iterable[int]) -> Context:
        """The same for some of a file's changes, of which each has its own place in the file."""
        index = list(places)

        def line(place: Place) -> int:
            return self.line(("changes", index[int(place[1])], *place[2:]) if len(place) > 1 else place)

        return replace(self, line=line)

    @cached_property
    def everything(self) -> Measure:
        """The measure beside all shared parts: what changes can speak of."""
        return with_shared_parts(self.measure, self.shared)


def findings(overlay: Overlay, context: Context) -> list[Finding]:
    """Everything about ``overlay`` that does not fit.

    The changes that count are looked at together; each proposal as if it counted already, in the place of those that
    touch the same. A proposal may well say what canonical says: that a contract's change is to go.
    """
    places = {index: change for index, change in enumerate(overlay.changes) if change.counts}
    found = [*_edition(overlay, context), *_at(change_findings(list(places.values()), context.at(places)), places)]
    for index, proposal in enumerate(overlay.changes):
        if proposal.counts:
            continue
        beside = {place: one for place, one in places.items() if not overlaps(one.path, proposal.path)}
        tried = {**beside, index: proposal}
        of_it = [
            one for one in _at(change_findings(list(tried.values()), context.at(tried)), tried) if _is_of(one, index)
        ]
        may_go = len(beside) < len(places)
        found += [one for one in of_it if not (may_go and one.code == "change-no-effect")]
    return found


def _at(found: Iterable[Finding], places: Iterable[int]) -> list[Finding]:
    """Findings about some of an overlay's changes, with their places in the whole file."""
    index = list(places)
    return [
        replace(one, place=("changes", index[int(one.place[1])], *one.place[2:])) if len(one.place) > 1 else one
        for one in found
    ]


def _is_of(found: Finding, index: int) -> bool:
    return len(found.place) > 1 and found.place[1] == index


def change_findings(changes: Sequence[PartChange], context: Context) -> list[Finding]:
    """Everything about ``changes`` of one measure that does not fit it."""
    return part_findings(changes, context) or list(_outcome(changes, context))


def part_findings(changes: Sequence[PartChange], context: Context) -> list[Finding]:
    """What does not fit about each change by itself, and about two of them; not what becomes of the measure."""
    found = [*_conflicts(changes, context)]
    defined = {(c.path[0], c.path[1]) for c in changes if c.kind == "define"}
    for index, change in enumerate(changes):
        here: Place = ("changes", index, change.kind)
        check = _CHECKS.get(change.kind)
        if check is not None:
            found += check(change.what, context, here)
        found += _unknown_names(change, context, here, defined)
        found += _unknown_codes(change, context, here)
    return found


# --- the changes as a whole -----------------------------------------------------------------------------------------


def _edition(overlay: Overlay, context: Context) -> Iterator[Finding]:
    owners = [("measure", context.measure.edition)]
    owners += [("program", context.program.edition)] if context.program else []
    for whose, edition in owners:
        if overlay.edition != edition:
            what = f"the overlay changes edition {overlay.edition}, but the {whose} is of edition {edition}"
            yield Finding(("edition",), "overlay-edition", what, "review the changes, then set the edition")


def _conflicts(changes: Sequence[PartChange], context: Context) -> Iterator[Finding]:
    for first, second in conflicts(changes):
        line = context.line(("changes", first))
        other = f"line {line}" if line else f"entry {first + 1} of 'changes'"
        here = context.line(("changes", second))
        mine = f" on line {here}" if here else ""
        what = (
            f"this change{mine} touches {path_text(changes[second].path)}, and so does the one on {other}; "
            "which of them counts would depend on their order"
        )
        yield Finding(("changes", second), "change-conflict", what, "keep one of the two")


# --- each change by itself ------------------------------------------------------------------------------------------


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
            what = f"{says.criterion(change.criterion)} is part of the {_words(name)} already"
            yield Finding((*here, "criterion"), "change-no-effect", what, "remove the change")
        case DropFrom() if not any(change.criterion in criteria for criteria in there):
            what = f"{says.criterion(change.criterion)} is not part of the {_words(name)}, so it cannot be dropped"
            known = {str(criterion) for criteria in there for criterion in criteria if isinstance(criterion, str)}
            fix = suggestion(str(change.criterion), known, "write the criterion just as the measure writes it")
            yield Finding((*here, "criterion"), "change-nothing-to-drop", what, fix)
        case DropFrom() if name in _NEVER_EMPTY and any(set(criteria) == {change.criterion} for criteria in there):
            what = f"without {says.criterion(change.criterion)} the {_words(name)} would say nothing"
            yield Finding((*here, "criterion"), "change-empty-population", what, "use replace_population")
        case ReplacePopulation() if all(measure.population(rate, name) == change.with_ for rate in rates):
            what = f"the {_words(name)} is said in just this way already"
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


# --- names and codes inside a change ----------------------------------------------------------------------------------


def _unknown_names(change: PartChange, context: Context, here: Place, defined: Collection[Part]) -> Iterator[Finding]:
    if isinstance(change.what, DropFrom):
        return  # what is not there cannot be dropped: said already
    for reference in references(change.what, here):
        if reference.is_built_in or reference.part in defined:
            continue
        if lookup(reference.part, context.everything) is None:
            known = {name for section, name in defined if section == reference.section}
            known |= set(getattr(context.everything, reference.section))
            what = f"nothing under {reference.section} is called '{reference.name}'"
            yield Finding(reference.place, "change-unknown-part", what, suggestion(reference.name, known))


def _unknown_codes(change: PartChange, context: Context, here: Place) -> Iterator[Finding]:
    for place, code in walk(change.what, here):
        if not isinstance(code, CodeRef) or place[-1] == "value_set":
            continue
        if code.is_code:
            try:
                parse_code(code)
            except ValueError as error:
                what, _, fix = str(error).partition("; ")
                yield Finding(place, "change-unknown-code-system", what, fix)
        elif context.value_sets is not None and code not in context.value_sets:
            what = f"there is no value set '{code}'"
            yield Finding(place, "change-unknown-value-set", what, suggestion(code, context.value_sets))


# --- what becomes of the measure --------------------------------------------------------------------------------------


#: The rules of measures that a change of a sound measure can break.
_RULES = (reference_cycle.check, relation_anchor.check, parameter_unit.check, impossible_bounds.check)


def _outcome(changes: Sequence[PartChange], context: Context) -> Iterator[Finding]:
    changed = without_unused(applied(context.everything, changes), ())
    yield from broken_rules(changes, changed) or _without_effect(changes, context, changed)


def broken_rules(changes: Sequence[PartChange], changed: Measure) -> list[Finding]:
    """Where ``changed``, what the changes make of a sound measure, breaks the rules of measures."""
    return [
        Finding(_blamed(changes, found.place, changed), found.code, f"with these changes, {found.what}", found.fix)
        for rule in _RULES
        for found in rule(changed, Surroundings())
    ]


def _blamed(changes: Sequence[PartChange], place: Place, changed: Measure) -> Place:
    """The change that is answerable for a part of the changed measure: of itself, or of a parameter it mentions."""
    around: set[tuple[str, ...]] = set()
    if place[0] in SECTIONS:
        part = (str(place[0]), str(place[1]))
        around = {part, *mentioned(lookup(part, changed))}
    for index, change in enumerate(changes):
        if change.path in around or (change.path[0] == "populations" and change.path[1] in place):
            return "changes", index, change.kind
    return ("changes",)


def _without_effect(changes: Sequence[PartChange], context: Context, changed: Measure) -> Iterator[Finding]:
    """Changes of something that the changed measure (of which only the used parts are left) does not use."""
    in_use = {part for part, _ in definitions(changed)}
    asked = _codes_before(changes, context)
    reported = {rate.id for rate in changed.rates}
    for index, change in enumerate(changes):
        here: Place = ("changes", index, change.kind)
        what = change.what
        if change.kind in ("set_parameter", "replace", "define") and change.path not in in_use:
            said = f"nothing that the changed measure counts refers to '{change.path[1]}'"
            yield Finding((*here, "name"), "change-no-effect", said, "remove the change, or use the part")
        elif isinstance(what, SwapValueSet | ExtendValueSet) and what.value_set not in asked:
            said = f"the measure does not use '{what.value_set}'"
            fix = suggestion(what.value_set, {code for code in asked if not code.is_code})
            yield Finding((*here, "value_set"), "change-unknown-value-set", said, fix)
        elif (rate := getattr(what, "rate", None)) is not None and rate not in reported:
            said = f"rate '{rate}' is not among those that choose_rates keeps"
            yield Finding((*here, "rate"), "change-no-effect", said, "remove the change, or keep the rate")


def _codes_before(changes: Sequence[PartChange], context: Context) -> set[CodeRef]:
    """The value sets and codes that the measure uses after all changes but those of value sets."""
    others = [change for change in changes if not isinstance(change.what, SwapValueSet | ExtendValueSet)]
    if len(others) == len(changes):
        return set()  # nobody asks
    return codes_used(applied(context.everything, others))


def _words(population: str) -> str:
    return population.replace("_", " ")


_NEVER_EMPTY = ("initial_population", "numerator")

__all__ = ["Context", "broken_rules", "change_findings", "findings", "part_findings"]
