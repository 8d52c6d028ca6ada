"""JSON objects of one sort, and which of their elements are given: the common ones as columns, the rare ones parsed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import overload

import numpy as np
import pyarrow as pa

from measureharmony.practice.fhir.coding_columns import Rows
from measureharmony.practice.fhir.json_shapes import JsonObject, objects
from measureharmony.practice.fhir.shapes import as_columns


class Objects(Sequence[JsonObject]):
    """JSON objects one by one, and as columns; ``columns`` has only elements that some of them have."""

    columns: pa.StructArray

    @abstractmethod
    def one(self, row: int) -> JsonObject:
        """The object of a row, parsed."""

    @abstractmethod
    def rows_with(self, element: str) -> Iterable[int]:
        """The rows of the objects that have an element, in their order."""

    @abstractmethod
    def parts(self, element: str, kind: str) -> tuple[Rows, Rows, Objects]:
        """The members of a list that few objects have: the row of each, its place in the list from 1, and they.

        ``kind`` is a key of ``shapes.ELEMENTS``.
        """

    @overload
    def __getitem__(self, row: int) -> JsonObject: ...
    @overload
    def __getitem__(self, row: slice) -> list[JsonObject]: ...
    def __getitem__(self, row: int | slice) -> JsonObject | list[JsonObject]:
        """One object, or several."""
        return [self.one(n) for n in range(*row.indices(len(self)))] if isinstance(row, slice) else self.one(row)


class Parsed(Objects):
    """Objects that are parsed already; ``kind`` is a key of ``shapes.ELEMENTS``."""

    def __init__(self, objects: Iterable[JsonObject], kind: str):
        self._objects = list(objects)
        self._present: frozenset[str] = frozenset().union(*self._objects)
        self.columns = as_columns(self._objects, kind, self._present)

    def __len__(self) -> int:
        return len(self._objects)

    def one(self, row: int) -> JsonObject:
        """The object of a row."""
        return self._objects[row]

    def rows_with(self, element: str) -> Iterable[int]:
        """The rows of the objects that have an element, in their order."""
        if element not in self._present:
            return ()
        return [row for row, one in enumerate(self._objects) if one.get(element) is not None]

    def parts(self, element: str, kind: str) -> tuple[Rows, Rows, Objects]:
        """The members of a list that few objects have."""
        lists = {row: objects(self.one(row)[element]) for row in self.rows_with(element)}
        rows = np.repeat(np.array(list(lists), np.int64), [len(members) for members in lists.values()])
        members = [(n, member) for found in lists.values() for n, member in enumerate(found, start=1)]
        return rows, np.array([n for n, _ in members], np.int64), Parsed((member for _, member in members), kind)


__all__ = ["Objects", "Parsed"]
