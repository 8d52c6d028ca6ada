"""Whose resources of one type are and where they come from: held in lists while they come together, then as columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from measureharmony.practice.fhir.json_shapes import JsonObject
from measureharmony.practice.fhir.record import Person, Scope
from measureharmony.practice.fhir.sheets import Place

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True)
class Origins:
    """To whom resources belong, what their events are called and where they come from: one entry a resource.

    ``strict``: whether the person is read strictly. ``stories``: the number of the bundle, or set of files, whose
    claims a resource explains.
    """

    people: Sequence[Person]
    person_ids: pa.StringArray
    strict: Mask
    scopes: Sequence[Scope]
    event_ids: pa.StringArray
    files: pa.DictionaryArray
    rows: pa.Int64Array
    stories: pa.Int64Array

    def place(self, row: int) -> Place:
        """Where a resource comes from."""
        return Place(self.files[row].as_py(), self.rows[row].as_py())


@dataclass
class Held:
    """Resources of known people, of one type, with their :class:`Origins`: lists of one length."""

    resources: list[JsonObject] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    event_ids: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=list)
    stories: list[int] = field(default_factory=list)

    def entries(self) -> Iterator[tuple[JsonObject, Person, str, Place, Scope]]:
        """One resource after the other: what it holds, whose it is, its event id, its place and its scope."""
        places = (Place(file, row) for file, row in zip(self.files, self.rows, strict=True))
        yield from zip(self.resources, self.people, self.event_ids, places, self.scopes, strict=True)

    def origins(self) -> Origins:
        """Where all of them come from."""
        return Origins(
            people=self.people,
            person_ids=pa.array([person.person_id for person in self.people], pa.string()),
            strict=np.array([person.strict for person in self.people], np.bool_),
            scopes=self.scopes,
            event_ids=pa.array(self.event_ids, pa.string()),
            files=pa.array(self.files, pa.string()).dictionary_encode(),
            rows=pa.array(self.rows, pa.int64()),
            stories=pa.array(self.stories, pa.int64()),
        )
