"""A target in one sentence for the front desk: the simplest thing to do that counts for every program.

Where programs ask for different bounds the sentence names the strictest, and where their days differ those that all
accept: doing so is enough, with records that the spec lets count. The spec says exactly what else would be.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from measureharmony.common_target.dated import DatedWording, Span
from measureharmony.common_target.goals import Goal
from measureharmony.common_target.phrases import Phrase, Phrasing
from measureharmony.common_target.proving import Clash
from measureharmony.measures.criterion import CriterionRef
from measureharmony.measures.plain_words import listed

#: One thing to do: of each alternative, by its key, what conditions say of it.
Group = dict[str, list[Phrase]]


def sentence(conditions: Sequence[CriterionRef], words: DatedWording) -> str:
    """What must be there, by when; things of the same days together."""
    days_of: dict[str, list[str]] = {}
    for group in _groups(conditions, words):
        text, days = _said(group)
        days_of.setdefault(text, []).append(days)
    by_days: dict[str, list[str]] = {}
    for text, several in days_of.items():
        by_days.setdefault(listed(several, "and"), []).append(text)
    texts = [f"{listed(things, 'and')} {days}" if days else "; ".join(things) for days, things in by_days.items()]
    text = "; ".join(texts)
    return f"{text[:1].upper()}{text[1:]}."


def things(conditions: Sequence[CriterionRef], words: DatedWording) -> dict[str, str]:
    """The things that a sentence speaks of, and the codes by which they are known, in words."""
    found: dict[str, tuple[str, ...]] = {}
    for group in _groups(conditions, words):
        for phrase in (phrase for phrases in group.values() for phrase in phrases):
            found[phrase.thing] = tuple(dict.fromkeys((*found.get(phrase.thing, ()), *phrase.codes)))
    told = {thing: words.codes(codes) for thing, codes in found.items() if codes}
    return {thing: text for thing, text in told.items() if text != thing}


def clash_told(clash: Clash, goal: Goal, words: DatedWording) -> str:
    """Why programs contradict each other: the fewest things that they ask for and nobody can have together."""
    asks = []
    for number in clash.rates:
        refs = [ref for rate, ref in clash.conditions if rate == number]
        if refs:
            text = sentence(refs, words).removesuffix(".")
            asks.append(f"{goal.asked[number].program} asks for: {text[:1].lower()}{text[1:]}")
    match len(clash.rates), clash.is_shared:
        case _, False:
            why = "Nobody can have it all, but nobody is counted by all of them either: each has a target of its own"
        case 1, _:
            why = "Nobody whom it counts can have that"
        case 2, _:
            why = "Nobody whom both count can have both"
        case _:
            why = "Nobody whom all of them count can have it all"
    return f"{'; '.join(asks)}. {why}."


def _groups(conditions: Sequence[CriterionRef], words: DatedWording) -> list[Group]:
    """Conditions about the same things, together: of their alternatives those that serve all of them."""
    phrasing = Phrasing(words)
    every = [phrasing.alternatives(ref) for ref in conditions]
    groups: list[Group] = []
    for alternatives in sorted(every, key=lambda phrases: not any(phrase.can_join for phrase in phrases)):
        own = {_key(phrase): phrase for phrase in (_mirrored(phrase, groups) for phrase in alternatives)}
        group = next((group for group in groups if group.keys() & own.keys()), None)
        if group is None:
            groups.append({key: [phrase] for key, phrase in own.items()})
            continue
        for key in tuple(group):
            if key in own:
                group[key].append(own[key])
            else:
                del group[key]
    return groups


def _key(phrase: Phrase) -> str:
    """What phrases have in common that one thing may do for; what cannot join is like nothing but itself."""
    return phrase.thing if phrase.can_join else " ".join((phrase.words, str(phrase.span), *phrase.when))


def _mirrored(phrase: Phrase, groups: Sequence[Group]) -> Phrase:
    """What the last one may not be, as what it must be, where it must be there anyway."""
    mirrored = phrase.mirrored()
    there = [one for group in groups for one in group.get(phrase.thing, ())]
    return mirrored if mirrored and any(one.choice == "last" for one in there) else phrase


def _said(group: Group) -> tuple[str, str]:
    """A group in words, and its days where they are the same for all of its alternatives."""
    things = []
    for phrases in group.values():
        whole = reduce(Phrase.joined, phrases)
        things.append((whole.words, _days(whole, phrases)))
    first, days = things[0]
    if any(other not in (days, "") for _, other in things[1:]):
        return listed(" ".join(filter(None, thing)) for thing in things), ""
    others = listed(text for text, _ in things[1:])
    return f"{first} (or {others})" if others and days else listed(text for text, _ in things), days


def _days(whole: Phrase, phrases: Sequence[Phrase]) -> str:
    """The days of a thing, given what each program says of it."""
    spans = list(dict.fromkeys(phrase.span for phrase in phrases if phrase.span != Span()))
    if not spans:
        return " and ".join(whole.when)
    if whole.span.is_empty:
        return f"{listed(map(str, spans), 'and another one')} (no one date counts for all)"
    days = str(whole.span)
    later = [span.last for span in spans if span.last is not None and span.last != whole.span.last]
    if whole.choice == "last" and later:
        days = f"{days}, and any later one {Span(last=max(later))}"
    return ", ".join((days, *whole.when))


__all__ = ["clash_told", "sentence", "things"]
