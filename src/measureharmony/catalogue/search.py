"""Finding a measure by what people call it: an identifier first, then words, near misses included."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from measureharmony.catalogue.entry import Entry

#: Likeness (0 to 100) from which a measure counts as found; lower ones are noise.
NEAR_ENOUGH = 80.0
#: A description is long and mentions much beside its subject, so what is found there weighs less.
DESCRIPTION_WEIGHT = 0.9
EXACT = 100.0


@dataclass(frozen=True)
class Found:
    """A measure that a search found: how well (0 to 100), and by which of its names."""

    entry: Entry
    score: float
    by: str


def search(entries: Iterable[Entry], text: str, limit: int = 10) -> list[Found]:
    """The measures that ``text`` may mean, the best first.

    An identifier (with or without its version: ``CMS125`` finds ``CMS125v14``), a key or an alias is found exactly and
    alone. Otherwise titles, aliases and descriptions are compared by words, whatever their order, allowing for typing
    errors.
    """
    known = list(entries)
    by_name = [Found(entry, EXACT, name) for entry in known for name in _names(entry) if _same(name, text)]
    if by_name:
        return sorted({found.entry.key: found for found in reversed(by_name)}.values(), key=lambda one: one.entry.key)
    near = [found for entry in known if (found := _nearest(entry, text)) is not None]
    return sorted(near, key=lambda one: (-one.score, one.entry.measure.title))[:limit]


def _names(entry: Entry) -> list[str]:
    return [entry.key, *(identifier.id for identifier in entry.identifiers), *entry.measure.aliases]


def _same(name: str, text: str) -> bool:
    return _plain(name) == _plain(text) or _plain(_unversioned(name)) == _plain(text)


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())


def _unversioned(name: str) -> str:
    """``CMS125v14`` and ``BCS-E`` without version and reporting method."""
    return re.sub(r"(v\d+|-(E|AD|CH))$", "", name)


def _nearest(entry: Entry, text: str) -> Found | None:
    measure = entry.measure
    names = [measure.title, *measure.aliases, *(f"{measure.title}: {rate.title}" for rate in measure.rates)]
    score, by = max((_likeness(text, name), name) for name in names)
    inside = _likeness(text, measure.description) * DESCRIPTION_WEIGHT
    if inside > score:
        score, by = inside, "its description"
    return Found(entry, score, by) if score >= NEAR_ENOUGH else None


def _likeness(asked: str, text: str) -> float:
    """How well every word asked for is found in ``text``, whatever the order: the mean over the words, 0 to 100."""
    words = re.findall(r"[a-z0-9]+", asked.casefold())
    known = re.findall(r"[a-z0-9]+", text.casefold())
    if not words or not known:
        return 0.0
    return sum(max(_word_likeness(word, other) for other in known) for word in words) / len(words)


def _word_likeness(asked: str, word: str) -> float:
    """The beginning of a word is nearly the word: screen, screening."""
    if len(asked) >= 4 and word.startswith(asked):
        return 100.0 - 0.5 * (len(word) - len(asked))
    return fuzz.ratio(asked, word)


__all__ = ["NEAR_ENOUGH", "Found", "search"]
