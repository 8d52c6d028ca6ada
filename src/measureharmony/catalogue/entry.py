"""One measure as the catalogue knows it, taken from the specs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from measureharmony.measures.event_set import Coded, EventSet, Strength
from measureharmony.measures.measure import Identifier, Measure
from measureharmony.measures.names import walk
from measureharmony.specs import Specs
from measureharmony.value_sets import ValueSet


@dataclass(frozen=True)
class OtherEdition:
    """Another year's edition of a measure."""

    year: int
    identifiers: tuple[Identifier, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """A measure of the canonical set, linked, with the value sets that it uses (alphabetical).

    ``history``: for each other edition, its year, identifiers, and what it says otherwise, sentence by sentence.
    """

    measure: Measure
    value_sets: tuple[ValueSet, ...]
    programs: tuple[str, ...]
    history: tuple[OtherEdition, ...] = ()

    @property
    def key(self) -> str:
        """The measure's key."""
        return self.measure.measure

    @property
    def identifiers(self) -> tuple[Identifier, ...]:
        """What stewards and programs call it, each in its year."""
        return self.measure.identifiers

    def to_dict(self) -> dict[str, object]:
        """The entry as plain data, for JSON."""
        measure = self.measure
        return {
            "measure": measure.measure,
            "title": measure.title,
            "edition": measure.edition,
            "description": measure.description,
            "identifiers": [identifier.model_dump(exclude_none=True) for identifier in measure.identifiers],
            "aliases": list(measure.aliases),
            "steward": measure.steward,
            "domain": measure.domain,
            "direction": measure.direction,
            "scoring": measure.scoring,
            "methods": list(measure.methods),
            "aggregation": measure.aggregation,
            "rates": [{"id": rate.id, "title": rate.title, "direction": measure.direction_of(rate)}
                      for rate in measure.rates],
            "parameters": {name: parameter.model_dump(exclude_none=True)
                           for name, parameter in measure.parameters.items()},
            "value_sets": [{"name": one.name, "oid": one.oid, "codes": len(one.codes), "shipped": one.completeness}
                           for one in self.value_sets],
            "programs": list(self.programs),
            "other_editions": [{"edition": one.year, "differences": list(one.sentences)} for one in self.history],
        }  # fmt: skip


def entries(specs: Specs) -> tuple[Entry, ...]:
    """Every canonical measure, by title."""
    found = [_entry(measure, specs) for measure in specs.canonical.measures.values()]
    return tuple(sorted(found, key=lambda entry: (entry.measure.title, entry.key)))


def _entry(measure: Measure, specs: Specs) -> Entry:
    names = sorted(set(_value_set_names(measure)))
    sets = [specs.value_sets.get(name) for name in names]
    programs = [key for key, program in specs.programs.programs.items() if program.listed(measure.measure)]
    return Entry(measure, tuple(one for one in sets if one is not None), tuple(programs), _history(measure, specs))


def _history(measure: Measure, specs: Specs) -> tuple[OtherEdition, ...]:
    """The other editions of a measure, the latest first."""
    key, editions = measure.measure, specs.editions
    years = [year for year in reversed(editions.years_of(key)) if year != measure.edition]
    return tuple(
        OtherEdition(
            year,
            editions.libraries[year].measures[key].identifiers,
            tuple(difference.sentence for difference in editions.between(key, measure.edition, year)),
        )
        for year in years
    )


def _value_set_names(measure: Measure) -> Iterator[str]:
    for _, part in walk(measure):
        if isinstance(part, (EventSet, Coded, Strength)):
            yield from (code for code in part.codes or () if not code.is_code)


__all__ = ["Entry", "OtherEdition", "entries"]
