"""What of a contract is not settled: which rates rest on disputed changes, and what is only proposed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

from measureharmony.measures.measure import Episodes, Measure, Rate
from measureharmony.measures.references import Part
from measureharmony.payers.change import Change
from measureharmony.payers.changes_of_measure import EVERY_RATE, ExtendValueSet, SwapValueSet
from measureharmony.payers.overlay import Overlay
from measureharmony.payers.parts import codes_used, reachable, used
from measureharmony.payers.variant import Variant

#: What decides no outcome: how a rate is shown, what is paid for it, until when evidence may arrive.
_NO_OUTCOME = frozenset({"rates", "cut_offs", "targets", "payments", "evidence", "strata"})
#: What every rate rests on.
_WHOLE = frozenset({"enrolment", "sources", "period"})


def disputed_by_rate(measure: Measure, changes: Iterable[Change]) -> Mapping[str, int]:
    """How many disputed ones of ``changes`` each rate of the changed ``measure`` (linked) rests on; none: no entry."""
    disputed = [change for change in changes if change.status == "disputed" and change.path[0] not in _NO_OUTCOME]
    if not disputed:
        return {}
    counted = {rate.id: sum(_rests_on(measure, rate, change) for change in disputed) for rate in measure.rates}
    return {rate: number for rate, number in counted.items() if number}


def _rests_on(measure: Measure, rate: Rate, change: Change) -> bool:
    section, *inside = change.path
    alone = measure.model_copy(update={"rates": (rate,), "strata": ()})
    if section in _WHOLE:
        return True
    if section in ("populations", "direction"):
        return inside[0 if section == "direction" else 1] in (EVERY_RATE, rate.id)
    if isinstance(change.what, SwapValueSet | ExtendValueSet):
        new = change.what.with_
        return not codes_used(alone).isdisjoint((new,) if isinstance(new, str) else new)
    return (section, inside[0]) in _parts_of(alone)


def _parts_of(measure: Measure) -> set[Part]:
    """The parts on which a measure's populations, or who is counted at all, depend."""
    found = used(measure)
    if isinstance(measure.subject, Episodes):
        found |= reachable(measure, [("events", str(measure.subject.episodes))])
    return found


def unsettled(
    overlays: Mapping[tuple[str, str], Overlay], variants: Sequence[Variant], on: dt.date | None = None
) -> Iterator[str]:
    """In sentences: the rates that rest on disputed changes, and the proposals that do not count yet.

    ``overlays`` are by program and measure. Proposals are told that would be in force by the period's last day, or on
    ``on``, where that is earlier.
    """
    disputed = [f"{one.id}/{rate} ({number})" for one in variants for rate, number in one.disputed.items()]
    if disputed:
        yield f"Rates that rest on disputed changes: {', '.join(disputed)}."
    proposed: list[str] = []
    for one in variants:
        overlay = overlays.get((one.program, one.measure.measure))
        day = min(one.period.end, on) if on else one.period.end
        changes = overlay.changes if overlay else ()
        waiting = sum(not change.counts and change.effective <= day for change in changes)
        proposed += [f"{one.id} ({waiting})"] if waiting else []
    if proposed:
        yield f"Proposed changes that do not count yet: {', '.join(proposed)}."


__all__ = ["disputed_by_rate", "unsettled"]
