"""The parts of a population's criterion, as reports name them: "first criterion that failed", "why excluded"; and the
sets of events it looks for, as evidence.

A part that has a name is called by it; one written out in place is called by what it says (``exists visit``, ``age``).
"""

from __future__ import annotations

from collections.abc import Iterator

from measureharmony.measures.criterion import Criterion, CriterionRef
from measureharmony.measures.event_set import EventSet, EventsRef
from measureharmony.measures.measure import Measure, Rate
from measureharmony.measures.number import NumberRef, SubjectNumber

#: A part's label, and the part.
Part = tuple[str, CriterionRef]


def resolved(measure: Measure, ref: CriterionRef) -> Criterion:
    """The criterion behind a name, and behind names of names."""
    while not isinstance(ref, Criterion):
        ref = measure.criteria[ref]
    return ref


def conjuncts(measure: Measure, ref: CriterionRef) -> tuple[Part, ...]:
    """What must all hold for ``ref``, in the order written; ``ref`` itself when it is no ``all``."""
    parts = resolved(measure, ref).all
    return ((label(ref), ref),) if parts is None else tuple(_flattened(parts, "all"))


def disjuncts(measure: Measure, ref: CriterionRef) -> tuple[Part, ...]:
    """What makes ``ref`` hold, any of them, in the order written; ``ref`` itself when it is no ``any``."""
    parts = resolved(measure, ref).any
    return ((label(ref), ref),) if parts is None else tuple(_flattened(parts, "any"))


def _flattened(parts: tuple[CriterionRef, ...], key: str) -> Iterator[Part]:
    """The parts, with the parts of nameless combinations of the same kind in their place."""
    for part in parts:
        inner = getattr(part, key) if isinstance(part, Criterion) else None
        if inner is None:
            yield label(part), part
        else:
            yield from _flattened(inner, key)


def label(ref: CriterionRef) -> str:
    """The name of a criterion, or in a few words what it says.

    >>> label(Criterion(exists="visit"))
    'exists visit'
    """
    if not isinstance(ref, Criterion):
        return str(ref)
    only = ref.all or ref.any or ()
    if len(only) == 1:
        return label(only[0])
    if ref.exists is not None:
        return f"exists {set_label(ref.exists)}"
    if ref.count is not None:
        return f"count of {set_label(ref.count.of)}"
    if ref.number is not None:
        return number_label(ref.number.of)
    if ref.not_ is not None:
        return f"not {label(ref.not_)}"
    if ref.at_least is not None:
        return f"at least {ref.at_least.n} of {_labels(ref.at_least.of)}"
    if ref.all is not None:
        return f"all of {_labels(ref.all)}"
    if ref.any is not None:
        return f"any of {_labels(ref.any)}"
    return ref.type


def set_label(ref: EventsRef) -> str:
    """The name of a set of events, or what it starts from."""
    if not isinstance(ref, EventSet):
        return str(ref)
    if ref.codes:
        return " or ".join(ref.codes)
    if ref.from_ is not None:
        return " or ".join(ref.from_)
    return f"component of {ref.components_of}" if ref.components_of else " or ".join(ref.kind or ())


def number_label(ref: NumberRef) -> str:
    """The name of a number, or in a few words what it is."""
    if not isinstance(ref, SubjectNumber):
        return str(ref)
    if ref.count is not None:
        return f"count of {set_label(ref.count.of)}"
    if ref.sum is not None:
        return f"{ref.sum.amount} of {' or '.join(map(set_label, ref.sum.of))}"
    if ref.days_covered is not None:
        return f"days covered by {' or '.join(map(set_label, ref.days_covered.of))}"
    if ref.share_covered is not None:
        return f"share of days covered by {' or '.join(map(set_label, ref.share_covered.of))}"
    if ref.risk is not None:
        return f"risk by {ref.risk.table}"
    if ref.ratio is not None:
        return " / ".join(map(number_label, ref.ratio))
    return " + ".join(map(number_label, ref.plus)) if ref.plus is not None else ref.type


def _labels(refs: tuple[CriterionRef, ...]) -> str:
    return ", ".join(label(ref) for ref in refs)


def evidence_sets(measure: Measure, rate: Rate) -> tuple[EventsRef, ...]:
    """The rate's evidence sets, else those that its numerator asks to exist or to be many."""
    if rate.evidence:
        return rate.evidence
    numerator = measure.population(rate, "numerator")
    return () if numerator is None else tuple(asked_for(measure, numerator))


def asked_for(measure: Measure, ref: CriterionRef, *, positive: bool = True) -> list[EventsRef]:
    """The sets under ``exists`` and ``count`` (with a lower bound) that stand under an even number of ``not``.

    Without ``positive``: under an odd number.
    """
    criterion = resolved(measure, ref)
    if criterion.exists is not None:
        return [criterion.exists] if positive else []
    if criterion.count is not None:
        return [criterion.count.of] if positive and criterion.count.at_least is not None else []
    if criterion.not_ is not None:
        return asked_for(measure, criterion.not_, positive=not positive)
    parts = criterion.all or criterion.any or (criterion.at_least.of if criterion.at_least else ())
    return [found for part in parts for found in asked_for(measure, part, positive=positive)]


__all__ = [
    "Part",
    "asked_for",
    "conjuncts",
    "disjuncts",
    "evidence_sets",
    "label",
    "number_label",
    "resolved",
    "set_label",
]
