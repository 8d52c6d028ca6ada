"""The named parts of a measure as a graph: which are used, and what shared files could add."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from measureharmony.measures.link import qualified_parts
from measureharmony.measures.measure import SECTIONS, Measure, Shared
from measureharmony.measures.names import CodeRef, walk
from measureharmony.measures.references import Part, definitions, mentioned


def with_shared_parts(measure: Measure, shared: Mapping[str, Shared]) -> Measure:
    """``measure`` beside every part of the shared files, under ``shared.name``; the measure's own take precedence.

    So a change may speak of any shared part, whether the canonical measure uses it or not;
    :func:`without_unused` takes away again what nothing asked for.
    """
    update: dict[str, dict[str, object]] = {section: {} for section in SECTIONS}
    for name, file in shared.items():
        for (section, part), content in qualified_parts(file, name).items():
            update[section][part] = content
    for section in SECTIONS:
        update[section].update(getattr(measure, section))
    return measure.model_copy(update=update)


def without_unused(measure: Measure, keep: Iterable[Part]) -> Measure:
    """``measure`` with the parts ``keep``, what these and the populations depend on, and no others."""
    wanted = used(measure) | reachable(dict(definitions(measure)), keep)
    update = {
        section: {name: part for name, part in getattr(measure, section).items() if (section, name) in wanted}
        for section in SECTIONS
    }
    return measure.model_copy(update=update)


def used(measure: Measure) -> set[Part]:
    """The parts on which the measure's populations, rates and strata depend, directly or not."""
    roots: list[object] = [measure.strata]
    for rate in measure.rates:
        roots += [
            rate.evidence,
            rate.values,
            rate.observation,
            *(measure.population(rate, name) for name in type(rate.populations).model_fields),
        ]
    return reachable(dict(definitions(measure)), mentioned(tuple(roots)))


def reachable(every: Mapping[Part, object], start: Iterable[Part]) -> set[Part]:
    """The parts that ``start`` names, and those they depend on, as far as ``every`` has them."""
    found: set[Part] = set()
    waiting = [part for part in start if part in every]
    while waiting:
        part = waiting.pop()
        if part not in found:
            found.add(part)
            waiting += [other for other in mentioned(every[part]) if other in every]
    return found


def codes_used(measure: Measure) -> set[CodeRef]:
    """The value sets and single codes for which the measure asks."""
    every = dict(definitions(measure))
    asked = (measure.populations, measure.rates, measure.strata, *(every[part] for part in used(measure)))
    return {found for content in asked for _, found in walk(content) if isinstance(found, CodeRef)}


__all__ = ["codes_used", "reachable", "used", "with_shared_parts", "without_unused"]
