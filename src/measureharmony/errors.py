"""What is wrong, where, why, and how to fix it.

Two shapes carry every complaint of the library:

* an :class:`Issue` is one problem in a file people wrote (spec, overlay, value set, configuration);
* a *reject* (``measureharmony.practice.rejects``) is one row of data that was not accepted.

Messages never quote personal data; values from data files are described by their shape.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Issue:
    """One problem found in a file.

    ``code`` is stable (``spec-unknown-name``); ``what`` says what is wrong and why it matters in one or two
    sentences; ``fix`` says what to do. ``line`` counts from 1; 0 means the whole file.
    """

    file: str
    line: int
    code: str
    what: str
    fix: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        fix = f"\n    fix: {self.fix}" if self.fix else ""
        return f"{place}: {self.code}: {self.what}{fix}"


class MeasureHarmonyError(Exception):
    """Base of every error the library raises on purpose; its text is fit to show to a user."""


class SpecError(MeasureHarmonyError):
    """Spec, overlay, program or value set files are wrong; ``issues`` holds every problem found."""

    def __init__(self, issues: Iterable[Issue]):
        self.issues: tuple[Issue, ...] = tuple(sorted(set(issues)))
        super().__init__("\n".join(str(issue) for issue in self.issues))


class DataError(MeasureHarmonyError):
    """A practice dataset cannot be read at all (missing table or column, wrong type, unreadable file)."""

    def __init__(self, issues: Iterable[Issue]):
        self.issues: tuple[Issue, ...] = tuple(sorted(set(issues)))
        super().__init__("\n".join(str(issue) for issue in self.issues))


class UsageError(MeasureHarmonyError):
    """The call itself cannot be answered: an unknown program, person, measure or option value."""


def shown(path: str | Path) -> str:
    """``path`` as messages show it: relative to the working folder where possible."""
    path = Path(path)
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
