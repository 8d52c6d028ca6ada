"""A measure is found by whatever people call it."""

from __future__ import annotations

import pytest

from measureharmony import load_specs
from measureharmony.catalogue import Entry, entries, search


@pytest.fixture(scope="module")
def every() -> tuple[Entry, ...]:
    return entries(load_specs())


def keys(every: tuple[Entry, ...], text: str) -> list[str]:
    return [found.entry.key for found in search(every, text)]


@pytest.mark.parametrize("text", ["bcs", "BCS", "BCS-E", "CMS125v14", "cms125", "C01", "2372"])
def test_an_identifier_finds_its_measure_and_no_other(every: tuple[Entry, ...], text: str) -> None:
    assert keys(every, text) == ["bcs"]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("breast cancer", "bcs"),
        ("brest cancer", "bcs"),
        ("screening colorectal", "col"),
        ("kidney", "ked"),
        ("mammogram", "bcs"),
        ("remision twelve months", "dep_rem"),
    ],
)
def test_words_find_it_in_any_order_and_misspelt(every: tuple[Entry, ...], text: str, first: str) -> None:
    assert keys(every, text)[0] == first


def test_the_better_likeness_comes_first(every: tuple[Entry, ...]) -> None:
    scores = [found.score for found in search(every, "cancer screening")]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) >= 3


@pytest.mark.parametrize("text", ["zzz", "", "?!"])
def test_nothing_is_like_nonsense(every: tuple[Entry, ...], text: str) -> None:
    assert not keys(every, text)


def test_a_search_says_by_which_name_it_found(every: tuple[Entry, ...]) -> None:
    assert search(every, "CMS165")[0].by == "CMS165v14"
    assert search(every, "palliative")[0].by == "its description"
