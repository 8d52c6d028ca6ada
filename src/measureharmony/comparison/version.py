"""One side of a comparison: the canonical measures of an edition, or what a program makes of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from measureharmony.comparison.forms import Forms
from measureharmony.errors import UsageError
from measureharmony.measures.library import Library
from measureharmony.measures.measure import SECTIONS, Measure
from measureharmony.measures.references import Part, definitions
from measureharmony.payers import CANONICAL, Editions, Overlay, Program, Programs, Terms, terms
from measureharmony.payers.apply import applied
from measureharmony.payers.change import PartChange
from measureharmony.payers.changes_of_contract import RestrictSources
from measureharmony.payers.edition import shared_together
from measureharmony.payers.resolve import in_force, period_of
from measureharmony.periods import Period

#: The measurement year where neither it nor an edition is asked for.
YEAR = 2026


class Specs(Protocol):
    """Canonical measures, their editions and the programs; ``specs.Specs`` is one."""

    @property
    def canonical(self) -> Library:
        """Each measure as its own file says it."""

    @property
    def programs(self) -> Programs:
        """Programs and overlays."""

    @property
    def editions(self) -> Editions:
        """Measures by edition."""

    def of_edition(self, edition: int | None = None) -> Library:
        """The measures of one edition."""


@dataclass(frozen=True)
class MeasureVersion:
    """One measure as one side has it: ``measure`` is linked, ``forms`` are what its parts mean.

    Nothing is left out that its populations do not use: it is not looked at.
    """

    measure: Measure
    forms: Forms
    period: Period
    year: int
    changes: tuple[PartChange, ...] = ()
    terms: Terms = field(default_factory=lambda: Terms(None, {}, {}))
    shown_as: str = "rate"

    @property
    def sources(self) -> Mapping[str, tuple[str, ...]]:
        """From which sources evidence counts, by population."""
        kinds = (change.what for change in self.changes)
        return {what.population: what.sources for what in kinds if isinstance(what, RestrictSources)}


@dataclass(frozen=True)
class Version:
    """All measures as one side has them. ``name`` is the program, or ``canonical`` (``canonical@2025``: an edition).

    ``base`` are the canonical measures of a program.
    """

    name: str
    specs: Specs
    library: Library
    year: int
    edition: int | None = None
    program: Program | None = None
    on: dt.date | None = None
    base: Version | None = None

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The measures it has."""
        if self.program is None:
            return tuple(self.library.measures)
        listed = (entry.measure for entry in self.program.measures)
        edition = self.program.edition
        there = self.library.measures
        return tuple(key for key in listed if key in there and there[key].edition == edition)

    @cached_property
    def shared_parts(self) -> Mapping[Part, object]:
        """The parts of the shared files: changes may speak of any of them."""
        if self.base is not None:
            return self.base.shared_parts
        return dict(definitions(shared_together(self.library.shared)))

    @cached_property
    def known(self) -> dict[str, MeasureVersion]:
        """Measures that were asked for before."""
        return {}

    def of(self, key: str) -> MeasureVersion:
        """One of its measures."""
        if key not in self.known:
            self.known[key] = self._of(key)
        return self.known[key]

    def _of(self, key: str) -> MeasureVersion:
        measure = self.library.measures[key]
        if self.program is None:
            changes = () if self.edition is None else self.specs.editions.changes.get((self.edition, key), ())
            return MeasureVersion(measure, Forms(measure), Period.calendar_year(self.year), self.year, changes)
        overlay = self.overlay(key)
        changes = in_force(self.program, overlay, self.year, self.on)
        changed = applied(self._beside_shared_parts(measure), changes) if changes else measure
        entry = self.program.listed(key)
        return MeasureVersion(
            changed,
            Forms(changed, self.base.of(key).forms if self.base else None),
            period_of(self.program, overlay, self.year, self.on),
            self.year,
            changes,
            terms(self.program, overlay, self.year, self.on),
            entry.shown_as if entry else "rate",
        )

    def _beside_shared_parts(self, measure: Measure) -> Measure:
        update: dict[str, dict[str, object]] = {section: {} for section in SECTIONS}
        for (section, name), content in self.shared_parts.items():
            update[section][name] = content
        return measure.model_copy(update={name: {**parts, **getattr(measure, name)} for name, parts in update.items()})

    def overlay(self, key: str) -> Overlay | None:
        """The program's overlay of a measure."""
        return self.specs.programs.overlays.get((self.name, key)) if self.program else None


def version_of(
    specs: Specs, name: str, year: int | None = None, on: dt.date | None = None, known: Version | None = None
) -> Version:
    """A version by its name: ``canonical``, ``canonical@2025`` or a program's key.

    ``year``: the measurement year, left out that of the edition. ``known``: another version, whose canonical measures
    need not be read again. :class:`UsageError` for a name that nothing has.
    """
    key, at, edition = name.partition("@")
    if at and not edition.isdecimal():
        raise UsageError(f"'{name}' names no edition. Write the year after the @: {CANONICAL}@2025.")
    if key == CANONICAL:
        wanted = int(edition) if edition else None
        return Version(name, specs, specs.of_edition(wanted), year or wanted or YEAR, wanted, None, on)
    program = specs.programs.programs.get(key)
    if program is None:
        there = ", ".join([CANONICAL, *sorted(specs.programs.programs)])
        raise UsageError(f"There is no program {key}. There are: {there}.")
    if edition and int(edition) != program.edition:
        raise UsageError(f"The program {key} is of edition {program.edition}, not {edition}. Leave @{edition} out.")
    library = specs.editions.libraries.get(program.edition, specs.canonical)
    base = known.base or known if known is not None else None
    if base is None or base.library is not library:
        base = Version(CANONICAL, specs, library, year or program.edition)
    wanted_year = year or program.edition
    end = program.period.period(wanted_year).end
    return Version(key, specs, library, wanted_year, None, program.on(min(end, on) if on else end), on, base)


__all__ = ["YEAR", "MeasureVersion", "Specs", "Version", "version_of"]
