"""Which canonical measure a payer's row means: by identifier first, then by name, with scores."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from measureharmony.catalogue import Entry, search
from measureharmony.intake.profile import NOT_OURS
from measureharmony.intake.vocabulary import vocabulary, words_of

#: Score from which a name alone suggests a measure.
NEAR_ENOUGH = 75.0
#: Lower scores are not worth mentioning.
NOISE = 50.0
#: Scores (0 to 100) closer than this leave the choice to a person.
CLEAR_LEAD = 5.0
#: A bare number or a letter with a number is an identifier in many systems; alone it proves little.
_WEAK = re.compile(r"[A-Za-z]{0,3}\d{1,4}")
#: An identifier inside a name: capitals, with or without digits and a hyphen.
_TOKEN = re.compile(r"\b[A-Z][A-Z0-9]{1,9}(?:-[A-Z]{1,3})?(?:v\d+)?\b")


@dataclass(frozen=True)
class Candidate:
    """A measure that a row may mean: how well (0 to 100), and by what."""

    key: str
    score: float
    by: str

    def __str__(self) -> str:
        return f"{self.key} ({self.by}, {self.score:.0f})"


@dataclass(frozen=True)
class Suggestion:
    """The measure that a row means (``None``: nobody can say), why, and what else it might mean.

    ``is_sure``: an identifier or the profile says so, and the name does not contradict it. ``score``: how well its name
    fits (0 to 100).
    """

    key: str | None
    why: str
    is_sure: bool = False
    score: float = 0.0
    others: tuple[Candidate, ...] = ()


@dataclass(frozen=True)
class Suggester:
    """Suggests measures. ``told`` is the profile's list: the payer's identifier or name, and our measure."""

    entries: Sequence[Entry]
    told: Mapping[str, str]

    @cached_property
    def _by_identifier(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for entry in self.entries:
            for name in (entry.key, *(one.id for one in entry.identifiers)):
                for form in {_plain(name), _plain(re.sub(r"(v\d+|-[A-Z]{1,3})$", "", name))}:
                    if entry.key not in found.setdefault(form, []):
                        found[form].append(entry.key)
        return {form: tuple(keys) for form, keys in found.items()}

    @cached_property
    def _told(self) -> Mapping[str, str]:
        return {_plain(name): key for name, key in self.told.items()}

    def suggest(self, identifier: str, name: str) -> Suggestion:
        """The measure meant by a payer's identifier (empty: none) and name."""
        for text in (identifier, name):
            if (key := self._told.get(_plain(text))) and text:
                if key == NOT_OURS:
                    return Suggestion(None, "the profile says that it is none of ours", is_sure=True)
                return Suggestion(key, f"the profile says that '{text}' is {key}", is_sure=True)
        by_name = self._by_name(name or identifier)
        tokens = [identifier, *_TOKEN.findall(name)]
        strong = self._identified(token for token in tokens if not _is_weak(token))
        if strong:
            return _by_strong(strong, by_name)
        weak = self._identified(tokens)
        agreeing = [one for one in by_name if one.key in weak]
        if agreeing and agreeing[0].score > by_name[0].score - CLEAR_LEAD:
            why = f"identifier '{weak[agreeing[0].key]}' and name are like it ({agreeing[0].score:.0f})"
            return Suggestion(agreeing[0].key, why, is_sure=True, others=tuple(by_name[1:4]))
        if by_name and by_name[0].score >= NEAR_ENOUGH:
            return _by_name_alone(by_name)
        if len(weak) == 1 and not name:
            key = next(iter(weak))
            return Suggestion(key, f"identifier '{weak[key]}', which other systems use, too")
        return Suggestion(None, "no canonical measure is like it", others=tuple(self._nearest(name or identifier)))

    def _identified(self, tokens: Iterable[str]) -> dict[str, str]:
        """The measures that have one of the tokens as an identifier, each with that token."""
        found: dict[str, str] = {}
        for token in tokens:
            if token and not (token.isdecimal() and len(token) < 3):
                for key in self._by_identifier.get(_plain(token), ()):
                    found.setdefault(key, token)
        return found

    def _by_name(self, name: str) -> list[Candidate]:
        """What the catalogue finds by the name, written in several ways; the best score of each measure."""
        best: dict[str, Candidate] = {}
        for form in _forms(name):
            for found in search(self.entries, form):
                key = found.entry.key
                if found.by == key or found.by in {one.id for one in found.entry.identifiers}:
                    continue  # an identifier is no name
                score = min(found.score, 99.0) if found.by == "its description" else found.score
                closer = fuzz.token_sort_ratio(" ".join(words_of(form)), " ".join(words_of(found.entry.measure.title)))
                score = round((0.8 * score + 0.2 * closer) * _told(form, found.entry), 1)
                if score < NOISE:
                    continue
                if key not in best or score > best[key].score:
                    best[key] = Candidate(key, score, found.by)
        return sorted(best.values(), key=lambda one: (-one.score, one.key))

    def _nearest(self, name: str) -> list[Candidate]:
        titles = {entry.key: entry.measure.title for entry in self.entries}
        found = process.extract(name, titles, scorer=fuzz.token_set_ratio, limit=2)
        return [Candidate(str(key), round(score, 1), str(title)) for title, score, key in found if score >= NOISE]


def _by_strong(strong: Mapping[str, str], by_name: Sequence[Candidate]) -> Suggestion:
    """By identifier; several measures of one identifier are told apart by the name, which may also contradict it."""
    if len(strong) == 1:
        key, token = next(iter(strong.items()))
        rivals = tuple(one for one in by_name if one.key != key)
        own = next((one.score for one in by_name if one.key == key), 0.0)
        contradicted = bool(rivals) and rivals[0].score >= 90 and own < rivals[0].score - CLEAR_LEAD
        return Suggestion(key, f"identifier '{token}'", is_sure=not contradicted, others=rivals[:3])
    named = [one for one in by_name if one.key in strong]
    keys = ", ".join(strong)
    if named and (len(named) == 1 or named[0].score >= named[1].score + CLEAR_LEAD):
        why = f"identifier '{strong[named[0].key]}' is that of {keys}; by its name ({named[0].score:.0f})"
        return Suggestion(named[0].key, why, others=tuple(named[1:4]))
    several = tuple(Candidate(key, 100.0, f"identifier '{token}'") for key, token in strong.items())
    return Suggestion(None, f"its identifiers are those of several measures: {keys}", others=several)


def _by_name_alone(by_name: Sequence[Candidate]) -> Suggestion:
    best, others = by_name[0], tuple(by_name[1:4])
    if others and best.score - others[0].score < CLEAR_LEAD:
        return Suggestion(None, "its name is like those of several measures", others=(best, *others))
    like = "the measure's description" if best.by == "its description" else f"'{best.by}'"
    why = f"its name is like {like} ({best.score:.0f})"
    return Suggestion(best.key, why, score=best.score, others=others)


def _forms(name: str) -> list[str]:
    """A name as it stands, without what is in brackets or after a dash or colon, and in the words of our measures."""
    bare = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", name)
    bare = re.sub(r"[<>≤≥]\s*=?\s*[\d.]+\s*%?|\b\d+(?:[-–]\d+)?\s*(?:\+|years?|yrs?|months?|days?)?", " ", bare)
    short, _, tail = re.sub(r"\s[-–—]\s|:\s", "\n", bare, count=1).partition("\n")
    known = vocabulary()
    ours = " ".join(known.words.get(word, (word,))[0] for word in words_of(bare) if word not in known.empty)
    parts = [part for part in (short, tail) if len(known.content(part)) > 1]
    forms = [form.strip() for form in (name, bare, *parts, ours)]
    return [form for form in dict.fromkeys(forms) if words_of(form)]


def _told(form: str, entry: Entry) -> float:
    """How much of what tells measures from each other in a name is said of the measure: 0, or 0.9 to 1."""
    known = vocabulary()
    asked = known.content(form)
    measure = entry.measure
    rates = " ".join(rate.title for rate in measure.rates)
    share = known.hits(form, f"{measure.title} {' '.join(measure.aliases)} {rates} {measure.description}")
    return 0.9 + 0.1 * share / len(asked) if asked and share else 0.0


def _is_weak(identifier: str) -> bool:
    return _WEAK.fullmatch(identifier) is not None


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())


__all__ = ["Candidate", "Suggester", "Suggestion"]
