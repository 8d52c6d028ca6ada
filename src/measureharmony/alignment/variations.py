"""People a little different from somebody: born another day, or with one thing gone, earlier, later or from elsewhere.

Whoever is in both of two versions' places is often shown out of one of them by such a step.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from measureharmony.alignment.moments import last_birthday
from measureharmony.alignment.somebody import Cells, MadeEvent, Somebody, iso
from measureharmony.alignment.versions import Versions
from measureharmony.evaluation.columns import NEVER_ENDS, SINCE_EVER
from measureharmony.evaluation.nodes import AgeAt
from measureharmony.practice.contract import NO_END

#: Events are tried so many days earlier and later.
_STEPS = (10, 30, 90, 370)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def later(somebody: Somebody, days: int) -> Somebody:
    """Everything of theirs so many days later."""
    if not days:
        return somebody
    return replace(
        somebody, person=_later(somebody.person, days),
        coverage=tuple(_later(span, days) for span in somebody.coverage),
        events=tuple(_event_later(event, days) for event in somebody.events),
    )  # fmt: skip


@dataclass(frozen=True)
class Steps:
    """What is tried: events some ``days`` later, from other ``sources``, and to be born on other days (``births``)."""

    days: tuple[int, ...]
    sources: tuple[str, ...]
    births: tuple[str, ...]


def steps_between(versions: Versions, one: int, other: int) -> Steps:
    """Steps that may lead from one version's place into or out of the other's."""
    mine, theirs = versions.variants[one], versions.variants[other]
    between = (mine.period.start - theirs.period.start).days
    days = (between, -between, between // 2, -(between // 2), *(d for step in _STEPS for d in (step, -step)))
    sources = sorted({source for some in (*mine.sources.values(), *theirs.sources.values()) for source in some})
    births = [born for node in versions.reached().values() if isinstance(node, AgeAt) for born in _births(node)]
    return Steps(tuple(day for day in dict.fromkeys(days) if day), tuple(sources[:2]), tuple(dict.fromkeys(births)))


def _births(age: AgeAt) -> Iterator[str]:
    """Days of birth of the youngest and the oldest who are of the age, where that is asked for on a fixed day."""
    months = 1 if age.months else 12
    if age.at.source == "constant" and SINCE_EVER < age.at.day < NEVER_ENDS:
        if age.from_ is not None:
            yield iso(last_birthday(age.at.day, age.from_ * months))
        if age.to is not None:
            yield iso(last_birthday(age.at.day, (age.to + 1) * months) + 1)


def variations(somebody: Somebody, steps: Steps) -> Iterator[Somebody]:
    """The same somebody one step away: of one event, of all of them, or of the day of birth."""
    events = somebody.events
    yield from (replace(somebody, person={**somebody.person, "birth": birth}) for birth in steps.births)
    for place, event in enumerate(events):
        for other in _other(event, steps):
            yield replace(somebody, events=(*events[:place], other, *events[place + 1 :]))
        if event.event_id != somebody.counted:
            yield replace(somebody, events=(*events[:place], *events[place + 1 :]))
    for all_other in zip(*(_other(event, steps) for event in events), strict=True):
        yield replace(somebody, events=all_other)
    yield replace(somebody, events=tuple(event for event in events if event.event_id == somebody.counted))


def _other(event: MadeEvent, steps: Steps) -> Iterator[MadeEvent]:
    yield from (_event_later(event, days) for days in steps.days)
    yield from (replace(event, cells={**event.cells, "source": source}) for source in steps.sources)


def _event_later(event: MadeEvent, days: int) -> MadeEvent:
    return replace(event, cells=_later(event.cells, days))


def _later(cells: Cells, days: int) -> dict[str, str]:
    return {column: _later_day(cell, days) for column, cell in cells.items()}


def _later_day(cell: str, days: int) -> str:
    if not _DAY.fullmatch(cell) or cell == NO_END:
        return cell
    return (dt.date.fromisoformat(cell) + dt.timedelta(days)).isoformat()


__all__ = ["Steps", "later", "steps_between", "variations"]
