"""The order of event rows that everything after loading relies on: by person, then as the source has them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.evaluation.columns import Bools, Ints

_LARGEST = np.iinfo(np.int64).max


def source_order(person: Ints, sequence: pa.ChunkedArray, identifier: pa.ChunkedArray) -> Ints:
    """Positions of the rows by person, then ``sequence`` (empty last), then identifier: numbers by size, text by
    length, then alphabet.

    The identifiers are unique, so the answer does not depend on the order in which the rows arrive.
    """
    place = _places(sequence)
    if pa.types.is_integer(identifier.type):
        return _arranged(_by_number(identifier), person, place)
    order = _arranged(np.arange(len(person)), person, place)
    # Sorting text is dear: only rows of one person in one place in the source are put in order by it.
    alike = _alike(order, person, place)
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
    packed = (key.astype(np.int64) - least) << bits
    packed |= np.arange(len(key))
    packed.sort()
    packed &= (1 << bits) - 1
    return packed


def _places(sequence: pa.ChunkedArray) -> Ints | None:
    """Places in the source's order, empty ones after all others; ``None`` where all are empty."""
    if sequence.null_count == len(sequence):
        return None
    places: Ints = sequence.fill_null(min(pc.max(sequence).as_py(), _LARGEST - 1) + 1).to_numpy()
    return places


def _arranged(start: Ints, person: Ints, place: Ints | None) -> Ints:
    order = start if place is None else start[stable_order(place[start])]
    return np.asarray(order[stable_order(person[order])])


def _alike(order: Ints, person: Ints, place: Ints | None) -> Bools:
    """Which rows have the person and place of the row before, in ``order``."""
    person = person[order]
    alike = person[1:] == person[:-1]
    if place is not None:
        place = place[order]
        alike &= place[1:] == place[:-1]
    return np.asarray(alike)


def _by_number(identifier: pa.ChunkedArray) -> Ints:
    numbers = identifier.to_numpy()
    if (numbers[1:] > numbers[:-1]).all():
        return np.arange(len(numbers))
    return stable_order(numbers)


def _by_text(group: Ints, identifier: pa.ChunkedArray) -> Ints:
    by = pa.table({"group": group, "length": pc.utf8_length(identifier), "id": identifier})
    positions: Ints = pc.sort_indices(by, [(name, "ascending") for name in by.column_names]).to_numpy()
    return positions


__all__ = ["source_order", "stable_order"]
