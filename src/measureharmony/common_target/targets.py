"""Common targets: for each measure what satisfies every program that asks for it, where that can be."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, TypeAlias

from measureharmony.common_target.dated import DatedWording
from measureharmony.common_target.goals import Goal, goals_of
from measureharmony.common_target.joining import Joint, joint_of, merged
from measureharmony.common_target.merging import Merging
from measureharmony.common_target.proving import Proofs, Prover
from measureharmony.common_target.sentences import clash_told, sentence
from measureharmony.errors import UsageError
from measureharmony.harmonize import YEAR, Specs, choose
from measureharmony.payers.program import CutOffs
from measureharmony.payers.resolve import terms
from measureharmony.payers.variant import CANONICAL, Variant
from measureharmony.periods import Period

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
    """

    joint: Joint
    proofs: Proofs
    sentence: str
    contradictions: tuple[str, ...] = ()

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

    >>> from measureharmony.harmonize import load_specs
    >>> [target] = common_targets(load_specs(), measures=["bcs"])
    >>> target.goals[0].sentence
    'Mammogram from 1 January 2025 to 30 June 2026.'
    """
    chosen = choose(specs, year, as_of, programs, measures, edition)
    canonical = {v.measure.measure: v for v in chosen if v.program == CANONICAL}
    groups = {key: [v for v in chosen if v.program != CANONICAL and v.measure.measure == key] for key in canonical}
    _require_listed(set(measures or ()) & {key for key, versions in groups.items() if not versions})
    wanted = [key for key, one in canonical.items() if groups[key] and one.measure.scoring == "proportion"]
    finding = _Finding(specs, year or edition or YEAR, as_of)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:  # each measure has a solver of its own
        return tuple(pool.map(lambda key: finding.target(canonical[key], groups[key]), wanted))


def _require_listed(unlisted: set[str]) -> None:
    if unlisted:
        raise UsageError(
            f"None of the programs asks for {', '.join(sorted(unlisted))}: what programs have in common needs programs."
        )


@dataclass(frozen=True)
class _Finding:
    """Finds targets one by one: with which specs, for which year, and with the contracts of which day."""

    specs: Specs
    year: int
    as_of: dt.date | None

    def target(self, canonical: Variant, versions: Sequence[Variant]) -> CommonTarget:
        merging = Merging(canonical.period, self.specs.canonical.shared)
        merging.prefer(canonical)
        goals = goals_of(canonical, versions, self.specs.value_sets)
        joints = [joint_of(goal, merging) for goal in goals]
        found = self._found(canonical, versions, joints, merging)
        kept = [target.joint for target in found if target.standing != "contradiction"]
        variant = merged(canonical, kept, merging) if kept else None
        return CommonTarget(canonical, tuple(versions), tuple(found), variant, self._deadlines(versions))

    def _found(
        self, canonical: Variant, versions: Sequence[Variant], joints: Sequence[Joint], merging: Merging
    ) -> list[GoalTarget]:
        whole = merged(canonical, joints, merging)
        words = DatedWording.of(whole.measure, whole.period, merging.originals)
        if all(_is_its_own(joint, whole) for joint in joints):  # nothing to prove, hence no solver to set up
            return [GoalTarget(one, Proofs((True,), exact=True), sentence(one.wanted, words)) for one in joints]
        prover = Prover(versions, whole, self.specs.value_sets)
        found = []
        for joint in map(prover.simplified, joints):
            proofs = prover.proofs(joint)
            told = tuple(clash_told(clash, joint.goal, words) for clash in proofs.clashes)
            found.append(GoalTarget(joint, proofs, "" if told else sentence(joint.wanted, words), told))
        return found

    def _deadlines(self, versions: Sequence[Variant]) -> tuple[Deadline, ...]:
        found = []
        for version in versions:
            program = self.specs.programs.programs[version.program]
            overlay = self.specs.programs.overlays.get((version.program, version.measure.measure))
            cut_offs = terms(program, overlay, self.year, self.as_of).cut_offs
            found.append(Deadline(version.program, version.period, cut_offs))
        return tuple(found)


def _is_its_own(joint: Joint, whole: Variant) -> bool:
    """One rate alone asks for the goal, and means the coverage that the merged measure means."""
    return len(joint.goal.asked) == 1 and joint.goal.asked[0].variant.own == whole.own


__all__ = ["CommonTarget", "Deadline", "GoalTarget", "Standing", "common_targets"]
