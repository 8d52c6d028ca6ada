"""What speeds up the tests of examples without changing what they show."""

from __future__ import annotations

from pathlib import Path

import pytest

from measureharmony import specs as reading
from measureharmony.specs import Specs

_read_specs = reading.read_specs
_read: dict[object, Specs] = {}


@pytest.fixture(autouse=True)
def equal_specs_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading specs takes seconds, and most examples read the same ones again; files that changed are read anew."""

    def read_specs(*asked: str | Path | None, trust_shipped: bool = False) -> Specs:
        key = (*(_content(folder) for folder in asked), trust_shipped)
        if key not in _read:
            _read[key] = _read_specs(*asked, trust_shipped=trust_shipped)
        return _read[key]

    monkeypatch.setattr(reading, "read_specs", read_specs)


def _content(folder: str | Path | None) -> object:
    """The folder as messages name it, and all its files; nothing for the shipped ones, which do not change."""
    if folder is None:
        return None
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    return str(folder), tuple((path.as_posix(), path.read_bytes()) for path in files)
