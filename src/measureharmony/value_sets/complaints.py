"""Collects every problem of the value set files, so that all are reported together."""

from __future__ import annotations

from pathlib import Path

from measureharmony.errors import Issue, shown


class Complaints:
    """The problems found so far. ``of(file)`` gives a view that adds to the same list under another file's name.

    ``sheet`` is the spreadsheet's sheet that is being read, or empty; messages name it as ``file.xlsx[sheet]``.
    ``family`` begins the codes of its issues.
    """

    family = "value-set"

    def __init__(self, path: Path, issues: list[Issue] | None = None, sheet: str = ""):
        self.path = path
        self.issues: list[Issue] = [] if issues is None else issues
        self.sheet = sheet

    def of(self, path: Path, sheet: str = "") -> Complaints:
        """The same list, for problems of another file, or of a sheet of it."""
        return type(self)(path, self.issues, sheet)

    @property
    def place(self) -> str:
        """The file, and the sheet if there is one, as messages name them."""
        return f"{shown(self.path)}[{self.sheet}]" if self.sheet else shown(self.path)

    def add(self, line: int, code: str, what: str, fix: str) -> None:
        """Note one problem; ``line`` (of a sheet: the row) counts from 1, 0 means the whole file."""
        self.issues.append(Issue(self.place, line, f"{self.family}-{code}", what, fix))

    def read_text(self) -> str | None:
        """The file's text as UTF-8, a byte order mark dropped; None, with a complaint, when that cannot be."""
        try:
            return self.path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            self.add(0, "unreadable", f"byte {error.start + 1} is not UTF-8 text", "save the file as UTF-8")
        except OSError as error:
            self.add(0, "unreadable", f"the file cannot be read: {error.strerror}", "check that it is there")
        return None
