"""The words of payers' sheets: what a heading announces, and which of our words a payer's word stands for.

The words themselves are data: ``vocabulary.yaml`` beside this file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from rapidfuzz import fuzz

#: Likeness (0 to 100) from which two words count as the same, typing errors and plurals forgiven.
SAME_WORD = 85.0
#: The part of a heading that a phrase must cover: "number" alone does not explain "number of members in denominator".
COVERAGE = 0.4
_UNITS = re.compile(r"[(\[]([^)\]]*)[)\]]")
_YEAR = re.compile(r"\b(19|20|21)\d\d\b|\bmy\s?(20)?\d\d\b")


@dataclass(frozen=True)
class Vocabulary:
    """``headings``: by what a column holds, the phrases that announce it. ``exactly``: headings that mean one thing.
    ``words``: a payer's word and ours. ``empty``: words that tell no measure from another.
    """

    headings: Mapping[str, tuple[str, ...]]
    exactly: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]
    empty: frozenset[str]

    def field_of(self, heading: str) -> tuple[str, float] | None:
        """What a column with this heading holds, and how well (more is better) a phrase explains it; None if nothing.

        >>> vocabulary().field_of("Eligible Ages (yrs)")[0]
        'age'
        """
        asked = heading_words(heading)
        plain = " ".join(asked)
        if plain in self.exactly:
            return self.exactly[plain], float(len(asked) + 1)
        found = [
            (score, holds)
            for holds, phrases in self.headings.items()
            for phrase in phrases
            if (score := _explained(asked, phrase.split())) > 0
        ]
        if not found:
            return None
        score, holds = max(found, key=lambda one: one[0])
        return holds, score

    def content(self, text: str) -> list[tuple[str, ...]]:
        """The words of a text that tell one thing from another, each with the words of ours that it may stand for."""
        return [(word, *self.words.get(word, ())) for word in words_of(text) if word not in self.empty]

    def hits(self, asked: str, text: str) -> float:
        """How many of the telling words of ``asked`` stand in ``text``; one that stands for several of ours, in part.

        >>> vocabulary().hits("FIT", "stool blood test") > vocabulary().hits("FIT", "stool DNA test") > 0
        True
        """
        known = [word for word in words_of(text) if word not in self.empty]
        return round(sum(_found(words, known) for words in self.content(asked)), 3)


@cache
def vocabulary() -> Vocabulary:
    """The shipped vocabulary."""
    data = yaml.safe_load((Path(__file__).parent / "vocabulary.yaml").read_text("utf-8"))
    headings = {holds: tuple(phrases) for holds, phrases in data["headings"].items()}
    words = {word: tuple(ours) for word, ours in data["words"].items()}
    return Vocabulary(headings, data["exactly"], words, frozenset(data["empty"]))


def _found(words: tuple[str, ...], known: list[str]) -> float:
    """The part of a payer's word that is there: all of it if the word itself is, else the part of ours for it."""
    own, *ours = (any(is_same(word, other) for other in known) for word in words)
    return 1.0 if own else sum(ours) / len(ours) if ours else 0.0


def words_of(text: str) -> list[str]:
    """The words of a text, without capitals and signs; numbers are no words.

    >>> words_of("HbA1c < 8.0 % (FIT-DNA)")
    ['hba1c', 'fit', 'dna']
    """
    return [word for word in re.findall(r"[a-z0-9]+", text.casefold()) if not word.isdecimal()]


def heading_words(heading: str) -> list[str]:
    """The words of a heading, each once, without what stands in brackets and without years."""
    plain = _YEAR.sub(" ", _UNITS.sub(" ", heading.replace("_", " ").casefold()))
    words = re.findall(r"[a-z0-9]+|#", plain) or re.findall(r"[a-z0-9]+|#", heading.casefold())
    return [word for index, word in enumerate(words) if not any(_same_in_heading(word, w) for w in words[:index])]


def in_brackets(heading: str) -> str:
    """What stands in brackets in a heading, where units are: ``months`` of ``Look-back (months)``."""
    return " ".join(_UNITS.findall(heading)).casefold()


def is_same(word: str, other: str) -> bool:
    """Whether two words are the same but for an ending or a typing error."""
    if min(len(word), len(other)) < 4:
        return word == other
    return word.startswith(other) or other.startswith(word) or fuzz.ratio(word, other) >= SAME_WORD


def _explained(asked: list[str], phrase: Iterable[str]) -> float:
    """How well a phrase explains a heading: its number of words, and a little for the part of the heading it covers."""
    wanted = list(phrase)
    if not asked or not all(any(_same_in_heading(word, other) for other in asked) for word in wanted):
        return 0.0
    coverage = len(wanted) / len(asked)
    return len(wanted) + coverage if coverage >= COVERAGE else 0.0


def _same_in_heading(word: str, other: str) -> bool:
    if word.removesuffix("s") == other.removesuffix("s"):
        return True
    return min(len(word), len(other)) >= 5 and fuzz.ratio(word, other) >= SAME_WORD


__all__ = ["Vocabulary", "heading_words", "in_brackets", "is_same", "vocabulary", "words_of"]
