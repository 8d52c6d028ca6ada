"""The shipped specs are read once for all commands of these tests: reading them takes longer than a small deck."""

from __future__ import annotations

from pathlib import Path

import pytest

from measureharmony import specs as reading
from measureharmony.specs import Specs


@pytest.fixture(scope="session")
def shipped_specs() -> Specs:
    return reading.load_specs()


@pytest.fixture(autouse=True)
def specs_read_once(monkeypatch: pytest.MonkeyPatch, shipped_specs: Specs) -> None:
    """``load_specs()`` without arguments answers with the specs read before."""
    read = reading.load_specs

    def load(*asked: str | Path | None) -> Specs:
        return read(*asked) if any(asked) else shipped_specs

    monkeypatch.setattr(reading, "load_specs", load)
