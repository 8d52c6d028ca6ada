"""Common targets: for each measure what satisfies every program that asks for it, where that can be."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import numpy as np

from measureharmony.alignment.confirming import Engine, Seat
from measureharmony.alignment.somebody import Somebody
from measureharmony.alignment.versions import Versions
from measureharmony.alignment.worked import worked_people
from measureharmony.choosing import YEAR, choose
from measureharmony.common_target.dated import DatedWording
from measureharmony.common_target.goals import Goal, goals_of
from measureharmony.common_target.joining import Joint, joint_of, merged
from measureharmony.common_target.merging import Merging
from measureharmony.common_target.proving import Proofs, Prover
from measureharmony.common_target.sentences import clash_told, sentence, things
from measureharmony.errors import UsageError
from measureharmony.measures.measure import Shared
from measureharmony.payers.program import CutOffs
from measureharmony.payers.resolve import terms
from measureharmony.payers.variant import CANONICAL, Variant
from measureharmony.periods import Period
from measureharmony.specs import Specs
from measureharmony.value_sets import ValueSets

#: ``common``: proved to satisfy all. ``contradiction``: proved that nothing can. ``open``: not decided.
Standing: TypeAlias = Literal["common", "contradiction", "open"]


@dataclass(frozen=True)
class Deadline:
    """A program's days for a measure: its period, and when evidence must have reached it."""

    program: str
    period: Period
    cut_offs: CutOffs | None


@dataclass(frozen=True)
class GoalTarget:
    """The common target of one goal.

    ``sentence``: for the front desk; empty where programs contradict each other, which ``contradictions`` tell.
    ``things``: the codes of what the sentence speaks of, in words. ``example``: somebody made up who meets it, as the
    engine says; ``None`` where nobody was found, or where a single rate asks for the goal.
    """

    joint: Joint
    proofs: Proofs
    sentence: str
    contradictions: tuple[str, ...] = ()
    things: Mapping[str, str] = field(default_factory=dict)
    example: Somebody | None = None

    @property
    def goal(self) -> Goal:
        """Which rates it is about."""
        return self.joint.goal

    @property
    def standing(self) -> Standing:
        """Whether there is a target, and that is proved."""
        if self.proofs.clashes:
            return "contradiction"
        return "common" if all(self.proofs.within) else "open"

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources of evidence that every program accepts; empty: any."""
        asked = [set(one.variant.sources.get("numerator", ())) for one in self.goal.asked]
        restricted = [sources for sources in asked if sources]
        return tuple(sorted(set.intersection(*restricted))) if restricted else ()

    @property
    def unproved(self) -> tuple[str, ...]:
        """Programs whose rate may be missed by somebody who meets the target, for all that is proved."""
        pairs = zip(self.goal.asked, self.proofs.within, strict=True)
        return tuple(dict.fromkeys(asked.program for asked, within in pairs if not within))


@dataclass(frozen=True)
class CommonTarget:
    """The common target of one measure.

    ``variant`` is the spec, with a rate for each goal that is no contradiction; ``None`` where all are. ``versions``
    are the programs' versions, ``deadlines`` their days.
    """

    canonical: Variant
    versions: tuple[Variant, ...]
    goals: tuple[GoalTarget, ...]
    variant: Variant | None
    deadlines: tuple[Deadline, ...]

    @property
    def measure(self) -> str:
        """Key of the measure."""
        return self.canonical.measure.measure

    @property
    def programs(self) -> tuple[str, ...]:
        """The programs that ask for the measure."""
        return tuple(version.program for version in self.versions)


def common_targets(
    specs: Specs,
    *,
    measures: Iterable[str] | None = None,
    programs: Iterable[str] | None = None,
    year: int | None = None,
    edition: int | None = None,
    as_of: dt.date | None = None,
) -> tuple[CommonTarget, ...]:
    """The common target of every measure that ``programs`` (left out: all of them) list, or of ``measures`` only.

    Measures that are no proportions have none. :class:`UsageError` for a measure that none of the programs lists.

    >>> from measureharmony.specs import load_specs
    >>> [target] = common_targets(load_specs(), measures=["bcs"])
    >>> target.goals[0].sentence
    'Mammogram from 1 January 2025 to 30 June 2026.'
    """
    chosen = choose(specs, year, as_of, programs, measures, edition)
    canonical = {v.measure.measure: v for v in chosen if v.program == CANONICAL}
    groups = {key: [v for v in chosen if v.program != CANONICAL and v.measure.measure == key] for key in canonical}
    _require_listed(set(measures or ()) & {key for key, versions in groups.items() if not versions})
    wanted = [key for key, one in canonical.items() if groups[key] and one.measure.scoring == "proportion"]
    named = year or edition or YEAR

    def target(key: str) -> CommonTarget:
        goals, variant = goal_targets(canonical[key], groups[key], specs.canonical.shared, specs.value_sets)
        deadlines = tuple(_deadline(specs, version, named, as_of) for version in groups[key])
        return CommonTarget(canonical[key], tuple(groups[key]), goals, variant, deadlines)

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:  # each measure has a solver of its own
        return _seen(specs, list(pool.map(target, wanted)))


def _seen(specs: Specs, targets: Sequence[CommonTarget]) -> tuple[CommonTarget, ...]:
    """The targets with examples that the engine confirms: the solver's, else a worked person, else none."""
    made = [target for target in targets if target.variant is not None]
    versions = [Versions([target.variant]) for target in made if target.variant is not None]
    goals = [(n, goal) for n, target in enumerate(made) for goal in target.goals if goal.example is not None]
    people = {number: [goal.example for n, goal in goals if n == number and goal.example] for number, _ in goals}
    for number, some in people.items():
        some += worked_people(specs, versions[number], made[number].measure)
    seats = {id(goal): Seat(number, 0, goal.goal.id, "numerator_counted") for number, goal in goals}
    seated = Engine(specs, versions).seated(people, seats.values())

    def looked_at(goal: GoalTarget) -> GoalTarget:
        if goal.example is None or id(goal) not in seats:
            return replace(goal, example=None)
        seat = seats[id(goal)]
        sure = [people[seat.measure][place] for place in np.flatnonzero(seated[seat]).tolist()]
        return replace(goal, example=goal.example if goal.example in sure else next(iter(sure), None))

    return tuple(replace(target, goals=tuple(map(looked_at, target.goals))) for target in targets)


def _deadline(specs: Specs, version: Variant, year: int, on: dt.date | None) -> Deadline:
    program = specs.programs.programs[version.program]
    overlay = specs.programs.overlays.get((version.program, version.measure.measure))
    return Deadline(version.program, version.period, terms(program, overlay, year, on).cut_offs)


def _require_listed(unlisted: set[str]) -> None:
    if unlisted:
        raise UsageError(
            f"None of the programs asks for {', '.join(sorted(unlisted))}: what programs have in common needs programs."
        )


def goal_targets(
    canonical: Variant, versions: Sequence[Variant], shared: Mapping[str, Shared], value_sets: ValueSets
) -> tuple[tuple[GoalTarget, ...], Variant | None]:
    """The targets of one measure's goals, and the version that is all of them that are no contradiction.

    ``versions`` are programs' versions of the ``canonical`` one, each of another program; ``shared`` the shared files.
    """
    merging = Merging(canonical.period, shared)
    merging.prefer(canonical)
    joints = [joint_of(goal, merging) for goal in goals_of(canonical, versions, value_sets)]
    whole = merged(canonical, joints, merging)
    words = DatedWording.of(whole.measure, whole.period, merging.originals)
    if all(_is_its_own(joint, whole) for joint in joints):  # nothing to prove, hence no solver to set up
        goals = [_said(joint, Proofs((True,), exact=True), words) for joint in joints]
    else:
        prover = Prover(versions, whole, value_sets)
        goals = [_proved(prover, prover.simplified(joint), words) for joint in joints]
    kept = [goal.joint for goal in goals if goal.standing != "contradiction"]
    return tuple(goals), merged(canonical, kept, merging) if kept else None


def _proved(prover: Prover, joint: Joint, words: DatedWording) -> GoalTarget:
    said = _said(joint, prover.proofs(joint), words)
    return replace(said, example=prover.example(joint)) if said.sentence else said


def _said(joint: Joint, proofs: Proofs, words: DatedWording) -> GoalTarget:
    if proofs.clashes:
        told = tuple(clash_told(clash, joint.goal, words) for clash in proofs.clashes)
        return GoalTarget(joint, proofs, "", told)
    return GoalTarget(joint, proofs, sentence(joint.wanted, words), (), things(joint.wanted, words))


def _is_its_own(joint: Joint, whole: Variant) -> bool:
    """One rate alone asks for the goal, and means the coverage that the merged measure means."""
    return len(joint.goal.asked) == 1 and joint.goal.asked[0].variant.own == whole.own


__all__ = ["CommonTarget", "Deadline", "GoalTarget", "Standing", "common_targets", "goal_targets"]
