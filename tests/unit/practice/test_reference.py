"""The reference page of the dataset is current, and its example works."""

from __future__ import annotations

import re
from pathlib import Path

from measureharmony.practice import read_folder
from measureharmony.practice.reference import dataset_page


def test_the_page_is_current(repository: Path) -> None:
    page = (repository / "docs" / "dataset.md").read_text(encoding="utf-8")
    assert page == dataset_page(), "run: python -m measureharmony.practice.reference > docs/dataset.md"
    assert "<!-- tables -->" not in page


def test_the_example_of_the_page_is_accepted(tmp_path: Path) -> None:
    examples = re.findall(r"`(\w+\.csv)`\n\n```csv\n(.*?)```", dataset_page(), flags=re.DOTALL)
    for name, content in examples:
        (tmp_path / name).write_text(content, encoding="utf-8")
    practice = read_folder(tmp_path)
    assert [name for name, _ in examples] == ["person.csv", "coverage.csv", "event.csv", "event_code.csv"]
    assert practice.rejects.num_rows == 0
    assert practice.accounts["accepted"].to_pylist() == [1, 1, 5, 1]
