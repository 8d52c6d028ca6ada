"""Text that a spreadsheet would run as a formula, made plain before it is written to a CSV file.

A spreadsheet takes a cell of a CSV file that begins with ``=``, ``+``, ``-`` or ``@`` for a formula, also behind
blanks, tabs and line ends. An apostrophe before it makes it text
(https://owasp.org/www-community/attacks/CSV_Injection). Numbers and dates are columns of their own type and stay as
they are.
"""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

#: What a formula begins with; the four wide forms are what some spreadsheets fold into the plain ones.
_FORMULA = r"^(\s*[=+\-@＝＋－＠]|[\t\r\n])"  # noqa: RUF001 - the wide signs are meant


def safe_cell(text: str) -> str:
    """``text`` with an apostrophe before it if a spreadsheet would run it.

    >>> safe_cell("=1+1"), safe_cell("Ann")
    ("'=1+1", 'Ann')
    """
    return f"'{text}" if re.match(_FORMULA, text) else text


def safe_table(table: pa.Table) -> pa.Table:
    """The table with every text column made safe; other columns are left as they are."""
    columns = {name: _safe(table[name]) for name in table.column_names}
    return pa.table(columns)


def write_safe_csv(table: pa.Table, path: Path) -> Path:
    """Write ``table`` as CSV that no spreadsheet runs; returns ``path``.

    The byte order mark at its beginning says to spreadsheets that it is UTF-8.
    """
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbf")
        pa_csv.write_csv(safe_table(table), file)
    return path


def _safe(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        return pa.chunked_array([_safe_words(chunk) for chunk in column.chunks], column.type.value_type)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    unsafe = pc.match_substring_regex(column, _FORMULA)
    if not pc.any(unsafe).as_py():
        return column
    return pc.if_else(unsafe, pc.binary_join_element_wise("'", column, ""), column)


def _safe_words(chunk: pa.DictionaryArray) -> pa.Array:
    """The cells as text; looked into are only the different words."""
    words = _safe(pa.chunked_array([chunk.dictionary])).combine_chunks()
    return words.take(chunk.indices)


__all__ = ["safe_cell", "safe_table", "write_safe_csv"]
