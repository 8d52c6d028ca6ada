"""Values as payers write them: ages, lengths of time, bounds, shares and money. Each function reads one text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Side = Literal["above", "at_least", "below", "at_most"]

_NUMBER_WORDS = {"no": 0, "zero": 0, "one": 1, "a": 1, "single": 1, "two": 2, "three": 3, "four": 4, "five": 5,
                 "six": 6, "ten": 10, "twelve": 12}  # fmt: skip
_SIGNS: dict[str, Side] = {"<": "below", "<=": "at_most", ">": "above", ">=": "at_least"}
_SAID: tuple[tuple[str, Side], ...] = (
    (r"(?:less|fewer|lower) than or equal to|at most|no (?:more|greater|higher) than|not (?:more|over)(?: than)?|up to"
     r"|maximum(?: of)?|not to exceed|or (?:less|below|lower)|max", "at_most"),
    (r"(?:greater|more|higher) than or equal to|at least|no less than|minimum(?: of)?|or (?:more|above|higher|greater)"
     r"|min", "at_least"),
    (r"less than|below|under|lower than", "below"),
    (r"greater than|more than|above|over|higher than|exceeding", "above"),
)  # fmt: skip
_NUMBER = r"\d+(?:[.,]\d+)?"
_UNIT_WORDS = {"y": "years", "m": "months", "d": "days", "w": "weeks"}
_TIME_UNIT = r"(years?|yrs?|y/?o?|months?|mos?|mths?|weeks?|wks?|days?|d)\b"


def plain(text: str) -> str:
    """A text in small letters with plain signs: dashes, comparison signs and blanks in one form each.

    >>> plain("≥ 50 – 74")
    '>=50-74'
    """
    text = text.casefold().replace("≤", "<=").replace("≥", ">=").replace("=<", "<=").replace("=>", ">=")
    text = re.sub("[\u2010-\u2015\u2212]", "-", text)
    text = re.sub(r"\s*(<=|>=|<|>)\s*", r" \1", text).strip()
    return " ".join(re.sub(r"(?<=\d)\s*-\s*(?=\d)", "-", text).split())


def number_of(text: str) -> float | int:
    """A number as people write it; whole numbers as such.

    >>> number_of("8.0"), number_of("7,5"), number_of("1,250")
    (8, 7.5, 1250)
    """
    text = re.sub(r",(?=\d{3}(?:\D|$))", "", text).replace(",", ".")
    value = float(text)
    return int(value) if value.is_integer() else value


@dataclass(frozen=True)
class Ages:
    """Youngest and oldest age, both counted in; ``None``: not said. ``rest``: the text's other words."""

    low: int | None
    high: int | None
    unit: Literal["years", "months"]
    rest: str


_AGE_RANGE = re.compile(
    rf"(\d+)\s*(?:{_TIME_UNIT})?\s*(?:old|of age)?\s*"
    r"(?:-|to\b|through\b|thru\b|and\b(?=\s*<)|,)\s*(?:and\s*)?(<=|<)?\s*"
    rf"(\d+)\s*(?:{_TIME_UNIT})?"
)
_AGE_UP = re.compile(
    rf"(\d+)\s*(?:{_TIME_UNIT})?\s*(?:old|of age)?\s*(?:\+|and (?:older|over|above|up)|or (?:older|over|above)"
    r"|& (?:older|over|up)|years and up)"
)
_AGE_DOWN = re.compile(
    rf"(\d+)\s*(?:{_TIME_UNIT})?\s*(?:old|of age)?\s*(?:and (?:younger|under)|or (?:younger|under)|& (?:younger|under))"
)
_AGE_BOUND = re.compile(rf"(<=|>=|<|>)\s*(\d+)\s*(?:{_TIME_UNIT})?")


def read_ages(text: str) -> Ages | None:
    """The age band of a text; ``None`` if it has none.

    >>> read_ages("50–74 yrs")
    Ages(low=50, high=74, unit='years', rest='')
    >>> [(a.low, a.high) for a in map(read_ages, ["18+", "≥ 50 and ≤ 74", ">17 and <76", "under 65"])]
    [(18, None), (50, 74), (18, 75), (None, 64)]
    """
    known = _with_signs(plain(text))
    bounds = list(_AGE_BOUND.finditer(known))
    if bounds:
        return _bounded_ages(known, bounds)
    if match := _AGE_RANGE.search(known):
        low, low_unit, sign, high, high_unit = match.groups()
        unit = _unit(high_unit or low_unit)
        first = int(low) * (12 if unit == "months" and low_unit and _unit(low_unit) == "years" else 1)
        return Ages(first, int(high) - (1 if sign == "<" else 0), unit, _rest(known, match.group()))
    if match := _AGE_UP.search(known):
        return Ages(int(match[1]), None, _unit(match[2]), _rest(known, match.group()))
    if match := _AGE_DOWN.search(known):
        return Ages(None, int(match[1]), _unit(match[2]), _rest(known, match.group()))
    return None


def _bounded_ages(text: str, bounds: list[re.Match[str]]) -> Ages | None:
    low = high = None
    rest = text
    for match in bounds:
        sign, number = match[1], int(match[2])
        if sign in (">", ">="):
            low = number + (1 if sign == ">" else 0)
        else:
            high = number - (1 if sign == "<" else 0)
        rest = rest.replace(match.group(), " ")
    return Ages(low, high, _unit(bounds[-1][3]), _rest(rest, ""))


def _unit(word: str | None) -> Literal["years", "months"]:
    return "months" if word and word.startswith("m") else "years"


def _with_signs(text: str) -> str:
    """``under 65`` as ``<65``, so that one rule reads both."""
    for said, side in _SAID:
        if said.startswith("or"):
            continue
        sign = next(sign for sign, meant in _SIGNS.items() if meant == side)
        text = re.sub(rf"\b(?:{said})\s+(?:age\s+|the age of\s+)?(?=\d)", f" {sign}", text)
    return text


def _rest(text: str, read: str) -> str:
    """What a text says beside what was read of it."""
    rest = text.replace(read, " ", 1) if read else text
    return " ".join(re.sub(r"\b(ages?|aged|years?|yrs?|yo|y/o|old|of age|and|inclusive)\b|[.,;:()]", " ", rest).split())


@dataclass(frozen=True)
class Duration:
    """A length of time, and the words around it."""

    number: float | int
    unit: str
    words: str


_DURATION = re.compile(rf"({_NUMBER}|{'|'.join(_NUMBER_WORDS)})[\s-]*(?:rolling |calendar |full )?{_TIME_UNIT}")
_YEARLY = re.compile(r"\b(annual(?:ly)?|yearly|every year|each year|once a year|per year|biennial(?:ly)?)\b")


def read_durations(text: str) -> list[Duration]:
    """Every length of time in a text, with the words of its clause.

    >>> [(d.number, d.unit) for d in read_durations("Colonoscopy 10 yrs; FIT annually")]
    [(10, 'years'), (1, 'years')]
    """
    found = []
    for clause in clauses(plain(text)):
        match = _DURATION.search(clause)
        if match:
            word = match[1]
            number = _NUMBER_WORDS[word] if word in _NUMBER_WORDS else number_of(word)
            found.append(Duration(number, _UNIT_WORDS[match[2][0]], clause))
        elif yearly := _YEARLY.search(clause):
            found.append(Duration(2 if yearly[1].startswith("bi") else 1, "years", clause))
    return found


def clauses(text: str) -> list[str]:
    """The parts of a text that a semicolon, a line's end, a bullet, or a comma before words sets apart."""
    parts = re.split(
        r"[;\n•|]|,(?=\s*[a-z])|\bor\b(?=\s+(?!less|more|above|below|older|over|up|equal|higher|lower|greater|the\b|year|prior|younger|under))",
        text,
    )
    return [part.strip(" .") for part in parts if part.strip(" .")]


@dataclass(frozen=True)
class Bound:
    """A number that a value is compared with. ``side``: ``None`` if the text does not say which way."""

    side: Side | None
    number: float | int
    unit: str
    second: float | int | None = None
    words: str = ""


_BOUND = re.compile(rf"(<=|>=|<|>)?\s*({_NUMBER})\s*(?:/\s*({_NUMBER}))?\s*(%|percent|mm\s?\[?hg\]?|mg/dl|kg/m2)?")


#: Numbers that belong to a name or to a length of time.
_NO_BOUND = re.compile(r"\b(?:hb)?a1c\b|\bphq-?[29]m?\b|\b\d+[- ](?:days?|months?|years?|yrs?)\b")


def read_bounds(text: str) -> list[Bound]:
    """Every comparison in a text, one a clause.

    >>> read_bounds("A1c < 8.0 %")[0].side, read_bounds("A1c < 8.0 %")[0].number
    ('below', 8)
    >>> read_bounds("below 140/90 mmHg")[0].second
    90
    """
    found = []
    for clause in clauses(plain(text)):
        known = _NO_BOUND.sub(" ", clause)
        signed = _with_signs(known)
        matches = [m for m in _BOUND.finditer(signed) if m[1]] or list(_BOUND.finditer(signed))
        if not matches:
            continue
        match = matches[0]
        side = _SIGNS.get(match[1] or "") or _side_after(signed[match.end() :])
        unit = (match[4] or "").replace(" ", "").replace("percent", "%")
        second = number_of(match[3]) if match[3] else None
        found.append(Bound(side, number_of(match[2]), unit, second, clause))
    return found


def _side_after(text: str) -> Side | None:
    """``80 % or higher``."""
    if re.match(r"\s*(?:or|and) (?:more|above|higher|greater|over)", text) or text.startswith("+"):
        return "at_least"
    return "at_most" if re.match(r"\s*(?:or|and) (?:less|below|lower|under)", text) else None


_SHARE = re.compile(
    rf"(<=|>=|<|>)?\s*({_NUMBER})\s*(%|percent)?\s*(\+|(?:or|and) (?:more|above|higher|less|below|lower)|)"
)


def read_share(text: str, *, is_number: bool = False) -> tuple[Side | None, float] | None:
    """A share as a proportion, and which way it is meant: ``72%``, ``0.72``, ``≥ 72``.

    >>> read_share("≥ 72 %"), read_share("0.72"), read_share("72")
    (('at_least', 0.72), (None, 0.72), (None, 0.72))
    """
    match = _SHARE.fullmatch(_with_signs(plain(text)).strip())
    if match is None:
        return None
    side = _SIGNS.get(match[1] or "") or _side_after(match[4])
    number = number_of(match[2])
    is_fraction = not match[3] and number <= 1 and ("." in text or is_number)
    value = number if is_fraction else number / 100
    return (side, round(float(value), 6)) if 0 <= value <= 1 else None


@dataclass(frozen=True)
class Money:
    """An amount of money and the words around it."""

    amount: Decimal
    currency: str
    words: str


_MONEY = re.compile(r"(\$|usd|us\$|€|eur)?\s*(\d+(?:,\d{3})*(?:\.\d+)?)\s*(usd|dollars|eur)?")


def read_money(text: str) -> list[Money]:
    """Every amount of a text; a bare number counts as dollars.

    >>> read_money("$25 per closed gap")[0].amount
    Decimal('25.00')
    """
    found = []
    for match in _MONEY.finditer(plain(text)):
        if match[1] or match[3] or plain(text) == match[2]:
            currency = "EUR" if "eur" in (match[1] or match[3] or "") or match[1] == "€" else "USD"
            amount = Decimal(match[2].replace(",", "")).quantize(Decimal("0.01"))
            found.append(Money(amount, currency, plain(text)))
    return found


def number_words(text: str) -> Iterator[tuple[int, str]]:
    """The whole numbers of a text, in figures or words, each with what follows it.

    >>> list(number_words("one gap of 45 days"))
    [(1, 'gap of 45 days'), (45, 'days')]
    """
    for match in re.finditer(rf"\b(\d+|{'|'.join(_NUMBER_WORDS)})\b[\s-]*", plain(text)):
        word = match[1]
        yield (_NUMBER_WORDS[word] if word in _NUMBER_WORDS else int(word)), plain(text)[match.end() :]


__all__ = [
    "Ages", "Bound", "Duration", "Money", "Side", "clauses", "number_of", "number_words", "plain", "read_ages",
    "read_bounds", "read_durations", "read_money", "read_share",
]  # fmt: skip
