"""What a contract adds to a measure: targets, payment, accepted evidence, and what the exclusions' names leave open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from measureharmony.intake.saying import About, Proposed, Said, not_understood, rate_meant
from measureharmony.intake.table import Fact
from measureharmony.intake.vocabulary import vocabulary
from measureharmony.intake.written import clauses, number_words, plain, read_money, read_share
from measureharmony.measures.measure import Rate
from measureharmony.measures.words import Wording
from measureharmony.payers.apply import JOINS, members

_FREQUENCIES = {"month": "monthly", "quarter": "quarterly", "annual": "annual", "year": "annual"}
_NOT_PER_GAP = re.compile(r"\bpmpm\b|per member per month|per capita|percent|%|per point|pool|withhold")
_PER_GAP = re.compile(r"\bgap|\bclos|\bcompliant|\bcompletion|\bper (screening|test|exam|visit|service)")
_SOURCES: tuple[tuple[str, str], ...] = (
    (r"pharmacy claim|pbm", "pharmacy_claim"), (r"non-?standard", "supplemental_nonstandard"),
    (r"(?<!non)(?<!non-)(?<!non )standard supplemental|supplemental \(?standard", "supplemental_standard"),
    (r"(?<!pharmacy )claim|encounter data", "claim"), (r"\behr\b|\bemr\b|chart|medical record", "ehr"),
    (r"registry", "registry"), (r"patient[- ]reported|self[- ]reported", "patient_reported"),
)  # fmt: skip


def rate_of(about: About, fact: Fact) -> Rate | None:
    """The rate that a target or payment belongs to."""
    return about.rate or rate_meant(about.measure, f"{about.called} {fact.heading}")


def _which_rate(about: About) -> str:
    return f"which rate is meant: {', '.join(rate.id for rate in about.measure.rates)}?"


# --- targets ----------------------------------------------------------------------------------------------------------


def say_target(facts: Sequence[Fact], about: About) -> Iterator[Said]:
    """A row's target, its tiers, and the number of people below which it does not count, as one change."""
    rate = rate_of(about, facts[0])
    if rate is None:
        yield from (not_understood(fact, _which_rate(about)) for fact in facts)
        return
    lower = about.measure.direction_of(rate) == "lower"
    read: list[tuple[Fact, str, float, list[str]]] = []
    minimum: tuple[Fact, int] | None = None
    for fact in facts:
        if fact.rule.holds == "minimum_denominator":
            numbers = list(number_words(fact.cell.text))
            if len(numbers) == 1 and numbers[0][0] >= 1:
                minimum = (fact, numbers[0][0])
            else:
                yield not_understood(fact, "not one number of people is found in it")
        elif (found := _bound(fact, lower=lower)) is not None:
            read.append((fact, *found))
        else:
            yield not_understood(fact, "no share between 0 and 100 % is found in it")
    if read:
        yield from _target(rate, read, minimum, lower=lower)
    elif minimum:
        yield not_understood(minimum[0], "a smallest number of people without a target")


def _bound(fact: Fact, *, lower: bool) -> tuple[str, float, list[str]] | None:
    """Which way, the share, and what to confirm."""
    share = read_share(fact.cell.text, is_number=fact.cell.is_number)
    if share is None:
        return None
    side, value = share
    confirm = []
    wanted = "at_most" if lower else "at_least"
    written = None if side is None else "at_most" if side in ("below", "at_most") else "at_least"
    if written not in (None, wanted) or (written is None and lower and value > 0.5):
        confirm.append(f"a {'low' if lower else 'high'} rate is better, so {value:.6g} is taken as one minus the rate")
        value = round(1 - value, 6)
    return wanted, value, confirm


def _target(
    rate: Rate, read: Sequence[tuple[Fact, str, float, list[str]]], minimum: tuple[Fact, int] | None, *, lower: bool
) -> Iterator[Said]:
    targets = [one for one in read if one[0].rule.holds == "target"]
    tiers = [one for one in read if one[0].rule.holds == "tier"]
    if len(targets) > 1:  # a goal in several steps
        targets, tiers = [], list(read)
    easiest = (max if lower else min)(tiers, key=lambda one: one[2], default=None)
    chosen = targets[0] if targets else easiest
    assert chosen is not None  # there is at least one of the two
    payload: dict[str, object] = {"rate": rate.id, chosen[1]: chosen[2]}
    confirm = list(chosen[3])
    if not targets:
        confirm.append(f"the sheet has tiers only; the easiest ('{chosen[0].heading}') is taken as the target")
    tiers = sorted(tiers, key=lambda one: one[2], reverse=lower)  # a target's tiers begin with the easiest
    twice = [later[0] for one, later in pairwise(tiers) if one[2] == later[2]]
    tiers = [one for one in tiers if one[0] not in twice]
    if tiers:
        ids = _tier_ids([fact.heading for fact, *_ in tiers])
        payload["tiers"] = [{"id": key, side: value} for key, (_, side, value, _) in zip(ids, tiers, strict=True)]
    if minimum:
        payload["minimum_denominator"] = minimum[1]
    what = f"set_target {rate.id} {chosen[1].replace('_', ' ')} {chosen[2]:.6g}"
    yield Said(chosen[0], "placed", what, Proposed("set_target", payload, tuple(confirm)))
    for fact, *_ in read:
        if fact in twice:
            yield not_understood(fact, "another tier has the same share")
        elif fact is not chosen[0]:
            yield Said(fact, "placed", f"a tier of set_target {rate.id}")
    if minimum:
        yield Said(minimum[0], "placed", f"minimum_denominator {minimum[1]} of set_target {rate.id}")


def _tier_ids(headings: Sequence[str]) -> list[str]:
    """Keys made of headings: ``4 Star cut point`` is ``star_4``; what all have in common is left out."""
    words = [
        [w for w in re.findall(r"[a-z0-9]+", heading.casefold()) if not re.fullmatch(r"20\d\d", w)]
        for heading in headings
    ]
    common = set.intersection(*(set(one) for one in words)) if len(words) > 1 else set()
    ids: list[str] = []
    for one in words:
        own = [word for word in one if word not in common] or one or ["tier"]
        numbers = [word for word in own if word[0].isdigit()]
        letters = (
            [word for word in own if not word[0].isdigit()] or [word for word in one if word in common][:1] or ["level"]
        )
        key = "_".join([*letters, *numbers])
        while key in ids:
            key += "_more"
        ids.append(key)
    return ids


# --- payment ----------------------------------------------------------------------------------------------------------


def say_payment(facts: Sequence[Fact], about: About) -> Iterator[Said]:
    """What a closed gap pays, and how often, from the cells of a row."""
    often = [fact for fact in facts if fact.rule.holds == "frequency"]
    paid = [fact for fact in facts if fact.rule.holds == "payment"]
    words = " ".join(plain(fact.cell.text) for fact in facts)
    frequency = next((each for word, each in _FREQUENCIES.items() if word in words), None)
    placed = False
    for fact in paid:
        said = _payment(fact, about, frequency)
        placed = placed or said.change is not None
        yield said
    for fact in often:
        known = placed and any(word in plain(fact.cell.text) for word in _FREQUENCIES)
        yield Said(fact, "placed", "frequency of set_payment") if known else not_understood(fact, "no payment has it")


def _payment(fact: Fact, about: About, frequency: str | None) -> Said:
    text = plain(fact.cell.text)
    money = read_money(text)
    if _NOT_PER_GAP.search(text):
        return not_understood(fact, "it is not paid for each closed gap, and no other payment can be said")
    if len(money) != 1:
        return not_understood(fact, f"{len(money) or 'no'} amounts of money are found in it")
    rate = rate_of(about, fact)
    if rate is None:
        return not_understood(fact, _which_rate(about))
    confirm = [] if _PER_GAP.search(f"{text} {plain(fact.heading)}") else ["is it paid for each closed gap?"]
    if frequency is None:
        confirm.append("how often? The sheet does not say; annual is assumed")
    payload: dict[str, object] = {"rate": rate.id, "per_gap": str(money[0].amount)}
    if money[0].currency != "USD":
        payload["currency"] = money[0].currency
    payload["frequency"] = frequency or "annual"
    what = f"set_payment {rate.id} {money[0].amount} {money[0].currency}"
    return Said(fact, "placed", what, Proposed("set_payment", payload, tuple(confirm)))


# --- evidence and exclusions ------------------------------------------------------------------------------------------


def say_sources(fact: Fact, about: About) -> Iterator[Said]:
    """Where evidence may come from."""
    text = plain(fact.cell.text)
    found = list(dict.fromkeys(source for pattern, source in _SOURCES if re.search(pattern, text)))
    if "supplemental" in text and not any(source.startswith("supplemental") for source in found):
        found += ["supplemental_standard", "supplemental_nonstandard"]
    if not found:
        yield not_understood(fact, "no source of evidence is found in it")
        return
    confirm = ("only these sources count for the numerator, and all of them do?",)
    payload = {"population": "numerator", "sources": found}
    what = f"restrict_sources numerator {', '.join(found)}"
    yield Said(fact, "placed", what, Proposed("restrict_sources", payload, confirm))


def say_exclusions(facts: Sequence[Fact], about: About) -> Iterator[Said]:
    """Exclusions by name: which of the canonical ones they are like. Nothing is added or dropped on a name alone."""
    known = _exclusions(about)
    named: set[str] = set()
    for fact in facts:
        for clause in _listed(fact.cell.text):
            like = [name for name, words in known.items() if vocabulary().hits(clause, words)]
            named |= set(like)
            if like:
                yield Said(fact, "equal", f"'{clause}' is like {' and '.join(like)} of the canonical measure")
            else:
                what = f"'{clause}' is like no exclusion of the canonical measure"
                yield Said(fact, "not understood", what, comment=f"{what}; with codes for it, use add_to")
    missing = [name for name in known if name not in named]
    if facts and missing:
        what = f"the sheet does not name these canonical exclusions: {', '.join(missing)}"
        yield Said(facts[0], "kept", what, comment=f"{what}; if the contract has them not, use drop_from")


def _exclusions(about: About) -> dict[str, str]:
    """The canonical exclusions by name, with the words that describe them."""
    found: dict[str, str] = {}
    says = Wording(about.measure, lambda section, part: part)
    for rate in about.measure.rates:
        for criterion in members(
            about.measure.population(rate, "denominator_exclusion"), JOINS["denominator_exclusion"]
        ):
            name = says.criterion(criterion)
            found[name] = re.sub(r"[_.]", " ", name)
    return found


def _listed(text: str) -> list[str]:
    return [
        part for clause in clauses(plain(text)) for part in re.split(r",|/| and (?!illness)", clause) if part.strip()
    ]


__all__ = ["rate_of", "say_exclusions", "say_payment", "say_sources", "say_target"]
