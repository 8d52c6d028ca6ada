"""Practice datasets: the contract they follow, and the readers that accept or reject their rows."""

from measureharmony.practice.practice import Practice
from measureharmony.practice.reading import from_tables, read_folder
from measureharmony.practice.times import NO_END_DAY, NO_START_DAY

__all__ = ["NO_END_DAY", "NO_START_DAY", "Practice", "from_tables", "read_folder"]
