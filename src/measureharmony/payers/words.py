"""Criteria and windows in plain words, for the sentences in which changes are shown to people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from measureharmony.measures.criterion import (
    Age,
    Count,
    Criterion,
    CriterionRef,
    Enrolled,
    EventSet,
    EventsRef,
    FilterRef,
    Number,
    RowFilter,
    Step,
)
from measureharmony.measures.measure import Anchor, EndOfCoverage
from measureharmony.measures.names import CriterionName, EventsName, FilterName, NumberName, WindowName
from measureharmony.measures.number import NumberRef, SubjectNumber
from measureharmony.measures.window import Bound, Window, WindowRef

#: What it means to add a criterion to a population, or to drop one from it.
ADDED = {
    "initial_population": "Counted only if also",
    "denominator": "In the denominator only if also",
    "denominator_exclusion": "Also excluded from the denominator",
    "numerator": "Also met by",
    "numerator_exclusion": "Also taken out of the numerator",
    "denominator_exception": "Also an exception",
}
DROPPED = {
    "initial_population": "Counted also without",
    "denominator": "In the denominator also without",
    "denominator_exclusion": "No longer excluded from the denominator",
    "numerator": "No longer met by",
    "numerator_exclusion": "No longer taken out of the numerator",
    "denominator_exception": "No longer an exception",
}

#: What a part of each section is called, in the order of the union ``payers.changes_of_measure.NamedPart``.
SECTION_WORDS = {
    "criteria": "criterion", "events": "set of events", "numbers": "number", "filters": "condition on events",
    "windows": "window", "anchors": "anchor",
}  # fmt: skip


def part_in_words(part: object) -> str:
    """The content of a named part: a criterion, set of events, number, condition on events, window or anchor."""
    match part:
        case Criterion() | CriterionName():
            return in_words(part)
        case EventSet() | EventsName():
            return events_in_words(part)
        case SubjectNumber() | NumberName():
            return number_in_words(part)
        case Window() | WindowName():
            return window_in_words(part)
        case Anchor():
            return anchor_in_words(part)
        case RowFilter() | FilterName():
            return filter_in_words(part)
        case _:
            return str(part)


def written(criterion: CriterionRef) -> str:
    """A criterion as one line of a spec file: its name, or its keys. Equal criteria give equal text."""
    if isinstance(criterion, str):
        return criterion
    return criterion.model_dump_json(by_alias=True, exclude_defaults=True)


def in_words(criterion: CriterionRef) -> str:
    """A criterion as people say it. Named parts keep their names."""
    if isinstance(criterion, str):
        return str(criterion)
    combined = _combination_in_words(criterion)
    if combined is not None:
        return combined
    if criterion.age is not None:
        return _age_in_words(criterion.age)
    if criterion.exists is not None:
        return events_in_words(criterion.exists)
    if criterion.count is not None:
        return _count_in_words(criterion.count)
    if criterion.number is not None:
        return f"{number_in_words(criterion.number.of)} {bounds_in_words(criterion.number.bounds)}"
    if criterion.enrolled is not None:
        return enrolled_in_words(criterion.enrolled)
    if criterion.moment is not None:
        return f"{criterion.moment.point} falls {window_in_words(criterion.moment.in_)}"
    if criterion.always is not None:
        return "everybody" if criterion.always else "nobody"
    return str(criterion.sex) if criterion.sex else f"administrative gender {criterion.gender}"


def _combination_in_words(criterion: Criterion) -> str | None:
    if criterion.all is not None:
        return "(" + " and ".join(in_words(part) for part in criterion.all) + ")"
    if criterion.any is not None:
        return "(" + " or ".join(in_words(part) for part in criterion.any) + ")"
    if criterion.not_ is not None:
        return f"not {in_words(criterion.not_)}"
    if criterion.at_least is not None:
        return f"at least {criterion.at_least.n} of: " + "; ".join(in_words(part) for part in criterion.at_least.of)
    return None


def _age_in_words(age: Age) -> str:
    bounds = [f"from {age.from_}" if age.from_ is not None else "", f"to {age.to}" if age.to is not None else ""]
    return f"age {' '.join(filter(None, bounds))} {age.unit} at {age.at}"


def _count_in_words(count: Count) -> str:
    unit = "different days of " if count.distinct == "day" else ""
    bounds = [
        f"at least {count.at_least}" if count.at_least is not None else "",
        f"at most {count.at_most}" if count.at_most is not None else "",
    ]
    return f"{' and '.join(filter(None, bounds))} {unit}{events_in_words(count.of)}"


def number_in_words(number: NumberRef) -> str:
    """A number by its name, or else its keys as written."""
    return str(number) if isinstance(number, str) else number.model_dump_json(by_alias=True, exclude_defaults=True)


def events_in_words(events: EventsRef) -> str:
    """Such as: "procedure or observation in mammography, where done"."""
    if isinstance(events, str):
        return str(events)
    if events.from_ is not None:
        source = f"events of {', '.join(events.from_)}"
    else:
        kind = " or ".join(events.kind or ()) or f"components of {events.components_of}"
        source = kind.replace("_", " ") + (f" in {', '.join(events.codes)}" if events.codes else "")
    where = [filter_in_words(condition) for condition in events.where]
    source += f" of type {' or '.join(word or 'unsaid' for word in events.type)}" if events.type else ""
    when = [
        f"{timing.relation} {window_in_words(timing.window)}"
        + (" at exact time" if timing.precision == "exact" else "")
        for timing in events.when
    ]
    take = [_step_in_words(step) for step in events.take]
    return ", ".join([source, *when, *(f"where {condition}" for condition in where), *take])


def _step_in_words(step: Step) -> str:
    by = getattr(step, step.choice)
    if step.choice == "chain":
        return f"the {by} of each chain, at most {step.days} days apart"
    return f"the {step.choice.replace('_', ' ')} by {by}"


def filter_in_words(condition: FilterRef) -> str:
    """A condition on one event: its name, or what its value must be, or else its keys as written."""
    if isinstance(condition, str):
        return str(condition)
    if condition.value is not None and condition.model_fields_set == {"value"} and condition.value.bounds:
        return f"the value is {bounds_in_words(condition.value.bounds)} {condition.value.unit}"
    if condition.daily_dose is not None and condition.model_fields_set == {"daily_dose"}:
        return f"the daily dose is {bounds_in_words(condition.daily_dose.bounds)}"
    return condition.model_dump_json(by_alias=True, exclude_defaults=True)


def bounds_in_words(bounds: Mapping[str, Number]) -> str:
    """Such as: "at least 5 and below 10"."""
    return " and ".join(f"{name.replace('_', ' ')} {bound}" for name, bound in bounds.items())


def enrolled_in_words(enrolled: Enrolled) -> str:
    """Such as: "enrolled during the period, but for at most 1 gap of at most 45 days, and on period.end"."""
    gaps = "gap" if enrolled.gaps == 1 else "gaps"
    gap = f", but for at most {enrolled.gaps} {gaps} of at most {enrolled.gap_days} days" if enrolled.gaps else ""
    anchor = f", and on {enrolled.anchor}" if enrolled.anchor else ""
    benefits = f", with benefits: {', '.join(enrolled.benefits)}" if enrolled.benefits else ""
    return f"enrolled {window_in_words(enrolled.window)}{gap}{anchor}{benefits}"


def anchor_in_words(anchor: Anchor) -> str:
    """Such as: "the start of first_dispense", "the end of coverage from ipsd on, but for gaps of at most 45 days"."""
    if anchor.of is not None:
        return f"the {anchor.point} of {events_in_words(anchor.of)}"
    end = cast(EndOfCoverage, anchor.enrolled)
    gap = f", but for gaps of at most {end.gap_days} days" if end.gap_days else ""
    benefits = f", with benefits: {', '.join(end.benefits)}" if end.benefits else ""
    return f"the end of coverage from {end.from_} on{gap}{benefits}"


def window_in_words(window: WindowRef) -> str:
    """Such as: "during the period", "from period.start - 1 years to period.end"."""
    if isinstance(window, str):
        return "during the period" if window == "period" else f"during {window}"
    lower, upper = [("from", window.from_), ("after", window.after)], [("to", window.to), ("before", window.before)]
    words = [f"{word} {_bound_in_words('latest', points)}" for word, points in lower if points is not None]
    words += [f"{word} {_bound_in_words('earliest', points)}" for word, points in upper if points is not None]
    return " ".join(words)


def _bound_in_words(which: str, points: Bound) -> str:
    several = ", ".join(map(str, points))
    return several if len(points) == 1 else f"the {which} of {several}"


def title(population: str) -> str:
    """``denominator_exclusion`` as "Denominator exclusion"."""
    return population.replace("_", " ").capitalize()


__all__ = [
    "ADDED",
    "DROPPED",
    "SECTION_WORDS",
    "anchor_in_words",
    "bounds_in_words",
    "enrolled_in_words",
    "events_in_words",
    "filter_in_words",
    "in_words",
    "number_in_words",
    "part_in_words",
    "title",
    "window_in_words",
    "written",
]
