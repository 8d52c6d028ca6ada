"""Enrolment rules: from a payer's words to ``require_enrolment``, or to the parameters of a measure that has one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from measureharmony.intake.saying import About, Proposed, Said, compared, not_understood
from measureharmony.intake.table import Fact
from measureharmony.intake.written import number_words, plain
from measureharmony.measures.criterion import Enrolled
from measureharmony.measures.names import walk

_NONE = re.compile(r"^(none|no|n/?a|not required|not applicable|no (continuous )?enroll?ments?( requirements?)?)\.?$")
_ANCHOR = re.compile(
    r"\banchor|\b12/31|\bdec(ember)? 31|last day|year[- ]end|end of (the )?(measurement|calendar|year|per)"
)
_TWO_YEARS = re.compile(
    r"\b(and|plus|or) (the )?(\w+ )?(year|12 months) (prior|before|preceding)|\b24 months|\b(two|2) years|year prior to"
)
_OTHER_TIME = re.compile(
    r"\bbirth|\bdischarge|\bdelivery|\bdays (before|after|prior|follow)|\bepisode|\bindex\b|\bdiagnos"
)
_BENEFITS = {"medical": "medical", "pharmacy": "pharmacy", "drug": "pharmacy", "rx": "pharmacy", "dental": "dental",
             "vision": "vision", "mental": "mental_health"}  # fmt: skip
_YES = re.compile(r"^(y|yes|required|x|true|✓)$")


@dataclass
class _Rule:
    """What the cells of a row say together."""

    gaps: int | None = None
    gap_days: int | None = None
    anchored: bool = False
    two_years: bool = False
    benefits: tuple[str, ...] = ()


def say_enrolment(facts: Sequence[Fact], about: About) -> Iterator[Said]:
    """The enrolment rule of a row, from all its cells that speak of it."""
    asked = [fact for fact in facts if not _asks_nothing(fact)]
    for fact in facts:
        if fact not in asked:
            yield from _none(fact, about)
    if not asked:
        return
    rule = _Rule()
    problems = {fact.cell: problem for fact in asked if (problem := _read(fact, rule))}
    if problems:
        else_said = f"not compared, because {next(iter(problems)).address} is not understood"
        yield from (not_understood(fact, problems.get(fact.cell, else_said)) for fact in asked)
    else:
        yield from _compared(asked, rule, about)


def _asks_nothing(fact: Fact) -> bool:
    return fact.rule.holds in ("enrolment", "anchor") and _NONE.match(plain(fact.cell.text)) is not None


def _none(fact: Fact, about: About) -> Iterator[Said]:
    if fact.rule.holds == "anchor":
        yield Said(fact, "equal", "no day is asked for on which people must be enrolled")
    elif _own_rules(about):
        what = "no enrolment is asked for, but the canonical measure asks for it; drop its criterion by hand"
        yield not_understood(fact, what)
    else:
        yield Said(fact, "equal", "no enrolment is asked for, nor in the canonical measure")


def _read(fact: Fact, rule: _Rule) -> str:
    """Add what a cell says to the rule; what stands in the way, if anything."""
    text = plain(fact.cell.text)
    numbers = list(number_words(text))
    if fact.rule.holds == "gaps":
        rule.gaps = numbers[0][0] if numbers else None
        rule.gap_days = _gap_days(text) or rule.gap_days
        return "" if numbers else "no number of gaps is found in it"
    if fact.rule.holds == "gap_days":
        rule.gap_days = numbers[-1][0] if numbers else None
        return "" if numbers else "no number of days is found in it"
    if fact.rule.holds == "anchor":
        rule.anchored = bool(_ANCHOR.search(text)) or re.fullmatch(r"\d{4}-12-31", text) is not None
        return "" if rule.anchored else "the day is not the last one of the period; write the anchor by hand"
    if _OTHER_TIME.search(text):
        return "it is not about the measurement period; write the enrolment's window by hand"
    if not (_YES.match(text) or re.search(r"enrol|continuous|gap|month|year|period|\bce\b", text)):
        return "no enrolment rule is found in it"
    rule.gaps = next(
        (n for n, after in numbers if re.match(r"(allowable |allowed |permitted )?gaps?\b", after)), rule.gaps
    )
    rule.gap_days = _gap_days(text) or rule.gap_days
    rule.anchored = rule.anchored or bool(_ANCHOR.search(text))
    rule.two_years = bool(_TWO_YEARS.search(text))
    found = [benefit for word, benefit in _BENEFITS.items() if re.search(rf"\b{word}", text)]
    rule.benefits = tuple(dict.fromkeys(found)) or rule.benefits
    return ""


def _gap_days(text: str) -> int | None:
    return next((n for n, after in number_words(text) if re.match(r"(calendar )?days?\b", after) and n), None)


def _own_rules(about: About) -> list[Enrolled]:
    return [part for _, part in walk(about.measure) if isinstance(part, Enrolled)]


def _compared(facts: Sequence[Fact], rule: _Rule, about: About) -> Iterator[Said]:
    if rule.gaps and not rule.gap_days:
        yield from (not_understood(fact, "it allows a gap, but does not say how long") for fact in facts)
        return
    confirm = []
    if rule.gaps is None and rule.gap_days:
        confirm.append(f"one gap of {rule.gap_days} days is meant, not several?")
        rule.gaps = 1
    if rule.gaps is None:
        confirm.append("the sheet does not speak of gaps: none is allowed?")
    if not rule.gaps:
        rule.gap_days = 0
    if _own_rules(about):
        yield from _by_parameters(facts, rule, about, confirm)
        return
    payload = _payload(rule)
    if not rule.anchored:
        confirm.append("must people be enrolled on the last day of the period? Then add: anchor: period.end")
    if not rule.benefits:
        confirm.append("which benefit? The sheet names none")
    said = _in_words(payload)
    yield Said(facts[0], "placed", said, Proposed("require_enrolment", payload, tuple(confirm)))
    for fact in facts[1:]:
        yield Said(fact, "placed", f"part of {said}")


def _payload(rule: _Rule) -> dict[str, object]:
    window: object = {"from": "period.start - 1 year", "to": "period.end"} if rule.two_years else "period"
    payload: dict[str, object] = {"window": window}
    if rule.gaps:
        payload |= {"gaps": rule.gaps, "gap_days": rule.gap_days}
    if rule.anchored:
        payload["anchor"] = "period.end"
    if rule.benefits:
        payload["benefits"] = list(rule.benefits)
    return payload


def _in_words(payload: Mapping[str, object]) -> str:
    return "require_enrolment " + ", ".join(f"{key} {value}" for key, value in payload.items() if key != "window")


def _by_parameters(facts: Sequence[Fact], rule: _Rule, about: About, confirm: list[str]) -> Iterator[Said]:
    """A measure with a rule of its own: only its gaps are knobs."""
    gaps, days = about.main("gaps"), about.main("gap_days")
    if len(gaps) != 1 or len(days) != 1:
        what = "the canonical measure has its own enrolment rule; compare the two by hand"
        yield from (not_understood(fact, what) for fact in facts)
        return
    told = (*confirm, "the window, the day and the benefit of the canonical rule are kept")
    first = compared(facts[0], gaps[0], rule.gaps or 0, told)
    second = compared(facts[0], days[0], rule.gap_days or 0, told if first.change is None else ())
    yield first
    if rule.gaps:
        yield second
    for fact in facts[1:]:
        yield Said(fact, "equal" if first.change is second.change is None else "placed", "part of the enrolment rule")


__all__ = ["say_enrolment"]
