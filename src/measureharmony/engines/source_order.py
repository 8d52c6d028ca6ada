"""The order of event rows that everything after loading relies on: by person, then as the source has them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.engines.arrived import Given
from measureharmony.evaluation.columns import Ints

_LARGEST = np.iinfo(np.int64).max


def source_order(person: Ints, sequence: Given, identifier: Ints | pa.ChunkedArray) -> Ints:
    """Positions of the rows by person, then ``sequence`` (empty last), then identifier: numbers by size, text by
    length, then alphabet.

    The identifiers are unique, so the answer does not depend on the order in which the rows arrive.
    """
    key = _person_and_place(person, sequence)
    if isinstance(identifier, np.ndarray):
        if (identifier[1:] > identifier[:-1]).all():
            return stable_order(key)
        start = stable_order(identifier)
        return np.asarray(start[stable_order(key[start])])
    order = stable_order(key)
    # Sorting text is dear: only rows of one person in one place in the source are put in order by it.
    key = key[order]
    alike = key[1:] == key[:-1]
    tied = np.flatnonzero(np.append(alike, False) | np.append(False, alike))
    if len(tied):
        of_tie = np.append(0, np.cumsum(~alike))[tied]
        order[tied] = order[tied[_by_text(of_tie, identifier.take(order[tied]))]]
    return order


def stable_order(key: Ints) -> Ints:
    """Positions that put ``key`` into ascending order; equal ones stay in their order.

    Sorting key and position as one number is several times faster than sorting positions by key.
    """
    if len(key) == 0:
        return np.arange(0)
    least, bits = int(key.min()), len(key).bit_length()
    if (int(key.max()) - least).bit_length() + bits > 62:
        return np.argsort(key, kind="stable")
    packed = key.astype(np.int64)
    packed -= least
    packed <<= bits
    packed |= np.arange(len(key), dtype=np.min_scalar_type(len(key)))
    packed.sort()
    packed &= (1 << bits) - 1
    return packed


def _person_and_place(person: Ints, sequence: Given) -> Ints:
    """Numbers that are ordered as person, then place in the source's own order, empty ones last, are."""
    if not len(sequence.at):
        return person
    place = sequence.cells.to_numpy()
    least = int(place.min())
    places = int(place.max()) - least + 2
    if places > _LARGEST // (int(person.max()) + 1):
        place, least = np.unique(place, return_inverse=True)[1], 0
        places = len(place) + 1
    key = person.astype(np.int64)
    key *= places
    key += places - 1
    key[sequence.at] -= places - 1 - (place - least)
    return key


def _by_text(group: Ints, identifier: pa.ChunkedArray) -> Ints:
    by = pa.table({"group": group, "length": pc.utf8_length(identifier), "id": identifier})
    positions: Ints = pc.sort_indices(by, [(name, "ascending") for name in by.column_names]).to_numpy()
    return positions


__all__ = ["source_order", "stable_order"]
