"""The named parts of a measure as a graph: which are used, and what shared files could add."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from measureharmony.measures.kept import kept
from measureharmony.measures.link import qualified_parts
from measureharmony.measures.measure import POPULATIONS, SECTIONS, Definitions, Measure, Shared
from measureharmony.measures.names import CodeRef, pieces
from measureharmony.measures.references import Part, lookup, mentioned


def with_shared_parts(measure: Measure, shared: Mapping[str, Shared]) -> Measure:
    """``measure`` beside every part of the shared files, under ``shared.name``; the measure's own take precedence.

    So a change may speak of any shared part, whether the canonical measure uses it or not;
    :func:`without_unused` takes away again what nothing asked for.
    """
    every = _shared_parts(shared)
    return measure.model_copy(update={section: {**every[section], **getattr(measure, section)} for section in SECTIONS})


@kept(64)  # every version of every measure may speak of them
def _shared_parts(shared: Mapping[str, Shared]) -> Mapping[str, Mapping[str, object]]:
    """The parts of all shared files, by section and under ``shared.name``."""
    found: dict[str, dict[str, object]] = {section: {} for section in SECTIONS}
    for name, file in shared.items():
        for (section, part), content in qualified_parts(file, name).items():
            found[section][part] = content
    return found


def without_unused(measure: Measure, keep: Iterable[Part]) -> Measure:
    """``measure`` with the parts ``keep``, what these and the populations depend on, and no others."""
    wanted: dict[str, set[str]] = {section: set() for section in SECTIONS}
    for section, name in reachable(measure, (*keep, *_asked(measure))):
        wanted[section].add(name)
    update = {
        section: {name: part for name, part in getattr(measure, section).items() if name in names}
        for section, names in wanted.items()
    }
    return measure.model_copy(update=update)


def used(measure: Measure) -> set[Part]:
    """The parts on which the measure's populations, rates and strata depend, directly or not."""
    return reachable(measure, _asked(measure))


def _asked(measure: Measure) -> Iterator[Part]:
    """The parts that the measure's populations, rates and strata mention."""
    yield from mentioned(measure.strata)
    for rate in measure.rates:
        for shown in (rate.evidence, rate.values, rate.observation):
            yield from mentioned(shown)
        for name in POPULATIONS:
            yield from mentioned(measure.population(rate, name))


def reachable(measure: Definitions, start: Iterable[Part]) -> set[Part]:
    """The parts that ``start`` names, and those they depend on, as far as ``measure`` has them."""
    sections = {section: getattr(measure, section) for section in SECTIONS}
    found: set[Part] = set()
    waiting = list(start)
    while waiting:
        section, name = part = waiting.pop()
        content = sections.get(section, {}).get(name)
        if content is not None and part not in found:
            found.add(part)
            waiting += mentioned(content)
    return found


def codes_used(measure: Measure) -> set[CodeRef]:
    """The value sets and single codes for which the measure asks."""
    asked = (measure.populations, measure.rates, measure.strata, *(lookup(part, measure) for part in used(measure)))
    return {found for content in asked for _, found in pieces(content) if isinstance(found, CodeRef)}


__all__ = ["codes_used", "reachable", "used", "with_shared_parts", "without_unused"]
