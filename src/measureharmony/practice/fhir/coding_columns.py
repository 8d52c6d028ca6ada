"""Codings of many resources at once, as columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.practice.fhir.codings import Coding

Rows = npt.NDArray[np.int64]

#: Texts for Arrow: made once, because making them takes longer than using them on few rows.
EMPTY, NO_TEXT = pa.scalar("", pa.string()), pa.scalar(None, pa.string())
#: Stands between the codes of one row when they are looked up together; no code holds it.
SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Codings:
    """Codings by the row they belong to: ``rows`` ascending; ``systems`` and ``codes`` (never null) beside it."""

    rows: Rows
    systems: pa.StringArray
    codes: pa.StringArray

    @classmethod
    def of_pairs(cls, found: Iterable[tuple[int, Coding]]) -> Codings:
        """The codings of (row, coding) pairs, which come in the order of their rows."""
        pairs = list(found)
        if not pairs:
            return _none()
        rows = np.array([row for row, _ in pairs], np.int64)
        systems = pa.array([system for _, (system, _) in pairs], pa.string())
        return cls(rows, systems, pa.array([code for _, (_, code) in pairs], pa.string()))

    @classmethod
    def of_structs(cls, rows: Rows, found: pa.StructArray) -> Codings:
        """The codings of FHIR Codings, one for each of ``rows``; those without a code are left out."""
        codes, systems = found.field("code"), pc.coalesce(found.field("system"), EMPTY)
        given = pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(codes), EMPTY), False)
        return cls(rows, systems, codes) if _all(given) else cls(rows, systems, codes).where(given)

    @classmethod
    def of_lists(cls, rows: Rows | None, lists: pa.ListArray) -> Codings:
        """The codings of lists of FHIR Codings; ``rows``: the row of each list (None: its place)."""
        places = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)
        return cls.of_structs(places if rows is None else rows[places], lists.flatten())

    def __len__(self) -> int:
        return len(self.rows)

    def where(self, mask: pa.BooleanArray | npt.NDArray[np.bool_]) -> Codings:
        """Those for which ``mask``, one entry a coding, is true."""
        kept = np.asarray(mask) if isinstance(mask, np.ndarray) else mask.to_numpy(zero_copy_only=False)
        where = pa.array(kept)
        return Codings(self.rows[kept], self.systems.filter(where), self.codes.filter(where))

    def _begins(self) -> npt.NDArray[np.bool_]:
        """Which codings are the first of their rows."""
        return np.concatenate([[True], self.rows[1:] != self.rows[:-1]]) if len(self) else np.empty(0, np.bool_)

    def first(self, count: int) -> tuple[pa.StringArray, pa.StringArray]:
        """System and code of the first coding of each of ``count`` rows; null where a row has none."""
        if not len(self):
            return pa.nulls(count, pa.string()), pa.nulls(count, pa.string())
        place = np.full(count, -1, np.int64)
        begins = self._begins()
        place[self.rows[begins]] = np.flatnonzero(begins)
        chosen = pa.array(place, mask=place < 0)
        return self.systems.take(chosen), self.codes.take(chosen)

    def rest(self) -> Codings:
        """All but the first of each row."""
        begins = self._begins()
        return _none() if begins.all() else self.where(~begins)

    def repeated(self, rows: Rows) -> Codings:
        """Those of ``rows``, one after the other: as often as a row is asked for, and counted anew from 0."""
        firsts, lasts = np.searchsorted(self.rows, rows), np.searchsorted(self.rows, rows, side="right")
        places = np.concatenate([np.arange(f, last) for f, last in zip(firsts, lasts, strict=True)], dtype=np.int64)
        chosen = pa.array(places)
        counted = np.repeat(np.arange(len(rows)), lasts - firsts)
        return Codings(counted, self.systems.take(chosen), self.codes.take(chosen))

    def followed_by(self, others: Codings) -> Codings:
        """These, and of each row after them those of ``others``."""
        if not len(others):
            return self
        rows = np.concatenate([self.rows, others.rows])
        order = np.argsort(rows, kind="stable")
        systems = pa.concat_arrays([self.systems, others.systems])
        codes = pa.concat_arrays([self.codes, others.codes])
        return Codings(rows[order], systems.take(pa.array(order)), codes.take(pa.array(order)))

    def joined_codes(self, count: int) -> pa.StringArray:
        """The codes of each of ``count`` rows with :data:`SEPARATOR` between them; empty where a row has none."""
        offsets = np.concatenate([[0], np.cumsum(np.bincount(self.rows, minlength=count))])
        lists = pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), self.codes)
        return pc.binary_join(lists, SEPARATOR)


@cache
def _none() -> Codings:
    return Codings(np.empty(0, np.int64), pa.nulls(0, pa.string()), pa.nulls(0, pa.string()))


def looked_up(texts: pa.StringArray, meaning: Callable[[str], str | None]) -> pa.StringArray:
    """``meaning`` of every text, asked once for each different one; null where it is None. Null texts stay null."""
    encoded = texts.dictionary_encode()
    return pa.array([meaning(text) for text in encoded.dictionary.to_pylist()], pa.string()).take(encoded.indices)


def _all(given: pa.BooleanArray) -> bool:
    return bool(given.true_count == len(given))
