"""What a rule is given beside the file it checks, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from measureharmony.measures.measure import Measure, Shared
from measureharmony.measures.yaml_lines import Place


@dataclass(frozen=True)
class Finding:
    """Something wrong with the meaning of a file. Codes that begin with ``hint-`` are advice and do not fail."""

    place: Place
    code: str
    what: str
    fix: str = ""


@dataclass(frozen=True)
class Surroundings:
    """What stands around a file.

    ``stem``: the file's name without ``.yaml``. ``broken``: measures and shared files that are there but could not be
    read, so that what is said about them cannot be judged. ``value_sets`` and ``systems``: the known value sets and
    the short names of the known code systems; ``None``: not known, hence not checked.
    """

    stem: str = ""
    shared: Mapping[str, Shared] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    measures: Mapping[str, Measure] = field(default_factory=dict)
    value_sets: frozenset[str] | None = None
    systems: frozenset[str] | None = None


__all__ = ["Finding", "Surroundings"]
