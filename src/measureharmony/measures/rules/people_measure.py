"""Worked people belong to a measure that exists, in a file called after it."""

from __future__ import annotations

from collections.abc import Iterator

from measureharmony.measures.people import PeopleFile
from measureharmony.measures.rules.finding import Finding, Surroundings
from measureharmony.measures.shape import suggestion


def check(file: PeopleFile, around: Surroundings) -> Iterator[Finding]:
    """An unknown measure, or a file called after another one."""
    if file.measure not in around.measures and file.measure not in around.broken:
        what = f"there is no measure '{file.measure}'"
        yield Finding(("measure",), "spec-unknown-measure", what, suggestion(file.measure, around.measures))
    if f"{file.measure}.people" != around.stem:
        what = f"the file holds people of '{file.measure}', but it is called {around.stem}.yaml"
        fix = f"call the file {file.measure}.people.yaml, or correct the key 'measure'"
        yield Finding(("measure",), "spec-file-name", what, fix)


__all__ = ["check"]
