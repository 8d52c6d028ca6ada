"""What speeds up the tests of examples without changing what they show: the same question is answered once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import measureharmony
from measureharmony import harmonize
from measureharmony import specs as reading
from measureharmony.practice import Practice
from measureharmony.reports.results import Results
from measureharmony.specs import Specs

_read_specs, _demo_practice, _evaluate = reading.read_specs, harmonize.demo_practice, harmonize.evaluate
_read: dict[object, Specs] = {}
_demos: dict[tuple[int, int], Practice] = {}
#: What was found for the demo, with the practice and the specs, so that no other object takes their identity.
_found: dict[object, tuple[Practice, Specs, Results]] = {}


@pytest.fixture(autouse=True)
def equal_specs_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading specs takes seconds, and most examples read the same ones again; files that changed are read anew."""

    def read_specs(*asked: str | Path | None, trust_shipped: bool = False) -> Specs:
        key = (*(_content(folder) for folder in asked), trust_shipped)
        if key not in _read:
            _read[key] = _read_specs(*asked, trust_shipped=trust_shipped)
        return _read[key]

    monkeypatch.setattr(reading, "read_specs", read_specs)


@pytest.fixture(autouse=True)
def the_demo_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """So is the demo practice, and most examples ask the same about it; other practices are evaluated each time."""

    def demo_practice(people: int = 2000, seed: int = 2026) -> Practice:
        if (people, seed) not in _demos:
            _demos[people, seed] = _demo_practice(people, seed)
        return _demos[people, seed]

    def evaluate(practice: Practice, specs: Specs, progress: object = None, **asked: Any) -> Results:
        if not any(practice is demo for demo in _demos.values()):
            return _evaluate(practice, specs, **asked)
        given = {name: tuple(value) if isinstance(value, list) else value for name, value in asked.items() if value}
        key = id(practice), id(specs), frozenset(given.items())
        if key not in _found:
            _found[key] = practice, specs, _evaluate(practice, specs, **asked)
        return _found[key][2]

    for home in (harmonize, measureharmony):
        monkeypatch.setattr(home, "demo_practice", demo_practice)
        monkeypatch.setattr(home, "evaluate", evaluate)


def _content(folder: str | Path | None) -> object:
    """The folder as messages name it, and all its files; nothing for the shipped ones, which do not change."""
    if folder is None:
        return None
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    return str(folder), tuple((path.as_posix(), path.read_bytes()) for path in files)
