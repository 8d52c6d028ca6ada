"""The pages hang together: links lead somewhere, every page is found from the index, and no path is one machine's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import REPOSITORY, anchors, links, name, pages

#: A path from the root of some machine; `/…` alone and URLs are none.
ABSOLUTE = re.compile(
    r"(?<![\w.:/<>-])/(?:home|Users|root|tmp|var|opt|usr|etc|mnt|srv|work|private|data|Volumes)\b|\b[A-Z]:\\"
)


@pytest.mark.parametrize("page", pages(), ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page.read_text("utf-8")):
        if link.startswith(("https://", "http://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name(page)}: {link}"
        assert target.is_relative_to(REPOSITORY), f"{name(page)}: {link}"
        if anchor:
            assert anchor in anchors(target.read_text("utf-8")), f"{name(page)}: {link}"


@pytest.mark.parametrize("page", pages(), ids=name)
def test_no_path_belongs_to_one_machine(page: Path) -> None:
    assert not ABSOLUTE.search(page.read_text("utf-8"))


def test_the_index_leads_to_every_page() -> None:
    """By way of other pages, too: those of the catalogue hang on its own index."""
    waiting, found = [REPOSITORY / "docs" / "index.md"], set()
    while waiting:
        page = waiting.pop()
        if page in found or page.suffix != ".md" or not page.is_relative_to(REPOSITORY / "docs"):
            continue
        found.add(page)
        waiting += [(page.parent / link.partition("#")[0]).resolve() for link in links(page.read_text("utf-8"))]
    assert not [name(page) for page in pages() if page not in found and page.is_relative_to(REPOSITORY / "docs")]
