"""The canonical measures: every file of the folder read, checked and linked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias, TypeVar

from measureharmony.errors import Issue, SpecError, shown
from measureharmony.measures.link import link
from measureharmony.measures.measure import Measure, Shared
from measureharmony.measures.people import PeopleFile
from measureharmony.measures.reader import Reading, read_model
from measureharmony.measures.rules import Finding, Surroundings, check, check_people
from measureharmony.measures.yaml_lines import Document

T = TypeVar("T", Measure, Shared, PeopleFile)
AnyReading: TypeAlias = Reading[Measure] | Reading[Shared] | Reading[PeopleFile]


@dataclass(frozen=True)
class Library:
    """What a folder of canonical measures holds.

    ``measures`` are linked; parameters are not bound. ``documents`` are the files as written, with their lines, under
    ``<measure>``, ``<measure>.people`` and ``shared/<name>``. Files that could not be read are only in ``issues``.
    """

    measures: Mapping[str, Measure] = field(default_factory=dict)
    shared: Mapping[str, Shared] = field(default_factory=dict)
    people: Mapping[str, PeopleFile] = field(default_factory=dict)
    documents: Mapping[str, Document] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()

    def require(self) -> Library:
        """The library itself; ``SpecError`` with every issue if any of them is more than a hint."""
        wrong = [issue for issue in self.issues if not issue.code.startswith("hint-")]
        if wrong:
            raise SpecError(wrong)
        return self


def read_canonical(
    *folders: Path,
    value_sets: Collection[str] | None = None,
    systems: Collection[str] | None = None,
    trusted: Collection[Path] = (),
) -> Library:
    """Read ``<measure>.yaml``, ``<measure>.people.yaml`` and ``shared/<name>.yaml`` in ``folders``.

    Of two files with one name that of the later folder counts. ``value_sets``: the names of the known value sets;
    ``systems``: the short names of the known code systems. Left out, names of that sort are not checked. Files in
    ``trusted`` folders are known to be right: their meaning is not checked again, nor are their worked people read.
    Nothing is raised: see :meth:`Library.require`.
    """
    files = _files(folders, "*.yaml")
    people_files = {name: path for name, path in files.items() if name.endswith(".people.yaml")}
    measures = {path.stem: read_model(path, Measure) for name, path in files.items() if name not in people_files}
    shared = {path.stem: read_model(path, Shared) for path in _files(folders, "shared/*.yaml").values()}
    people = {
        path.stem.removesuffix(".people"): read_model(path, PeopleFile)
        for path in people_files.values()
        if path.parent not in trusted
    }
    around = Surroundings(
        shared=_models(shared),
        broken=_broken(measures) | _broken(shared),
        measures=_models(measures),
        value_sets=None if value_sets is None else frozenset(value_sets),
        systems=None if systems is None else frozenset(systems),
    )
    readings: list[AnyReading] = [*measures.values(), *shared.values(), *people.values()]
    untrusted = [reading for reading in readings if not _is_in(reading.document.path, trusted)]
    found = [*_folder_issues(folders[-1], measures, people, trusted), *_issues(untrusted, around)]
    return Library(
        measures={key: link(measure, around.shared) for key, measure in _models(measures).items()},
        shared=around.shared,
        people=_models(people),
        documents={_document_name(r.document): r.document for r in readings},
        issues=tuple(sorted(set(found))),
    )


def _files(folders: Iterable[Path], pattern: str) -> dict[str, Path]:
    """The files of all folders by name, in its order; of two with one name that of the later folder."""
    found = {path.name: path for folder in folders for path in folder.glob(pattern)}
    return dict(sorted(found.items()))


def _is_in(path: Path, folders: Collection[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _models(readings: Mapping[str, Reading[T]]) -> dict[str, T]:
    return {stem: reading.model for stem, reading in readings.items() if reading.model is not None}


def _broken(readings: Mapping[str, Reading[T]]) -> frozenset[str]:
    return frozenset(stem for stem, reading in readings.items() if reading.model is None)


def _document_name(document: Document) -> str:
    """``bcs``, ``bcs.people`` or ``shared/hospice``."""
    stem = document.path.stem
    return f"shared/{stem}" if document.path.parent.name == "shared" else stem


def _issues(readings: Iterable[AnyReading], around: Surroundings) -> Iterator[Issue]:
    """The issues of shape and of meaning of each file."""
    for reading in readings:
        yield from reading.issues
        yield from _meaning(reading, replace(around, stem=reading.document.path.stem))


def _meaning(reading: AnyReading, around: Surroundings) -> Iterator[Issue]:
    findings: Iterable[Finding] = ()
    if isinstance(reading.model, PeopleFile):
        findings = check_people(reading.model, around)
    elif reading.model is not None:
        findings = check(reading.model, around)
    for finding in findings:
        yield reading.document.issue(finding.place, finding.code, finding.what, finding.fix)


def _folder_issues(
    folder: Path, measures: Mapping[str, Reading[Measure]], people: Mapping[str, object], trusted: Collection[Path]
) -> Iterator[Issue]:
    """What is wrong with the folder itself, and with what is lacking in it."""
    if not measures:
        what = "there is no measure in this folder" if folder.is_dir() else "there is no such folder"
        yield Issue(shown(folder), 0, "spec-no-measures", what, "name a folder with files <measure>.yaml")
        return
    for path in sorted(folder.glob("**/*.yml")):
        yield Issue(shown(path), 0, "spec-file-name", "the file is not read: specs end in .yaml", "rename it")
    for key in sorted(measures.keys() - people.keys()):
        path = measures[key].document.path
        if not _is_in(path, trusted):
            what = f"measure '{key}' has no worked people, so nothing shows what it means"
            yield Issue(shown(path), 0, "hint-no-people", what, f"add {key}.people.yaml")


__all__ = ["Library", "read_canonical"]
