"""Cells that no spreadsheet runs, and names of files that stay in their folder."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from measureharmony.reports.file_names import FileNames, file_stem
from measureharmony.reports.safe_cells import safe_cell, safe_table, write_safe_csv
from measureharmony.reports.tables import ResultTable


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "=cmd|' /C calc'!A0", "\uff1d1", "\n@x"]
)
def test_what_a_spreadsheet_would_run_becomes_text(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert safe_table(pa.table({"a": [text]}))["a"].to_pylist() == [f"'{text}"]


@pytest.mark.parametrize("text", ["", "Ann", "a=b", "x-1", "'=1", "1+1"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text
    assert safe_table(pa.table({"a": [text]}))["a"].to_pylist() == [text]


def test_numbers_stay_numbers_and_missing_cells_stay_missing(tmp_path: Path) -> None:
    words = pa.array(["=1", None]).dictionary_encode()
    path = write_safe_csv(pa.table({"number": [-1.5, None], "word": words}), tmp_path / "a.csv")
    assert path.read_text("utf-8-sig") == '"number","word"\n-1.5,"\'=1"\n,\n'


def test_tables_are_written_exact_and_safe(tmp_path: Path) -> None:
    parquet, csv = ResultTable("people", pa.table({"person_id": ["=1+1"]}), {}).write(tmp_path / "new")
    assert pq.read_table(parquet)["person_id"].to_pylist() == ["=1+1"]
    assert csv.read_text("utf-8") == '"person_id"\n"\'=1+1"\n'


@pytest.mark.parametrize(
    ("text", "stem"),
    [
        ("ma_stars", "ma_stars"),
        ("../../x", "x"),
        ("/etc/passwd", "etc-passwd"),
        ("C:\\a\\b", "c-a-b"),
        ("<script>", "script"),
        ("=cmd|x", "cmd-x"),
        ("..", "unnamed"),
        ("NUL", "nul-"),
        ("x" * 300, "x" * 80),
        ("a\x00b\n", "a-b"),
    ],
)
def test_stems_of_files_are_plain(text: str, stem: str) -> None:
    assert file_stem(text) == stem


def test_texts_that_would_share_a_stem_are_told_apart() -> None:
    names = FileNames()
    assert [names.stem(text) for text in ("a/b", "a-b", "A b", "a/b", "a-b-2")] == [
        "a-b", "a-b-2", "a-b-3", "a-b", "a-b-2-2"
    ]  # fmt: skip
