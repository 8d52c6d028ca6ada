"""CSV rows remember the line at which they begin, whatever is in the cells before them."""

from __future__ import annotations

from pathlib import Path

import pytest

from measureharmony.practice import csv_rows

CONTENT = (
    b"\xef\xbb\xbfa,b,c\n"  # 1, after a byte order mark
    b"1,2,3\n"
    b"\n"  # 3: an empty line is an empty row
    b"4,5\n"  # 4: too short
    b'"x\ny",8,9\n'  # 5 and 6
    b'1,2,"3\n\n",4\n'  # 7 to 9: too long, with line breaks
    b",,\n"  # 10
    b'7,"a ""b""",9\r\n'
    b"last,1,2"  # 12, without a line end
)


@pytest.mark.parametrize("block_bytes", [18, 24, 1 << 20])
def test_lines(block_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "_BLOCK_BYTES", block_bytes)
    path = tmp_path / "x.csv"
    path.write_bytes(CONTENT)
    file = csv_rows.open_csv(path)
    rows = [
        (line, *cells.values())
        for batch, lines in file.batches()
        for line, cells in zip(lines.tolist(), batch.to_pylist(), strict=True)
    ]
    assert rows == [
        (2, "1", "2", "3"),
        (3, "", "", ""),
        (5, "x\ny", "8", "9"),
        (10, "", "", ""),
        (11, "7", 'a "b"', "9"),
        (12, "last", "1", "2"),
    ]
    assert [(line, m.cells, m.expected) for line, m in file.malformed_lines()] == [(4, 2, 3), (7, 4, 3)]


@pytest.mark.parametrize("content", [b"a,b", b"a,b\n", b"a,b\r\n"])
def test_only_a_header(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    file = csv_rows.open_csv(path)
    assert file.header == ("a", "b")
    assert list(file.batches()) == []


def test_a_header_with_a_line_break(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b'a,"b\nc"\n1,2\n1\n')
    file = csv_rows.open_csv(path)
    assert [lines.tolist() for _, lines in file.batches()] == [[3]]
    assert [line for line, _ in file.malformed_lines()] == [4]
