"""The files of a FHIR folder: which they are, and the JSON in them.

A file that cannot be read, or holds something else than was expected, is a :class:`Fault` and never an exception;
only a folder that contradicts itself is a ``DataError``.
"""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import orjson

from measureharmony.errors import DataError, Issue, shown

Layout = Literal["bundles", "ndjson"]

#: Lines that are parsed together: few enough that their values need little memory.
_LINES = 10_000

#: What packed bytes become, about; FHIR is wordy.
_PACKED = 10

#: How lines begin that name the type of their resource first, as most do.
_BEGINS = re.compile(rb'\s*\{\s*"resourceType"\s*:\s*("\w+")')

_SUFFIXES: dict[str, Layout] = {
    ".json": "bundles",
    ".json.gz": "bundles",
    ".ndjson": "ndjson",
    ".ndjson.gz": "ndjson",
}


@dataclass(frozen=True)
class Piece:
    """A file, or some of its lines: from byte ``start`` to ``stop`` (None: to the end); ``first`` numbers its first."""

    path: Path
    start: int = 0
    stop: int | None = None
    first: int = 1

    @property
    def packed(self) -> bool:
        """Whether the file has to be unpacked."""
        return self.path.name.lower().endswith(".gz")

    def size(self) -> int:
        """Bytes to be read, about; 0 where the file cannot be looked at."""
        try:
            stop = self.path.stat().st_size if self.stop is None else self.stop
        except OSError:
            return 0
        return (stop - self.start) * (_PACKED if self.packed else 1)


@dataclass(frozen=True)
class Fault:
    """Why a file (row 0) or a line gave no resource: a rule of ``sheets.RULES`` and the line, where known."""

    rule: str
    row: int
    size: int


def find_files(path: str | Path) -> tuple[Layout, list[Path]]:
    """The layout and the files of ``path``: one file, or the FHIR files lying directly in a folder, by name.

    Raises DataError when there are none, or when the folder mixes bundles and NDJSON.
    """
    path = Path(path)
    if path.is_file():
        layout = _layout(path)
        if layout is None:
            raise _no_files(path, f"{path.name} is neither .json nor .ndjson")
        return layout, [path]
    if not path.is_dir():
        raise DataError([Issue(shown(path), 0, "missing-folder", "there is no such file or folder", "check the path")])
    by_layout: dict[Layout, list[Path]] = {"bundles": [], "ndjson": []}
    for file in sorted(path.iterdir()):
        layout = _layout(file)
        if layout is not None and file.is_file():
            by_layout[layout].append(file)
    if by_layout["bundles"] and by_layout["ndjson"]:
        raise _mixed(path, by_layout)
    for name, files in by_layout.items():
        if files:
            return name, files
    raise _no_files(path, "no .json or .ndjson file lies in the folder")


def _layout(path: Path) -> Layout | None:
    return next((layout for suffix, layout in _SUFFIXES.items() if path.name.lower().endswith(suffix)), None)


def _no_files(path: Path, why: str) -> DataError:
    fix = "name a bundle (*.json), a folder of bundles, or a folder of bulk-export files (*.ndjson), plain or .gz"
    return DataError([Issue(shown(path), 0, "no-fhir-files", f"nothing to read as FHIR: {why}", fix)])


def _mixed(path: Path, by_layout: dict[Layout, list[Path]]) -> DataError:
    """One issue per file of the layout with fewer files, so that the whole contradiction is listed."""
    few, many = sorted(by_layout.values(), key=len)
    what = f"the folder mixes {len(many)} {many[0].suffix} and {len(few)} {few[0].suffix} files; which are the data?"
    fix = "put bundles and bulk-export files into folders of their own and read each"
    return DataError(
        [Issue(shown(path), 0, "mixed-folder", what, fix)]
        + [Issue(shown(file), 0, "mixed-folder", "is of the less frequent kind", fix) for file in few]
    )


def cut_at_lines(path: Path, size: int) -> list[Piece]:
    """A file of lines in pieces of ``size`` bytes and on to the end of a line; a packed one is not cut."""
    whole = Piece(path)
    if whole.packed or whole.size() <= size:
        return [whole]
    pieces: list[Piece] = []
    start, first = 0, 1
    try:
        with path.open("rb") as file:
            while lines := file.read(size) + file.readline():
                pieces.append(Piece(path, start, start + len(lines), first))
                start += len(lines)
                first += _ends(lines)
    except OSError:
        return [whole]  # whoever reads it will say so
    return pieces


def _ends(lines: bytes) -> int:
    """How many lines end: with a line feed, a carriage return, or both."""
    ends = lines.count(b"\n")
    return ends + lines.count(b"\r") - lines.count(b"\r\n") if b"\r" in lines else ends


def _content(piece: Piece) -> bytes | Fault:
    try:
        with piece.path.open("rb") as file:
            file.seek(piece.start)
            raw = file.read() if piece.stop is None else file.read(piece.stop - piece.start)
        text = gzip.decompress(raw) if piece.packed else raw
        return text if piece.start else text.removeprefix(codecs.BOM_UTF8)
    except (OSError, EOFError, zlib.error):
        return Fault("unreadable-file", 0, 0)


def load_json(path: Path) -> object | Fault:
    """The JSON value of a file, or why there is none."""
    raw = _content(Piece(path))
    if isinstance(raw, Fault):
        return raw
    try:
        value: object = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return Fault("malformed-json", error.lineno, len(raw))
    return value


def load_lines(piece: Piece) -> Iterator[list[tuple[int, object | Fault]]]:
    """(line number, JSON value or fault) of every line that is not blank, many lines at a time."""
    raw = _content(piece)
    if isinstance(raw, Fault):
        yield [(0, raw)]
        return
    every = raw.splitlines()
    for first in range(0, len(every), _LINES):
        yield _parsed(every[first : first + _LINES], piece.first + first)


def load_kinds(path: Path, kinds: Collection[str]) -> list[object | Fault]:
    """The JSON value or fault of the lines that hold resources of these types, and perhaps of some others."""
    raw = _content(Piece(path))
    if isinstance(raw, Fault):
        return [raw]
    if b"\r" in raw:
        raw = b"\n".join(raw.splitlines())
    return [_value(line, 0) for line in _lines_of(raw, frozenset(f'"{kind}"'.encode() for kind in kinds))]


def _lines_of(raw: bytes, kinds: Collection[bytes]) -> Iterator[bytes]:
    """The lines that may hold resources of these types, which are written with their quotes."""
    start = 0
    while start < len(raw):
        end = raw.find(b"\n", start)
        end = len(raw) if end < 0 else end
        told = _BEGINS.match(raw, start, end)
        if told[1] in kinds if told else any(raw.find(kind, start, end) >= 0 for kind in kinds):
            yield raw[start:end]
        start = end + 1


def _parsed(lines: list[bytes], first: int) -> list[tuple[int, object | Fault]]:
    """The values of ``lines``, of which ``first`` is the number of the first."""
    try:
        return list(enumerate(map(orjson.loads, lines), start=first))
    except orjson.JSONDecodeError:  # some line is blank, or no JSON
        return [(number, _value(line, number)) for number, line in enumerate(lines, start=first) if line.strip()]


def _value(line: bytes, number: int) -> object | Fault:
    try:
        value: object = orjson.loads(line)
    except orjson.JSONDecodeError:
        return Fault("malformed-json", number, len(line))
    return value
