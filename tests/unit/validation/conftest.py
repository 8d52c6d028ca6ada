"""The shipped specs are read once for all these tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from measureharmony import specs as reading
from measureharmony.specs import Specs


@pytest.fixture(scope="session")
def shipped() -> Specs:
    return reading.read_specs(trust_shipped=True)


@pytest.fixture(autouse=True)
def shipped_specs_are_read_once(monkeypatch: pytest.MonkeyPatch, shipped: Specs) -> None:
    read = reading.read_specs

    def read_specs(*asked: str | Path | None, trust_shipped: bool = False) -> Specs:
        return read(*asked, trust_shipped=trust_shipped) if any(asked) else shipped

    monkeypatch.setattr(reading, "read_specs", read_specs)
