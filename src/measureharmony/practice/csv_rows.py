"""CSV as rows of text that remember their line.

Nothing is guessed: every cell stays text until the contract says what it means. Rows with too many or too few cells
are reported with their line and passed over. Comma-separated, UTF-8 (with or without a byte order mark), quotes
doubled inside quotes, line breaks allowed inside quotes.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from measureharmony.errors import DataError, Issue, shown

_BLOCK_BYTES = 8 << 20
_FIRST_RECORD = 2  # the header is record 1


@dataclass(frozen=True)
class Malformed:
    """A row with ``cells`` cells where the header has ``expected``; ``record`` counts rows, the header being 1."""

    record: int
    cells: int
    expected: int
    line_breaks: int


@dataclass
class CsvFile:
    """One CSV file being read: its header, and (complete once ``batches`` is exhausted) its malformed rows.

    ``header_breaks``: line breaks inside the header. ``has_rows``: whether anything follows the header.
    """

    path: Path
    header: tuple[str, ...]
    header_breaks: int
    has_rows: bool
    malformed: list[Malformed] = field(default_factory=list)
    _accepted: int = 0
    _broken: list[tuple[int, int]] = field(default_factory=list)  # accepted records with line breaks inside: how many

    def batches(self) -> Iterator[tuple[pa.RecordBatch, npt.NDArray[np.int64]]]:
        """Record batches of text columns, each with the line of the file at which every row begins.

        Raises :class:`DataError` when the file is not UTF-8 or cannot be parsed.
        """
        if not self.has_rows:
            return
        try:
            with self.path.open("rb") as stream:
                for batch in self._reader(stream):
                    yield batch, self._lines(batch)
        except UnicodeDecodeError:
            raise DataError([not_utf8(self.path)]) from None
        except pa.ArrowInvalid as error:
            if "UTF8" in str(error):
                raise DataError([not_utf8(self.path)]) from None
            # The parser's own words may quote the row, so they stay out of the message.
            raise DataError([unreadable(self.path, "the text cannot be parsed as comma-separated values")]) from None

    def malformed_lines(self) -> list[tuple[int, Malformed]]:
        """Every malformed row with the line of the file at which it begins; call when ``batches`` is exhausted."""
        records = np.array([m.record for m in self.malformed], np.int64)
        return list(zip(self._line_of(records).tolist(), self.malformed, strict=True))

    def _reader(self, stream: BinaryIO) -> Iterator[pa.RecordBatch]:
        yield from pa_csv.open_csv(
            stream,
            read_options=pa_csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES),
            parse_options=pa_csv.ParseOptions(
                newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=self._note_malformed
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types={name: pa.string() for name in self.header}, strings_can_be_null=False
            ),
        )

    def _note_malformed(self, row: pa_csv.InvalidRow) -> str:
        breaks = row.text.rstrip("\r\n").count("\n")
        self.malformed.append(Malformed(row.number, row.actual_columns, row.expected_columns, breaks))
        return "skip"

    def _lines(self, batch: pa.RecordBatch) -> npt.NDArray[np.int64]:
        """The lines at which the rows of ``batch`` begin.

        The parser numbers only malformed records, so the number of an accepted record is its place among the accepted,
        plus the malformed ones before it.
        """
        bad = np.array([m.record for m in self.malformed], np.int64)
        nth = np.arange(self._accepted, self._accepted + batch.num_rows, dtype=np.int64) + _FIRST_RECORD
        records = nth + np.searchsorted(bad - np.arange(len(bad)), nth, side="right")
        breaks = _line_breaks(batch)
        self._broken += [(int(records[i]), int(breaks[i])) for i in np.flatnonzero(breaks)]
        self._accepted += batch.num_rows
        return self._line_of(records)

    def _line_of(self, records: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The line at which each of ``records`` begins: its number, plus the line breaks inside earlier records."""
        broken = sorted([*self._broken, *((m.record, m.line_breaks) for m in self.malformed)])
        at = np.array([record for record, _ in broken], np.int64)
        before = np.concatenate([[0], np.cumsum([breaks for _, breaks in broken], dtype=np.int64)])
        lines: npt.NDArray[np.int64] = records + self.header_breaks + before[np.searchsorted(at, records, side="left")]
        return lines


def open_csv(path: Path) -> CsvFile:
    """The CSV file ``path`` with its header read.

    Raises :class:`DataError`: ``data-empty-file``, ``data-not-utf8``, ``data-unreadable-file``.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(stream)
            header = next(rows, None)
            has_rows = stream.read(1) != ""
    except UnicodeDecodeError:
        raise DataError([not_utf8(path)]) from None
    except (OSError, csv.Error) as error:
        raise DataError([unreadable(path, type(error).__name__)]) from None
    if not header:
        raise DataError(
            [
                Issue(
                    shown(path),
                    0,
                    "data-empty-file",
                    "The file is empty; it lacks even a header.",
                    "Write the column names into the first line, or take the file away.",
                )
            ]
        )
    return CsvFile(path, tuple(header), rows.line_num - 1, has_rows)


def not_utf8(path: Path) -> Issue:
    """The complaint about a file in another encoding."""
    return Issue(
        shown(path),
        0,
        "data-not-utf8",
        "The file is not encoded in UTF-8; names and codes would be garbled.",
        "Save it again as UTF-8 (in a spreadsheet: “CSV UTF-8”).",
    )


def unreadable(path: Path, why: str) -> Issue:
    """The complaint about a damaged file."""
    return Issue(
        shown(path),
        0,
        "data-unreadable-file",
        f"The file cannot be read: {why}.",
        "Export it again; it may be truncated, or of another kind than its name says.",
    )


def _line_breaks(batch: pa.RecordBatch) -> npt.NDArray[np.int64]:
    total = np.zeros(batch.num_rows, np.int64)
    for column in batch.columns:
        total += np.from_dlpack(pc.count_substring(column, "\n"))  # pyarrow's own conversion imports pandas
    return total
