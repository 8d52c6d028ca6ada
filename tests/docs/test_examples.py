"""Every example of the documentation runs as written and shows what the page says it shows."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.docs.pages import fences, name, pages
from tests.docs.reader import matches, read, recipe
from tests.docs.setting import FILES_IN, prepare

LANGUAGES = {"", "console", "csv", "python", "text", "yaml"}
WITH_EXAMPLES = [
    page
    for page in pages()
    if any(block.language in ("python", "console") for block in fences(page.read_text("utf-8")))
]


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=name)
def test_a_page_can_be_typed_in_from_top_to_bottom(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    prepare(page, tmp_path)
    for shown in read(page, tmp_path, FILES_IN.get(name(page), ".")):
        real = "\n".join(shown.actual)
        assert shown.agrees, (
            f"{name(page)}:{shown.first_line}: {shown.source} shows something else; "
            f"python -m tests.docs.renew puts it right:\n{real}"
        )


@pytest.mark.parametrize("page", pages(), ids=name)
def test_blocks_are_marked_with_what_they_are(page: Path) -> None:
    for block in fences(page.read_text("utf-8")):
        assert block.language in LANGUAGES, f"{name(page)}:{block.line}"
        if block.language == "yaml":
            yaml.safe_load(block.text)


def test_an_ellipsis_stands_for_any_lines() -> None:
    assert matches(("a", "…", "d"), ("a", "b", "c", "d"))
    assert matches(("a", "…", "d"), ("a", "d"))
    assert not matches(("a", "…", "d"), ("a", "b", "c"))
    assert not matches(("a",), ("a", "b"))


def test_make_commands_are_followed_into_the_makefile() -> None:
    assert recipe("demo").startswith("measureharmony demo")
    with pytest.raises(AssertionError, match="no target"):
        recipe("dmeo")
