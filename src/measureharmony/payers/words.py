"""What the sentences about changes begin with; what they say of a spec's parts is ``measures.words``'s."""

from __future__ import annotations

from measureharmony.measures.criterion import CriterionRef
from measureharmony.measures.plain_words import plain

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


def written(criterion: CriterionRef) -> str:
    """A criterion as one line of a spec file: its name, or its keys. Equal criteria give equal text."""
    if isinstance(criterion, str):
        return criterion
    return criterion.model_dump_json(by_alias=True, exclude_defaults=True)


def title(population: str) -> str:
    """``denominator_exclusion`` as "Denominator exclusion"."""
    return plain(population).capitalize()


__all__ = ["ADDED", "DROPPED", "SECTION_WORDS", "title", "written"]
