"""Words that left DuckDB as numbers are the words that they were."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from measureharmony.engines import numbered_words as module
from measureharmony.engines.numbered_words import numbered_words, stream_with_words, with_words

KINDS = ["visit", None, "", "order", "visit", None]


def _connection(units: int) -> duckdb.DuckDBPyConnection:
    """Events of some kinds, and of so many units."""
    con = duckdb.connect()
    con.execute("CREATE TABLE event (place INTEGER, kind VARCHAR, unit VARCHAR)")
    rows = [(place, KINDS[place % len(KINDS)], f"u{place % units}") for place in range(2 * units)]
    con.register("rows", pa.Table.from_pylist([dict(zip(("place", "kind", "unit"), row, strict=True)) for row in rows]))
    con.execute("INSERT INTO event FROM rows")
    con.execute(
        "CREATE VIEW event_word AS SELECT 'kind' AS name, kind AS word FROM event WHERE kind IS NOT NULL "
        "UNION ALL SELECT 'unit', unit FROM event UNION ALL SELECT 'kind', 'that nobody has'"
    )
    return con


@pytest.mark.parametrize(("units", "bits"), [(3, 8), (400, 16)])
def test_words_and_empty_cells_are_told_apart(units: int, bits: int) -> None:
    con = _connection(units)
    numbered = numbered_words(con, ["kind", "unit"])
    query = f"SELECT {numbered['kind'].sql('kind')} AS kind, {numbered['unit'].sql('unit')} AS unit FROM event"
    numbers = con.sql(f"{query} ORDER BY place").to_arrow_table()
    assert [numbers[name].type.bit_width for name in ("kind", "unit")] == [8, bits]
    told = with_words(numbers, numbered)
    assert told.to_pydict() == con.sql("SELECT kind, unit FROM event ORDER BY place").to_arrow_table().to_pydict()
    assert stream_with_words(con.sql(f"{query} ORDER BY place").to_arrow_reader(5), numbered).read_all().equals(told)


def test_a_column_of_many_words_stays_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_WORDS", 10)
    assert set(numbered_words(_connection(11), ["kind", "unit"])) == {"kind"}


def test_only_the_columns_that_are_needed_are_asked_for() -> None:
    assert set(numbered_words(_connection(3), ["unit"])) == {"unit"}
