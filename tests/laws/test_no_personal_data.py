"""Law 10: no personal datum in a reject, an exception, a manifest or what the command line prints.

Every cell that could be somebody's is marked; whatever the library writes about the data must hold none of the marks.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from measureharmony.cli import app
from measureharmony.errors import MeasureHarmonyError
from measureharmony.harmonize import evaluate, explain_person
from measureharmony.practice import Practice, from_tables, read_folder
from measureharmony.practice.contract import TABLES, Column, Table
from measureharmony.practice.source import read_practice
from measureharmony.specs import load_specs

MARKS = ("SECRET", "98765", "1931")
#: By type of column, a cell that is as it should be, and some that are not.
GOOD = {
    "text": "SECRET-text", "words": "SECRET-word", "date": "1931-03-09", "time": "1931-03-09", "number": "98765.5",
    "integer": "98765", "flag": "true",
}  # fmt: skip
BAD = {
    "word": ("SECRET-word",), "date": ("1931-02-30", "SECRET", "1931"), "time": ("1931-02-30", "SECRET", "1931-3-9"),
    "number": ("98765,5", "-98765", "SECRET"), "integer": ("98765.5", "9876543219876543219"), "flag": ("SECRET",),
}  # fmt: skip
Row = dict[str, str]


def unmarked(texts: Iterable[str]) -> bool:
    return not any(mark in text for text in texts for mark in MARKS)


def good_cell(column: Column) -> str:
    return column.allowed[0] if column.allowed else GOOD[column.type]


def rows(table: Table) -> list[Row]:
    """A good row, its conflicting duplicate, one row for each way a cell can be wrong, one of nobody."""
    good = {column.name: good_cell(column) for column in table.columns}
    good |= {"person_id": "SECRET-p", "event_id": "SECRET-e"} if table.name != "provider" else {}
    good = {name: cell for name, cell in good.items() if name in {column.name for column in table.columns}}
    wrong = [{**good, column.name: cell} for column in table.columns for cell in BAD.get(column.type, ())]
    wrong += [{**good, column.name: ""} for column in table.columns if column.required]
    nobody = [{**good, "person_id": "SECRET-nobody"}] if "person_id" in good else []
    return [good, {**good, "name": "SECRET-other"} if "name" in good else good, *wrong, *nobody]


def arrow(table: Table) -> pa.Table:
    schema = pa.schema([(column.name, pa.string()) for column in table.columns])
    return pa.Table.from_pylist(rows(table), schema=schema)


def told(practice: Practice) -> list[str]:
    """All that a practice says about its data."""
    tables = [json.dumps(table.to_pylist()) for table in (practice.rejects, practice.accounts)]
    return [*tables, repr(practice), practice._repr_html_()]


def test_rejects_and_accounts_quote_nothing() -> None:
    with from_tables({name: arrow(table) for name, table in TABLES.items()}) as practice:
        assert practice.rejects.num_rows > 50
        assert unmarked(told(practice))


def write_csv(folder: Path, *, with_extra_cell: bool = False) -> None:
    for name, table in TABLES.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [column.name for column in table.columns])
            writer.writeheader()
            writer.writerows(rows(table))
            if with_extra_cell:
                file.write("SECRET,SECRET," * 40 + "\r\n")


def test_what_is_said_of_csv_files_quotes_nothing(tmp_path: Path) -> None:
    write_csv(tmp_path, with_extra_cell=True)
    with read_folder(tmp_path) as practice:
        assert "wrong-number-of-cells" in practice.rejects["rule"].to_pylist()
        assert unmarked(told(practice))


def test_results_and_manifest_quote_nothing() -> None:
    specs = load_specs()
    with from_tables({name: arrow(table) for name, table in TABLES.items()}) as practice:
        results = evaluate(practice, specs, measures=["bcs"])
        assert unmarked([repr(results), results._repr_html_(), json.dumps(results.manifest, default=str)])
        with pytest.raises(MeasureHarmonyError) as error:
            explain_person(practice, specs, "SECRET-unknown", "bcs")
    assert unmarked([str(error.value)])


def test_the_command_line_quotes_nothing(tmp_path: Path) -> None:
    write_csv(tmp_path)
    answer = CliRunner().invoke(app, ["run", str(tmp_path), "--output", str(tmp_path / "out")])
    assert answer.exit_code == 0, answer.output
    assert unmarked([answer.output])


PATIENT = {"resourceType": "Patient", "id": "SECRET-p", "birthDate": "1931-02-30"}


def wrong_type() -> object:
    return from_tables({"person": pa.table({"person_id": ["SECRET"], "birth": [[98765]]})})


def unknown_column() -> object:
    return from_tables({"person": pa.table({"person_id": ["SECRET"], "weight": ["98765"]})})


def nobody_accepted() -> object:
    return from_tables({"person": pa.table({"person_id": ["SECRET"], "birth": ["1931-02-30"]})})


def mixed_pandas() -> object:
    pandas = pytest.importorskip("pandas")
    return from_tables({"person": pandas.DataFrame({"person_id": ["SECRET", 98765, b"SECRET", ["SECRET"]]})})


@pytest.mark.parametrize("call", [wrong_type, unknown_column, nobody_accepted, mixed_pandas])
def test_exceptions_about_tables_quote_nothing(call: Callable[[], object]) -> None:
    with pytest.raises(MeasureHarmonyError) as error:
        call()
    assert unmarked(_whole_text(error.value))


@pytest.mark.parametrize(("name", "content"), [
    ("person.csv", b"person_id,name\r\nSECRET,\xff\xfe98765\r\n"),
    ("person.csv", b'person_id,name\r\n"SECRET,98765\r\n'),
    ("person.parquet", b"PAR1 SECRET 98765"),
    ("bundle.json", json.dumps(PATIENT).encode()[:-9]),
    ("bundle.json", json.dumps([PATIENT]).encode()),
    ("bundle.json", json.dumps({"resourceType": "Bundle", "entry": [{"resource": "SECRET"}]}).encode()),
    ("bundle.json", json.dumps({"resourceType": "SECRET", "id": "98765"}).encode()),
    ("Patient.ndjson", json.dumps(PATIENT).encode() + b"\n{SECRET\n" + b'{"resourceType": "Patient", "id": 98765}'),
    ("Patient.ndjson", json.dumps({**PATIENT, "birthDate": {"SECRET": 98765}}).encode()),
])  # fmt: skip
def test_what_is_said_of_damaged_files_quotes_nothing(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert unmarked(_said_about(tmp_path))


def _said_about(folder: Path) -> list[str]:
    """What reading a folder says, in its rejects or in its exception."""
    try:
        practice = read_practice(folder)
    except MeasureHarmonyError as error:
        return _whole_text(error)
    with practice:
        return told(practice)


def _whole_text(error: BaseException) -> list[str]:
    """The words of an exception, and of those that a traceback would show above it."""
    texts = [str(error), repr(error)]
    if error.__cause__ is not None:
        texts += _whole_text(error.__cause__)
    if error.__context__ is not None and not error.__suppress_context__:
        texts += _whole_text(error.__context__)
    return texts
