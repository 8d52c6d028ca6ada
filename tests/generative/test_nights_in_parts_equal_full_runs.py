"""A night in parts leaves the very files that a run over everything in parts leaves, whatever has changed since."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measureharmony.incremental import ToEvaluate
from measureharmony.out_of_core import written
from measureharmony.practice import stretches
from tests.generative.budget import examples
from tests.generative.practices import read
from tests.generative.test_incremental_equals_full import Night, nights


@examples(1 / 30)
@given(nights(), st.integers(1, 4), st.none() | st.integers(0, 5))
def test_a_night_in_parts_leaves_the_files_of_a_full_run(
    some_nights: list[Night], at_once: int, damaged: int | None
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(stretches, "PEOPLE", 2)
        results, full = Path(folder, "results"), Path(folder, "full")
        for night in some_nights:
            with read(night.tables) as practice:
                asked = ToEvaluate(practice, night.prepared(), night.everybody)
                found = written(asked, results, previous=results, people_at_once=at_once, workers=1)
                everything = written(asked, full, workers=1)
            assert files(results) == files(full)
            assert found.rates.arrow.equals(everything.rates.arrow)
            assert found.gap_counts == everything.gap_counts
            if damaged is not None:
                damage(sorted(results.glob("*/part-*.parquet"))[damaged:][:1])
            shutil.rmtree(full)


def damage(parts: list[Path]) -> None:
    for part in parts:
        part.write_bytes(part.read_bytes()[:-1])


def files(folder: Path) -> dict[Path, bytes]:
    """What the files hold that a run left, all but the manifest, which also tells what was evaluated anew."""
    found = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    del found[Path("manifest.json")]
    return found
