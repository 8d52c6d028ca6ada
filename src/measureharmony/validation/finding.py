"""What a validation finds: problems, contradictions, decisions left open, hints; each at a place of a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from measureharmony.errors import Issue

Level: TypeAlias = Literal["error", "warning", "hint"]
#: Codes that begin so are no errors.
_LEVELS: Mapping[str, Level] = {"decision-": "warning", "hint-": "hint"}


@dataclass(frozen=True, order=True)
class Related:
    """Another place that has to do with a finding, and why."""

    file: str
    line: int
    why: str


@dataclass(frozen=True, order=True)
class Finding:
    """One thing found. ``measures`` are those that it is about; empty: the contract, or the file as such."""

    issue: Issue
    measures: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()

    @property
    def level(self) -> Level:
        """An error, a warning (a decision left open), or a hint."""
        return next((level for begin, level in _LEVELS.items() if self.issue.code.startswith(begin)), "error")

    def __str__(self) -> str:
        places = "".join(f"\n    see {one.file}:{one.line}: {one.why}" for one in self.related)
        return f"{self.issue}{places}"


def counted(findings: Iterable[Finding]) -> dict[Level, int]:
    """How many there are of each level."""
    levels = [finding.level for finding in findings]
    return {level: levels.count(level) for level in ("error", "warning", "hint")}


__all__ = ["Finding", "Level", "Related", "counted"]
