"""Files of lines that are all alike, read as columns by DuckDB: most files of bulk exports are.

Lines are alike that begin with the same type of resource, written in the same way. DuckDB takes as long for them as
parsing them does, and gives columns. It is as strict as the parser, but for three things, which are looked for
here: text is kept as JSON, so that its quotes tell it from numbers; lines with something like ``NaN``, a comma before
an end, or ``null`` are parsed, too; and lines end where the parser's do. What is not as FHIR prescribes, or not alike,
is left to who reads line by line.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from measureharmony.practice.cells import quoted
from measureharmony.practice.fhir.coding_columns import Rows, looked_up
from measureharmony.practice.fhir.elements import Objects
from measureharmony.practice.fhir.json_shapes import JsonObject, objects
from measureharmony.practice.fhir.shapes import ELEMENTS, PARTS, QUANTITY, RARE, REFERENCE, TEXT, subject_of

#: Bytes of a file for which it is worth while to ask DuckDB.
WORTH_WHILE = 1_000_000
#: Bytes of a file of which all columns can be held at once.
AT_MOST = 1_000_000_000
#: How lines begin that name the type of their resource first, as most do.
_BEGINS = re.compile(rb'\{\s*"resourceType"\s*:\s*"(\w+)"')
#: Resources that are converted together.
AT_ONCE = 20_000
#: Bytes that are looked through at once: few enough to stay in the processor's cache.
_WINDOW = 1 << 18
#: Windows that one thread looks through: some milliseconds' work.
_WINDOWS = 32
_MEASURED = pa.struct([("value", pa.float64()), *QUANTITY])
_LINE_FEED, _RETURN, _BLANK, _COMMA, _COLON, _BRACKET, _BACKSLASH, _QUOTE, _BRACE = b'\n\r ,:[\\"{'
_IS_ODD = np.zeros(256, np.bool_)
_IS_ODD[list(b"nNiI-}] \t")] = True

Bytes = npt.NDArray[np.uint8]
_Seen = tuple[Rows, int, Rows]


class NotAlikeError(Exception):
    """Something is not as it is in most files; who reads line by line will know what to make of it."""


@dataclass(frozen=True)
class Lines:
    """The lines of a file, which all begin with the resource type ``kind``, written in the same way.

    ``starts`` and ``ends``: the bytes at which they begin, and at which the next begins. ``doubtful``: the rows in
    which something may be that DuckDB lets pass, but the parser does not.
    """

    path: Path
    kind: str
    starts: Rows
    ends: Rows
    doubtful: list[int]

    def __len__(self) -> int:
        return len(self.starts)

    def parsed(self, content: mmap.mmap, row: int) -> JsonObject:
        """The resource in a line; raises orjson.JSONDecodeError."""
        found: JsonObject = orjson.loads(content[self.starts[row] : self.ends[row]])
        return found


def find_lines(path: Path, run: Callable[..., Iterable[_Seen]]) -> Lines | None:
    """The lines of a file where they are alike, so many that it is worth while to ask DuckDB, and not too many.

    ``run``: ``map``, or so in threads.
    """
    try:
        mapped = _content(path)
        begin = _BEGINS.match(mapped)
        if not begin or not WORTH_WHILE <= len(mapped) <= AT_MOST or begin[1].decode() not in ELEMENTS:
            return None
        content = np.frombuffer(mapped, np.uint8)
        ends, returns, odd = _looked_through(content, run)
    except NotAlikeError:
        return None
    starts = np.concatenate([[0], ends[:-1]])
    ended_by_two = np.count_nonzero(content[ends - 2] == _RETURN) if returns else 0
    if returns != ended_by_two or not _all_begin(content, starts, begin[0]):
        return None
    doubtful = np.unique(np.searchsorted(ends, odd, side="right")).tolist()
    return Lines(path, begin[1].decode(), starts, ends, doubtful)


def _content(path: Path) -> mmap.mmap:
    try:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # there is no such file any more, or nothing in it
        raise NotAlikeError from None


def _looked_through(content: Bytes, run: Callable[..., Iterable[_Seen]]) -> _Seen:
    """Where lines end, how many carriage returns there are, and where something odd stands, as :func:`_odd` tells."""
    found = run(partial(_looked_at, content), range(0, len(content), _WINDOWS * _WINDOW))
    ends, returns, odd = zip(*found, strict=True)
    end = [] if content[-1] == _LINE_FEED else [[len(content)]]
    return np.concatenate([*ends, *end], dtype=np.int64), sum(returns), np.concatenate(odd)


def _looked_at(content: Bytes, first: int) -> _Seen:
    """The same of some windows, beginning with that at ``first``."""
    ends, returns, odd = [], 0, []
    for start in range(first, min(first + _WINDOWS * _WINDOW, len(content)), _WINDOW):
        here = content[start : start + _WINDOW]
        ends.append(np.flatnonzero(here == _LINE_FEED) + (start + 1))
        returns += int(np.count_nonzero(here == _RETURN))
        following = content[start : start + len(here) + 2]
        nothing = np.zeros(len(here) + 2 - len(following), np.uint8)
        odd.append(_odd(np.concatenate([following, nothing]) if len(nothing) else following) + start)
    return np.concatenate(ends), returns, np.concatenate(odd)


def _odd(content: Bytes) -> Rows:
    """Where, but for a blank, N or I (of any case), a minus or an end come after a comma, a colon or a bracket.

    So begin NaN, infinity and null; and a comma before an end is one too many. The last two bytes only follow others.
    """
    here, after = content[:-2], content[1:-1]
    mark = here == _COMMA
    mark |= here == _COLON
    mark |= here == _BRACKET
    mark &= after != _QUOTE  # as nearly all that comes after them
    mark &= after != _BRACE
    before = np.flatnonzero(mark)
    before = before[_IS_ODD[content[before + 1]]]
    blank = content[before + 1] == _BLANK
    found: Rows = before[~blank | _IS_ODD[content[before + 2]]]
    return found


def _all_begin(content: Bytes, starts: Rows, begin: bytes) -> bool:
    if starts[-1] + len(begin) > len(content):
        return False
    windows = np.lib.stride_tricks.sliding_window_view(content, len(begin))
    return bool((windows[starts] == np.frombuffer(begin, np.uint8)).all())


@dataclass(frozen=True)
class Found:
    """What DuckDB found in some of the lines of a file: every element, text and numbers as JSON."""

    lines: Lines
    content: mmap.mmap
    rows: Rows
    elements: Mapping[str, pa.Array]

    def only(self, rows: Rows) -> Found:
        """What it found in some of these, by their places."""
        chosen = pa.array(rows)
        elements = {name: one.take(chosen) for name, one in self.elements.items()}
        return Found(self.lines, self.content, self.rows[rows], elements)


class Alike(Objects):
    """Objects of one sort that DuckDB has read, parsed where something rare is asked for.

    ``elements``: what it found, as JSON. ``parse``: gives the object of a row. Raises :class:`NotAlikeError` where one
    has another shape than FHIR prescribes.
    """

    def __init__(self, kind: str, elements: Mapping[str, pa.Array], parse: Callable[[int], JsonObject]):
        self._elements, self._parse = elements, parse
        self._count = len(next(iter(elements.values())))
        self._parsed: dict[int, JsonObject] = {}
        shape = dict(_columns(kind))
        given = {name: elements[name] for name in shape if elements[name].null_count < self._count}
        plain = [_plain(column, shape[name]) for name, column in given.items()]
        nothing = pa.array([{}] * self._count, pa.struct([]))
        self.columns = pa.StructArray.from_arrays(plain, list(given)) if given else nothing

    def __len__(self) -> int:
        return self._count

    def one(self, row: int) -> JsonObject:
        """The object of a row."""
        if row not in self._parsed:
            self._parsed[row] = self._parse(row)
        return self._parsed[row]

    def rows_with(self, element: str) -> Iterable[int]:
        """The rows of the objects that have an element, in their order."""
        column = self._elements[element]
        return np.flatnonzero(column.is_valid()).tolist() if column.null_count < self._count else ()

    def parts(self, element: str, kind: str) -> tuple[Rows, Rows, Objects]:
        """The members of a list that few objects have."""
        lists = self._elements[element]
        members = lists.flatten()
        if members.null_count:
            raise NotAlikeError
        counts = pc.fill_null(pc.list_value_length(lists), 0).to_numpy()
        rows = np.repeat(np.arange(self._count), counts)
        places = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        elements = {of.name: one for of, one in zip(members.type, members.flatten(), strict=True)}
        found = Alike(kind, elements, lambda row: objects(self.one(int(rows[row]))[element])[places[row]])
        return rows, places + 1, found


def alike_lines(found: Found) -> Alike:
    """The resources of lines; may raise :class:`NotAlikeError`."""
    return Alike(found.lines.kind, found.elements, lambda row: found.lines.parsed(found.content, found.rows[row]))


def _columns(kind: str) -> Iterator[tuple[str, pa.DataType]]:
    """The elements that are read as columns, and their types."""
    yield "id", TEXT
    yield subject_of(kind), REFERENCE
    yield from ((element, _MEASURED if of == QUANTITY else of) for element, of in ELEMENTS[kind])


def ask(lines: Lines, con: duckdb.DuckDBPyConnection) -> Iterator[Found]:
    """What DuckDB finds in a file, some thousands of lines at a time; may raise :class:`NotAlikeError` at any time."""
    content = _content(lines.path)
    first = 0
    try:
        for row in lines.doubtful:
            lines.parsed(content, row)
        for batch in _regrouped(con.sql(_query(lines)).to_arrow_reader(AT_ONCE)):
            rows = np.arange(first, first + len(batch))
            yield Found(lines, content, rows, dict(zip(batch.schema.names, batch.columns, strict=True)))
            first += len(batch)
    except (duckdb.Error, pa.ArrowException, OSError, orjson.JSONDecodeError):  # the second and third: of later lines
        raise NotAlikeError from None
    if first != len(lines):
        raise NotAlikeError


def _regrouped(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows, :data:`AT_ONCE` together: how many come from DuckDB depends on its threads."""
    held: list[pa.RecordBatch] = []
    missing = AT_ONCE
    for batch in batches:
        while len(batch) >= missing:
            yield _one([*held, batch.slice(0, missing)])
            batch, held, missing = batch.slice(missing), [], AT_ONCE
        if len(batch):
            held.append(batch)
            missing -= len(batch)
    if held:
        yield _one(held)


def _one(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return pa.concat_batches(batches) if batches[1:] else batches[0]


def _query(lines: Lines) -> str:
    """What DuckDB is asked: every element, text and numbers as JSON."""
    path = str(lines.path)
    if set(path) & set("*?[{"):  # it would look for other files
        raise NotAlikeError
    columns = ", ".join(f"'{name}': '{of}'" for name, of in _sql_types(lines.kind).items())
    file = path.replace("'", "''")
    return f"FROM read_json('{file}', format = 'newline_delimited', compression = 'none', columns = {{{columns}}})"


def _sql_types(kind: str) -> dict[str, str]:
    types = {name: _sql_type(of) for name, of in _columns(kind)}
    types |= dict.fromkeys(RARE[kind].split(), "JSON")
    for element, part in PARTS.get(kind, {}).items():
        members = ", ".join(f"{quoted(name)} {of}" for name, of in _sql_types(part).items())
        types[element] = f"STRUCT({members})[]"
    return types


def _sql_type(of: pa.DataType) -> str:
    if pa.types.is_struct(of):
        return f"STRUCT({', '.join(f'{quoted(member.name)} {_sql_type(member.type)}' for member in of)})"
    return f"{_sql_type(of.value_type)}[]" if pa.types.is_list(of) else "JSON"


def _plain(found: pa.Array, of: pa.DataType) -> pa.Array:
    """What was found as JSON in the Arrow type it should have; raises :class:`NotAlikeError` where it has another."""
    if pa.types.is_struct(of):
        members = [_plain(one, member.type) for one, member in zip(found.flatten(), of, strict=True)]
        return pa.StructArray.from_arrays(members, [member.name for member in of], mask=_absent(found))
    if pa.types.is_list(of):
        offsets = pc.subtract(found.offsets, found.offsets[0])
        return pa.ListArray.from_arrays(offsets, _plain(found.flatten(), of.value_type), mask=_absent(found))
    if found.null_count == len(found):
        return pa.nulls(len(found), of)
    return _numbers(found) if pa.types.is_floating(of) else _texts(found)


def _absent(found: pa.Array) -> pa.BooleanArray | None:
    return found.is_null() if found.null_count else None


def _numbers(found: pa.StringArray) -> pa.DoubleArray:
    try:
        numbers = found.cast(pa.float64())
    except pa.ArrowInvalid:
        raise NotAlikeError from None
    if not pc.all(pc.is_finite(numbers)).as_py():
        raise NotAlikeError
    return numbers


def _texts(found: pa.StringArray) -> pa.StringArray:
    if not pc.all(pc.starts_with(found, '"')).as_py():
        raise NotAlikeError
    if _has_backslash(found):
        return looked_up(found, orjson.loads)
    return pc.ascii_trim(found, '"')  # there are no others: within text, they are written with a backslash


def _has_backslash(found: pa.StringArray) -> bool:
    _, offsets, letters = found.buffers()  # several times faster than to search text by text
    first, last = np.frombuffer(offsets, np.int32)[[found.offset, found.offset + len(found)]]
    return bool((np.frombuffer(letters, np.uint8)[first:last] == _BACKSLASH).any())
