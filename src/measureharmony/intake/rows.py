"""A payer's row as a whole: which rate it is about, what its cells say of the measure, and the days that it names."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from measureharmony.intake.ages import say_age, say_lookback
from measureharmony.intake.contract import say_exclusions, say_payment, say_sources, say_target
from measureharmony.intake.dates import is_ambiguous, read_days, read_period
from measureharmony.intake.enrolments import say_enrolment
from measureharmony.intake.profile import ColumnRule, Profile
from measureharmony.intake.saying import About, Said, not_understood, rate_meant
from measureharmony.intake.table import Fact, MeasureRow
from measureharmony.intake.thresholds import say_other, say_parameter, say_threshold, threshold_rates
from measureharmony.intake.written import plain
from measureharmony.measures.measure import Measure, Rate
from measureharmony.payers.program import PeriodRule

#: A threshold in a name; "people over 65" and "within 30 days" are none.
_SIGN = re.compile(
    r"(?:[<>≤≥]\s*=?|(?<!aged )(?<!people )(?<!adults )(?<!women )"
    r"\b(?:below|under|above|over|less than|greater than|at most|at least))\s*\d+(?![\d+]|\s*(?:y|mo|day|week))",
    re.IGNORECASE,
)
CUT_OFFS = ("cut_off", "claims_cut_off", "supplemental_cut_off")
_ONE_BY_ONE: Mapping[str, Callable[[Fact, About], Iterator[Said]]] = {
    "age": say_age, "age_from": say_age, "age_to": say_age, "lookback": say_lookback, "threshold": say_threshold,
    "parameter": say_parameter, "other": say_other, "sources": say_sources,
}  # fmt: skip
_TOGETHER: tuple[tuple[tuple[str, ...], Callable[[Sequence[Fact], About], Iterator[Said]]], ...] = (
    (("enrolment", "gaps", "gap_days", "anchor"), say_enrolment),
    (("target", "tier", "minimum_denominator"), say_target),
    (("payment", "frequency"), say_payment),
    (("exclusions",), say_exclusions),
)


@dataclass(frozen=True)
class Deadline:
    """A last day for evidence, and the cell that says it. ``kind``: ``claims`` or ``supplemental``."""

    fact: Fact
    kind: str
    day: dt.date
    confirm: tuple[str, ...] = ()


@dataclass
class RowSaid:
    """What a row says. ``rates``: those that it is about, if it is about some and not others."""

    row: MeasureRow
    about: About
    said: list[Said] = field(default_factory=list)
    rates: tuple[str, ...] = ()
    effective: dt.date | None = None
    deadlines: list[Deadline] = field(default_factory=list)
    period: tuple[Fact, PeriodRule] | None = None


def read_row(row: MeasureRow, measure: Measure, profile: Profile) -> RowSaid:
    """Everything that a row says of ``measure``."""
    called = " ".join(cell.text for cell in (row.name, row.rate) if cell is not None)
    result = RowSaid(row, About(measure, called, profile.written))
    facts = [*row.facts, *_in_the_name(row, result.about)]
    _days(facts, profile, result)
    months = result.period[1].months if result.period else 12
    rate = _rate(measure, called, facts, result.about)
    result.about = About(measure, called, profile.written, months, rate)
    if len(measure.rates) > 1 and rate is not None:
        result.rates = (rate.id,)
    for fact in facts:
        result.said += _alone(fact, result.about)
    for kinds, say in _TOGETHER:
        together = [fact for fact in facts if fact.rule.holds in kinds]
        if together:
            result.said += say(together, result.about)
    return result


def _in_the_name(row: MeasureRow, about: About) -> list[Fact]:
    """A threshold that stands in the measure's name, where no column has one."""
    if not about.main("bound") or any(fact.rule.holds == "threshold" for fact in row.facts):
        return []
    cells = [cell for cell in (row.rate, row.name) if cell is not None and _SIGN.search(cell.text)]
    return [Fact(cell, ColumnRule(holds="threshold"), "") for cell in cells[:1]]


def _rate(measure: Measure, called: str, facts: Sequence[Fact], about: About) -> Rate | None:
    """The rate that a row is about: by its words, else by the threshold that only one rate has."""
    named = rate_meant(measure, called)
    if named is not None or len(measure.rates) == 1:
        return named
    texts = [fact.cell.text for fact in facts if fact.rule.holds == "threshold"]
    rates = {rate for text in texts for rate in threshold_rates(text, about)}
    return next((rate for rate in measure.rates if {rate.id} == rates), None)


def _alone(fact: Fact, about: About) -> Iterator[Said]:
    if fact.cell.is_broken:
        yield not_understood(fact, "the cell holds a spreadsheet's error, not a value")
    elif fact.rule.holds == "ignore":
        yield Said(fact, "ignored", "the profile ignores this column")
    elif fact.rule.holds == "note":
        comment = f"the sheet notes under '{fact.heading}': {fact.cell.text}"
        yield Said(fact, "kept", "kept as a comment of the draft", comment=comment)
    elif fact.rule.holds in ("attribute", "value"):
        yield not_understood(fact, "attributes and values are read only where the profile says layout: long")
    elif fact.rule.holds in _ONE_BY_ONE:
        yield from _ONE_BY_ONE[fact.rule.holds](fact, about)


# --- days -------------------------------------------------------------------------------------------------------------


def _days(facts: Sequence[Fact], profile: Profile, result: RowSaid) -> None:
    day_first = profile.written.day_first
    for fact in facts:
        match fact.rule.holds:
            case "period":
                rule = read_period(fact.cell.text, profile.program.edition, day_first=day_first)
                if rule is None:
                    result.said.append(not_understood(fact, "no measurement period is found in it"))
                else:
                    result.period = (fact, rule)
            case "effective":
                days = read_days(fact.cell.text, day_first=day_first)
                if len(days) == 1:
                    result.effective = days[0]
                    result.said.append(Said(fact, "placed", f"effective {days[0]} in every change of the row"))
                else:
                    result.said.append(not_understood(fact, "not one day is found in it"))
            case "cut_off" | "claims_cut_off" | "supplemental_cut_off":
                found = deadlines(fact, day_first=day_first)
                result.deadlines += found
                if not found:
                    result.said.append(not_understood(fact, "no day with its year is found in it"))


def deadlines(fact: Fact, *, day_first: bool) -> list[Deadline]:
    """The last days for evidence that a cell names: of claims, of supplemental data."""
    found: list[Deadline] = []
    for clause in re.split(r"\band\b|;|,(?=\s*[a-z])", plain(fact.cell.text)):
        days = read_days(clause, day_first=day_first)
        if len(days) == 1:
            found += [Deadline(fact, kind, days[0], confirm) for kind, confirm in _kinds(fact, clause, day_first)]
    return found if len({one.kind for one in found}) == len(found) else []


def _kinds(fact: Fact, clause: str, day_first: bool) -> list[tuple[str, tuple[str, ...]]]:
    confirm: tuple[str, ...] = ()
    if is_ambiguous(clause):
        confirm = (
            "which number is the month? " + ("The day is read first" if day_first else "The month is read first"),
        )
    if fact.rule.holds == "claims_cut_off":
        return [("claims", confirm)]
    if fact.rule.holds == "supplemental_cut_off":
        return [("supplemental", confirm)]
    words = f"{clause} {plain(fact.heading)}"
    kinds = []
    if re.search(r"claim|encounter", words):
        kinds.append(("claims", confirm))
    if re.search(r"supplement|chart|record|medical", words):
        kinds.append(("supplemental", confirm))
    asked = (*confirm, "of claims, of supplemental data, or of both? Claims are assumed")
    return kinds or [("claims", asked)]


__all__ = ["CUT_OFFS", "Deadline", "RowSaid", "deadlines", "read_row"]
