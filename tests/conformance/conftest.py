"""The shipped specs are read once for all commands of these tests: reading them takes longer than a small deck."""

from __future__ import annotations

from pathlib import Path

import pytest

from measureharmony import harmonize
from measureharmony.harmonize import Specs


@pytest.fixture(scope="session")
def shipped_specs() -> Specs:
    return harmonize.load_specs()


@pytest.fixture(autouse=True)
def specs_read_once(monkeypatch: pytest.MonkeyPatch, shipped_specs: Specs) -> None:
    """``load_specs()`` without arguments answers with the specs read before."""
    read = harmonize.load_specs

    def load(*asked: str | Path | None) -> Specs:
        return read(*asked) if any(asked) else shipped_specs

    monkeypatch.setattr(harmonize, "load_specs", load)
