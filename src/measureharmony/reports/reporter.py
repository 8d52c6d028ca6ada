"""Who reports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reporter:
    """The practice that reports: its name, its National Provider Identifier and its tax number; these may be empty."""

    name: str = "Practice"
    npi: str = ""
    tin: str = ""


__all__ = ["Reporter"]
