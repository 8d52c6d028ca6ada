"""The one form of an outcome table: equal rows are equal tables, and equal files, wherever the rows come from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from measureharmony.evaluation.columns import Ints


def in_one_form(outcomes: pa.Table) -> pa.Table:
    """The same rows in one piece; where a column numbers its words, in the order of their first use.

    Identifiers of people are left alone: they are numbered by everybody there is.
    """
    outcomes = outcomes.unify_dictionaries().combine_chunks()
    columns = {name: outcomes[name] for name in outcomes.column_names}
    for name, column in columns.items():
        if pa.types.is_dictionary(column.type) and not name.endswith("_id"):
            columns[name] = _renumbered(column.chunk(0)) if column.num_chunks else column
    return pa.table(columns)


def repeated(words: Sequence[str], counts: Sequence[int] | Ints) -> pa.DictionaryArray:
    """Each word as often as its count says; words are numbered in the order of their first use."""
    each = pa.array(words, pa.string()).dictionary_encode()
    return pa.DictionaryArray.from_arrays(pa.array(np.repeat(each.indices.to_numpy(), counts)), each.dictionary)


def _renumbered(words: pa.DictionaryArray) -> pa.DictionaryArray:
    used = words.indices.dictionary_encode()
    different = words.dictionary.take(used.dictionary).dictionary_encode()  # a word may have had two numbers
    return pa.DictionaryArray.from_arrays(different.indices.take(used.indices), different.dictionary)


__all__ = ["in_one_form", "repeated"]
