"""Documented exceptions: published expectations that the official logic contradicts, each with its proof.

```yaml
exceptions:
  - measure: CMS130
    groups: ["1/1", "1/2"]            # left out: all groups
    populations: [numerator]          # left out: all populations
    people: [2292adf2-…]
    reason: expected in both of two disjoint age strata
    proof: Nobody is both at most 49 and at least 50 years old on one day; …
```
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from measureharmony.errors import SpecError
from measureharmony.measures.names import Model
from measureharmony.measures.reader import read_model

#: Measure, person, group and population, as ``expected.csv`` writes them.
Fact = tuple[str, str, str, str]


#: Populations as decks write them.
DeckPopulation = Literal[
    "initial-population",
    "denominator",
    "denominator-exclusion",
    "numerator",
    "numerator-exclusion",
    "denominator-exception",
]


class DocumentedException(Model):
    """Counts of some people that are wrong as published."""

    measure: str
    people: Annotated[tuple[str, ...], Field(min_length=1)]
    groups: tuple[str, ...] = ()
    populations: tuple[DeckPopulation, ...] = ()
    reason: Annotated[str, Field(min_length=10)]
    proof: Annotated[str, Field(min_length=20)]

    def covers(self, fact: Fact) -> bool:
        """Whether it is about this (measure, person, group, population)."""
        measure, person, group, population = fact
        return (
            measure == self.measure
            and person in self.people
            and (not self.groups or group in self.groups)
            and (not self.populations or population in self.populations)
        )

    def unneeded(self, differing: Set[Fact]) -> Iterator[str]:
        """The people (each with the groups, where it names some) none of whose counts differs any more."""
        needed = [fact for fact in differing if self.covers(fact)]
        for person in self.people:
            for group in self.groups or ("",):
                if not any(fact[1] == person and group in ("", fact[2]) for fact in needed):
                    yield f"{self.measure} {person}" + (f" group {group}" if group else "")


class ExceptionsFile(Model):
    """The file that lists them."""

    exceptions: tuple[DocumentedException, ...] = ()


@dataclass(frozen=True)
class ExceptionList:
    """The exceptions that a comparison was given."""

    entries: tuple[DocumentedException, ...] = ()

    def reason(self, fact: Fact) -> str:
        """Why this count may differ; empty when it may not."""
        return next((entry.reason for entry in self.entries if entry.covers(fact)), "")

    def stale(self, differing: Set[Fact], measures: Set[str]) -> Iterator[str]:
        """People excepted, in the ``measures`` compared, none of whose counts differs any more, with the reason."""
        for entry in self.entries:
            if entry.measure in measures:
                yield from (f"{what}: {entry.reason}" for what in entry.unneeded(differing))


def read_exceptions(path: Path) -> ExceptionList:
    """Read a list of exceptions; :class:`SpecError` with every problem and its line."""
    reading = read_model(path, ExceptionsFile)
    if reading.model is None:
        raise SpecError(reading.issues)
    return ExceptionList(reading.model.exceptions)


__all__ = ["DocumentedException", "ExceptionList", "Fact", "read_exceptions"]
