"""Ages and lookbacks: from a payer's words to the parameters that hold them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from measureharmony.intake.knobs import Knob, meant, with_unit
from measureharmony.intake.saying import About, Said, among_them, compared, not_understood
from measureharmony.intake.table import Fact
from measureharmony.intake.vocabulary import is_same, vocabulary, words_of
from measureharmony.intake.written import Ages, Duration, clauses, number_of, plain, read_ages, read_durations

_LAST_DAY = re.compile(r"\b(dec(ember)? 31|12/31|end of|last day|year[- ]end)")
_FIRST_DAY = re.compile(r"\b(jan(uary)? 1\b|1/1\b|start of|first day|beginning of)")
_BEFORE = re.compile(
    r"\b(before|prior to|preceding) (the )?"
    r"(start|begin|first|measurement|period|performance|calendar|january|mp\b|my\b)"
)
_OR_THE_YEAR_BEFORE = re.compile(
    r"\b(?:year|period),? (?:or|and|plus) (?:in )?(?:the )?(?:(\w+) )?(?:years? )?(?:prior|before|preceding)"
)
_IN_THE_YEAR = re.compile(r"^\W*(?:in|during|within) the (?:measurement |calendar |performance )?(?:year|period)\W*$")


def say_age(fact: Fact, about: About) -> Iterator[Said]:
    """Youngest and oldest age; several groups, told apart by their words, may stand in one cell."""
    texts = [plain(fact.cell.text)] if fact.rule.holds != "age" else clauses(plain(fact.cell.text))
    found = [(text, ages) for text in texts if (ages := _ages(text, fact)) is not None]
    if not found:
        yield not_understood(fact, "no age is found in it")
        return
    for text, ages in found:
        yield from _bands(fact, text, ages, about)
    read = {text for text, _ in found}
    for text in texts:
        if text not in read:
            yield from _unread(fact, text, about)


def _ages(text: str, fact: Fact) -> Ages | None:
    bare = re.fullmatch(r"(\d+)(?:\.0)?\s*(years?|yrs?|months?|mos?)?", text)
    if fact.rule.holds == "age" or not bare:
        return read_ages(text)
    number = int(bare[1])
    unit = "months" if (bare[2] or fact.rule.unit or "y").startswith("m") else "years"
    low, high = (number, None) if fact.rule.holds == "age_from" else (None, number)
    return Ages(low, high, "months" if unit == "months" else "years", "")


def _bands(fact: Fact, text: str, ages: Ages, about: About) -> Iterator[Said]:
    pointing = f"{ages.rest} {fact.rule.of} {fact.heading}"
    used: list[Knob] = []
    for role, number in (("youngest", ages.low), ("oldest", ages.high)):
        if number is None:
            continue
        match = meant(pointing, about.main(role))
        if match.knob is None and not match.candidates and (wider := about.main("youngest", "oldest")):
            yield not_understood(fact, f"{number} as the {role} age: the measure bounds only {_names(wider)}")
            continue
        if match.knob is None:
            yield not_understood(fact, f"{number} as the {role} age: {among_them(match.candidates)}")
            continue
        used.append(match.knob)
        yield _one_age(fact, text, match.knob, number, ages.unit)
    yield from _unread(fact, _without_days(ages.rest), about, " ".join(knob.words for knob in used))


def _one_age(fact: Fact, text: str, knob: Knob, number: int, unit: str) -> Said:
    value = with_unit(knob, number, unit)
    if value is None:
        return not_understood(fact, f"{number} {unit} are no whole number of {knob.parameter.unit}, as {knob.name} is")
    meant_day = "last" if "last day" in knob.parameter.text else "first" if "first day" in knob.parameter.text else ""
    said = f"{text} {fact.heading.casefold()}"
    said_day = "last" if _LAST_DAY.search(said) else "first" if _FIRST_DAY.search(said) else ""
    if meant_day and said_day and meant_day != said_day:
        why = f"it counts the age on the {said_day} day of the period, the canonical measure on the {meant_day} day"
        return not_understood(fact, f"{knob.name}: {why}; replace the criterion by hand")
    is_open = value != knob.parameter.value and meant_day and not said_day
    confirm = [f"is the age meant on the {meant_day} day of the period?"] if is_open else []
    return compared(fact, knob, value, confirm)


def _unread(fact: Fact, rest: str, about: About, more: str = "") -> Iterator[Said]:
    """What else a cell says, unless the measure says it, too (women, with diabetes)."""
    ours = f"{about.measure.title} {about.measure.description} {more}"
    known = words_of(ours)
    strange = [
        words[0]
        for words in vocabulary().content(rest)
        if not any(is_same(word, other) for word in words for other in known)
    ]
    if strange:
        yield not_understood(fact, f"it also says '{rest}', which was compared with nothing")


def _without_days(rest: str) -> str:
    return _FIRST_DAY.sub(" ", _LAST_DAY.sub(" ", rest))


def _names(found: list[Knob]) -> str:
    return ", ".join(knob.name for knob in found)


# --- how far back -----------------------------------------------------------------------------------------------------


def say_lookback(fact: Fact, about: About) -> Iterator[Said]:
    """How long a service counts: one length of time for each kind of service that the cell names."""
    durations = read_durations(fact.cell.text) or _bare(fact)
    text = plain(fact.cell.text)
    if not durations and _OR_THE_YEAR_BEFORE.search(text):
        durations = [Duration(1, "years", text)]
    if not durations and _IN_THE_YEAR.match(text):
        durations = [Duration(about.months, "months", text)]
    if not durations:
        yield not_understood(fact, "no length of time is found in it")
    for duration in durations:
        yield _one_lookback(fact, duration, about)


def _bare(fact: Fact) -> list[Duration]:
    """A number alone, in the unit of its heading."""
    if not re.fullmatch(r"\d+(\.\d+)?", fact.cell.text) or not fact.rule.unit:
        return []
    return [Duration(number_of(fact.cell.text), fact.rule.unit, "")]


def _one_lookback(fact: Fact, duration: Duration, about: About) -> Said:
    said = f"{duration.number} {duration.unit}"
    lookbacks = about.main("lookback")
    if not lookbacks:
        return _other_time(fact, duration, about)
    match = meant(f"{duration.words} {fact.rule.of}", lookbacks)
    if match.knob is None:
        return not_understood(fact, f"{said}: {among_them(match.candidates)}; say it in the cell, or with 'of'")
    knob = match.knob
    confirm: list[str] = []
    if (
        _BEFORE.search(duration.words)
        or _OR_THE_YEAR_BEFORE.search(duration.words)
        or about.written.lookback == "before_period"
    ):
        value = with_unit(knob, duration.number, duration.unit)
    else:
        value, confirm = _with_period(knob, duration, about)
    if value is None:
        return not_understood(fact, f"{said} cannot be said in whole {knob.parameter.unit}, as {knob.name} is")
    if value < 0:
        return not_understood(fact, f"{said} are shorter than the measurement period, so they are no lookback")
    if confirm and _IN_THE_YEAR.match(duration.words):
        confirm = []
    return compared(fact, knob, value, confirm)


def _with_period(knob: Knob, duration: Duration, about: About) -> tuple[float | int | None, list[str]]:
    """The part of a length of time that lies before a period which it is taken to include."""
    months = {"years": 12, "months": 1}.get(duration.unit)
    if months is None:
        return None, []
    before = duration.number * months - about.months
    said = f"{duration.number} {duration.unit}"
    other = f"if all of them lie before it, write {with_unit(knob, duration.number, duration.unit)}"
    return (before if before < 0 else with_unit(knob, before, "months")), [
        f"{said} are taken to include the {about.months} months of the period; {other}"
    ]


def _other_time(fact: Fact, duration: Duration, about: About) -> Said:
    """A time that is no lookback: days of a follow-up, say; only words can tell which."""
    times = [knob for knob in about.main("other", "count") if knob.parameter.unit in ("days", "months", "years")]
    match = meant(f"{duration.words} {fact.heading} {fact.rule.of}", times)
    value = with_unit(match.knob, duration.number, duration.unit) if match.knob else None
    if match.knob is None or not match.by_words or value is None:
        return not_understood(fact, f"{duration.number} {duration.unit}: the measure has no lookback before the period")
    return compared(fact, match.knob, value, [f"is this '{match.knob.parameter.text}'?"])


__all__ = ["say_age", "say_lookback"]
