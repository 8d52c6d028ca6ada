"""The programs of a folder, with their overlays, checked against the canonical measures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from measureharmony.errors import Issue, SpecError, shown
from measureharmony.measures.measure import Measure, Shared
from measureharmony.measures.reader import Reading, read_model
from measureharmony.measures.shape import suggestion
from measureharmony.measures.yaml_lines import Document
from measureharmony.payers.attribution_rules import code_problems
from measureharmony.payers.check import findings
from measureharmony.payers.context import Context
from measureharmony.payers.contract_check import Written, contract_issues
from measureharmony.payers.contract_tables import ContractTables, tables_of
from measureharmony.payers.overlay import Overlay
from measureharmony.payers.program import Program
from measureharmony.payers.resolve import canonical_variant, in_force, resolve, resolve_checked
from measureharmony.payers.variant import Variant
from measureharmony.periods import Period

PROGRAM_FILE = "program.yaml"


class Canonical(Protocol):
    """The canonical measures, linked, and the shared files; ``measures.library.Library`` is one."""

    @property
    def measures(self) -> Mapping[str, Measure]:
        """Measures by key."""

    @property
    def shared(self) -> Mapping[str, Shared]:
        """Shared files by key."""

    @property
    def documents(self) -> Mapping[str, object]:
        """The files as written, a measure's by its key, those that cannot be read among them."""


@dataclass(frozen=True)
class Programs:
    """What a folder of programs holds. ``overlays`` are by program and measure; ``tables`` are what targets refer to.

    With ``issues`` the rest is only what could be read: look at them before using it.
    """

    programs: Mapping[str, Program]
    overlays: Mapping[tuple[str, str], Overlay]
    issues: tuple[Issue, ...] = ()
    tables: ContractTables = field(default_factory=ContractTables)

    @property
    def titles(self) -> dict[str, str]:
        """What each program is called, by its key."""
        return {key: program.title for key, program in self.programs.items()}


def read_programs(
    folder: Path,
    canonical: Canonical,
    value_sets: Collection[str] | None = None,
    editions: Mapping[int, Canonical] | None = None,
    *,
    attribution_rules: Collection[str] | None = None,
    trusted: bool = False,
) -> Programs:
    """Every ``<program>/program.yaml`` in ``folder`` and the overlays beside it. Never raises: see ``issues``.

    ``value_sets`` are the names of value sets that exist; left out, names of value sets are not checked. ``editions``
    are the measures of each yearly edition: a program is checked against those of its own. ``attribution_rules`` are
    the names of rules and registered functions; left out, they are not checked. ``trusted``: the files are known to be
    right, and only read.
    """
    programs: dict[str, Program] = {}
    overlays: dict[tuple[str, str], Overlay] = {}
    tables = ContractTables()
    issues: list[Issue] = []
    for home in sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] not in "._"):
        names = Names(value_sets, attribution_rules)
        one = read_program(home, canonical, names, editions or {}, trusted=trusted)
        for key, program in one.programs.items():
            if key in programs:
                what = f"another folder holds a program '{key}' already"
                fix = "give every program a folder and an identifier of its own"
                issues.append(Issue(shown(home / PROGRAM_FILE), 1, "program-duplicate", what, fix))
            programs.setdefault(key, program)
        overlays = {**one.overlays, **overlays}
        tables = tables.beside(one.tables)
        issues += one.issues
    return Programs(programs, overlays, tuple(sorted(set(issues))), tables)


@dataclass(frozen=True)
class Names:
    """What programs may name beside measures; ``None``: not checked."""

    value_sets: Collection[str] | None = None
    attribution_rules: Collection[str] | None = None


def variants(
    programs: Programs, canonical: Canonical, year: int = 2026, on: dt.date | None = None
) -> tuple[Variant, ...]:
    """The canonical measures over the calendar year, then what each program makes of the measures it lists.

    ``canonical`` are the measures of one edition, or each of its own: what a program says of measures of another
    edition is left out. ``on``: as the contracts stood on that day. ``SpecError`` when the programs have issues.
    """
    if programs.issues:
        raise SpecError(programs.issues)
    result = [canonical_variant(measure, Period.calendar_year(year)) for measure in canonical.measures.values()]
    for program in programs.programs.values():
        for entry in program.measures:
            overlay = programs.overlays.get((program.program, entry.measure))
            measure = canonical.measures.get(entry.measure)
            if measure is None or measure.edition != program.edition:
                continue
            # The overlay was checked whole when it was read; fewer changes, earlier in the year, might not fit.
            whole = overlay is None or len(in_force(program, overlay, year, on)) == len(overlay.counted)
            make = resolve_checked if whole else resolve
            result.append(make(program, overlay, measure, canonical.shared, year, on))
    return tuple(result)


# --- one program's folder --------------------------------------------------------------------------------------------


def read_program(
    home: Path,
    canonical: Canonical,
    names: Names,
    editions: Mapping[int, Canonical],
    *,
    trusted: bool = False,
) -> Programs:
    """The one program whose folder is ``home``, and its overlays; the arguments are those of :func:`read_programs`."""
    file = home / PROGRAM_FILE
    if not file.is_file():
        what = f"the folder '{home.name}' has no {PROGRAM_FILE}"
        issue = Issue(shown(home), 0, "program-file-missing", what, f"add {PROGRAM_FILE}, or move the folder away")
        return Programs({}, {}, (issue,))
    reading = read_model(file, Program)
    if reading.model is None:
        return Programs({}, {}, reading.issues)
    program = reading.model
    issues = [*reading.issues, *_program_issues(reading, program, canonical, editions)]
    issues += _attribution_issues(reading, program, names)
    canonical = editions.get(program.edition, canonical)
    overlays: dict[str, tuple[Overlay, Document]] = {}
    for path in sorted(home.glob("*.yaml")):
        if path.name != PROGRAM_FILE:
            overlay = read_model(path, Overlay)
            issues += overlay.issues
            issues += () if trusted else _overlay_issues(overlay, program, canonical, names.value_sets)
            if overlay.model is not None:
                overlays[path.stem] = overlay.model, overlay.document
    tables, unreadable = tables_of(program.program, home, [overlay for overlay, _ in overlays.values()])
    issues += unreadable
    written = Written(program, reading.document, overlays, canonical.measures, tables)
    issues += () if trusted else contract_issues(written)
    by_measure = {(program.program, measure): overlay for measure, (overlay, _) in overlays.items()}
    return Programs({program.program: program}, by_measure, tuple(issues), tables)


def _program_issues(
    reading: Reading[Program], program: Program, canonical: Canonical, editions: Mapping[int, Canonical]
) -> Iterator[Issue]:
    document = reading.document
    own = editions.get(program.edition, canonical)
    home = document.path.parent
    if program.program != home.name:
        what = f"the program is called '{program.program}', but its folder '{home.name}'"
        yield document.issue(("program",), "program-name", what, "rename one of them")
    for index, entry in enumerate(program.measures):
        place = ("measures", index, "measure")
        measure = own.measures.get(entry.measure, canonical.measures.get(entry.measure))
        if measure is None and entry.measure in canonical.documents:
            what = f"the file of the measure '{entry.measure}' has problems of its own"
            yield document.issue(place, "program-unknown-measure", what, "mend that file first")
        elif measure is None:
            what = f"there is no measure '{entry.measure}'"
            fix = suggestion(entry.measure, canonical.measures)
            yield document.issue(place, "program-unknown-measure", what, fix)
        elif measure.edition != program.edition:
            what = f"the program is of edition {program.edition}, the measure {entry.measure} of {measure.edition}"
            yield document.issue(place, "program-edition", what, "name the edition that the measures have")
        if entry.overlay and not (home / f"{entry.measure}.yaml").is_file():
            what = f"{entry.measure} is said to have an overlay, but there is no {entry.measure}.yaml beside this file"
            yield document.issue(place, "program-overlay-missing", what, "add the file, or set overlay: false")


def _attribution_issues(reading: Reading[Program], program: Program, names: Names) -> Iterator[Issue]:
    rule, known = program.attribution.rule, names.attribution_rules
    if known is not None and rule not in known:
        what = f"there is no attribution rule '{rule}'"
        fix = suggestion(rule, known)
        yield reading.document.issue(("attribution", "rule"), "program-unknown-attribution-rule", what, fix)
    for found in code_problems(program, names.value_sets):
        yield reading.document.issue(found.place, found.code, found.what, found.fix)


def _overlay_issues(
    reading: Reading[Overlay], program: Program, canonical: Canonical, value_sets: Collection[str] | None
) -> Iterator[Issue]:
    document, overlay = reading.document, reading.model
    key = document.path.stem
    entry = program.listed(key)
    if entry is None or not entry.overlay:
        what = f"{PROGRAM_FILE} does not say that {key} has an overlay, so this file would be passed over"
        fix = f"list '{{measure: {key}, overlay: true}}' under measures, or remove the file"
        yield document.issue((), "overlay-unlisted", what, fix)
    if overlay is None:
        return
    if overlay.overlay != key:
        what = f"the file is called {key}.yaml, but holds an overlay of '{overlay.overlay}'"
        yield document.issue(("overlay",), "overlay-name", what, "rename one of them")
    measure = canonical.measures.get(overlay.overlay)
    if measure is None and overlay.overlay in canonical.documents:
        return  # the program's line about it says so
    if measure is None:
        what = f"there is no measure '{overlay.overlay}'"
        yield document.issue(
            ("overlay",), "overlay-unknown-measure", what, suggestion(overlay.overlay, canonical.measures)
        )
        return
    context = Context(measure, canonical.shared, program, value_sets, document.line)
    for finding in findings(overlay, context):
        yield document.issue(finding.place, finding.code, finding.what, finding.fix)


__all__ = ["PROGRAM_FILE", "Canonical", "Names", "Programs", "read_program", "read_programs", "variants"]
