"""One dataset per complaint about a dataset as a whole, and what the complaint says."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from measureharmony.errors import DataError
from measureharmony.practice import from_tables, read_folder
from measureharmony.practice.rejects import DATASET_ISSUES

PERSON = b"person_id,birth,sex\nann,1967-05-02,female\n"
SECRET = "Zaphod"

#: Code of the complaint → files of the dataset, words that the message must hold.
FOLDERS: dict[str, tuple[dict[str, bytes], tuple[str, ...]]] = {
    "data-unknown-file": ({"person.csv": PERSON, "events.csv": b"event_id\n"}, ("events.csv", "event.csv")),
    "data-mixed-formats": ({"person.csv": PERSON, "person.parquet": b""}, ("person.csv, person.parquet", "Keep one")),
    "data-missing-table": ({"event.csv": b"event_id,person_id,kind\n"}, ("person.csv",)),
    "data-missing-column": ({"person.csv": PERSON, "event.csv": b"event_id,kind\n"}, ("event.csv:1", "`person_id`")),
    "data-unknown-column": ({"person.csv": b"person_id,birht\n"}, ("`birht`", "Did you mean `birth`?")),
    "data-duplicate-column": ({"person.csv": b"person_id,sex,sex\na,male,male\n"}, ("`sex`", "2 times")),
    "data-not-utf8": ({"person.csv": b"person_id,name\nann,Zo\xeb\n"}, ("person.csv", "UTF-8")),
    "data-empty-file": ({"person.csv": PERSON, "event.csv": b""}, ("event.csv", "header")),
    "data-unreadable-file": ({"person.parquet": b"PAR1 but no more"}, ("person.parquet", "truncated")),
    "data-no-persons": ({"person.csv": b"person_id\n"}, ("0 rows",)),
}


def written(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("code", sorted(FOLDERS))
def test_a_folder_that_cannot_be_read_says_why(code: str, tmp_path: Path) -> None:
    files, words = FOLDERS[code]
    with pytest.raises(DataError) as raised:
        read_folder(written(tmp_path, files))
    assert [issue.code for issue in raised.value.issues] == [code]
    assert raised.value.issues[0].fix
    for word in words:
        assert word in str(raised.value)


def test_every_complaint_has_a_dataset() -> None:
    elsewhere = {"data-no-folder", "data-unknown-table", "data-wrong-type", "data-repeated-events"}
    assert set(FOLDERS) | elsewhere == set(DATASET_ISSUES)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"data-no-folder: The dataset folder does not exist"):
        read_folder(tmp_path / "nowhere")
    (tmp_path / "person.csv").write_bytes(PERSON)
    with pytest.raises(DataError, match=r"data-no-folder: The dataset folder is a file"):
        read_folder(tmp_path / "person.csv")


def test_unknown_table() -> None:
    with pytest.raises(DataError, match=r"data-unknown-table: There is no table `people`"):
        from_tables({"person": pa.table({"person_id": ["ann"]}), "people": pa.table({"person_id": ["ann"]})})


def test_wrong_type(tmp_path: Path) -> None:
    pq.write_table(pa.table({"person_id": ["ann"], "birth": [1967], "deceased": [0]}), tmp_path / "person.parquet")
    with pytest.raises(DataError) as raised:
        read_folder(tmp_path)
    assert [issue.code for issue in raised.value.issues] == ["data-wrong-type", "data-wrong-type"]
    assert "Column `birth` has the type BIGINT" in str(raised.value)


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    files = {
        "person.csv": b"person_id,birht\n",
        "event.csv": b"event_id,kind\n",
        "roster.parquet": b"",
        "notes.docx": b"",
        "patients.ndjson": b"",
    }
    with pytest.raises(DataError) as raised:
        read_folder(written(tmp_path, files))
    codes = sorted(issue.code for issue in raised.value.issues)
    assert codes == [
        "data-empty-file",
        "data-missing-column",
        "data-unknown-column",
        "data-unknown-file",
        "data-unknown-file",
    ]


@pytest.mark.parametrize(
    "content",
    [
        f"{SECRET},1967-05-02,female\nann,1967-05-02,female\n",  # the header is missing
        f"person_id;birth\n{SECRET};1967\n",
        f'person_id,birth\n"{SECRET},1967\n',  # a quote is never closed
        f"person_id,birth\n,{SECRET}\n",
        "",
    ],
)
def test_no_message_quotes_a_cell(content: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as raised:
        read_folder(written(tmp_path, {"person.csv": content.encode()}))
    assert SECRET not in str(raised.value)


def test_no_message_quotes_a_cell_of_a_frame() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"person_id": ["ann", "ben"], "birth": pd.Series([SECRET, 1967], dtype=object)})
    with pytest.raises(DataError, match=r"Column birth mixes") as raised:
        from_tables({"person": frame})
    assert SECRET not in str(raised.value)
