"""What two versions of a measure differ by: one cause for each thing that can be different by itself.

A cause is a change of an overlay, or several that touch the same place in two overlays; the measurement period; or the
coverage that "enrolled with the program's own payer" means. New parts (``define``) do nothing by themselves, and are no
causes unless two overlays define the same part differently. What no rate depends on (targets, payment, deadlines) and
which rates are counted are no causes either.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from measureharmony.measures.measure import Measure
from measureharmony.payers.change import Change, overlaps, path_text
from measureharmony.payers.variant import OwnCoverage, Variant
from measureharmony.periods import Period

#: The paths of the two causes that are no changes of a measure.
PERIOD, COVERAGE = "period", "coverage"
#: Kinds that are no causes; a shifted period is part of the cause ``period``.
_NO_CAUSES = frozenset({"choose_rates", "set_cut_off", "set_target", "set_payment", "shift_period"})


@dataclass(frozen=True)
class Version:
    """One side of a comparison: a variant, and the changes of its overlay that are in force."""

    variant: Variant
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Cause:
    """Something that is one way before and another way after, whatever else is.

    ``path`` names the place, ``sentence`` says in plain words what is different; ``before`` and ``after`` are the
    changes in force without and with it.
    """

    path: str
    sentence: str
    before: tuple[Change, ...] = ()
    after: tuple[Change, ...] = ()


def causes(measure: Measure, before: Version, after: Version) -> tuple[tuple[Change, ...], tuple[Cause, ...]]:
    """The changes that are in force in every version between ``before`` and ``after``, and what they differ by.

    ``measure`` is the canonical one, from which sentences take the names of parameters.
    """
    left, right = _that_count(before.changes), _that_count(after.changes)
    common = [change for change in left if any(_same(change, other) for other in right)]
    here = [change for change in left if not any(_same(change, other) for other in common)]
    there = [change for change in right if not any(_same(change, other) for other in common)]
    always, found = list(common), []
    for group in _touching([*here, *there]):
        one = [change for change in group if any(change is other for other in here)]
        other = [change for change in group if any(change is mine for mine in there)]
        if all(change.kind == "define" for change in group) and not (one and other):
            always += group
        else:
            found.append(_cause(measure, one, other))
    found.sort(key=lambda cause: cause.path)
    return tuple(always), (*found, *_of_program(before.variant, after.variant))


def _that_count(changes: Iterable[Change]) -> list[Change]:
    return [change for change in changes if change.kind not in _NO_CAUSES]


def _same(one: Change, other: Change) -> bool:
    """Whether two changes do the same, on whosever word and since when."""
    return one.kind == other.kind and one.what == other.what


def _touching(changes: Sequence[Change]) -> list[list[Change]]:
    """The changes in groups: those that touch the same thing, directly or by way of others, are in one."""
    groups: list[list[Change]] = []
    for change in changes:
        joined = [group for group in groups if any(overlaps(change.path, other.path) for other in group)]
        groups = [group for group in groups if not any(group is one for one in joined)]
        groups.append([*(other for group in joined for other in group), change])
    return groups


def _cause(measure: Measure, before: Sequence[Change], after: Sequence[Change]) -> Cause:
    paths = dict.fromkeys(path_text(change.path) for change in (*after, *before))
    new, old = ("; ".join(change.sentence(measure) for change in changes) for changes in (after, before))
    words = f"{new} (instead of: {old})" if before else new
    return Cause(", ".join(paths), words if after else f"Not any more: {old}", tuple(before), tuple(after))


def _of_program(before: Variant, after: Variant) -> list[Cause]:
    """What differs by the programs themselves; whether a measure asks for it is seen elsewhere."""
    found = []
    if before.period != after.period:
        found.append(Cause(PERIOD, f"Measured over {_days(after.period)} instead of {_days(before.period)}"))
    if before.own != after.own:
        old = f"instead of {_covered(before.own)}"
        found.append(Cause(COVERAGE, f"Enrolment the measure asks for is {_covered(after.own)}, {old}"))
    return found


def _days(period: Period) -> str:
    return f"{period.start} to {period.end}"


def _covered(own: OwnCoverage | None) -> str:
    if own is None:
        return "any payer's"
    lines = ", ".join(line.replace("_", " ") for line in own.product_lines)
    return f"{own.payer}'s ({lines})" if lines else f"{own.payer}'s"


__all__ = ["COVERAGE", "PERIOD", "Cause", "Version", "causes"]
