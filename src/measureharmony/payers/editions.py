"""The yearly editions of the canonical measures: the files of ``canonical/editions/``, read and checked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from measureharmony.errors import Issue, shown
from measureharmony.measures.library import Library
from measureharmony.measures.measure import Measure, Shared
from measureharmony.measures.people import PeopleFile
from measureharmony.measures.reader import Reading, read_model
from measureharmony.measures.references import definitions
from measureharmony.measures.rules import Surroundings, check_people
from measureharmony.measures.rules.finding import Finding
from measureharmony.measures.shape import suggestion
from measureharmony.payers.apply import applied
from measureharmony.payers.change import PartChange
from measureharmony.payers.check import broken_rules, change_findings, part_findings
from measureharmony.payers.context import Context
from measureharmony.payers.divergence import Difference, divergence
from measureharmony.payers.edition import Edition, SharedEdition, changed_shared, edition_measure, shared_together
from measureharmony.payers.parts import with_shared_parts

#: The file of changes that all measures of an edition share.
SHARED_FILE = "shared.yaml"


@dataclass(frozen=True)
class Editions:
    """Every edition there is: ``libraries`` by year, the years of the measures' own files among them.

    ``changes`` are those by which a measure of a year (year, measure) differs from the measure's own file, the changes
    of shared parts that it uses among them. With ``issues`` the rest is only what could be read.
    """

    libraries: Mapping[int, Library] = field(default_factory=dict)
    changes: Mapping[tuple[int, str], tuple[PartChange, ...]] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()

    def years_of(self, measure: str) -> tuple[int, ...]:
        """The editions of a measure, earliest first."""
        return tuple(year for year, library in sorted(self.libraries.items()) if measure in library.measures)

    def between(self, measure: str, earlier: int, later: int) -> tuple[Difference, ...]:
        """What is different in the ``later`` edition of a measure; both must have it (``KeyError``)."""
        before, after = self.libraries[earlier], self.libraries[later]
        return divergence(with_shared_parts(before.measures[measure], before.shared), after.measures[measure])


def read_editions(
    *folders: Path,
    canonical: Library,
    value_sets: Collection[str] | None = None,
    systems: Collection[str] | None = None,
    trusted: Collection[Path] = (),
) -> Editions:
    """Every ``<year>/<measure>.yaml`` in ``folders``, with the worked people and the shared changes beside them.

    Never raises: see ``issues``. ``value_sets``, ``systems`` and ``trusted`` as for
    :func:`~measureharmony.measures.library.read_canonical`. A folder that is not there holds no editions.
    """
    years = sorted({measure.edition for measure in canonical.measures.values()})
    libraries = {year: _own_edition(canonical, year) for year in years}
    changes: dict[tuple[int, str], tuple[PartChange, ...]] = {}
    issues: list[Issue] = []
    homes = [path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir()) if path.is_dir()]
    for home in homes:
        if not re.fullmatch(r"[12]\d{3}", home.name):
            what = f"the folder '{home.name}' is not called after a year, so its files would be passed over"
            issues.append(Issue(shown(home), 0, "edition-folder", what, "rename the folder, or move it away"))
            continue
        year = int(home.name)
        known = any(home.is_relative_to(folder) for folder in trusted)
        one = _Year(home, year, canonical, value_sets, systems, known)
        libraries[year] = one.together_with(libraries.get(year, Library()))
        changes |= {(year, key): one.changes_in_force(key) for key in one.measures}
        issues += () if known else one.issues()
    return Editions(libraries, changes, tuple(sorted(set(issues))))


def _own_edition(canonical: Library, year: int) -> Library:
    """The measures whose own files are of ``year``."""
    keys = {key for key, measure in canonical.measures.items() if measure.edition == year}
    return Library(
        measures={key: measure for key, measure in canonical.measures.items() if key in keys},
        shared=canonical.shared,
        people={key: people for key, people in canonical.people.items() if people.measure in keys},
        documents=canonical.documents,
    )


@dataclass(frozen=True)
class _Year:
    """The files of one year's folder."""

    home: Path
    year: int
    canonical: Library
    value_sets: Collection[str] | None
    systems: Collection[str] | None
    trusted: bool = False

    @cached_property
    def shared_reading(self) -> Reading[SharedEdition] | None:
        path = self.home / SHARED_FILE
        return read_model(path, SharedEdition) if path.is_file() else None

    @cached_property
    def readings(self) -> dict[str, Reading[Edition]]:
        paths = [path for path in sorted(self.home.glob("*.yaml")) if path.name != SHARED_FILE]
        return {path.stem: read_model(path, Edition) for path in paths if not path.stem.endswith(".people")}

    @cached_property
    def people(self) -> dict[str, Reading[PeopleFile]]:
        paths = [] if self.trusted else sorted(self.home.glob("*.people.yaml"))
        return {path.stem.removesuffix(".people"): read_model(path, PeopleFile) for path in paths}

    @cached_property
    def shared_findings(self) -> list[Finding]:
        reading = self.shared_reading
        return list(_shared_findings(reading, self)) if reading and not self.trusted else []

    @cached_property
    def shared(self) -> Mapping[str, Shared]:
        """The shared files of the edition; the measures' own where the changes do not fit."""
        reading = self.shared_reading
        if reading is None or reading.model is None or self.shared_findings:
            return self.canonical.shared
        return changed_shared(self.canonical.shared, reading.model)

    @cached_property
    def findings(self) -> dict[str, list[Finding]]:
        if self.trusted:
            return {stem: [] for stem in self.readings}
        return {stem: list(_edition_findings(reading, self)) for stem, reading in self.readings.items()}

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """The measures of the edition, by key: those whose files are right."""
        return {
            stem: edition_measure(self.canonical.measures[stem], reading.model, self.shared)
            for stem, reading in self.readings.items()
            if reading.model is not None and stem in self.canonical.measures and not self.findings[stem]
        }

    def changes_in_force(self, key: str) -> tuple[PartChange, ...]:
        """A measure's own changes, and those of shared parts that are left in it as the year's shared file has them."""
        model = self.readings[key].model
        own: tuple[PartChange, ...] = model.changes if model else ()
        said = {change.path for change in own}
        used = {part for part, _ in definitions(self.measures[key])}
        reading = self.shared_reading
        shared = reading.model.changes if reading and reading.model and not self.shared_findings else ()
        return (*own, *(change for change in shared if change.path in used - said))

    def together_with(self, other: Library) -> Library:
        """The edition's measures beside those of ``other``, whose own files are of this year."""
        people = {stem: reading.model for stem, reading in self.people.items() if reading.model is not None}
        documents = {stem: reading.document for stem, reading in self.readings.items()}
        documents |= {f"{stem}.people": reading.document for stem, reading in self.people.items()}
        return Library(
            measures={**other.measures, **self.measures},
            shared=self.shared,
            people={**other.people, **people},
            documents={**other.documents, **documents},
        )

    def issues(self) -> Iterator[Issue]:
        """Everything that is wrong with the files, and hints."""
        if self.shared_reading is not None:
            yield from self.shared_reading.issues
            yield from (self.shared_reading.document.issue(*_told(found)) for found in self.shared_findings)
        for stem, reading in self.readings.items():
            yield from reading.issues
            yield from (reading.document.issue(*_told(found)) for found in self.findings[stem])
            if stem not in self.people:
                what = f"the edition {self.year} of '{stem}' has no worked people, so nothing shows what it means"
                yield reading.document.issue((), "hint-no-people", what, f"add {stem}.people.yaml beside it")
        around = Surroundings(
            measures=self.measures,
            broken=frozenset(self.readings.keys() - self.measures.keys()),
            value_sets=None if self.value_sets is None else frozenset(self.value_sets),
            systems=None if self.systems is None else frozenset(self.systems),
        )
        for stem, people in self.people.items():
            yield from people.issues
            if people.model is not None:
                here = Surroundings(**{**vars(around), "stem": f"{stem}.people"})
                yield from (people.document.issue(*_told(found)) for found in check_people(people.model, here))


def _told(found: Finding) -> tuple[tuple[str | int, ...], str, str, str]:
    return found.place, found.code, found.what, found.fix


def _edition_findings(reading: Reading[Edition], year: _Year) -> Iterator[Finding]:
    edition, stem = reading.model, reading.document.path.stem
    if edition is None:
        return
    if edition.edition_of != stem:
        what = f"the file is called {stem}.yaml, but holds an edition of '{edition.edition_of}'"
        yield Finding(("edition_of",), "edition-name", what, "rename one of them")
        return
    yield from _of_year(edition.edition, year)
    base = year.canonical.measures.get(stem)
    if base is None and stem in year.canonical.documents:
        return  # the measure's own file has problems, which are told of it
    if base is None:
        # Somebody's own folder may lack measures whose editions it has: nothing can go wrong, nothing uses them.
        what = f"there is no measure '{stem}' that this could be an edition of, so nothing uses it"
        fix = suggestion(stem, year.canonical.measures)
        yield Finding(("edition_of",), "hint-edition-unused", what, fix)
    elif base.edition == year.year:
        what = f"the measure's own file is of edition {base.edition} already"
        yield Finding(("edition",), "edition-is-own", what, "change the measure's file, or correct the year")
    else:
        relinked = edition_measure(base, edition.model_copy(update={"changes": ()}), year.shared)
        context = Context(relinked, year.shared, value_sets=year.value_sets, line=reading.document.line)
        yield from change_findings(edition.changes, context)


def _shared_findings(reading: Reading[SharedEdition], year: _Year) -> Iterator[Finding]:
    edition = reading.model
    if edition is None:
        return
    yield from _of_year(edition.edition, year)
    together = shared_together(year.canonical.shared)
    context = Context(together, {}, value_sets=year.value_sets, line=reading.document.line)
    found = [*_not_shared(edition, year), *part_findings(edition.changes, context)]
    yield from found or broken_rules(edition.changes, applied(together, edition.changes))


def _of_year(edition: int, year: _Year) -> Iterator[Finding]:
    if edition != year.year:
        what = f"the file is of edition {edition}, but its folder is called {year.year}"
        yield Finding(("edition",), "edition-folder", what, "move the file, or correct the year")


def _not_shared(edition: SharedEdition, year: _Year) -> Iterator[Finding]:
    """New parts in no shared file. (Parts to be replaced are looked for elsewhere.)"""
    for index, change in enumerate(edition.changes):
        file, dot, _ = change.path[1].partition(".")
        if change.kind == "define" and not (dot and file in year.canonical.shared):
            what = f"'{change.path[1]}' is in no shared file, so no measure could use it"
            fix = suggestion(file, year.canonical.shared, "call it <shared file>.<name>")
            yield Finding(("changes", index, change.kind, "name"), "edition-not-shared", what, fix)


__all__ = ["SHARED_FILE", "Editions", "read_editions"]
