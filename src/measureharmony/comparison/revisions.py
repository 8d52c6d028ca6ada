"""Folders of specs as they were at a revision of the git repository that they are kept in."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from measureharmony.errors import Issue, SpecError, UsageError
from measureharmony.specs import Specs, load_specs


@contextmanager
def specs_at(folder: Path, revision: str) -> Iterator[Specs]:
    """The specs of ``folder`` as they were at ``revision``: a commit, tag or branch.

    :class:`UsageError` where git, the repository, the revision, or the folder in it is missing. :class:`SpecError`,
    with the revision before each file's name, where the specs of then have problems.
    """
    with TemporaryDirectory(prefix="measureharmony-") as home:
        where = Path(home)
        _unpack(_archive(folder, revision), where)
        yield _loaded(where, folder, revision)


def _loaded(where: Path, folder: Path, revision: str) -> Specs:
    try:
        return load_specs(where)
    except SpecError as error:
        raise SpecError(_named(error, where, revision)) from None
    except UsageError:
        what = f"At {revision}, the folder {folder} holds no specs."
        raise UsageError(f"{what} Give the folder that held canonical/, payers/ or value_sets/ then.") from None


def _archive(folder: Path, revision: str) -> bytes:
    """The folder's files at the revision, as a tar archive whose paths begin in the folder."""
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}. Give the folder of specs with --specs.")
    if _git(folder, "rev-parse", "--is-inside-work-tree") is None:
        what = f"The folder {folder} is not in a git repository, so there is no revision {revision} of it."
        raise UsageError(f"{what} Give two dates, or name a folder in a repository with --specs.")
    if revision.startswith("-") or _git(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}") is None:
        raise UsageError(f"There is no revision {revision}. Give a commit, tag or branch, or two dates (2026-07-01).")
    # Called in the folder, git makes the archive of that folder alone.
    archive = _git(folder, "archive", "--format=tar", revision, ".")
    if archive is None:
        raise UsageError(f"The folder {folder} was not there at {revision}. Give a later revision.")
    return archive


def _git(folder: Path, *arguments: str) -> bytes | None:
    """What git answers, or ``None`` where it refuses."""
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        raise UsageError(
            "Revisions are read with git, which is not installed. Install it, or give two dates."
        ) from None
    return done.stdout if done.returncode == 0 else None


def _unpack(archive: bytes, where: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(where, filter="data")


def _named(error: SpecError, where: Path, revision: str) -> list[Issue]:
    """The issues of a revision: their files by the names they have in it."""
    real, given = str(where.resolve()), str(where)
    names = [(issue, issue.file.replace(real, "").replace(given, "").lstrip("/")) for issue in error.issues]
    return [replace(issue, file=f"{revision}:{name}") for issue, name in names]


__all__ = ["specs_at"]
