"""Where in the outcome table the rows of a program's measure are, and what a column's words are."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from measureharmony.evaluation.columns import Ints


def runs(outcomes: pa.Table) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """Where the rows of each program's measure are: stretches from a row number up to another (not included)."""
    if not outcomes.num_rows:
        return {}
    programs, program_words = encoded(outcomes["program"])
    measures, measure_words = encoded(outcomes["measure"])
    key = programs.astype(np.int64) * len(measure_words) + measures
    starts = np.flatnonzero(np.append(True, key[1:] != key[:-1])).tolist()
    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for start, stop in zip(starts, [*starts[1:], len(key)], strict=True):
        name = (program_words[int(programs[start])], measure_words[int(measures[start])])
        found.setdefault(name, []).append((start, stop))
    return found


def encoded(column: pa.ChunkedArray) -> tuple[Ints, list[str]]:
    """Which of the column's words each row holds, and the words. There are no empty cells."""
    dictionary = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    array = dictionary.unify_dictionaries().combine_chunks()
    return array.indices.to_numpy(), array.dictionary.to_pylist()


__all__ = ["encoded", "runs"]
