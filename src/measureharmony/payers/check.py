"""Do changes fit the measure they change? Every misfit is found at once, with its place in the file of changes.

Three rounds: what a change says by itself (does its parameter exist, is the value in bounds), how the changes of one
file stand to each other (two on one path), and, if all that is well, what becomes of the measure (circles, changes
without effect).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from measureharmony.measures.measure import SECTIONS, Measure
from measureharmony.measures.names import CodeRef
from measureharmony.measures.references import Part, definitions, lookup, mentioned, references
from measureharmony.measures.rules import (
    impossible_bounds,
    parameter_unit,
    reference_cycle,
    relation_anchor,
)
from measureharmony.measures.rules.finding import Finding, Surroundings
from measureharmony.measures.shape import suggestion
from measureharmony.measures.yaml_lines import Place
from measureharmony.payers.apply import applied
from measureharmony.payers.change import PartChange, conflicts, overlaps, path_text
from measureharmony.payers.change_checks import change_problems
from measureharmony.payers.changes_of_measure import (
    DropFrom,
    ExtendValueSet,
    SwapValueSet,
)
from measureharmony.payers.codes import unknown_codes
from measureharmony.payers.context import Context
from measureharmony.payers.overlay import Overlay
from measureharmony.payers.parts import codes_used, without_unused


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
        found += change_problems(change, context, here)
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
    codes = "change-unknown-value-set", "change-unknown-code-system"
    for found in unknown_codes(change.what, context.value_sets, *codes, here):
        if found.place[-1] != "value_set":  # what is swapped or extended is looked for among what the measure uses
            yield found


# --- what becomes of the measure --------------------------------------------------------------------------------------


#: The rules of measures that a change of a sound measure can break, and those that only new names can.
_RULES = (parameter_unit.check, impossible_bounds.check)
_RULES_OF_NAMES = (reference_cycle.check, relation_anchor.check)
#: What can be mentioned everywhere, and refers to nothing.
_OF_SUBJECTS = {(section, name) for section in ("windows", "anchors") for name in ("period", "birth", "death", "index")}


def _outcome(changes: Sequence[PartChange], context: Context) -> Iterator[Finding]:
    changed = without_unused(applied(context.everything, changes), ())
    yield from broken_rules(changes, changed) or _without_effect(changes, context, changed)


def broken_rules(changes: Sequence[PartChange], changed: Measure) -> list[Finding]:
    """Where ``changed``, what the changes make of a sound measure, breaks the rules of measures."""
    return [
        Finding(_blamed(changes, found.place, changed), found.code, f"with these changes, {found.what}", found.fix)
        for rule in ((*_RULES_OF_NAMES, *_RULES) if _bring_names(changes) else _RULES)
        for found in rule(changed, Surroundings())
    ]


def _bring_names(changes: Iterable[PartChange]) -> bool:
    """Whether changes may mention a part where it was not mentioned before, or an event of a relation."""
    return any(part not in _OF_SUBJECTS for change in changes for part in mentioned(change.what))


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


__all__ = ["broken_rules", "change_findings", "findings", "part_findings"]
