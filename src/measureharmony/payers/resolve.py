"""From a program, its overlay and a canonical measure to the variant that is evaluated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from measureharmony.errors import Issue, SpecError
from measureharmony.measures.bind import bind
from measureharmony.measures.measure import Measure, Shared
from measureharmony.measures.references import definitions
from measureharmony.payers.apply import applied
from measureharmony.payers.change import Change
from measureharmony.payers.changes_of_contract import RestrictSources, SetCutOff, SetPayment, SetTarget, ShiftPeriod
from measureharmony.payers.check import findings
from measureharmony.payers.context import Context
from measureharmony.payers.overlay import Overlay
from measureharmony.payers.parts import with_shared_parts, without_unused
from measureharmony.payers.program import CutOffs, Program
from measureharmony.payers.unsettled import disputed_by_rate
from measureharmony.payers.variant import CANONICAL, Variant
from measureharmony.periods import Period


@dataclass(frozen=True)
class Terms:
    """What a program says about a measure beside its meaning: deadlines, targets and payment, by rate."""

    cut_offs: CutOffs | None
    targets: Mapping[str, SetTarget]
    payments: Mapping[str, SetPayment]


def canonical_variant(measure: Measure, period: Period) -> Variant:
    """The measure as the canonical set means it, over ``period``. ``measure`` is linked."""
    return Variant(CANONICAL, bind(measure), period)


def resolve(
    program: Program,
    overlay: Overlay | None,
    measure: Measure,
    shared: Mapping[str, Shared],
    year: int,
    on: dt.date | None = None,
) -> Variant:
    """``measure`` (linked) as ``program`` means it in the period that ``year`` names.

    Changes count that are effective on the last day of that period, or already on ``on``, where that is earlier: the
    version of the contract in force then. Without an overlay the measure is the canonical one. ``SpecError`` when
    the changes in force do not fit the measure; no argument is altered.
    """
    changes = in_force(program, overlay, year, on)
    if overlay is not None and changes:
        context = Context(measure, shared, program)
        in_part = overlay.model_copy(update={"changes": changes})
        file = f"{program.program}/{overlay.overlay}.yaml"
        problems = [Issue(file, 0, found.code, found.what, found.fix) for found in findings(in_part, context)]
        if problems:
            raise SpecError(problems)
    return resolve_checked(program, overlay, measure, shared, year, on)


def resolve_checked(
    program: Program,
    overlay: Overlay | None,
    measure: Measure,
    shared: Mapping[str, Shared],
    year: int,
    on: dt.date | None = None,
) -> Variant:
    """:func:`resolve` for changes that are known to fit the measure."""
    changes = in_force(program, overlay, year, on)
    sources: dict[str, tuple[str, ...]] = {
        change.what.population: change.what.sources for change in changes if isinstance(change.what, RestrictSources)
    }
    changed = changed_measure(measure, shared, changes)
    period, disputed = period_of(program, overlay, year, on), disputed_by_rate(changed, changes)
    return Variant(
        program.program, bind(changed), period, program.own, sources, program.people, disputed=disputed,
        cut_off=_cut_off(terms(program, overlay, year, on).cut_offs, period),
    )  # fmt: skip


def _cut_off(days: CutOffs | None, period: Period) -> dt.date | None:
    """The later of the two cut-off days, if it is before the period's end; what has none may come at any time."""
    if days is None or days.claims is None or days.supplemental is None:
        return None
    last = max(days.claims, days.supplemental)
    return last if last < period.end else None


def changed_measure(measure: Measure, shared: Mapping[str, Shared], changes: tuple[Change, ...]) -> Measure:
    """``measure`` (linked) after ``changes`` that fit it: linked, its parameters not yet bound."""
    if not changes:
        return measure
    own = [part for part, _ in definitions(measure)]
    return without_unused(applied(with_shared_parts(measure, shared), changes), own)


def in_force(program: Program, overlay: Overlay | None, year: int, on: dt.date | None = None) -> tuple[Change, ...]:
    """The changes that count in the period that ``year`` names, in an order that does not depend on the file's."""
    if overlay is None:
        return ()
    end = period_of(program, overlay, year, on).end
    return overlay.in_force(min(end, on) if on else end)


def period_of(program: Program, overlay: Overlay | None, year: int, on: dt.date | None = None) -> Period:
    """The measurement period: the program's, or the measure's own where its overlay shifts it."""
    period = program.period.period(year)
    if overlay is not None:
        for change in overlay.in_force(min(period.end, on) if on else period.end):
            if isinstance(change.what, ShiftPeriod):
                return change.what.period(year)
    return period


def terms(program: Program, overlay: Overlay | None, year: int, on: dt.date | None = None) -> Terms:
    """Deadlines, targets and payment in force; an overlay's cut-off days take the place of the program's."""
    cut_offs = program.cut_offs
    targets: dict[str, SetTarget] = {}
    payments: dict[str, SetPayment] = {}
    for change in in_force(program, overlay, year, on):
        match change.what:
            case SetCutOff():
                old = cut_offs or change.what
                cut_offs = CutOffs(
                    claims=change.what.claims or old.claims, supplemental=change.what.supplemental or old.supplemental
                )
            case SetTarget():
                targets[change.what.rate] = change.what
            case SetPayment():
                payments[change.what.rate] = change.what
            case _:
                pass
    return Terms(cut_offs, targets, payments)


__all__ = [
    "Terms",
    "canonical_variant",
    "changed_measure",
    "in_force",
    "period_of",
    "resolve",
    "resolve_checked",
    "terms",
]
