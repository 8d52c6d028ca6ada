"""Two versions of one measure, and every version between them: with some of the causes of difference, not others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import TypeVar

from measureharmony.measures.bind import bound_with
from measureharmony.measures.criterion import CriterionRef, Enrolled
from measureharmony.measures.measure import (
    POPULATIONS,
    SECTIONS,
    EndOfCoverage,
    Episodes,
    Measure,
    Rate,
    Shared,
)
from measureharmony.measures.names import rewrite
from measureharmony.measures.references import Part, definitions, mentioned, references
from measureharmony.payers.apply import applied
from measureharmony.payers.causes import COVERAGE, PERIOD, Cause, Version, causes
from measureharmony.payers.change import Change
from measureharmony.payers.changes_of_contract import RestrictSources
from measureharmony.payers.library import Canonical, Programs
from measureharmony.payers.parts import reachable, used, with_shared_parts
from measureharmony.payers.resolve import in_force
from measureharmony.payers.variant import CANONICAL, Variant

T = TypeVar("T")
#: One population of one rate.
RatePopulation = tuple[str, str]


@dataclass(frozen=True)
class _Reach:
    """What a cause touches: named parts, populations by their own criteria, or everything."""

    parts: frozenset[Part] = frozenset()
    populations: frozenset[RatePopulation] = frozenset()
    everything: bool = False


class Contrast:
    """What ``before`` and ``after`` differ by, cause by cause, and every version between them.

    ``measure`` is the canonical one (linked), of which both are versions, and ``shared`` are the files it shares with
    others. Causes that no population of any common rate depends on are
    left out. A set of causes is a number: bit ``i`` stands for ``causes[i]``.
    """

    def __init__(self, measure: Measure, shared: Mapping[str, Shared], before: Version, after: Version):
        self.before, self.after = before, after
        whole = with_shared_parts(measure, shared)
        self.always, found = causes(whole, before, after)
        self._base = _restricted(whole, (*before.changes, *after.changes))
        others = {rate.id for rate in after.variant.measure.rates}
        #: The rates that both versions count, in the measure's order.
        self.rates = tuple(rate.id for rate in before.variant.measure.rates if rate.id in others)
        concerned = {
            (rate, name): self._concerned(rate, name, found) for rate, name in product(self.rates, POPULATIONS)
        }
        kept = [cause for cause in found if any(cause in those for those in concerned.values())]
        self.causes: tuple[Cause, ...] = tuple(kept)
        self._concern = {at: sum(1 << kept.index(cause) for cause in those) for at, those in concerned.items()}

    @property
    def every_cause(self) -> int:
        """The set of all causes: with them, ``before`` has become ``after``."""
        return (1 << len(self.causes)) - 1

    def concern(self, rate: str, population: str) -> int:
        """The causes on which a population of a rate can depend; no others ever move anybody in or out of it."""
        return self._concern[rate, population]

    def variant(self, chosen: int) -> Variant:
        """The version with the causes ``chosen``: none of them is ``before``, all of them are ``after``.

        Parts that nothing uses may be among its measure's; bounds that nothing can meet (an age from 76 to 75) are
        met by nobody.
        """
        there = [cause for place, cause in enumerate(self.causes) if chosen >> place & 1]
        changes = [*self.always, *(change for cause in there for change in cause.after)]
        changes += [change for cause in self.causes if cause not in there for change in cause.before]
        paths = {cause.path for cause in there}
        with_own = COVERAGE in paths or all(cause.path != COVERAGE for cause in self.causes)
        measure = self._measure(changes, with_own)
        return replace(
            self.after.variant,
            measure=measure,
            period=(self.after if PERIOD in paths else self.before).variant.period,
            own=self.after.variant.own if with_own or self._before_is_canonical else self.before.variant.own,
            sources={c.what.population: c.what.sources for c in changes if isinstance(c.what, RestrictSources)},
            risk_tables={**self.before.variant.risk_tables, **self.after.variant.risk_tables},
        )

    @property
    def _before_is_canonical(self) -> bool:
        return self.before.variant.own is None

    def _measure(self, changes: list[Change], with_own: bool) -> Measure:
        """The measure after ``changes``, bound. Without its own coverage, canonical's own words mean any payer's."""
        base = self._base
        if not with_own and self._before_is_canonical:
            base = self._of_any_payer
            changes = [of_any_payer(change) if change.kind == "drop_from" else change for change in changes]
        measure = applied(base, changes)
        return bound_with(measure.model_copy(update={"strata": ()}), measure.parameters)

    @cached_property
    def _of_any_payer(self) -> Measure:
        return of_any_payer(self._base)

    # --- what depends on what ---

    @cached_property
    def _versions(self) -> tuple[Measure, ...]:
        """Whatever a version between mentions, one of these does."""
        return (self._base, *(applied(self._base, side.changes) for side in (self.before, self.after)))

    @cached_property
    def _mentions(self) -> dict[Part, set[Part]]:
        """The parts that a part mentions, in any of the versions in which it is there."""
        found: dict[Part, set[Part]] = {}
        seen: set[int] = set()
        for measure in self._versions:
            for part, content in definitions(measure):
                if id(content) not in seen:
                    seen.add(id(content))
                    found.setdefault(part, set()).update(mentioned(content))
        return found

    def _concerned(self, rate: str, population: str, found: tuple[Cause, ...]) -> list[Cause]:
        parts = self._reached(rate, population)
        return [
            cause
            for cause in found
            if (reach := self._reach(cause)).everything
            or (rate, population) in reach.populations
            or not parts.isdisjoint(reach.parts)
        ]

    def _reached(self, rate: str, population: str) -> set[Part]:
        """The parts on which a population depends in any version."""
        roots: list[object] = [_population(measure, rate, population) for measure in self._versions]
        if isinstance(self._base.subject, Episodes):
            roots.append(self._base.subject.episodes)
        waiting = [part for root in roots for part in mentioned(root)]
        found: set[Part] = set()
        while waiting:
            part = waiting.pop()
            if part not in found:
                found.add(part)
                waiting += self._mentions.get(part, ())
        return found

    def _reach(self, cause: Cause) -> _Reach:
        if cause.path == PERIOD:
            return _Reach(everything=True)
        if cause.path not in self._reaches:
            self._reaches[cause.path] = self._own_coverage() if cause.path == COVERAGE else self._of_changes(cause)
        return self._reaches[cause.path]

    @cached_property
    def _reaches(self) -> dict[str, _Reach]:
        return {}

    def _of_changes(self, cause: Cause) -> _Reach:
        without, with_ = (applied(self._base, (*self.always, *changes)) for changes in (cause.before, cause.after))
        old, new = dict(definitions(without)), dict(definitions(with_))
        parts = {
            part
            for part in old.keys() | new.keys()
            if old.get(part) is not new.get(part) and old.get(part) != new.get(part)
        }
        restricted = {
            change.what.population
            for change in (*cause.before, *cause.after)
            if isinstance(change.what, RestrictSources)
        }
        populations = {
            (rate, name)
            for rate, name in product(self.rates, POPULATIONS)
            if name in restricted or _population(without, rate, name) != _population(with_, rate, name)
        }
        return _Reach(frozenset(parts), frozenset(populations))

    def _own_coverage(self) -> _Reach:
        """Where own coverage is asked for: before the changes where canonical is compared, else in any version."""
        versions = self._versions[:1] if self._before_is_canonical else self._versions
        parts = {part for version in versions for part, content in definitions(version) if _asks_for_own(content)}
        populations = {
            (rate, name)
            for version in versions
            for rate, name in product(self.rates, POPULATIONS)
            if _asks_for_own(_population(version, rate, name))
        }
        return _Reach(frozenset(parts), frozenset(populations))


def of_any_payer(part: T) -> T:
    """``part`` of a spec with enrolment asked of any payer, where it was asked of the program's own."""
    return rewrite(part, lambda inner: inner.model_copy(update={"payer": "any"}) if _is_own(inner) else inner)  # type: ignore[attr-defined]


def _is_own(part: object) -> bool:
    return isinstance(part, (Enrolled, EndOfCoverage)) and part.payer == "own"


def _asks_for_own(content: object) -> bool:
    return of_any_payer(content) is not content


def _restricted(whole: Measure, changes: tuple[Change, ...]) -> Measure:
    """``whole`` with those parts only that it or one of the ``changes`` touches, mentions or depends on."""
    touched = {path for change in changes for path in _first_steps(change)}
    mentioned = {reference.part for change in changes for reference in references(change.what)}
    wanted = used(whole) | reachable(whole, touched | mentioned)
    counted = whole.subject
    if isinstance(counted, Episodes):
        wanted |= reachable(whole, [("events", str(counted.episodes))])
    update = {
        section: {name: part for name, part in getattr(whole, section).items() if (section, name) in wanted}
        for section in SECTIONS
    }
    return whole.model_copy(update=update)


def _first_steps(change: Change) -> Iterator[Part]:
    if len(change.path) > 1:
        yield change.path[0], change.path[1]


def _population(measure: Measure, rate_id: str, name: str) -> CriterionRef | None:
    rate: Rate | None = next((rate for rate in measure.rates if rate.id == rate_id), None)
    return None if rate is None else measure.population(rate, name)


def contrasts(
    programs: Programs,
    canonical: Canonical,
    variants: Sequence[Variant],
    against: str,
    year: int,
    on: dt.date | None = None,
) -> Iterator[Contrast]:
    """Each program's version of each measure among ``variants``, set against that of ``against``.

    Measures that ``against`` does not have are passed over. ``year`` and ``on`` are those with which the variants were
    resolved.
    """

    def version(variant: Variant) -> Version:
        program = programs.programs.get(variant.program)
        overlay = programs.overlays.get((variant.program, variant.measure.measure))
        return Version(variant, in_force(program, overlay, year, on) if program else ())

    others = {variant.measure.measure: version(variant) for variant in variants if variant.program == against}
    for variant in variants:
        key = variant.measure.measure
        if variant.program not in (against, CANONICAL) and key in others:
            yield Contrast(canonical.measures[key], canonical.shared, others[key], version(variant))


__all__ = ["Contrast", "Version", "contrasts", "of_any_payer"]
