"""The axes along which versions of a measure differ, and which of them a difference lies on: tables, not rules in code.

:func:`axis_of_fact` is asked where one value of a part is another, :func:`axis_of_part` where a whole part is there on
one side only, or is quite another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from measureharmony.comparison.form import ALL, ANY, NOT, Form


class Axis(StrEnum):
    """What a difference is about. The value is its name in tables and JSON, :data:`TITLES` has it in words."""

    AGE = "age"
    AGE_AS_OF = "age_as_of"
    SEX = "sex"
    PERIOD = "period"
    TRIGGER = "trigger"
    VISIT = "visit"
    ENROLMENT = "enrolment"
    BENEFIT = "benefit"
    PRODUCT_LINE = "product_line"
    MEMBERSHIP = "membership"
    EXCLUSION = "exclusion"
    EXCEPTION = "exception"
    NUMERATOR = "numerator"
    OBSERVATION = "observation"
    THRESHOLD = "threshold"
    BOUNDARY = "boundary"
    READING = "reading"
    MISSING_RESULT = "missing_result"
    COUNT = "count"
    SETTING = "setting"
    LOOKBACK = "lookback"
    VALUE_SET = "value_set"
    RECORD = "record"
    SOURCE = "source"
    METHOD = "method"
    CUT_OFF = "cut_off"
    DIRECTION = "direction"
    RATES = "rates"
    STRATA = "strata"
    EVIDENCE = "evidence"
    TARGET = "target"
    PAYMENT = "payment"


TITLES: Mapping[Axis, str] = {
    Axis.AGE: "age band",
    Axis.AGE_AS_OF: "day on which age is taken",
    Axis.SEX: "sex",
    Axis.PERIOD: "measurement period",
    Axis.TRIGGER: "what brings people in",
    Axis.VISIT: "visit",
    Axis.ENROLMENT: "enrolment",
    Axis.BENEFIT: "benefits",
    Axis.PRODUCT_LINE: "product line",
    Axis.MEMBERSHIP: "whose people",
    Axis.EXCLUSION: "exclusions",
    Axis.EXCEPTION: "exceptions",
    Axis.NUMERATOR: "what meets the numerator",
    Axis.OBSERVATION: "number of each subject",
    Axis.THRESHOLD: "threshold",
    Axis.BOUNDARY: "threshold's boundary",
    Axis.READING: "which reading",
    Axis.MISSING_RESULT: "missing results",
    Axis.COUNT: "how many",
    Axis.SETTING: "setting",
    Axis.LOOKBACK: "lookback and windows",
    Axis.VALUE_SET: "value sets and codes",
    Axis.RECORD: "which records",
    Axis.SOURCE: "evidence sources",
    Axis.METHOD: "reporting method",
    Axis.CUT_OFF: "cut-off days",
    Axis.DIRECTION: "direction",
    Axis.RATES: "rates",
    Axis.STRATA: "strata",
    Axis.EVIDENCE: "evidence shown",
    Axis.TARGET: "target",
    Axis.PAYMENT: "payment",
}

#: The axes of what fits on no other.
_GENERAL = frozenset({Axis.RECORD, Axis.NUMERATOR, Axis.TRIGGER})

#: Codings of an event that say where it happened.
SETTING_ROLES = ("class", "facility", "discharge")

#: (kind of form, fact) → axis; ``*`` stands for every other fact of the kind.
_FACTS: Mapping[tuple[str, str], Axis] = {
    ("age", "band"): Axis.AGE,
    ("age", "at"): Axis.AGE_AS_OF,
    ("age_then", "band"): Axis.AGE,
    ("age_then", "at"): Axis.AGE_AS_OF,
    ("age_number", "*"): Axis.AGE_AS_OF,
    ("person", "*"): Axis.SEX,
    ("enrolled", "benefits"): Axis.BENEFIT,
    ("enrolled", "*"): Axis.ENROLMENT,
    ("end_of_coverage", "benefits"): Axis.BENEFIT,
    ("end_of_coverage", "*"): Axis.ENROLMENT,
    ("bound", "inclusive"): Axis.BOUNDARY,
    ("bound", "*"): Axis.THRESHOLD,
    ("days_covered", "window"): Axis.LOOKBACK,
    ("days_covered", "*"): Axis.THRESHOLD,
    ("number_days_covered", "*"): Axis.LOOKBACK,
    ("number_share_covered", "*"): Axis.LOOKBACK,
    ("days_in", "*"): Axis.LOOKBACK,
    ("when", "*"): Axis.LOOKBACK,
    ("moment", "*"): Axis.LOOKBACK,
    ("anchor", "*"): Axis.LOOKBACK,
    ("events", "take"): Axis.READING,
    ("events", "missing"): Axis.MISSING_RESULT,
    ("result_type", "*"): Axis.MISSING_RESULT,
    ("count", "*"): Axis.COUNT,
    ("number_of", "*"): Axis.COUNT,
    ("at_least", "*"): Axis.COUNT,
    ("sum", "*"): Axis.COUNT,
    ("match", "codes"): Axis.VALUE_SET,
    ("match", "role"): Axis.VALUE_SET,
    ("match", "*"): Axis.RECORD,
    ("components", "*"): Axis.VALUE_SET,
    ("coded", "*"): Axis.VALUE_SET,
    ("daily_dose", "*"): Axis.VALUE_SET,
    ("related", "comparisons"): Axis.LOOKBACK,
    ("related", "codes"): Axis.VALUE_SET,
    ("related", "*"): Axis.RECORD,
    ("word", "*"): Axis.RECORD,
    ("risk", "*"): Axis.NUMERATOR,
}

#: What a whole condition on events is about, by its kind.
_CONDITIONS: Mapping[str, Axis] = {
    "when": Axis.LOOKBACK,
    "word": Axis.RECORD,
    "coded": Axis.VALUE_SET,
    "related": Axis.RECORD,
    "result": Axis.MISSING_RESULT,
    "result_type": Axis.MISSING_RESULT,
    "bound": Axis.THRESHOLD,
    "age_then": Axis.AGE,
}

#: What a whole criterion is about that decides who is looked at, by its kind.
_CRITERIA: Mapping[str, Axis] = {
    "age": Axis.AGE,
    "person": Axis.SEX,
    "enrolled": Axis.ENROLMENT,
}

#: What people would otherwise be looked at for, is among exclusions, exceptions and numbers just another of these.
_WHO = frozenset(
    {Axis.AGE, Axis.AGE_AS_OF, Axis.SEX, Axis.TRIGGER, Axis.VISIT, Axis.NUMERATOR, Axis.COUNT, Axis.ENROLMENT}
)
_LEFT_OUT: Mapping[str, Axis] = {
    "observation": Axis.OBSERVATION,
    "denominator_exclusion": Axis.EXCLUSION,
    "numerator_exclusion": Axis.EXCLUSION,
    "denominator_exception": Axis.EXCEPTION,
}


def axis_of_fact(form: Form, fact: str, population: str) -> Axis:
    """The axis of one value of ``form``, which stands somewhere in ``population``."""
    axis = _FACTS.get((form.kind, fact)) or _FACTS.get((form.kind, "*"), Axis.NUMERATOR)
    if form.fact("role") in SETTING_ROLES:
        axis = Axis.SETTING
    elif form.kind == "word" and form.fact("column") == "source":
        axis = Axis.SOURCE
    return _LEFT_OUT[population] if population in _LEFT_OUT and axis in _WHO else axis


def axis_of_part(before: Form | None, after: Form | None, population: str, *, of_event: bool) -> Axis:
    """The axis of a whole part: of a condition on events (``of_event``), or of a criterion of ``population``.

    Where a part has become quite another one, the axis that says more of the two, whichever way they are compared.
    """
    both = [_of_part(form, population, of_event=of_event) for form in (before, after) if form is not None]
    order = list(Axis)
    return min(both, key=lambda axis: (axis in _GENERAL, order.index(axis)))


def _of_part(form: Form, population: str, *, of_event: bool) -> Axis:
    if of_event:
        return _of_condition(form)
    if population in _LEFT_OUT:
        return _LEFT_OUT[population]
    if population == "numerator":
        return _of_numerator(form)
    kinds = {_CRITERIA.get(leaf.kind) for leaf in _leaves(form)}
    only = kinds.pop() if len(kinds) == 1 else None
    if only is not None:
        return only
    return Axis.VISIT if all(_is_visit(leaf) for leaf in _leaves(form)) else Axis.TRIGGER


def _of_condition(form: Form) -> Axis:
    kinds = {_of_leaf_condition(leaf) for leaf in _leaves(form)}
    return kinds.pop() if len(kinds) == 1 else Axis.RECORD


def _of_leaf_condition(leaf: Form) -> Axis:
    if leaf.fact("role") in SETTING_ROLES:
        return Axis.SETTING
    if leaf.kind == "word" and leaf.fact("column") == "source":
        return Axis.SOURCE
    if leaf.kind == "related" and leaf.fact("link") in ("", "encounter") and _of_encounters(leaf.roles["events"]):
        return Axis.SETTING
    return _CONDITIONS.get(leaf.kind, Axis.RECORD)


def _of_numerator(form: Form) -> Axis:
    """A way into the numerator: for want of a result, by another threshold, or another way altogether."""
    inner = form.roles["of"] if form.kind == NOT else form
    if form.kind == NOT and inner.kind == "exists":
        return Axis.MISSING_RESULT
    found = {part.kind for part in form.walk()}
    lacks = any(part.kind == NOT and part.roles["of"].kind == "result" for part in form.walk())
    if lacks:
        return Axis.MISSING_RESULT
    return Axis.THRESHOLD if found & {"bound", "days_covered"} else Axis.NUMERATOR


def _leaves(form: Form) -> list[Form]:
    """The conditions that a combination combines, ``not`` aside."""
    if form.kind in (ALL, ANY) and form.members:
        return [leaf for member in form.members for leaf in _leaves(member)]
    return _leaves(form.roles["of"]) if form.kind == NOT else [form]


def _is_visit(form: Form) -> bool:
    return form.kind in ("exists", "count") and _of_encounters(form.roles["events"]) and not _by_diagnosis(form)


def _of_encounters(events: Form) -> bool:
    kinds = [part.fact("kinds") for part in _sources(events)]
    return bool(kinds) and all(kind == ("encounter",) for kind in kinds)


def _by_diagnosis(form: Form) -> bool:
    """Whether visits are asked for because of what was found there."""
    return any(part.kind in ("coded", "related") for part in form.walk())


def _sources(events: Form) -> list[Form]:
    """The rows that a set starts from, whatever narrows them."""
    if events.kind == "events":
        return _sources(events.roles["base"])
    if events.kind == ANY:
        return [source for member in events.members for source in _sources(member)]
    return [events]


__all__ = ["SETTING_ROLES", "TITLES", "Axis", "axis_of_fact", "axis_of_part"]
