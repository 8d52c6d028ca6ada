"""Few rows in memory, read by what was prepared when tables with the same columns were read before.

Opening a database and planning some 500 expressions takes a hundred times what one person's rows do. So a database is
kept for each *layout*: which tables there are, and the types of their columns. In it, a table in memory has a place of
its own, and what is asked of it is prepared. Its rows leave it as soon as they have been read.

What is asked is what is asked of many rows. It tells whether any of them breaks a rule; which, and why, only
:mod:`measureharmony.practice.reading` can say.
"""

from __future__ import annotations

import atexit
import os
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock

import pyarrow as pa

from measureharmony.practice.checks import breaks_rules, cell_table, identifier_types, read_cells
from measureharmony.practice.contract import TABLES
from measureharmony.practice.database import opened
from measureharmony.practice.normalize import ACCEPTED, CODED_EVENTS
from measureharmony.practice.raw import Arriving, RawTable, load_absent, registered

#: The tables that evaluation reads.
READ = ("person", "coverage", "roster", "event", "event_code")
#: So many databases are kept at most.
_KEPT = 8


def accepted(data: Sequence[Arriving]) -> Mapping[str, pa.Table] | None:
    """The accepted rows of each of :data:`READ`, as ``accepted_<table>`` has them; ``None`` if any row breaks a rule.

    Raises :class:`DataError` about the types of columns.
    """
    reader = _KEEPER.take(data) or _Reader(data)
    found = reader.accepted(data)
    _KEEPER.keep(reader)
    return found


class _Place:
    """Where a table in memory is put to be read; DuckDB asks for its rows whenever a statement runs."""

    def __init__(self, schema: pa.Schema):
        self._nothing = schema.empty_table()
        self.table = self._nothing

    def clear(self) -> None:
        """Let go of the table."""
        self.table = self._nothing

    def __arrow_c_schema__(self) -> object:
        return self.table.schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


class _Reader:
    """A database that is ready to read tables of the layout of ``data``."""

    def __init__(self, data: Sequence[Arriving]):
        self.layout = _layout(data)
        self._places = {one.table.name: _Place(one.relation.schema) for one in data}
        self._connection = opened(threads=1)
        self._schemas = self._prepare(data)

    def _prepare(self, data: Sequence[Arriving]) -> Mapping[str, pa.Schema]:
        """Describe everything up to the accepted rows; returns their columns."""
        con = self._connection
        given: dict[str, RawTable] = {one.table.name: self._raw(one) for one in data}
        raws = given | {name: load_absent(con, table) for name, table in TABLES.items() if name not in given}
        identifiers = identifier_types(raws)
        tables = {name: cell_table(raw, identifiers) for name, raw in raws.items()}
        for name, table in tables.items():
            con.execute(f"CREATE VIEW cells_{name} AS {read_cells(table)}")
            con.execute(f"CREATE VIEW kept_{name} AS FROM cells_{name}")
        con.execute(f"CREATE VIEW coded_event AS {CODED_EVENTS}")
        for name in READ:  # people before what refers to them
            con.execute(f"CREATE VIEW accepted_{name} AS {ACCEPTED[name]}")
        rules = " UNION ALL ".join(f"({breaks_rules(tables[name])})" for name in given)
        con.execute(f"PREPARE broken AS SELECT bool_or(breaks) FROM ({rules}) AS rules(breaks)")
        for name in READ:
            con.execute(f"PREPARE {name} AS FROM accepted_{name}")
        return {name: con.sql(f"EXECUTE {name}").to_arrow_table().schema for name in READ}

    def _raw(self, data: Arriving) -> RawTable:
        """Have a place for a table, all of whose columns are read: those empty here may hold something elsewhere."""
        self._connection.register(f"raw_{data.table.name}", self._places[data.table.name])
        return registered(self._connection, data, [column.name for column in data.table.columns])

    def accepted(self, data: Sequence[Arriving]) -> Mapping[str, pa.Table] | None:
        """:func:`accepted`."""
        for one in data:
            self._places[one.table.name].table = one.relation
        try:
            ((broken,),) = self._connection.execute("EXECUTE broken").fetchall()
            return None if broken else {name: self._rows(name) for name in READ}
        finally:
            for place in self._places.values():
                place.clear()

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    def _rows(self, name: str) -> pa.Table:
        columns = self._connection.execute(f"EXECUTE {name}").fetchnumpy()
        schema = self._schemas[name]
        return pa.table([pa.array(columns[field.name], field.type) for field in schema], schema=schema)


class _Keeper:
    """Readers that nobody uses at the moment: whoever needs one takes it, so that none is ever used by two."""

    def __init__(self) -> None:
        self._readers: deque[_Reader] = deque(maxlen=_KEPT)
        self._lock = Lock()

    def take(self, data: Sequence[Arriving]) -> _Reader | None:
        """A reader for ``data``, if there is one."""
        layout = _layout(data)
        with self._lock:
            found = next((reader for reader in self._readers if reader.layout == layout), None)
            if found:
                self._readers.remove(found)
        return found

    def keep(self, reader: _Reader) -> None:
        """Have a reader for the next one who needs it; the one that has been waiting longest may have to go."""
        with self._lock:
            self._readers.append(reader)

    def close(self) -> None:
        """Let go of all of them."""
        with self._lock:
            while self._readers:
                self._readers.pop().close()


def _layout(data: Iterable[Arriving]) -> tuple[object, ...]:
    """Which tables there are, of which columns; and in which process, since a database cannot be handed to another."""
    return os.getpid(), *((one.table.name, one.relation.schema) for one in data)


_KEEPER = _Keeper()
atexit.register(_KEEPER.close)  # an open database would complain at the end of the program

__all__ = ["READ", "accepted"]
