"""What speeds up the tests of examples without changing what they show."""

from __future__ import annotations

from functools import cache

import pytest

import measureharmony
from measureharmony import harmonize
from measureharmony.harmonize import Specs

_load_specs = harmonize.load_specs


@cache
def _shipped() -> Specs:
    return _load_specs()


@pytest.fixture(autouse=True)
def shipped_specs_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped specs do not change while tests run, and reading them takes seconds; others are read each time."""

    def load_specs(folder: object = None, value_sets: object = None) -> Specs:
        return _load_specs(folder, value_sets) if folder or value_sets else _shipped()  # type: ignore[arg-type]

    monkeypatch.setattr(harmonize, "load_specs", load_specs)
    monkeypatch.setattr(measureharmony, "load_specs", load_specs)
