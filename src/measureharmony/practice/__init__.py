"""Practice datasets: the contract they follow, and the readers that accept or reject their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from measureharmony.first_use import imported_at_first_use

if TYPE_CHECKING:
    from measureharmony.practice.practice import Practice
    from measureharmony.practice.reading import from_tables, read_folder
    from measureharmony.practice.times import NO_END_DAY, NO_START_DAY

#: Each is imported when it is first used: processes that read FHIR do without the database.
_HOMES = {
    "NO_END_DAY": "measureharmony.practice.times",
    "NO_START_DAY": "measureharmony.practice.times",
    "Practice": "measureharmony.practice.practice",
    "from_tables": "measureharmony.practice.reading",
    "read_folder": "measureharmony.practice.reading",
}

__getattr__ = imported_at_first_use(__name__, _HOMES)

__all__ = ["NO_END_DAY", "NO_START_DAY", "Practice", "from_tables", "read_folder"]
