"""Which reader a path is for."""

from __future__ import annotations

from pathlib import Path

from measureharmony.errors import DataError, Issue, shown
from measureharmony.practice.accepted_before import accepted_before
from measureharmony.practice.contract import TABLES
from measureharmony.practice.fhir import read_fhir
from measureharmony.practice.practice import Practice
from measureharmony.practice.reading import read_folder

_FHIR = (".json", ".ndjson", ".json.gz", ".ndjson.gz")
_TABLES = (".csv", ".parquet")


def read_practice(path: str | Path, memory: str | None = None, previous: str | Path | None = None) -> Practice:
    """Read a practice: FHIR R4 bundles or NDJSON, or CSV or Parquet tables in the contract's layout.

    ``memory``, such as ``4GB``: what tables may take of it; what does not fit goes to the temporary folder.
    ``previous``: a folder with the results of an earlier run that kept fingerprints; of tables in Parquet, only the
    events of people who have changed since are checked then, and what is found is the same.

    Raises :class:`DataError` when it cannot be read at all; rows that cannot be accepted are in ``.rejects``.
    """
    path = Path(path)
    if path.is_file():
        if path.name.lower().endswith(_TABLES):
            raise _refused(path, "one-table", "a practice is a folder of tables, this is one file", "name its folder")
        return read_fhir(path)
    if not path.is_dir():
        raise _refused(path, "missing-folder", "there is no such file or folder", "check the path")
    fhir, tables = _files(path, _FHIR), _files(path, _TABLES)
    if fhir and tables:
        what = f"the folder mixes FHIR files ({fhir[0]}, …) and tables ({tables[0]}, …), and only one can be the data"
        raise _refused(path, "mixed-folder", what, "put each kind into a folder of its own")
    if not fhir and not tables and not any((path / name).is_dir() for name in TABLES):
        raise _refused(path, "no-practice", *_nothing_to_read(path))
    if fhir:
        return read_fhir(path)
    return read_folder(path, memory, accepted_before(Path(previous)) if previous is not None else None)


def _files(folder: Path, suffixes: tuple[str, ...]) -> list[str]:
    return sorted(file.name for file in folder.iterdir() if file.is_file() and file.name.lower().endswith(suffixes))


def _nothing_to_read(folder: Path) -> tuple[str, str]:
    """What is missing, and which sub-folder may have been meant."""
    below = sorted(p.name for p in folder.iterdir() if p.is_dir() and (_files(p, _FHIR) or _files(p, _TABLES)))
    what = "the folder holds neither FHIR files (.json, .ndjson) nor tables (person.csv, event.parquet, …)"
    return (
        what,
        f"did you mean its sub-folder {' or '.join(below[:3])}?" if below else "name the folder that holds them",
    )


def _refused(path: Path, code: str, what: str, fix: str) -> DataError:
    return DataError([Issue(shown(path), 0, code, what, fix)])


__all__ = ["read_practice"]
