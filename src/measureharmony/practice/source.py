"""Which reader a path is for."""

from __future__ import annotations

from pathlib import Path

from measureharmony.errors import DataError, Issue, shown
from measureharmony.practice.fhir import read_fhir
from measureharmony.practice.practice import Practice
from measureharmony.practice.reading import read_folder

_FHIR = (".json", ".ndjson", ".json.gz", ".ndjson.gz")
_TABLES = (".csv", ".parquet")


def read_practice(path: str | Path) -> Practice:
    """Read a practice: FHIR R4 bundles or NDJSON, or CSV or Parquet tables in the contract's layout.

    Raises :class:`DataError` when it cannot be read at all; rows that cannot be accepted are in ``.rejects``.
    """
    path = Path(path)
    if path.is_file():
        return read_fhir(path)
    if not path.is_dir():
        raise DataError([Issue(shown(path), 0, "missing-folder", "there is no such file or folder", "check the path")])
    names = sorted(p.name for p in path.iterdir() if p.is_file())
    fhir = [name for name in names if name.lower().endswith(_FHIR)]
    tables = [name for name in names if name.lower().endswith(_TABLES)]
    if fhir and tables:
        what = f"the folder mixes FHIR files ({fhir[0]}, …) and tables ({tables[0]}, …), and only one can be the data"
        raise DataError([Issue(shown(path), 0, "mixed-folder", what, "put each kind into a folder of its own")])
    return read_fhir(path) if fhir else read_folder(path)
