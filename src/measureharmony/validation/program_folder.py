"""A lone program's folder, read over the shipped specs or over those of the folder around it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias, cast

from measureharmony.attribution import registered_rules
from measureharmony.errors import Issue, SpecError, UsageError, shown
from measureharmony.measures.yaml_lines import read_yaml
from measureharmony.payers import CANONICAL, Overlay, Program, Programs
from measureharmony.payers.change import Change
from measureharmony.payers.library import PROGRAM_FILE, Names, read_program
from measureharmony.specs import Specs, read_specs

#: A file as messages name it, and a line of it.
FileLine: TypeAlias = tuple[str, int]
_HOME = ("canonical", "payers", "attribution", "value_sets")


@dataclass(frozen=True)
class ProgramFolder:
    """One program as its folder holds it.

    ``specs`` are those it stands in, the program among them, without the measures that have problems: ``left_out``.
    ``program`` is ``None`` where its file cannot be read.
    """

    folder: Path
    specs: Specs
    program: Program | None
    issues: tuple[Issue, ...]
    left_out: tuple[str, ...] = ()

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that can be looked at."""
        return tuple(entry.measure for entry in self.program.measures) if self.program else ()

    @property
    def edition(self) -> int | None:
        """The edition to ask for; ``None`` where the measures' own files are of it."""
        own = self.specs.canonical.measures
        if self.program is None or all(own[key].edition == self.program.edition for key in self.measures if key in own):
            return None
        return self.program.edition

    @property
    def canonical(self) -> str:
        """The canonical set of that edition, as comparisons name it."""
        return CANONICAL if self.edition is None else f"{CANONICAL}@{self.edition}"

    def overlay(self, measure: str) -> Overlay | None:
        """The program's overlay of a measure."""
        return self.specs.programs.overlays.get((self.program.program, measure)) if self.program else None

    # --- places ------------------------------------------------------------------------------------------------------

    def at(self, *place: str | int, overlay: str = "") -> FileLine:
        """File and line of a place in the overlay of a measure, or in the program's own file."""
        document = read_yaml(self.folder / (f"{overlay}.yaml" if overlay else PROGRAM_FILE))
        return shown(document.path), document.line(place)

    def at_change(self, change: Change, measure: str) -> FileLine:
        """File and line of a change of the overlay of ``measure``."""
        overlay = self.overlay(measure)
        index = next((n for n, one in enumerate(overlay.changes) if one is change), 0) if overlay else 0
        return self.at("changes", index, overlay=measure)

    def at_measure(self, measure: str) -> FileLine:
        """Where the overlay of a measure begins, or where the program lists a measure without one."""
        if self.overlay(measure) is not None:
            return self.at("overlay", overlay=measure)
        listed = [entry.get("measure") for entry in self._entries()]
        return self.at("measures", listed.index(measure)) if measure in listed else self.at("measures")

    def _entries(self) -> list[dict[str, object]]:
        data = read_yaml(self.folder / PROGRAM_FILE).data
        return cast("list[dict[str, object]]", cast("dict[str, object]", data)["measures"])


def is_program_folder(folder: Path) -> bool:
    """Whether a folder is meant as one program's, not as a home of specs."""
    if any((folder / name).is_dir() for name in _HOME):
        return False
    return (folder / PROGRAM_FILE).is_file() or any(folder.glob("*.yaml"))


def read_program_folder(
    folder: Path,
    specs: str | Path | None = None,
    value_sets: str | Path | None = None,
    risk_tables: str | Path | None = None,
    *,
    against: str = CANONICAL,
) -> ProgramFolder:
    """The program in ``folder``, over the specs of ``specs``, else those of the home around it, else the shipped ones.

    Of their programs only ``against`` is kept. What is wrong with the program is in its ``issues``; :class:`SpecError`
    where the specs around it have problems, :class:`UsageError` where they have no program ``against``.
    """
    home = Path(specs) if specs else _home_around(folder)
    around = read_specs(home, value_sets, risk_tables, trust_shipped=True)
    _require_sound(around)
    around = replace(around, programs=_only(around.programs, against))
    names = Names(around.value_sets, {*around.attribution_rules, *registered_rules()})
    read = read_program(folder.resolve(), around.canonical, names, around.editions.libraries)
    issues = read.issues
    if not read.programs:
        return ProgramFolder(folder, around, None, issues)
    program = next(iter(read.programs.values()))
    wrong = _with_problems(folder, program, around, issues)
    kept = tuple(entry for entry in program.measures if entry.measure not in wrong)
    left_out = tuple(entry.measure for entry in program.measures if entry.measure in wrong)
    sound = program.model_copy(update={"measures": kept})
    overlays = {key: overlay for key, overlay in read.overlays.items() if key[1] not in wrong}
    others = {key: overlay for key, overlay in around.programs.overlays.items() if key[0] != program.program}
    programs = Programs({**around.programs.programs, program.program: sound}, {**others, **overlays})
    asked = {key: measure for key, measure in around.canonical.measures.items() if sound.listed(key)}
    canonical = replace(around.canonical, measures=asked)  # what nobody asks for need not be resolved again and again
    return ProgramFolder(folder, replace(around, canonical=canonical, programs=programs), sound, issues, left_out)


def _home_around(folder: Path) -> Path | None:
    """The home of specs that the folder lies in, if it has more than programs: its measures may be meant."""
    payers = folder.resolve().parent
    home = payers.parent
    whole = payers.name == "payers" and any((home / name).is_dir() for name in ("canonical", "value_sets"))
    return home if whole else None


def _require_sound(around: Specs) -> None:
    """Other programs' problems are not asked for here; those of measures and value sets are in the way."""
    of_programs = set(around.programs.issues)
    wrong = [one for one in around.issues if not one.code.startswith("hint-") and one not in of_programs]
    if wrong:
        raise SpecError(wrong)


def _only(programs: Programs, key: str) -> Programs:
    """One of the programs, as far as it has no problems; none for the canonical set."""
    if key != CANONICAL and key not in programs.programs:
        raise UsageError(f"There is no program {key}. There are: {', '.join([CANONICAL, *programs.programs])}.")
    kept = {name: program for name, program in programs.programs.items() if name == key}
    return Programs(kept, {place: overlay for place, overlay in programs.overlays.items() if place[0] == key})


def _with_problems(folder: Path, program: Program, around: Specs, issues: tuple[Issue, ...]) -> set[str]:
    """The measures of a program that cannot be looked at: not there, or with an overlay that lacks or has problems."""
    files = {Path(issue.file).name for issue in issues if not issue.code.startswith("hint-")}
    there = around.editions.libraries.get(program.edition, around.canonical).measures
    return {
        entry.measure
        for entry in program.measures
        if f"{entry.measure}.yaml" in files
        or (entry.overlay and not (folder / f"{entry.measure}.yaml").is_file())
        or entry.measure not in there
        or there[entry.measure].edition != program.edition
    }


__all__ = ["FileLine", "ProgramFolder", "is_program_folder", "read_program_folder"]
