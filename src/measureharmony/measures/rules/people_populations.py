"""The populations expected of a worked person must be possible together."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from measureharmony.measures.people import PeopleFile
from measureharmony.measures.plain_words import plain
from measureharmony.measures.rules.finding import Finding, Surroundings

#: A population, those a person in it must also be in, and those the person cannot be in (docs/spec-language.md).
_ORDER = (
    ("denominator", ("initial_population",), ()),
    ("denominator_exclusion", ("denominator",), ()),
    ("numerator", ("denominator",), ("denominator_exclusion",)),
    ("numerator_exclusion", ("numerator",), ()),
    ("denominator_exception", ("denominator",), ("denominator_exclusion", "numerator")),
)


def check(file: PeopleFile, around: Surroundings) -> Iterator[Finding]:
    """Populations without those they lie in, or together with those they leave out."""
    for index, person in enumerate(file.people):
        for rate, populations in person.expect.items():
            for contradiction in _contradictions(populations):
                what = f"'{person.name}' cannot be {contradiction}"
                place = ("people", index, "expect", rate)
                yield Finding(place, "spec-population-order", what, "see 'Populations' in docs/spec-language.md")


def _contradictions(populations: Collection[str]) -> Iterator[str]:
    for population, within, without in _ORDER:
        if population not in populations:
            continue
        own = plain(population)
        yield from (f"in the {own} but not in the {plain(other)}" for other in within if other not in populations)
        yield from (f"both in the {own} and in the {plain(other)}" for other in without if other in populations)


__all__ = ["check"]
