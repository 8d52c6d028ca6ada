"""The order of event rows that everything after loading relies on: by person, then as the source has them."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.evaluation.columns import Bools, Ints


def source_order(
    connection: duckdb.DuckDBPyConnection, person: Ints, sequence: pa.ChunkedArray, identifier: pa.ChunkedArray
) -> Ints:
    """Positions of the rows by person, then ``sequence`` (empty last), then identifier: numbers by size, text by
    length, then alphabet.

    The identifiers are unique, so the answer does not depend on the order in which the rows arrive. They are sorted
    only if rows of one person share a place in the sequence.
    """
    place = _places(sequence)
    order = _arranged(np.arange(len(person)), person, place)
    if _alike(order, person, place).any():
        order = _arranged(_by_identifier(connection, identifier), person, place)
    return order


def stable_order(key: Ints) -> Ints:
    """Positions that put ``key`` (no number of it negative) into ascending order; equal ones stay in their order.

    Sorting key and position as one number is several times faster than sorting positions by key.
    """
    bits = max(1, len(key)).bit_length()
    if len(key) == 0 or int(key.max()).bit_length() + bits > 62:
        return np.argsort(key, kind="stable")
    packed = key.astype(np.int64) << bits
    packed |= np.arange(len(key))
    packed.sort()
    packed &= (1 << bits) - 1
    return packed


def _places(sequence: pa.ChunkedArray) -> Ints | None:
    """Places in the source's order from 0 on, empty ones after all others; ``None`` where all are empty."""
    if sequence.null_count == len(sequence):
        return None
    bounds = pc.min_max(sequence).as_py()
    places: Ints = sequence.fill_null(bounds["max"] + 1).to_numpy() - bounds["min"]
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


def _by_identifier(connection: duckdb.DuckDBPyConnection, identifier: pa.ChunkedArray) -> Ints:
    if pa.types.is_integer(identifier.type):
        numbers = identifier.to_numpy()
        if (numbers[1:] > numbers[:-1]).all():
            return np.arange(len(numbers))
        return stable_order(numbers - numbers.min())
    connection.register("identified", pa.table({"id": identifier, "position": np.arange(len(identifier))}))
    ordered = connection.sql("SELECT position FROM identified ORDER BY length(id), id").to_arrow_table()
    connection.unregister("identified")
    positions: Ints = ordered["position"].to_numpy()
    return positions


__all__ = ["source_order", "stable_order"]
