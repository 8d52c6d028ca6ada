"""A target in one sentence for the front desk: the simplest thing to do that counts for every program.

Where programs ask for different bounds the sentence names the strictest, and where their days differ those that all
accept: doing so is always enough. The spec says exactly what is enough.
"""

from __future__ import annotations

from collections.abc import Sequence

from measureharmony.common_target.dated import DatedWording, Span
from measureharmony.common_target.goals import Goal
from measureharmony.common_target.phrases import Phrase, Phrasing
from measureharmony.common_target.proving import Clash
from measureharmony.measures.criterion import CriterionRef
from measureharmony.measures.words import listed

#: One thing to do: what all of the phrases say of each alternative.
Group = dict[str, list[Phrase]]


def sentence(conditions: Sequence[CriterionRef], words: DatedWording) -> str:
    """What must be there, by when; things of the same days together."""
    phrasing = Phrasing(words)
    by_days: dict[str, list[str]] = {}
    for group in _grouped([phrasing.alternatives(ref) for ref in conditions]):
        text, days = _said(group)
        by_days.setdefault(days, []).append(text)
    texts = [f"{listed(things, 'and')} {days}" if days else "; ".join(things) for days, things in by_days.items()]
    text = "; ".join(texts)
    return f"{text[:1].upper()}{text[1:]}."


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


def _grouped(conditions: Sequence[Sequence[Phrase]]) -> list[Group]:
    """Conditions about the same things, together: of their alternatives those that serve all of them."""
    groups: list[Group] = []
    for alternatives in sorted(conditions, key=_is_absent):
        own = {phrase.thing: phrase for phrase in alternatives}
        group = next((group for group in groups if group.keys() & own.keys()), None)
        if group is None:
            groups.append({thing: [phrase] for thing, phrase in own.items()})
            continue
        for thing in tuple(group):
            if thing in own:
                group[thing].append(own[thing].mirrored() if own[thing].absent and own[thing].bounds else own[thing])
            else:
                del group[thing]
    return groups


def _is_absent(alternatives: Sequence[Phrase]) -> bool:
    return all(phrase.absent for phrase in alternatives)


def _said(group: Group) -> tuple[str, str]:
    """A group in words, and its days where they are the same for all of its alternatives."""
    things = []
    for phrases in group.values():
        whole = phrases[0]
        for phrase in phrases[1:]:
            whole = whole.joined(phrase)
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
    if whole.is_last and later:
        days = f"{days}, and any later one {Span(last=max(later))}"
    return ", ".join((days, *whole.when))


__all__ = ["clash_told", "sentence"]
