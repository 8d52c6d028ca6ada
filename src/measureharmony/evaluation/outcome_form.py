"""The one form of an outcome table: equal rows are equal tables, and equal files, wherever the rows come from."""

from __future__ import annotations

import pyarrow as pa


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


def _renumbered(words: pa.DictionaryArray) -> pa.DictionaryArray:
    used = words.indices.dictionary_encode()
    different = words.dictionary.take(used.dictionary).dictionary_encode()  # a word may have had two numbers
    return pa.DictionaryArray.from_arrays(different.indices.take(used.indices), different.dictionary)


__all__ = ["in_one_form"]
