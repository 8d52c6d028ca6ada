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
from typing import Annotated

from pydantic import Field

from measureharmony.errors import SpecError
from measureharmony.measures.names import Model
from measureharmony.measures.reader import read_model

Fact = tuple[str, str, str, str]


class DocumentedException(Model):
    """Counts of some people that are wrong as published."""

    measure: str
    people: Annotated[tuple[str, ...], Field(min_length=1)]
    groups: tuple[str, ...] = ()
    populations: tuple[str, ...] = ()
    reason: Annotated[str, Field(min_length=10)]
    proof: Annotated[str, Field(min_length=20)]

    def covers(self, fact: Fact) -> bool:
        """Whether it is about this (measure, person, group, population)."""
        measure, person, group, population = fact
        return (
            measure == self.measure
            and person in self.people
            and (not self.groups or group in self.groups)
            and (not self.populations or population.replace("_", "-") in self.populations)
        )


class ExceptionsFile(Model):
    """The file that lists them."""

    exceptions: tuple[DocumentedException, ...] = ()


@dataclass(frozen=True)
class ExceptionList:
    """The exceptions that a comparison was given."""

    entries: tuple[DocumentedException, ...] = ()

    def reason(self, measure: str, person: str, group: str, population: str) -> str:
        """Why this count may differ; empty when it may not."""
        fact = (measure, person, group, population)
        return next((entry.reason for entry in self.entries if entry.covers(fact)), "")

    def stale(self, differing: Set[Fact], measures: Set[str]) -> Iterator[str]:
        """Entries, of the ``measures`` compared, about people none of whose counts differs any more."""
        for entry in self.entries:
            if entry.measure in measures and not any(entry.covers(fact) for fact in differing):
                yield f"{entry.measure}: {entry.reason}"


def read_exceptions(path: Path) -> ExceptionList:
    """Read a list of exceptions; :class:`SpecError` with every problem and its line."""
    reading = read_model(path, ExceptionsFile)
    if reading.model is None:
        raise SpecError(reading.issues)
    return ExceptionList(reading.model.exceptions)


__all__ = ["DocumentedException", "ExceptionList", "read_exceptions"]
