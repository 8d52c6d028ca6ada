"""The merged measure: one rate for each goal, met only by whoever meets every program's rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from measureharmony.common_target.goals import Goal
from measureharmony.common_target.merging import Merging, View
from measureharmony.common_target.wanted import counted_if, left_out_if, once, wanted
from measureharmony.measures.criterion import Criterion, CriterionRef
from measureharmony.measures.event_set import EventSet
from measureharmony.measures.measure import Episodes, Measure, Populations, Rate
from measureharmony.measures.names import EventsName
from measureharmony.measures.plain_words import listed
from measureharmony.payers.parts import without_unused
from measureharmony.payers.variant import Variant

#: As which program the merged measure is evaluated, and what its key ends in.
COMMON_TARGET = "common_target"
#: Conditions that belong together; whether all must hold or any will do is said where they are used.
Conditions: TypeAlias = tuple[CriterionRef, ...]


@dataclass(frozen=True)
class Joint:
    """What the programs of one goal say, in the words of the merged measure, each thing once.

    ``wants``: for each rate asked for, what it wants. ``wanted``: all of it must hold. ``counted``: whoever meets all
    conditions of one of these is counted. ``excluded`` and ``excepted``: whoever meets any condition of each of these
    is left out by every program.
    """

    goal: Goal
    wants: tuple[Conditions, ...]
    wanted: Conditions
    counted: tuple[Conditions, ...]
    excluded: tuple[Conditions, ...]
    excepted: tuple[Conditions, ...]


def joint_of(goal: Goal, merging: Merging) -> Joint:
    """What the programs say about a goal, nothing left away."""
    wants = tuple(wanted(one, merging) for one in goal.asked)
    return Joint(
        goal,
        wants,
        once(part for parts in wants for part in parts),
        once(counted_if(one, merging) for one in goal.asked),
        once(left_out_if(one, "denominator_exclusion", merging) for one in goal.asked),
        once(left_out_if(one, "denominator_exception", merging) for one in goal.asked),
    )


def merged(canonical: Variant, joints: Sequence[Joint], merging: Merging) -> Variant:
    """The measure of some goals as a version that counts everybody.

    Where its criteria ask for the program's own coverage, any payer's will do, unless all versions mean the same one.
    """
    measure, versions = canonical.measure, [one.variant for joint in joints for one in joint.goal.asked]
    programs = once(version.program for version in versions)
    subject, (common, rates) = _subject(versions, merging), _rates(joints)
    whole = measure.model_copy(
        update={
            **merging.definitions(),
            "measure": f"{measure.measure}_{COMMON_TARGET}",
            "title": f"{measure.title}: common target",
            "description": f"What satisfies {listed(programs, 'and')} at once, as they mean '{measure.title}'.",
            "identifiers": (), "aliases": (), "strata": (), "steward": "", "direction": "higher",
            "aggregation": "none", "populations": common, "updated": None,
            "subject": subject, "rates": rates,
        }
    )  # fmt: skip
    own = once(version.own for version in versions)
    only = own[0] if len(own) == 1 else None
    return Variant(COMMON_TARGET, without_unused(whole, _counted_sets(whole)), canonical.period, only)


def _counted_sets(measure: Measure) -> list[tuple[str, str]]:
    return [("events", str(measure.subject.episodes))] if isinstance(measure.subject, Episodes) else []


def _subject(versions: Sequence[Variant], merging: Merging) -> Literal["person"] | Episodes:
    """Whom or what is counted: of different sets of events, all."""
    names: list[EventsName] = []
    for version in versions:
        subject = version.measure.subject
        if not isinstance(subject, Episodes):
            return "person"
        names.append(merging.take(View(version), subject.episodes))
    different = once(names)
    if len(different) == 1:
        return Episodes(episodes=different[0])
    name = merging.originals[("events", str(different[0]))]
    every = EventSet(from_=different)
    return Episodes(episodes=EventsName(merging.add("events", f"{name}_of_any", every, name)))


def _rates(joints: Sequence[Joint]) -> tuple[Populations, tuple[Rate, ...]]:
    """A rate for each goal, and the populations that are the same for all of them."""
    refs = [
        {
            "initial_population": any_of_all(joint.counted),
            "denominator_exclusion": all_of_any(joint.excluded),
            "denominator_exception": all_of_any(joint.excepted),
            "numerator": Criterion(all=joint.wanted),
        }
        for joint in joints
    ]
    common = {name: ref for name, ref in refs[0].items() if all(other[name] == ref for other in refs)}
    rates = tuple(
        Rate(
            id=joint.goal.id, title=joint.goal.title,
            populations=Populations(**{name: ref for name, ref in own.items() if name not in common}),
        )
        for joint, own in zip(joints, refs, strict=True)
    )  # fmt: skip
    return Populations(**common), rates


def any_of_all(alternatives: Sequence[Conditions]) -> Criterion:
    """Met by whoever meets all conditions of one of the alternatives; what all of them ask for is said once."""
    common, rests = _factored(alternatives)
    if all(rests):
        common = (*common, Criterion(any=tuple(_joined("all", rest) for rest in rests)))
    return _criterion(_joined("all", common))


def all_of_any(groups: Sequence[Conditions]) -> Criterion | None:
    """Met by whoever meets a condition of each group; a group without any is met by nobody (``None``)."""
    if not groups or not all(groups):
        return None
    common, rests = _factored(groups)
    if all(rests):
        common = (*common, Criterion(all=tuple(_joined("any", rest) for rest in rests)))
    return _criterion(_joined("any", common))


def _factored(groups: Sequence[Conditions]) -> tuple[Conditions, list[Conditions]]:
    """What is in every group, and what else is in each; one group is all common."""
    common = tuple(part for part in groups[0] if all(part in other for other in groups[1:]))
    return common, [tuple(part for part in group if part not in common) for group in groups]


def _joined(how: Literal["all", "any"], parts: Conditions) -> CriterionRef:
    if len(parts) == 1:
        return parts[0]
    return Criterion(all=parts) if how == "all" else Criterion(any=parts)


def _criterion(ref: CriterionRef) -> Criterion:
    return ref if isinstance(ref, Criterion) else Criterion(all=(ref,))


__all__ = ["COMMON_TARGET", "Conditions", "Joint", "all_of_any", "any_of_all", "joint_of", "merged"]
