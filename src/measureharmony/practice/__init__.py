"""Practice datasets: the contract they follow, and the readers that accept or reject their rows."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from measureharmony.practice.practice import Practice
    from measureharmony.practice.reading import from_tables, read_folder
    from measureharmony.practice.times import NO_END_DAY, NO_START_DAY

#: Names and where they live; each is imported when it is first used: processes that read FHIR do without the database.
_HOMES = {
    "NO_END_DAY": "times",
    "NO_START_DAY": "times",
    "Practice": "practice",
    "from_tables": "reading",
    "read_folder": "reading",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


__all__ = ["NO_END_DAY", "NO_START_DAY", "Practice", "from_tables", "read_folder"]
